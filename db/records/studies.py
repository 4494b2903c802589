"""Preference studies as the researcher's project keeps them: design, plan, votes that came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from db.records.ids import AnnotatorId, StudyId

VoteChoice: TypeAlias = Literal["left", "right", "neither"]
"""What a rater answered; ``neither`` is "cannot decide"."""
VOTE_CHOICES: tuple[VoteChoice, ...] = ("left", "right", "neither")


@dataclass(frozen=True, slots=True, eq=False)
class StudyRecord:
    """A study.

    Attributes:
        id: Row.
        uid: Random name that packages of it carry.
        name: Its name among the project's studies.
        design: The design as JSON (:class:`app.study.design.StudyDesign`).
        plan: The plan as JSON text, None before people were drawn (:class:`app.study.plan.StudyPlan`).
        plan_hash: SHA-256 of the plan, which packages of it carry too; empty before.
        annotator_id: Who made it.
        created_at: When, aware, UTC.
        opened_at: When it was opened to raters.
        frozen_at: When its first vote was seen; from then on neither design nor plan can change.
        closed_at: When it was closed: no vote is taken in any more.
        version: Counts its changes, so that two writers notice each other.
    """

    id: StudyId
    uid: str
    name: str
    design: Mapping[str, Any]
    plan: bytes | None
    plan_hash: str
    annotator_id: AnnotatorId | None
    created_at: datetime
    opened_at: datetime | None
    frozen_at: datetime | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class StudyVote:
    """One answer of a rater, as packages keep it and as it comes in.

    Attributes:
        seat: Place of the rater in the plan.
        position: Of the trial within the seat.
        rater: Pseudonym.
        choice: The answer, by side of the screen.
        response_s: From the first paint of both pictures to the key, monotonic clock.
        focus_losses: Times the window was left meanwhile.
        enlarged_s: How long a view was enlarged.
        shown_at: When both pictures were on screen, aware, UTC.
        voted_at: When the answer was stored, aware, UTC.
    """

    seat: int
    position: int
    rater: str
    choice: VoteChoice
    response_s: float
    focus_losses: int
    enlarged_s: float
    shown_at: datetime
    voted_at: datetime


@dataclass(frozen=True, slots=True)
class VotesTaken:
    """What became of votes that came in.

    Attributes:
        new: Stored now.
        known: Stored before, equal.
        conflicting: Seat and position of those that differ from what is stored, which stays.
    """

    new: int
    known: int
    conflicting: tuple[tuple[int, int], ...]
