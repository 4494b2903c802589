"""What goes wrong with dataset files."""

from __future__ import annotations


class FormatError(Exception):
    """A file cannot be read or written as its format asks; one sentence that names the item and the cure.

    It is one line, whatever the file has put into it.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(one_line(sentence))


def one_line(text: str) -> str:
    """A text for a line of a terminal: line ends and control characters that a file put into a name are spelled out."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
