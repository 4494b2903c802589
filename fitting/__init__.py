"""Bodies and optimisation. ``app`` may import ``spec``, ``errors`` and ``runners``; nothing here knows SQL or Qt."""

CODE_VERSION = "0.1.0"
"""Stored with each fit; raise it whenever a change of code changes the numbers of a fit."""
