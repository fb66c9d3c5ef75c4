"""The scoring engine: results to scores, in exact decimals, with the standard library only."""
