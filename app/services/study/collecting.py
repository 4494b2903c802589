"""Votes come in: from the study's own package, from files that were sent, from packages that came back.

Whatever comes in is looked at as if an enemy had sent it, and only ever added: a vote is known by study, seat and
position, so the same votes again, in any order and from any number of files, change nothing.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.records import get_study, package_of, plan_of
from app.study.plan import StudyPlan
from db.errors import StaleWriteError, StoreError
from db.rater_package.names import clean_pseudonym, fold_pseudonym
from db.rater_package.package import RaterPackage
from db.rater_package.returning import read_returned
from db.rater_package.votes_file import VotesFile, read_votes
from db.rater_package.voting import EXPOSURE_TOLERANCE_S, find_vote_fault
from db.records import StudyRecord, StudyVote

OWN: Final = "package"
"""What stands for the study's own package among the places votes come from."""
_NAMED: Final = 20
"""Votes refused that are named one by one; more are counted."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What came from one place.

    Attributes:
        source: The study's own ``package``, or the path of a file or folder.
        new: Votes stored now.
        known: Votes stored before.
        conflicting: Votes that differ from the one stored, which stays, in sentences.
        refused: Votes that cannot be the study's, in sentences.
        problem: Why nothing of it was taken; empty if it was.
    """

    source: str
    new: int = 0
    known: int = 0
    conflicting: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What became of all of it.

    Attributes:
        study: Its name.
        sources: One for each place, the study's own package first.
        votes: Votes the study has by now.
        planned: Votes it is to have.
    """

    study: str
    sources: tuple[SourceReport, ...]
    votes: int
    planned: int

    @property
    def new(self) -> int:
        """Votes stored now."""
        return sum(source.new for source in self.sources)

    @property
    def known(self) -> int:
        """Votes stored before."""
        return sum(source.known for source in self.sources)

    @property
    def problems(self) -> list[str]:
        """Everything that was not taken, in sentences."""
        return [
            f"{source.source}: {sentence}"
            for source in self.sources
            for sentence in (*filter(None, [source.problem]), *source.refused, *source.conflicting)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {**dataclasses.asdict(self), "new": self.new, "known": self.known, "problems": self.problems}


def collect_votes(
    project: Project,
    name: str,
    sources: Sequence[Path] = (),
    *,
    renamed: Mapping[int, str] = MappingProxyType({}),
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> CollectReport:
    """Take in the votes of the study's own package, then of files and folders, each as one change.

    What cannot be read is told and does not keep the others from being read.

    Args:
        project: Open project.
        name: Of the study.
        sources: Files of votes, and folders of packages that came back.
        renamed: Pseudonyms by seat, for somebody who took one that another has; remembered once such votes are stored.
        on_done: Called with the places read and in all; what it raises cancels.

    Raises:
        ServiceError: There is no such study, or it is not open.
        StoreError: The project cannot be read or written.
    """
    study = get_study(project, name)
    plan = plan_of(study)
    reports = []
    total = 1 + len(sources)
    on_done(0, total)
    reports.append(_collect_own(project, study, plan, renamed))
    for done, source in enumerate(sources, start=1):
        on_done(done, total)
        try:
            found = read_returned(source) if source.is_dir() else read_votes(source)
        except StoreError as error:
            reports.append(SourceReport(str(source), problem=str(error)))
        else:
            reports.append(_take(project, study, plan, found, str(source), renamed))
    on_done(total, total)
    with project.store.read() as reader:
        votes = reader.studies.count_votes(study.id)
    return CollectReport(study.name, tuple(reports), votes, sum(len(seat) for seat in plan.seats))


def collect_all(project: Project) -> list[str]:
    """Take in the votes of the packages of all studies that go on, so that the project can move without them.

    Returns:
        What could not be taken, in sentences.
    """
    with project.store.read() as reader:
        running = [study for study in reader.studies.list_all() if study.plan is not None and study.closed_at is None]
    left: list[str] = []
    for study in running:
        if not package_of(project, study).exists():
            continue
        try:
            left += [f"{study.name}: {problem}" for problem in collect_votes(project, study.name).problems]
        except StoreError as error:
            left.append(f"{study.name}: {error}")
    return left


def close_study(project: Project, name: str) -> CollectReport:
    """End a study: its package takes no votes any more, what is there is collected, and no vote is ever taken in again.

    A study whose package is not there, as in a restored project, is closed with the votes it has.

    Raises:
        ServiceError: There is no such study, or it is not open.
        StoreError: The study's own package or the project cannot be written.
    """
    study = get_study(project, name)
    folder = package_of(project, study)
    report = _collect_to_close(project, name, folder)
    if folder.exists():
        with RaterPackage.open(folder) as package:
            package.stop()
        report = _collect_to_close(project, name, folder)  # what came in between
    with project.store.change(f"Close the study {name}", undoable=False) as change:
        change.studies.close(study.id)
    return report


def _collect_to_close(project: Project, name: str, folder: Path) -> CollectReport:
    """Collect, and refuse to go on where votes of the own package cannot be taken in: they never could again."""
    report = collect_votes(project, name)
    own = report.sources[0]
    if folder.exists() and (own.problem or own.refused):
        raise ServiceError(f"The study '{name}' was not closed: {own.problem or own.refused[0]}")
    return report


def _collect_own(project: Project, study: StudyRecord, plan: StudyPlan, renamed: Mapping[int, str]) -> SourceReport:
    folder = package_of(project, study)
    if not folder.exists():
        done = (
            ""
            if study.closed_at is not None
            else (f"{folder} is not there, as in a project that was restored; votes come from files and folders alone.")
        )
        return SourceReport(OWN, problem=done)
    try:
        with RaterPackage.open(folder) as package:
            if package.info.plan_hash != study.plan_hash:
                return SourceReport(OWN, problem=f"{folder} is of another plan than the study; open the study anew.")
            own = VotesFile(package.info.study_uid, package.info.plan_hash, package.votes())
    except StoreError as error:
        return SourceReport(OWN, problem=str(error))
    return _take(project, study, plan, own, OWN, renamed)


def _take(
    project: Project,
    study: StudyRecord,
    plan: StudyPlan,
    found: VotesFile,
    source: str,
    renamed: Mapping[int, str],
) -> SourceReport:
    problem = _find_stranger(study, found)
    if problem or not found.votes:
        return SourceReport(source, problem=problem)
    with project.store.read() as reader:
        stored = reader.studies.votes_of(study.id)
    votes, refused = _check_votes(plan, found.votes, stored, renamed)
    try:
        with project.store.change(f"Collect votes of {study.name}", undoable=False) as change:
            taken = change.studies.take_votes(study.id, votes, source)
    except StaleWriteError as error:
        return SourceReport(source, refused=refused, problem=str(error))
    conflicting = [
        f"Trial {position + 1} of seat {seat + 1} has another answer here than the one stored before, which stays."
        for seat, position in taken.conflicting
    ]
    return SourceReport(source, taken.new, taken.known, _shorten(conflicting), refused)


def _find_stranger(study: StudyRecord, found: VotesFile) -> str:
    if found.study_uid != study.uid:
        return f"These votes are of another study than '{study.name}'; collect them in the project that made it."
    if found.plan_hash != study.plan_hash:
        return (
            f"These votes are on another plan of the study '{study.name}' than the one it has now, so they say nothing"
            " about its trials."
        )
    return ""


def _check_votes(
    plan: StudyPlan, votes: Sequence[StudyVote], stored: Sequence[StudyVote], renamed: Mapping[int, str]
) -> tuple[list[StudyVote], tuple[str, ...]]:
    """Votes that can be the study's, and sentences about the others."""
    kept: list[StudyVote] = []
    refused: list[str] = []
    strangers: Counter[tuple[str, int]] = Counter()
    names = _find_names(votes, stored)
    seat_of = {fold_pseudonym(vote.rater): vote.seat for vote in stored}
    for vote in sorted(votes, key=lambda vote: (vote.seat, vote.position)):
        fault = _find_fault(plan, vote)
        if fault is not None:
            refused.append(f"The vote on trial {vote.position + 1} of seat {vote.seat + 1} was refused: {fault}.")
            continue
        name = names.get((vote.seat, vote.rater), vote.rater)
        if seat_of.get(fold_pseudonym(name), vote.seat) != vote.seat and vote.seat in renamed:
            name = clean_pseudonym(renamed[vote.seat])
        if seat_of.setdefault(fold_pseudonym(name), vote.seat) == vote.seat:
            kept.append(vote if name == vote.rater else dataclasses.replace(vote, rater=name))
        else:
            strangers[name, vote.seat] += 1
    for (rater, seat), count in strangers.items():
        refused.append(_describe_stranger(rater, count, seat, seat_of[fold_pseudonym(rater)]))
    return kept, _shorten(refused)


def _find_names(votes: Sequence[StudyVote], stored: Sequence[StudyVote]) -> dict[tuple[int, str], str]:
    """Who was renamed before: the same vote is stored under another pseudonym."""
    known = {(vote.seat, vote.position): vote for vote in stored}
    names: dict[tuple[int, str], str] = {}
    for vote in votes:
        before = known.get((vote.seat, vote.position))
        if (
            before is not None
            and before.rater != vote.rater
            and dataclasses.replace(vote, rater=before.rater) == before
        ):
            names[vote.seat, vote.rater] = before.rater
    return names


def _find_fault(plan: StudyPlan, vote: StudyVote) -> str | None:
    fault = find_vote_fault(vote)
    if fault is not None:
        return fault
    if vote.seat >= len(plan.seats) or vote.position >= len(plan.seats[vote.seat]):
        return "the plan has no such trial"
    if vote.choice == "neither" and not plan.design.cannot_decide:
        return "'cannot decide' is no answer in this study"
    if vote.response_s < plan.design.min_exposure_s - EXPOSURE_TOLERANCE_S:
        return f"it came after {vote.response_s:.2f} s, sooner than the study allows"
    return None


def _describe_stranger(rater: str, votes: int, seat: int, known: int) -> str:
    return (
        f"{votes} votes of '{rater}' at seat {seat + 1} were refused, because '{rater}' has votes at seat {known + 1}"
        f" and nobody may judge the same twice; if these are two people, collect with --rename {seat + 1}:NAME."
    )


def _shorten(sentences: Sequence[str]) -> tuple[str, ...]:
    if len(sentences) <= _NAMED:
        return tuple(sentences)
    return (*sentences[:_NAMED], f"… and {len(sentences) - _NAMED:,} more like these.")
