"""Conditions on people as SQL. Every answer comes from ``person_heads`` or from narrow tables, never from the fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from db.conditions import Compare, Condition, Contains, NumberKey, OneOf, Operator, WordKey
from db.models import AnnotatorRow, DecisionRow, FitRow, HeadRow, ImageRow, PersonRow

_NUMBERS: Mapping[NumberKey, InstrumentedAttribute[Any]] = {
    "loss": HeadRow.l2d,
    "rms": HeadRow.rms_px,
    "beta": HeadRow.max_abs_beta,
    "suspicion": HeadRow.suspicion,
    "joints": HeadRow.labelled_count,
    "limbs": HeadRow.limb_count,
}
_COMPARE: Mapping[Operator, Callable[[Any, float], ColumnElement[bool]]] = {
    "<": lambda column, limit: column < limit,
    "<=": lambda column, limit: column <= limit,
    ">": lambda column, limit: column > limit,
    ">=": lambda column, limit: column >= limit,
    "=": lambda column, limit: column == limit,
}


def build_clause(condition: Condition) -> ColumnElement[bool]:
    """Clause on ``person_heads``; never unknown, so that its negation is everybody else."""
    match condition:
        case Compare(key, operator, limit):
            clause = _COMPARE[operator](_NUMBERS[key], limit)
        case OneOf(key, words):
            clause = _WORDS[key](words)
        case Contains(text):
            clause = _contains(text)
    known = func.coalesce(clause, false())
    return ~known if condition.negated else known


def _contains(text: str) -> ColumnElement[bool]:
    in_path = (
        select(PersonRow.id)
        .join(ImageRow, ImageRow.id == PersonRow.image_id)
        .where(ImageRow.path.icontains(text, autoescape=True))
    )
    in_id = select(PersonRow.id).where(PersonRow.external_id.icontains(text, autoescape=True))
    return or_(HeadRow.person_id.in_(in_path), HeadRow.person_id.in_(in_id))


def _state(words: tuple[str, ...]) -> ColumnElement[bool]:
    return HeadRow.state.in_(words)


def _reason(words: tuple[str, ...]) -> ColumnElement[bool]:
    return _named(HeadRow.reasons, words)


def _by(words: tuple[str, ...]) -> ColumnElement[bool]:
    names = [word.lower() for word in words]
    return HeadRow.decided_by.in_(select(AnnotatorRow.id).where(func.lower(AnnotatorRow.name).in_(names)))


def _dataset(words: tuple[str, ...]) -> ColumnElement[bool]:
    names = [word.lower() for word in words]
    within = select(PersonRow.id).join(ImageRow, ImageRow.id == PersonRow.image_id)
    return HeadRow.person_id.in_(within.where(func.lower(ImageRow.dataset).in_(names)))


def _flag(words: tuple[str, ...]) -> ColumnElement[bool]:
    return _named(HeadRow.flags, words)


def _named(column: InstrumentedAttribute[str], words: tuple[str, ...]) -> ColumnElement[bool]:
    """One of these words is in a line of words."""
    spaced = func.coalesce(" " + column + " ", "")
    return and_(column != "", or_(*(spaced.contains(f" {word} ", autoescape=True) for word in words)))


def _suspect(words: tuple[str, ...]) -> ColumnElement[bool]:
    # "swap" stands for every name that begins so: in JSON a name stands after a quote.
    listed = cast(HeadRow.suspects, Text)
    return or_(*(listed.contains(f'"{word}', autoescape=True) for word in words))


def _method(words: tuple[str, ...]) -> ColumnElement[bool]:
    return HeadRow.fit_id.in_(select(FitRow.id).where(FitRow.method.in_(words)))


def _has(words: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(_POSSESSIONS[word] for word in words))


def _rule(words: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(_RULES[word] for word in words))


_RULES: Mapping[str, ColumnElement[bool]] = {
    "12kp": HeadRow.limb_count == 12,
    "6kp": HeadRow.limb_count >= 6,
    "vibe": HeadRow.limb_count > 6,
    "mpii": and_(
        HeadRow.labelled_count == 16, HeadRow.person_id.in_(select(PersonRow.id).where(PersonRow.skeleton == "mpii16"))
    ),
}
_POSSESSIONS: Mapping[str, ColumnElement[bool]] = {
    "fit": HeadRow.fit_id.is_not(None),
    "decision": HeadRow.decision_id.is_not(None),
    "comment": or_(
        HeadRow.open_comments > 0, HeadRow.decision_id.in_(select(DecisionRow.id).where(DecisionRow.comment != ""))
    ),
    "flag": HeadRow.flags != "",
    "suspect": cast(HeadRow.suspects, Text) != "{}",
}
_WORDS: Mapping[WordKey, Callable[[tuple[str, ...]], ColumnElement[bool]]] = {
    "state": _state,
    "reason": _reason,
    "by": _by,
    "dataset": _dataset,
    "flag": _flag,
    "suspect": _suspect,
    "method": _method,
    "has": _has,
    "rule": _rule,
}
