"""Seats: handed to somebody far away, taken back, freed for somebody new; and how far each is.

Says how much raters have done, never what they answered: whoever watches a study must not learn its result early.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.services.errors import ServiceError
from app.services.places import resolve_place
from app.services.project import Project
from app.services.study.records import get_study, package_of, plan_of
from db.rater_package.package import RaterPackage
from db.rater_package.records import SeatStatus
from db.records import StudyRecord


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A package that was made for somebody.

    Attributes:
        folder: The package.
        seats: Its seats, counted from 0.
        trials: Trials of all of them.
    """

    folder: Path
    seats: tuple[int, ...]
    trials: int

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON; seats counted from 1, as commands have them."""
        return {"folder": str(self.folder), "seats": [seat + 1 for seat in self.seats], "trials": self.trials}


@dataclass(frozen=True, slots=True)
class RaterProgress:
    """How far one seat is.

    Attributes:
        seat: Counted from 0.
        rater: Pseudonym; None while nobody has it.
        done: Trials answered, as far as is known here: of seats that are away those collected.
        trials: Trials of the seat.
        present: Whether somebody is at the window.
        away: Name of the package it was handed out in.
        last_vote_at: When the last of these votes was cast.
    """

    seat: int
    rater: str | None
    done: int
    trials: int
    present: bool
    away: str | None
    last_vote_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON; the seat counted from 1, as commands have it."""
        last = None if self.last_vote_at is None else self.last_vote_at.isoformat()
        return {**dataclasses.asdict(self), "seat": self.seat + 1, "last_vote_at": last}


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How far a study is.

    Attributes:
        study: Its name.
        package: Folder of its own package.
        seats: Every seat, in order.
        collected: Votes in the project.
        closed: Whether it takes no votes any more.
    """

    study: str
    package: Path
    seats: tuple[RaterProgress, ...]
    collected: int
    closed: bool

    @property
    def done(self) -> int:
        """Trials answered."""
        return sum(seat.done for seat in self.seats)

    @property
    def trials(self) -> int:
        """Trials of all seats."""
        return sum(seat.trials for seat in self.seats)

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {
            "study": self.study,
            "package": str(self.package),
            "done": self.done,
            "trials": self.trials,
            "collected": self.collected,
            "closed": self.closed,
            "seats": [seat.as_dict() for seat in self.seats],
        }


def read_progress(project: Project, name: str) -> StudyProgress:
    """How far every rater is: the study's own package, and of seats that are away what was collected.

    Raises:
        ServiceError: There is no such study, or it is not open.
        StoreError: Its package cannot be opened.
    """
    study = _get_open(project, name)
    with RaterPackage.open(package_of(project, study)) as package:
        return count_progress(project, study, package.status())


def count_progress(project: Project, study: StudyRecord, seats: Sequence[SeatStatus]) -> StudyProgress:
    """How far every rater is, from what the open package says of its seats."""
    with project.store.read() as reader:
        votes = reader.studies.votes_of(study.id)
    collected: dict[int, tuple[int, str, datetime]] = {}
    for vote in votes:
        count, _, last = collected.get(vote.seat, (0, "", vote.voted_at))
        collected[vote.seat] = count + 1, vote.rater, max(last, vote.voted_at)
    rows = []
    for seat in seats:
        row = RaterProgress(seat.seat, seat.rater, seat.done, seat.trials, seat.present, seat.away, seat.last_vote_at)
        if seat.seat in collected and collected[seat.seat][0] > row.done:
            done, rater, last = collected[seat.seat]
            row = dataclasses.replace(row, done=done, rater=row.rater or rater, last_vote_at=last)
        rows.append(row)
    folder = package_of(project, study)
    return StudyProgress(study.name, folder, tuple(rows), len(votes), study.closed_at is not None)


def check_none_away(project: Project, name: str) -> None:
    """Make sure that closing a study loses nothing: votes of seats that are away could never be taken in afterwards.

    Raises:
        ServiceError: There is no such study, it is not open, or seats are handed out that lack votes.
        StoreError: Its package cannot be opened.
    """
    if not package_of(project, _get_open(project, name)).exists():
        return  # a restored project: what is away is not known here
    seats = read_progress(project, name).seats
    lacking = [str(seat.seat + 1) for seat in seats if seat.away is not None and seat.done < seat.trials]
    if lacking:
        raise ServiceError(
            f"The study '{name}' was not closed: seats that are handed out lack votes ({', '.join(lacking)}), which"
            " could not be taken in any more; collect them first, or close without them with --force."
        )


def hand_out(
    project: Project,
    name: str,
    folder: Path,
    *,
    seats: Sequence[int] | None = None,
    count: int = 1,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> HandedOut:
    """Make a package of some seats that can be given to somebody without the project.

    Args:
        project: Open project.
        name: Of the study.
        folder: A new or empty folder.
        seats: Which, counted from 0; by default the first free ones that nobody has voted at.
        count: How many of those.
        on_done: Called with the pictures copied and in all; what it raises cancels, and the seats stay here.

    Raises:
        ServiceError: There is no such study, it is not open or closed, or there are not so many free seats.
        StoreError: A seat cannot be handed out, or the disk refuses.
    """
    study = _get_open(project, name)
    if study.closed_at is not None:
        raise ServiceError(f"The study '{name}' is closed; nothing can be handed out any more.")
    folder = resolve_place(folder)
    own = package_of(project, study)
    if folder.is_relative_to(own):
        raise ServiceError(f"{folder} lies within the study's own package; name a folder elsewhere.")
    with RaterPackage.open(own) as package:
        if package.info.plan_hash != study.plan_hash:
            raise ServiceError(f"The package of the study '{name}' is of another plan; open the study anew.")
        lengths = {seat.seat: seat.trials for seat in package.status()}
        wanted = tuple(sorted(set(seats))) if seats is not None else _choose_free(name, package.status(), count)
        package.take_out(wanted, folder, on_done)
    return HandedOut(folder, wanted, sum(lengths[seat] for seat in wanted))


def take_back(project: Project, name: str, seats: Sequence[int]) -> int:
    """Let seats that were handed out be worked at here again, behind the votes that were collected from them.

    Votes cast out there later on the same trials as here will be told as conflicting, so do this when the package came
    back, or is lost.

    Returns:
        Votes that came with them.

    Raises:
        ServiceError: There is no such study, or it is not open.
        SeatError: A seat was not handed out.
    """
    study = _get_open(project, name)
    with project.store.read() as reader:
        votes = [vote for vote in reader.studies.votes_of(study.id) if vote.seat in seats]
    with RaterPackage.open(package_of(project, study)) as package:
        return package.take_back(seats, votes)


def free_seat(project: Project, name: str, seat: int) -> str | None:
    """Let somebody new continue at a seat, also at one that is away: it is taken back first.

    Returns:
        Who had it; None if nobody had begun in the package that was handed out.

    Raises:
        ServiceError: There is no such study, it is not open, or closed.
        SeatError: Nobody has the seat, or its rater is at the window.
    """
    study = _get_open(project, name)
    if study.closed_at is not None:
        raise ServiceError(f"The study '{name}' is closed; nobody can go on at a seat of it.")
    with RaterPackage.open(package_of(project, study)) as package:
        was_away = any(row.seat == seat and row.away is not None for row in package.status())
    if was_away:
        take_back(project, name, [seat])
    with RaterPackage.open(package_of(project, study)) as package:
        nobody = any(row.seat == seat and row.rater is None for row in package.status())
        return None if was_away and nobody else package.free_seat(seat)


def check_unfinished(project: Project, name: str, seat: int) -> None:
    """Make sure that a seat has trials left, before it is freed for somebody new.

    Raises:
        ServiceError: It has none; or there is no such study, or it is not open.
    """
    if any(row.seat == seat and row.done >= row.trials for row in read_progress(project, name).seats):
        raise ServiceError(f"Seat {seat + 1} is finished; there is nothing left at it for somebody new.")


def _choose_free(name: str, seats: Sequence[SeatStatus], count: int) -> tuple[int, ...]:
    free = [seat.seat for seat in seats if seat.rater is None and seat.away is None and not seat.done]
    if not 0 < count <= len(free):
        raise ServiceError(
            f"The study '{name}' has {len(free)} seats that nobody has begun, so {count} cannot be handed out; 'study"
            f" progress {name}' tells who has the others."
        )
    return tuple(free[:count])


def _get_open(project: Project, name: str) -> StudyRecord:
    study = get_study(project, name)
    plan_of(study)
    return study
