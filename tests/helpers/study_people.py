"""People and designs of small studies, made up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.services.project import Project
from app.study.design import CatchRule, PeopleRule, StudyDesign
from app.study.plan import DrawnPerson
from db.formats.parts.boxes import coco_box, find_keypoint_bbox
from db.records import NewImage, NewPerson, NewRevision
from tests.helpers.builders import SIZE, person_keypoints
from tests.helpers.store_builders import build_fit


def build_candidates(
    count: int, methods: Sequence[str] = ("eft", "smplify"), first_id: int = 1, datasets: int = 2
) -> list[DrawnPerson]:
    """People with a fit by every method; names do not depend on ids."""
    return [
        DrawnPerson(
            person=first_id + number,
            image=f"photos/{number:05d}.jpg",
            dataset=f"set{number % datasets}",
            annotation=f"A{number}",
            difficulty=("easy", "medium", "hard")[number % 3],
            fits={name: 1000 * place + first_id + number for place, name in enumerate(methods)},
        )
        for number in range(count)
    ]


def build_design(
    people: int = 12, methods: Sequence[str] = ("eft", "smplify"), catches: tuple[int, int] = (5, 5), **changes: object
) -> StudyDesign:
    """A small sound design."""
    rest = {"raters": 5, "raters_per_item": 3, "practice": 2, "repeat_share": 0.1, "same_person_gap": 4} | changes
    return StudyDesign(
        name="small",
        methods=tuple(methods),
        primary=(methods[0], methods[1]),
        people=PeopleRule(count=people, seed=3),
        catches=CatchRule(count=catches[0], pass_at_least=catches[1]),
        **rest,  # type: ignore[arg-type]
    )


def build_study_project(folder: Path, numbers: Iterable[int], methods: Sequence[str] = ("eft", "smplify")) -> Project:
    """A project without pictures: people by number, imported in the order given, each with a fit by every method."""
    project = Project.create(folder)
    with project.store.change("Import", undoable=False) as change:
        for number in numbers:
            points = person_keypoints(number)
            box = find_keypoint_bbox(points)
            assert box is not None
            center, scale = coco_box(box)
            image = change.images.add(
                NewImage(f"photos/{number:05d}.jpg", "/data", *SIZE, f"set{number % 2}", str(number))
            )
            person = change.people.add(
                NewPerson(image.id, 0, box, center, scale, "coco17", "test.json", external_id=f"A{number}")
            )
            revision = change.keypoints.add(NewRevision(person.id, "coco17", points, ("imported",) * 17))
            for method in methods:
                change.fits.add(dataclasses.replace(build_fit(person.id, revision.id, number), method=method))
    return project
