"""Benchmarks: medians and ratios against a stated peer or floor. ``make bench`` runs them; no test asserts a time."""
