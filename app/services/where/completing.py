"""What could be typed next in the filter language."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.where.lexing import iter_words, leading_name, quote
from app.services.where.words import HELP_OF, KEYS, Choices
from db.conditions import OPERATORS


@dataclass(frozen=True, slots=True)
class Completion:
    """Put ``text`` in the place of the characters from ``start`` to ``end``; ``title`` says what it is."""

    start: int
    end: int
    text: str
    title: str


def complete(text: str, cursor: int, choices: Choices) -> list[Completion]:
    """Completions of the word that ends at the cursor, the likeliest first.

    Args:
        text: The whole text.
        cursor: Number of characters before the cursor.
        choices: Values the project knows.
    """
    before = text[:cursor]
    start, word = _last_word(before)
    sign = "-" if word.startswith("-") and len(word) > 1 else ""
    body = word[len(sign) :]
    name = leading_name(body)
    rest = body[len(name) :]
    if rest.startswith(":") and name in HELP_OF:
        return _values(name, rest[1:], start + len(sign) + len(name) + 1, cursor, choices)
    if rest or not name:
        return []
    found = []
    for row in KEYS:
        if row.key.startswith(name):
            ending = ">" if row.is_number else ":"
            found.append(Completion(start + len(sign), cursor, row.key + ending, row.meaning))
    return found


def _values(name: str, listed: str, start: int, cursor: int, choices: Choices) -> list[Completion]:
    help_of = HELP_OF[name]
    if help_of.is_number:
        return [Completion(start - 1, cursor, sign, help_of.meaning) for sign in OPERATORS] if not listed else []
    begun = listed.rpartition(",")[2]
    taken = set(listed.split(",")[:-1])
    values = help_of.values or tuple(choices.get(name, ()))
    wanted = begun.strip('"').lower()
    place = cursor - len(begun)
    return [
        Completion(place, cursor, quote(value, in_list=True), value.replace("_", " "))
        for value in values
        if value.lower().startswith(wanted) and value not in taken and value != begun
    ]


def _last_word(before: str) -> tuple[int, str]:
    """The word at the end of a text, empty behind white space."""
    words = list(iter_words(before))
    if not words:
        return len(before), ""
    start, word = words[-1]
    return (start, word) if start + len(word) == len(before) else (len(before), "")
