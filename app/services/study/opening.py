"""Opening a study to raters: who takes part, what they are shown, and the package they rate.

Whoever has no readable photograph, or no body that can be laid on the keypoints, is left out before the draw is final:
the draw is made again without them, from the same seed. What was drawn is kept, so that opening again after Ctrl-C or
with another question goes on where it was. Plan and package appear at the end, both or, after a crash between them, a
plan whose package is stopped; opening again puts that right.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ImageError, ServiceError
from app.services.images import load_image
from app.services.places import held_alone
from app.services.project import Project
from app.services.study.cameras import lay_subject, write_camera_log
from app.services.study.candidates import find_candidates
from app.services.study.check_bodies import choose_check_bodies
from app.services.study.packing import (
    VotesFoundError,
    build_trials,
    check_unused,
    create_package,
    discard_package,
    list_pictures,
    put_in_place,
    retire_package,
)
from app.services.study.picture_store import PictureNames, PictureStore, count_bytes
from app.services.study.records import design_of, folder_of, get_study, package_of
from app.services.study.stimuli import LaidSubject, choose_colours, draw_stimuli
from app.services.study.subjects import Subject, load_subjects
from app.study.checks import check_design
from app.study.design import StudyDesign
from app.study.drawing import draw_people
from app.study.errors import StudyError
from app.study.files import encode_plan, hash_plan
from app.study.plan import GOOD, DrawnPerson, StudyPlan
from app.study.planning import build_plan
from db.rater_package.records import PackageInfo
from db.records import StudyRecord

UNREADABLE: Final = "whose photograph cannot be read"
NOT_LAID: Final = "whose fit cannot be laid on the keypoints"
CAMERA_LOG: Final = "cameras.csv"
PICTURES: Final = "stimuli"
_TOLD: Final = 20
"""Sentences about people left out that a report has at most; the numbers are whole."""


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What opening a study came to.

    Attributes:
        study: Its name.
        people: Drawn for main trials.
        checks: Drawn for practice and catch trials.
        seats: Raters it is for.
        trials: Of all seats together.
        pictures: Picture files of the package.
        picture_bytes: Their size together.
        drawn_now: People whose pictures were drawn; those of the others were there already.
        left_out: Number of people who cannot take part, by reason.
        problems: What was wrong with the photographs and fits of some of them, in sentences.
        notes: What the draw had to say, in sentences.
        package: Folder of the package.
        plan_hash: SHA-256 of the plan.
    """

    study: str
    people: int
    checks: int
    seats: int
    trials: int
    pictures: int
    picture_bytes: int
    drawn_now: int
    left_out: dict[str, int]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    package: Path
    plan_hash: str

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {**dataclasses.asdict(self), "package": str(self.package)}


def open_study(
    project: Project,
    name: str,
    make_runner: RunnerFactory,
    *,
    database: str | None = None,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> OpenReport:
    """Draw people, plan every trial, draw the pictures and make the raters' package.

    Args:
        project: Open project.
        name: Of the study.
        make_runner: Measures and draws bodies.
        database: Address of an empty PostgreSQL database for the package; by default a file in its folder.
        on_done: Called with the steps done so far and those there are.

    Raises:
        ServiceError: There is no such study, its design has faults, nobody can take part, it has votes, or somebody is
            rating.
        StoreError: Package or project cannot be written, or the study was changed elsewhere meanwhile.
    """
    study = get_study(project, name)
    _check_open(study)
    design = design_of(study)
    package = package_of(project, study)
    steps = _Steps(on_done)
    with _translated():
        check_design(design)
    with _translated(), held_alone(folder_of(project, study)) as folder:
        _look_at(project, study, package)
        store = PictureStore(folder / PICTURES)
        with BlockingJobs(make_runner) as jobs:
            cast = _cast(project, jobs, design, steps)
            plan = build_plan(design, _drawn(cast.people), _drawn(cast.checks), (cast.in_words(), *cast.notes))
            shown = _draw(project, jobs, design, cast, store, steps)
        trials = build_trials(plan, shown.people, shown.checks)
        names = list_pictures(trials)
        steps.add(len(names))
        made = package.with_name(f".{package.name}.new")
        discard_package(made)  # a killed run's
        if database is not None:
            _retire(project, study, package)  # its tables may be in the way of the new ones
        create_package(made, _build_info(study, plan), trials, store, database, steps.take)
        try:
            _retire(project, study, package)
            write_camera_log(folder / CAMERA_LOG, [(one.subject, one.bodies) for one in (*cast.people, *cast.checks)])
            with project.store.change(
                f"Open the study '{study.name}'", annotator_id=project.annotator_id, undoable=False
            ) as change:
                change.studies.set_plan(study, encode_plan(plan), hash_plan(plan))
            put_in_place(made, package)
        except BaseException:
            discard_package(made)
            raise
        store.forget_unused()
        return OpenReport(
            study=study.name,
            people=len(cast.people),
            checks=len(cast.checks),
            seats=len(plan.seats),
            trials=len(trials),
            pictures=len(names),
            picture_bytes=count_bytes(folder / PICTURES, names),
            drawn_now=shown.drawn_now,
            left_out=dict(cast.left_out.most_common()),
            problems=tuple(cast.problems),
            notes=plan.notes[1:],  # the first says what ``left_out`` says
            package=package,
            plan_hash=hash_plan(plan),
        )


class _Steps:
    """Steps done and known of, told with every one."""

    def __init__(self, on_done: Callable[[int, int], None]) -> None:
        self._on_done = on_done
        self._done = self._total = 0

    def add(self, count: int) -> None:
        """So many more are to be done."""
        self._total += count

    def take(self) -> None:
        """One is done."""
        self._done += 1
        self._on_done(self._done, self._total)


@dataclass(slots=True)
class _Cast:
    """Who takes part, and who does not."""

    people: list[LaidSubject]
    checks: list[LaidSubject]
    notes: tuple[str, ...]
    left_out: Counter[str]
    problems: list[str]
    pool: int

    def in_words(self) -> str:
        """Of whom the study speaks, for plan and report: its readers ask who could not take part, and why."""
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in self.left_out.most_common())
        return f"{self.pool:,} people of the project could take part; left out: {reasons or 'nobody'}."


@dataclass(frozen=True, slots=True)
class _Shown:
    """Picture names of everybody by person, and how many people were drawn just now."""

    people: dict[int, PictureNames]
    checks: dict[int, PictureNames]
    drawn_now: int


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StudyError as error:
        raise ServiceError(str(error)) from error


def _check_open(study: StudyRecord) -> None:
    if study.closed_at is not None:
        raise ServiceError(f"The study '{study.name}' is closed; copy its design into a new study.")
    if study.frozen_at is not None:
        raise ServiceError(
            f"The study '{study.name}' has votes since {study.frozen_at:%Y-%m-%d %H:%M} UTC, so neither people nor"
            " pictures can change; copy its design into a new study."
        )


def _look_at(project: Project, study: StudyRecord, package: Path) -> None:
    """Refuse to replace a package that is in use; votes found in it freeze the study."""
    try:
        check_unused(package)
    except VotesFoundError:
        _freeze(project, study)
        raise


def _retire(project: Project, study: StudyRecord, package: Path) -> None:
    try:
        retire_package(package)
    except VotesFoundError:
        _freeze(project, study)
        raise


def _freeze(project: Project, study: StudyRecord) -> None:
    with project.store.change(
        f"First vote of the study '{study.name}'", annotator_id=project.annotator_id, undoable=False
    ) as change:
        change.studies.freeze(study.id)


def _cast(project: Project, jobs: BlockingJobs, design: StudyDesign, steps: _Steps) -> _Cast:
    """Draw until everybody drawn can be shown; who cannot is left out of the next draw."""
    found = find_candidates(project, design)
    left_out, problems = Counter(found.left_out), list[str]()
    pool = {drawn.person: drawn for drawn in found.people}
    laid: dict[int, LaidSubject] = {}
    photographs: dict[Path, str | None] = {}
    while True:
        drawn = draw_people(design, list(pool.values()))
        fresh = {one.person: one for one in (*drawn.people, *drawn.checks) if one.person not in laid}
        if not fresh:
            break
        steps.add(len(fresh))
        for subject in load_subjects(project, fresh.values()):
            fault = _find_fault(subject, photographs)
            bodies = None if fault else lay_subject(jobs, project.body, subject, _lead(design, subject))
            if bodies is not None:
                laid[subject.drawn.person] = LaidSubject(subject, bodies, choose_colours(design, subject))
            else:
                del pool[subject.drawn.person]
                left_out[UNREADABLE if fault else NOT_LAID] += 1
                problems.append(fault or f"A fit of {subject.in_words} cannot be laid on its keypoints.")
            steps.take()
    checks = _lay_checks(project, jobs, design, [laid[one.person].subject for one in drawn.checks])
    return _Cast([laid[one.person] for one in drawn.people], checks, drawn.notes, left_out, problems[:_TOLD], len(pool))


def _lay_checks(
    project: Project, jobs: BlockingJobs, design: StudyDesign, subjects: Sequence[Subject]
) -> list[LaidSubject]:
    chosen = choose_check_bodies(jobs, project.body, subjects)
    checks: list[LaidSubject] = []
    for subject in load_subjects(project, [drawn for drawn in chosen if drawn is not None]):
        bodies = lay_subject(jobs, project.body, subject, _lead(design, subject))
        if bodies is None:
            raise ServiceError(f"A fit of {subject.in_words} cannot be laid on its keypoints; fit the person again.")
        checks.append(LaidSubject(subject, bodies, choose_colours(design, subject)))
    return checks


def _find_fault(subject: Subject, photographs: dict[Path, str | None]) -> str | None:
    """Why a person's photograph cannot be shown; each picture is read once."""
    path = subject.picture_file
    if path not in photographs:
        try:
            load_image(path, honour_exif=subject.image.exif_honoured)
        except ImageError as error:
            photographs[path] = str(error)
        else:
            photographs[path] = None
    return photographs[path]


def _lead(design: StudyDesign, subject: Subject) -> str | None:
    """Whose stored camera shows all bodies of a person; None where each has its own."""
    if design.stimuli.camera == "solved":
        return None
    return GOOD if GOOD in subject.bodies else design.methods[0]


def _draw(
    project: Project, jobs: BlockingJobs, design: StudyDesign, cast: _Cast, store: PictureStore, steps: _Steps
) -> _Shown:
    everybody = [*cast.people, *cast.checks]
    steps.add(len(everybody))
    names: list[PictureNames] = []
    drawn_now = 0
    for pictures, is_new in draw_stimuli(project, jobs, design.stimuli, everybody, store):
        names.append(pictures)
        drawn_now += is_new
        steps.take()
    ids = [one.subject.drawn.person for one in everybody]
    middle = len(cast.people)
    return _Shown(
        dict(zip(ids[:middle], names[:middle], strict=True)),
        dict(zip(ids[middle:], names[middle:], strict=True)),
        drawn_now,
    )


def _drawn(people: Iterable[LaidSubject]) -> list[DrawnPerson]:
    return [one.subject.drawn for one in people]


def _build_info(study: StudyRecord, plan: StudyPlan) -> PackageInfo:
    design = plan.design
    return PackageInfo(
        study_uid=study.uid,
        plan_hash=hash_plan(plan),
        question=design.question,
        views=design.stimuli.views,
        cannot_decide=design.cannot_decide,
        min_exposure_s=design.min_exposure_s,
        break_every=design.break_every,
    )
