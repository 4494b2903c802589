"""Measures against known truth."""
