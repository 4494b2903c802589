"""What goes wrong with dataset files."""

from __future__ import annotations


class FormatError(Exception):
    """A file cannot be read or written as its format asks; one sentence that names the item and the cure."""
