"""The tables of a package. Private to :mod:`db.rater_package`: rows become records before they leave.

Rows of trials have random ids and are stored in random order: neither says what a trial is. A trial's kind, people and
methods are not here at all.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from db.columns import UtcTime

VERSION: Final = 1
"""Of folder and tables; a program refuses packages of a later one."""

METADATA: Final = MetaData(
    naming_convention={"uq": "uq_%(table_name)s_%(column_0_N_name)s", "fk": "fk_%(table_name)s_%(column_0_N_name)s"}
)


def _random_key() -> Column[int]:
    # Plain INTEGER makes it SQLite's own row id, so there is no second number that counts insertions.
    kind = Integer().with_variant(BigInteger(), "postgresql")
    return Column("id", kind, primary_key=True, autoincrement=False, default=lambda: secrets.randbits(62))


PACKAGE: Final = Table(
    "rater_package",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("study_uid", Text, nullable=False),
    Column("plan_hash", Text, nullable=False),
    Column("stopped_at", UtcTime),
)
"""One row: whose package it is, and since when no vote is taken any more."""

SEATS: Final = Table(
    "rater_seats",
    METADATA,
    Column("seat", Integer, primary_key=True, autoincrement=False),
    Column("trials", Integer, nullable=False),
    Column("rater", Text),
    Column("rater_key", Text, unique=True),
    Column("ticket", Text),
    Column("seen_at", UtcTime),
    Column("away", Text),
)
"""``seen_at`` is the last sign of life of the window that holds ``ticket``; none once its rater stood up."""

TRIALS: Final = Table(
    "rater_trials",
    METADATA,
    _random_key(),
    Column("seat", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("left_pictures", Text, nullable=False),
    Column("right_pictures", Text, nullable=False),
    Column("practice_answer", Text),
    UniqueConstraint("seat", "position"),
    ForeignKeyConstraint(["seat"], ["rater_seats.seat"]),
)

VOTES: Final = Table(
    "rater_votes",
    METADATA,
    _random_key(),
    Column("seat", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("rater", Text, nullable=False),
    Column("choice", Text, nullable=False),
    Column("response_s", Double, nullable=False),
    Column("focus_losses", Integer, nullable=False),
    Column("enlarged_s", Double, nullable=False),
    Column("shown_at", UtcTime, nullable=False),
    Column("voted_at", UtcTime, nullable=False),
    UniqueConstraint("seat", "position"),
    ForeignKeyConstraint(["seat", "position"], ["rater_trials.seat", "rater_trials.position"]),
)

Row = dict[str, Any]
"""Values of a row, by column."""
