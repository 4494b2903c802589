"""Projects in which people have been at work: fits, edits and decisions by the services, on a clock of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from app.services import annotation, review
from app.services.project import Project
from app.services.review import REASONS
from db.records import AnnotatorId, NewImage, NewPerson, NewRevision, PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import SIZE, add_fit, person_keypoints, write_picture

COCO = get_skeleton("coco17")
NOW = datetime(2026, 3, 12, 16, 0, tzinfo=UTC)
"""When everything has happened."""
DATASETS = ("coco_val2017", "lsp_extended", "mpii_train")


class Clock:
    """The store's clock; tells what it is set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def set_clock(project: Project, now: datetime) -> Clock:
    """Give a project's store a clock that tests turn."""
    clock = Clock(now)
    project.store._clock = clock
    return clock


def add_annotators(project: Project, *names: str) -> list[AnnotatorId]:
    """Annotators by name."""
    with project.store.change("Add annotators", undoable=False) as change:
        return [change.annotators.get_or_add(name).id for name in names]


def build_worked_project(folder: Path, people: int = 300, decided: int = 240, pictures: int = 3) -> Project:
    """A project of three datasets in which three people have worked for some days.

    Args:
        folder: Where.
        people: Number of people; they share a few pictures.
        decided: So many of them have been decided on, the last ones today.
        pictures: Number of picture files.
    """
    rng = np.random.default_rng(7)
    project = Project.create(folder / "project")
    clock = set_clock(project, NOW - timedelta(days=6))
    ids = _import(project, folder / "pictures", people, pictures)
    annotators = add_annotators(project, "Ada", "Ben", "Chidi")
    for number, person in enumerate(ids[: people - people // 20]):
        add_fit(
            project,
            person,
            float(10 ** rng.normal(-3.6 + 0.15 * (number % 3), 0.35)),
            rms_px=float(rng.gamma(5, 1.1)),
        )
    start = NOW - timedelta(days=5, hours=7)
    for number, person in enumerate(ids[:decided]):
        day, place = divmod(number, -(-decided // 6))
        clock.now = start + timedelta(days=day, seconds=45 * place + 1800 * (place // 25))
        project.annotator_id = annotators[int(rng.choice(3, p=(0.55, 0.3, 0.15)))]
        _work(project, person, rng)
    clock.now = NOW
    return project


def _work(project: Project, person: PersonId, rng: np.random.Generator) -> None:
    """One person: perhaps an edit and a new fit, then a decision."""
    seconds = float(rng.gamma(3, 6))
    if rng.random() < 0.4:
        with project.store.read() as reader:
            revision = reader.keypoints.current(person)
        assert revision is not None
        joint = int(rng.integers(5, 17))
        x, y = revision.keypoints[joint, :2] + rng.normal(0, 4, 2)
        edit = annotation.move_joints(revision, COCO, {joint: (float(x), float(y))})
        assert edit is not None
        annotation.apply_edit(project, person, revision.id, edit)
        add_fit(project, person, float(10 ** rng.normal(-3.7, 0.3)), rms_px=float(rng.gamma(4, 1.0)))
    luck = rng.random()
    if luck < 0.78:
        with project.store.read() as reader:
            fit = reader.fits.current(person)
        assert fit is not None
        review.accept(project, person, fit.id, seconds)
    elif luck < 0.95:
        code = REASONS[int(rng.choice(6, p=(0.35, 0.25, 0.05, 0.15, 0.05, 0.15)))].code
        review.reject(project, person, [code], "", seconds)
    else:
        review.second_look(project, person, "", seconds)


def _import(project: Project, root: Path, people: int, pictures: int) -> list[PersonId]:
    for number in range(pictures):
        write_picture(root / f"{number:03d}.jpg", number)
    keypoints = [person_keypoints(seed) for seed in range(8)]
    with project.store.change("Import", undoable=False) as change:
        images = change.images.add_many(
            [
                NewImage(f"{number:03d}.jpg", str(root), *SIZE, DATASETS[number % len(DATASETS)], str(number))
                for number in range(pictures)
            ]
        )
        ids = change.people.add_many(
            [
                NewPerson(
                    image_id=images[number % pictures],
                    ordinal=number // pictures,
                    bbox_xywh=(200.0, 60.0, 180.0, 380.0),
                    box_center_px=(290.0, 250.0),
                    box_scale=2.4,
                    skeleton="coco17",
                    source="worked.json",
                    external_id=str(1000 + number),
                )
                for number in range(people)
            ]
        )
        change.keypoints.add_many(
            [
                NewRevision(person, "coco17", keypoints[number % 8], ("imported",) * 17, label="Import")
                for number, person in enumerate(ids)
            ]
        )
    return ids
