"""The library: finding certified results and their issued cards, and taking many along as one file."""
