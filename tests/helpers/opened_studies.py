"""A project with a study that is open: a hand-made plan and its package, without fits or a renderer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from app.services.project import Project
from app.services.study.records import folder_of, get_study, package_of
from app.study.design import StudyDesign
from app.study.plan import DrawnPerson, PlannedTrial, StudyPlan
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageInfo
from db.records import StudyVote
from tests.helpers.rater_packages import SHOWN, build_picture, build_trials

SEATS, TRIALS = 4, 6
NAME = "eft against smplify"


def build_plan(seats: int = SEATS, trials: int = TRIALS, **design: Any) -> StudyPlan:
    """Each seat sees one practice trial, then different people with both fits."""
    people = tuple(
        DrawnPerson(
            person=number,
            image=f"{number}.jpg",
            dataset="test",
            annotation=None,
            difficulty="easy",
            fits={"a": 1, "b": 2},
        )
        for number in range(1, seats * trials + 1)
    )
    rows = tuple(
        tuple(
            PlannedTrial("practice", 1, "good", "bad")
            if position == 0
            else PlannedTrial("main", (seat * trials + position) % len(people) + 1, "a", "b")
            for position in range(trials)
        )
        for seat in range(seats)
    )
    made = StudyDesign(name=NAME, methods=("a", "b"), primary=("a", "b"), raters=seats, **design)
    return StudyPlan(design=made, people=people, checks=people[:1], seats=rows)


def open_study(
    folder: Path, seats: int = SEATS, trials: int = TRIALS, uid: str = "a1b2c3d4e5f6", **design: Any
) -> Project:
    """A project in a new folder, with one open study."""
    project = Project.create(folder)
    add_study(project, seats, trials, uid, **design)
    return project


def add_study(
    project: Project,
    seats: int,
    trials: int,
    uid: str,
    name: str = NAME,
    in_package: int | None = None,
    server: str | None = None,
    **design: Any,
) -> None:
    """An open study in a project; its package may have fewer trials, for studies that are too large for tests."""
    plan = build_plan(seats, trials, **design)
    content = msgspec.json.encode(plan)
    plan_hash = hashlib.sha256(content).hexdigest()
    with project.store.change("New study", undoable=False) as change:
        change.studies.add(uid, name, msgspec.to_builtins(plan.design))
    with project.store.change("Open study", undoable=False) as change:
        found = change.studies.find(name)
        assert found is not None
        change.studies.set_plan(found, content, plan_hash)
    study = get_study(project, name)
    folder_of(project, study).mkdir(parents=True)
    pictures = [build_picture(seed) for seed in range(4)]
    info = PackageInfo(
        uid, plan_hash, plan.design.question, ("overlay",), plan.design.cannot_decide, plan.design.min_exposure_s, 50
    )
    in_it = build_trials(seats, in_package or trials, pictures)
    RaterPackage.create(package_of(project, study), info, in_it, pictures, server).close()


def build_votes(
    seat: int, rater: str, positions: Iterable[int], choice: Any = "left", **changes: Any
) -> list[StudyVote]:
    """Votes as a package has them."""
    values = {"response_s": 2.5, "focus_losses": 0, "enlarged_s": 0.0, "shown_at": SHOWN, "voted_at": SHOWN, **changes}
    return [StudyVote(seat, position, rater, choice, **values) for position in positions]
