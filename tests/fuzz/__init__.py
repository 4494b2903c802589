"""Attacks on everything that reads files: ``python -m tests.fuzz --minutes 60``, and a slice of it in the tests."""
