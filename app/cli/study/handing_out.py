"""``study package``, ``progress``, ``free``, ``close``: seats and raters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, growing_progress_bar, report_result
from app.cli.study.seat_numbers import read_seats
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.collecting import close_study
from app.services.study.handing_out import (
    RaterProgress,
    StudyProgress,
    check_none_away,
    check_unfinished,
    free_seat,
    hand_out,
    read_progress,
    take_back,
)

StudyName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the study.")]


def package(
    name: StudyName,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; it is what the rater gets.")],
    project: ProjectOption,
    seats: Annotated[str | None, typer.Option(help="Seats to hand out, like 3-5 or 1,4; counted from 1.")] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="Hand out so many seats that nobody has begun; 1 by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a package of some seats for somebody without the project; nobody can sit at them here meanwhile.

    The votes come back as a file ('study votes') or with the folder, and are taken in by 'study collect'.
    """
    if seats is not None and count is not None:
        raise ServiceError("Name the seats with --seats, or their number with --count, not both.")
    with Project.open(project, with_files=False) as opened, growing_progress_bar("pictures") as advance:
        wanted = None if seats is None else read_seats(seats)
        made = hand_out(opened, name, out, seats=wanted, count=count or 1, on_done=advance)
    numbers = ", ".join(str(seat + 1) for seat in made.seats)
    report_result(made.as_dict(), as_json, f"{made.folder} holds seat {numbers}: {made.trials} trials.")


def progress(name: StudyName, project: ProjectOption, as_json: AsJson = False) -> None:
    """Tell how far every rater is; never what they answered."""
    with Project.open(project, with_files=False) as opened:
        found = read_progress(opened, name)
    report_result(found.as_dict(), as_json, _in_words(found))


def free(
    name: StudyName,
    seat: Annotated[int, typer.Argument(metavar="SEAT", min=1, help="Number of the seat, as 'study progress' has it.")],
    project: ProjectOption,
    as_json: AsJson = False,
) -> None:
    """Let somebody new go on at the seat of a rater who will not come back; votes stay.

    A seat that was handed out is taken back first: collect what came from there before.
    """
    with Project.open(project, with_files=False) as opened:
        check_unfinished(opened, name, seat - 1)
        rater = free_seat(opened, name, seat - 1)
    words = f"Seat {seat} is free again" + ("." if rater is None else f"; the votes of '{rater}' stay.")
    report_result({"seat": seat, "rater": rater}, as_json, words)


def take_back_(
    name: StudyName,
    seats: Annotated[
        str, typer.Argument(metavar="SEATS", help="Seats that were handed out, like 3-5; counted from 1.")
    ],
    project: ProjectOption,
    as_json: AsJson = False,
) -> None:
    """Let seats that were handed out be worked at here again, behind the votes that were collected so far."""
    wanted = read_seats(seats)
    with Project.open(project, with_files=False) as opened:
        votes = take_back(opened, name, wanted)
    report_result(
        {"seats": [seat + 1 for seat in wanted], "votes": votes},
        as_json,
        f"{len(wanted)} seats are back, with {votes} votes that were cast away from here.",
    )


def close(
    name: StudyName,
    project: ProjectOption,
    force: Annotated[
        bool, typer.Option("--force", help="Close although seats are handed out whose votes are not all in.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """End a study: collect what its own package has, and take no votes any more."""
    with Project.open(project, with_files=False) as opened:
        if not force:
            check_none_away(opened, name)
        report = close_study(opened, name)
    words = f"The study '{name}' is closed with {report.votes:,} votes of {report.planned:,}."
    report_result(report.as_dict(), as_json, "\n".join([words, *report.problems]))


def _in_words(found: StudyProgress) -> str:
    state = "closed" if found.closed else "open"
    lines = [
        f"{found.study}: {state}, {found.done:,} of {found.trials:,} trials answered, {found.collected:,} collected.",
        f"Package: {found.package}",
    ]
    return "\n".join([*lines, *map(_seat_in_words, found.seats)])


def _seat_in_words(seat: RaterProgress) -> str:
    words = [f"{seat.seat + 1:4d}  {seat.rater or '–':20s} {seat.done:5d} of {seat.trials}"]
    if seat.present:
        words.append("at work")
    if seat.away is not None:
        words.append(f"away in '{seat.away}'")
    if seat.last_vote_at is not None:
        words.append(f"last vote {seat.last_vote_at:%Y-%m-%d %H:%M} UTC")
    return ", ".join(words)
