"""From a plan and its pictures to the package of the raters, and an earlier package out of its way."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from app.services.errors import ServiceError
from app.services.places import usable
from app.services.study.picture_store import PictureNames, PictureStore
from app.study.plan import GOOD, PlannedTrial, StudyPlan
from db.errors import StoreError
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageInfo, PackageTrial, ScreenSide

_LOT = random.SystemRandom()
"""Pictures go into a package in an order that nobody can work out again, the researcher included."""


class VotesFoundError(ServiceError):
    """A package that was to be replaced has votes."""


def build_trials(
    plan: StudyPlan, people: Mapping[int, PictureNames], checks: Mapping[int, PictureNames]
) -> list[PackageTrial]:
    """What raters get of a plan: seats, positions, picture names, and the better side of practice alone.

    Args:
        plan: The plan.
        people: Pictures of each person by method.
        checks: Pictures of each check person, good and bad.
    """
    return [
        _build_trial(seat, position, trial, people if trial.kind in ("main", "repeat") else checks)
        for seat, position, trial in plan.iter_trials()
    ]


def list_pictures(trials: list[PackageTrial]) -> list[str]:
    """Names of all pictures of a package, each once, in an order of no meaning."""
    names = sorted({name for trial in trials for name in (*trial.left, *trial.right)})
    _LOT.shuffle(names)
    return names


def create_package(
    folder: Path,
    info: PackageInfo,
    trials: list[PackageTrial],
    store: PictureStore,
    database: str | None,
    on_done: Callable[[], None],
) -> None:
    """Make a package of stored pictures.

    Raises:
        ServiceError: A picture was damaged meanwhile.
        StoreError: Disk or database refuse.
    """

    def read() -> Iterator[bytes]:
        for name in list_pictures(trials):
            yield store.read(name)
            on_done()

    RaterPackage.create(folder, info, trials, read(), database).close()


def check_unused(folder: Path) -> None:
    """Make sure that nobody loses anything when another package takes this one's place; nothing there is fine.

    Raises:
        VotesFoundError: It has votes.
        ServiceError: Seats of it were handed out, or somebody is at a window of it.
        StoreError: It cannot be opened.
    """
    if not _is_there(folder):
        return
    with RaterPackage.open(folder) as package:
        votes, seats = len(package.votes()), package.status()
    if votes:
        raise VotesFoundError(
            f"The package {folder} has {votes} votes, so the study can no longer be opened anew; copy its design into a"
            " new study."
        )
    if away := [str(seat.seat + 1) for seat in seats if seat.away is not None]:
        raise ServiceError(
            f"Seats of the package were handed out ({', '.join(away)}), and votes given there would be lost; take them"
            " back first ('study take-back'), or copy the design into a new study."
        )
    if present := [seat.rater for seat in seats if seat.present]:
        raise ServiceError(f"'{present[0]}' is rating at this moment; open the study anew when nobody does.")


def retire_package(folder: Path) -> None:
    """Let a package take no votes any more, provided that it has none, and take its tables from their server.

    Raises:
        VotesFoundError: It has votes by now.
        SeatError: Seats of it were handed out by now, or somebody is at a window of it.
        StoreError: It cannot be opened.
    """
    if not _is_there(folder):
        return
    with RaterPackage.open(folder) as package:
        on_server = not package.lies_in_folder
        if not package.retire():
            raise VotesFoundError(
                f"The package {folder} got its first votes meanwhile, so the study stays as it is; copy its design into"
                " a new study."
            )
    if on_server:  # without its tables it is no package any more
        with usable(folder):
            shutil.rmtree(folder)


def put_in_place(made: Path, folder: Path) -> None:
    """Put a new package where a retired one is.

    Raises:
        ServiceError: The disk refuses.
    """
    old = folder.with_name(f".{folder.name}.old")
    with usable(folder):
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def discard_package(folder: Path) -> None:
    """Take away a package that no rater has seen, its tables on a server included; nothing there is fine."""
    if not _is_there(folder):
        return
    try:
        with RaterPackage.open(folder) as package:
            package.retire()
    except StoreError:  # what a killed run left is no whole package; only its files are ours to take away
        pass
    with usable(folder):
        shutil.rmtree(folder)


def _is_there(folder: Path) -> bool:
    with usable(folder):
        return folder.is_dir() and any(folder.iterdir())


def _build_trial(seat: int, position: int, trial: PlannedTrial, pictures: Mapping[int, PictureNames]) -> PackageTrial:
    of_person = pictures[trial.person]
    better: ScreenSide = "left" if trial.left == GOOD else "right"
    answer = better if trial.kind == "practice" else None
    return PackageTrial(seat, position, of_person[trial.left], of_person[trial.right], answer)
