"""From text to conditions and back. Never fails: a word that is not understood is told, and the rest applies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from app.services.errors import ServiceError
from app.services.where.lexing import iter_words, leading_name, quote, split_list, unquote
from app.services.where.words import HELP_OF, REASON_NAMES, STATE_GROUPS, KeyHelp
from db.conditions import OPERATORS, Compare, Condition, Contains, NumberKey, OneOf, Operator, WordKey


@dataclass(frozen=True, slots=True)
class Clause:
    """One word of the text: where it stands, and what it asks or why it is not understood.

    Attributes:
        start: First character.
        end: Behind its last character.
        source: The characters themselves.
        condition: What it asks; None when it is not understood.
        problem: One sentence that names the word and the cure; empty when it is understood.
    """

    start: int
    end: int
    source: str
    condition: Condition | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """A parsed text. What is not understood does not filter."""

    clauses: tuple[Clause, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What is asked."""
        return tuple(clause.condition for clause in self.clauses if clause.condition is not None)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each word that is not understood."""
        return tuple(clause.problem for clause in self.clauses if clause.problem)


class _NotUnderstood(Exception):  # noqa: N818 -- carries the sentence to its clause, nobody sees it as an error
    pass


def parse_where(text: str) -> Where:
    """Parse any text."""
    return Where(tuple(_parse_clause(start, source) for start, source in iter_words(text)))


def require_where(text: str) -> tuple[Condition, ...]:
    """Conditions of a text that has to be understood as a whole, as a command's has.

    Raises:
        ServiceError: A word is not understood.
    """
    where = parse_where(text)
    if where.problems:
        raise ServiceError(where.problems[0])
    return where.conditions


def write_where(conditions: tuple[Condition, ...]) -> str:
    """Text that is parsed to these conditions again."""
    return " ".join(_write(condition) for condition in conditions)


def _parse_clause(start: int, source: str) -> Clause:
    end = start + len(source)
    try:
        return Clause(start, end, source, _parse_word(source))
    except _NotUnderstood as error:
        return Clause(start, end, source, None, str(error))


def _parse_word(source: str) -> Condition | None:
    negated = len(source) > 1 and source.startswith("-")
    word = source[1:] if negated else source
    name = leading_name(word)
    rest = word[len(name) :]
    if name and rest.startswith(":"):
        return _parse_values(name, rest[1:], source, negated)
    operator = next((sign for sign in OPERATORS if rest.startswith(sign)), None)
    if name and operator is not None:
        return _parse_limit(name, operator, rest[len(operator) :], source, negated)
    text = unquote(word)
    if not text:
        raise _NotUnderstood(f"{_shown(source)} holds no text to search for; type some, or take it away.")
    return Contains(text, negated)


def _parse_values(name: str, rest: str, source: str, negated: bool) -> Condition:
    help_of = _get_key(name, source)
    words = [unquote(part) for part in split_list(rest)]
    if help_of.is_number:
        raise _NotUnderstood(f"{_shown(source)}: {name} is a number; write {name}>1 or {name}<=1.")
    if not all(words):
        example = help_of.values[0] if help_of.values else "NAME"
        raise _NotUnderstood(f"{_shown(source)} has no value; write one behind the colon, such as {name}:{example}.")
    known = help_of.values
    for word in words if known else ():
        if word not in known:
            near = get_close_matches(word, known, 1)
            cure = f"did you mean {near[0]}?" if near else f"it can be {', '.join(known)}."
            raise _NotUnderstood(f"{_shown(source)}: {name} is never '{word}'; {cure}")
    return OneOf(cast(WordKey, name), tuple(dict.fromkeys(_iter_codes(name, words))), negated)


def _iter_codes(name: str, words: list[str]) -> Iterator[str]:
    """Words as they are stored: groups of states one by one, reasons by their codes."""
    for word in words:
        if name == "state":
            yield from STATE_GROUPS.get(word, (word,))
        elif name == "reason":
            yield REASON_NAMES.get(word, word)
        else:
            yield word


def _parse_limit(name: str, operator: Operator, rest: str, source: str, negated: bool) -> Condition:
    help_of = _get_key(name, source)
    if not help_of.is_number:
        example = help_of.values[0] if help_of.values else "NAME"
        raise _NotUnderstood(f"{_shown(source)}: {name} is no number; write {name}:{example}.")
    try:
        limit = float(rest)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise _NotUnderstood(
            f"{_shown(source)}: '{rest}' is no number; write one behind the {operator}, such as {name}{operator}1."
        )
    return Compare(cast(NumberKey, name), operator, limit + 0.0, negated)


def _get_key(name: str, source: str) -> KeyHelp:
    found = HELP_OF.get(name)
    if found is None:
        near = get_close_matches(name, HELP_OF, 1)
        cure = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(HELP_OF)}."
        raise _NotUnderstood(f"{_shown(source)}: there is no key '{name}'; {cure} Quotes make it a text to search for.")
    return found


def _write(condition: Condition) -> str:
    sign = "-" if condition.negated else ""
    match condition:
        case Compare(key, operator, limit):
            return f"{sign}{key}{operator}{limit!r}".removesuffix(".0")
        case OneOf(key, words):
            return f"{sign}{key}:" + ",".join(quote(word, in_list=True) for word in words)
        case Contains(text):
            return sign + quote(text, in_list=False)


def _shown(source: str) -> str:
    short = source if len(source) <= 40 else source[:39] + "…"
    return f"'{short}'"
