"""Issued cards: rendered once, stored by their hash, signed, served as files, and checked by whoever holds one."""
