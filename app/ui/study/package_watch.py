"""How far raters are, read from a study's own package while its page is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.services.project import Project
from app.ui.study.raters_panel import RunState
from app.ui.study.study_reading import StudyOnShow
from db.errors import StoreError
from db.rater_package.package import RaterPackage
from db.rater_package.records import SeatStatus


class PackageWatch:
    """Keeps one package open between two looks; used by one thread."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._package: RaterPackage | None = None

    def read(self, project: Project, study: StudyOnShow) -> RunState:
        """How far a study's raters are; why that is not known, where its package cannot be read."""
        try:
            seats = tuple(self._open(study.package).status())
            problem = ""
        except StoreError as error:
            self.close()
            seats, problem = (), str(error)
        if any(seat.away is not None for seat in seats):
            seats = _count_away(project, study, seats)
        return RunState(study.package, study.votes, study.planned, seats, study.state == "closed", problem)

    def close(self) -> None:
        """Let go of the package."""
        if self._package is not None:
            self._package.close()
        self._package = self._folder = None

    def _open(self, folder: Path) -> RaterPackage:
        if self._package is None or self._folder != folder:
            self.close()
            self._package, self._folder = RaterPackage.open(folder), folder
        return self._package


def _count_away(project: Project, study: StudyOnShow, seats: tuple[SeatStatus, ...]) -> tuple[SeatStatus, ...]:
    """Of seats that are away only what was collected is known."""
    with project.store.read() as reader:
        votes = reader.studies.votes_of(study.id)
    counts: dict[int, int] = {}
    for vote in votes:
        counts[vote.seat] = counts.get(vote.seat, 0) + 1
    return tuple(
        replace(seat, done=max(seat.done, counts.get(seat.seat, 0))) if seat.away is not None else seat
        for seat in seats
    )
