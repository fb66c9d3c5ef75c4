"""Bundles: one file of many papers, asked for on a page, made by the task worker, fetched within a week."""
