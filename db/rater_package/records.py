"""What a rater package tells whoever opens it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

ScreenSide: TypeAlias = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """What every trial of a package shares.

    Attributes:
        study_uid: Random name of the study; votes carry it back.
        plan_hash: SHA-256 of the plan the package was made from.
        question: What raters are asked.
        views: Names of the pictures of each side, from left to right.
        cannot_decide: Whether that is an answer.
        min_exposure_s: No answer counts before both sides have been on screen so long.
        break_every: Trials between breaks.
    """

    study_uid: str
    plan_hash: str
    question: str
    views: tuple[str, ...]
    cannot_decide: bool
    min_exposure_s: float
    break_every: int


@dataclass(frozen=True, slots=True)
class PackageTrial:
    """One trial.

    Attributes:
        seat: Place of its rater.
        position: Within the seat.
        left: File names of the left side's pictures, one for each view.
        right: Of the right side's.
        practice_answer: The better side, only for practice, which has feedback and is never analysed.
    """

    seat: int
    position: int
    left: tuple[str, ...]
    right: tuple[str, ...]
    practice_answer: ScreenSide | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A rater at a seat.

    Attributes:
        seat: The seat.
        rater: Pseudonym.
        ticket: Random; only the newest ticket of a seat can vote.
        trials: Number of trials of the seat.
        done: How many of them had been answered when the rater sat down.
    """

    seat: int
    rater: str
    ticket: str
    trials: int
    done: int


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """How far a seat is; ``away`` names the package it was handed out in, whose votes are not known here."""

    seat: int
    rater: str | None
    trials: int
    done: int
    present: bool
    away: str | None
    last_vote_at: datetime | None = None
