"""Votes: checked, stored one by one in order, and read again."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from db.rater_package.errors import VoteRefusedError
from db.rater_package.names import LONGEST_PSEUDONYM
from db.rater_package.records import PackageInfo, PackageTrial, Place
from db.rater_package.seats import check_ticket, count_done
from db.rater_package.tables import SEATS, VOTES, Row
from db.records.studies import VOTE_CHOICES, StudyVote

EXPOSURE_TOLERANCE_S: Final = 0.02
"""A window may be so much too early: one frame of a slow screen lies between paint and the report of it."""
_VOTE_COLUMNS: Final = tuple(VOTES.c[field.name] for field in dataclasses.fields(StudyVote))
_LONGEST_S: Final = 30 * 86_400.0
"""Seconds that one trial can take, pauses included."""
_MOST_FOCUS_LOSSES: Final = 1_000_000
_LARGEST_NUMBER: Final = 10_000_000
"""Of seats and positions."""


def store_vote(connection: Connection, info: PackageInfo, place: Place, trial: PackageTrial, vote: StudyVote) -> None:
    """Store the vote on the next trial of a seat, within a change.

    Raises:
        OldTicketError: Another window has the seat.
        VoteRefusedError: It is not the next trial, came too soon, is no answer here, or the study is closed.
    """
    check_ticket(connection, place)
    if trial.seat != place.seat or trial.position != count_done(connection, place.seat):
        raise VoteRefusedError(
            f"Trial {trial.position + 1} of seat {trial.seat + 1} is not the next one of '{place.rater}', so the vote"
            " on it was not stored; go on with the trial that is next."
        )
    if vote.choice == "neither" and not info.cannot_decide:
        raise VoteRefusedError("'Cannot decide' is no answer in this study; choose left or right.")
    if vote.response_s < info.min_exposure_s - EXPOSURE_TOLERANCE_S:
        raise VoteRefusedError(
            f"The answer came after {vote.response_s:.2f} s; this study takes answers from {info.min_exposure_s:g} s"
            " on, look a little longer."
        )
    fault = find_vote_fault(vote)
    if fault is not None:
        raise VoteRefusedError(f"The vote on trial {trial.position + 1} was not stored: {fault}.")
    connection.execute(insert(VOTES), vote_values(vote))
    connection.execute(update(SEATS).where(SEATS.c.seat == place.seat).values(seen_at=vote.voted_at))


def continue_seats(connection: Connection, votes: Iterable[StudyVote], seats: Iterable[int]) -> int:
    """Store what was voted at seats while they were away, as far as it goes on from what is here; gives how many."""
    done = {seat: count_done(connection, seat) for seat in seats}
    fresh = []
    for vote in sorted(votes, key=lambda vote: (vote.seat, vote.position)):
        if vote.position == done.get(vote.seat):
            fresh.append(vote)
            done[vote.seat] += 1
    if fresh:
        connection.execute(insert(VOTES), [vote_values(vote) for vote in fresh])
    return len(fresh)


def read_votes(connection: Connection, seats: Iterable[int] | None = None) -> list[StudyVote]:
    """Votes by seat and position."""
    statement = select(*_VOTE_COLUMNS).order_by(VOTES.c.seat, VOTES.c.position)
    if seats is not None:
        statement = statement.where(VOTES.c.seat.in_(list(seats)))
    return [StudyVote(*row) for row in connection.execute(statement)]


def find_vote_fault(vote: StudyVote) -> str | None:
    """Why a vote cannot be one, whatever the study; None if it can."""
    for name, number in (("seat", vote.seat), ("position", vote.position)):
        if not 0 <= number <= _LARGEST_NUMBER:
            return f"its {name} {number} is none"
    if not 0 < len(vote.rater) <= LONGEST_PSEUDONYM or not vote.rater.isprintable():
        return "its rater has no pseudonym that can be printed"
    if vote.choice not in VOTE_CHOICES:
        return f"its choice {str(vote.choice)[:40]!r} is none"
    for name, seconds in (("response time", vote.response_s), ("time of enlarged views", vote.enlarged_s)):
        if not (math.isfinite(seconds) and 0 <= seconds <= _LONGEST_S):
            return f"its {name} of {seconds:g} s is none"
    if not 0 <= vote.focus_losses <= _MOST_FOCUS_LOSSES:
        return f"its {vote.focus_losses} losses of focus are none"
    return _find_fault_of_times(vote.shown_at, vote.voted_at)


def _find_fault_of_times(*moments: datetime) -> str | None:
    for moment in moments:
        if moment.tzinfo is None:
            return "its times have no time zone"
        if not 2000 <= moment.year < 2200:
            return f"its year {moment.year} is none"
    return None


def vote_values(vote: StudyVote) -> Row:
    """Its row."""
    return {
        "seat": vote.seat,
        "position": vote.position,
        "rater": vote.rater,
        "choice": vote.choice,
        "response_s": float(vote.response_s),
        "focus_losses": vote.focus_losses,
        "enlarged_s": float(vote.enlarged_s),
        "shown_at": vote.shown_at,
        "voted_at": vote.voted_at,
    }
