"""Characters of the filter language: words, lists and quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from db.conditions import OPERATORS

_SPECIAL: Final = frozenset('"\\,')


def iter_words(text: str) -> Iterator[tuple[int, str]]:
    """Pieces between white space outside quotes; a quote that is left open runs to the end."""
    start: int | None = None
    quoted = escaped = False
    for place, letter in enumerate(text):
        if start is None:
            if letter.isspace():
                continue
            start = place
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter.isspace() and not quoted:
            yield start, text[start:place]
            start = None
    if start is not None:
        yield start, text[start:]


def leading_name(word: str) -> str:
    """Letters that a word begins with: a key, perhaps."""
    length = 0
    while length < len(word) and (word[length].isalpha() or word[length] == "_"):
        length += 1
    return word[:length]


def split_list(text: str) -> list[str]:
    """Parts between commas outside quotes."""
    parts, start, quoted, escaped = [], 0, False, False
    for place, letter in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def unquote(text: str) -> str:
    """Text without its quotes and escapes."""
    letters, quoted, escaped = [], False, False
    for letter in text:
        if escaped:
            letters.append(letter)
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        else:
            letters.append(letter)
    return "".join(letters)


def quote(text: str, *, in_list: bool) -> str:
    """The text as one word; in quotes where it would be read as something else."""
    plain = bool(text) and not any(letter.isspace() or letter in _SPECIAL for letter in text)
    if plain and not in_list:
        name = leading_name(text)
        behind = text[len(name) :]
        plain = not text.startswith("-") and not (name and behind.startswith((":", *OPERATORS)))
    if plain:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
