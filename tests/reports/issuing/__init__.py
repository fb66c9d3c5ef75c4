"""Issued cards."""
