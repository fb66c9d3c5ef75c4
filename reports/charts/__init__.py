"""Pictures of scores: plain functions of plain values that give finished geometry, drawn as SVG by templates.

Each picture says its numbers too, and stands beside a table; what has no score is said to have none, never drawn as 0.
"""
