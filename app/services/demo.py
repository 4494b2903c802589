"""The demo project: synthetic people, some with annotation faults to repair, fitted and ready to review."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from app.services.batch import BatchReport, RunnerFactory, fit_people
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.fitting import new_job_id
from app.services.importing import import_dataset
from app.services.picture_files import write_picture
from app.services.places import resolve_place, usable
from app.services.project import Project, holds_project
from app.services.whom_to_fit import choose_people
from db.formats.base import ImportedImage, ImportedPerson
from db.formats.coco import write_coco
from db.formats.parts.boxes import coco_box
from fitting.spec import SyntheticJob, SyntheticResult
from resources import default_body

Fault: TypeAlias = Literal["none", "swap", "wrist"]

DEMO_PEOPLE = 24
_FAULTS: dict[int, Fault] = {3: "wrist", 7: "swap", 12: "wrist", 17: "swap"}
"""Which of the demo people carry a deliberate fault, by their number from 0."""

OnStage: TypeAlias = Callable[[str, int, int], None]
"""Called with the stage in words, the number done and the number in all."""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What making the demo did."""

    people: int
    faults: int
    batch: BatchReport


def make_demo(
    folder: Path, make_runner: RunnerFactory, on_stage: OnStage, people: int = DEMO_PEOPLE
) -> tuple[Project, DemoReport]:
    """Make the demo project, or finish the one that is there, and fit everybody who has no fit.

    The pictures are made in a folder of their own that gets its name when they are complete, so that an interrupted
    run leaves nothing half-done.

    Raises:
        ServiceError: The folder is no demo project and not empty, or pictures cannot be drawn here.
        FormatError: A picture cannot be written.
    """
    folder = resolve_place(folder)
    pictures = folder / _PICTURES
    project = _open_or_create(folder)
    try:
        if not (pictures / _ANNOTATIONS).exists():
            _make_pictures(folder, pictures, make_runner, on_stage, people)
        import_dataset(project, "coco", pictures / _ANNOTATIONS, pictures)
        chosen = choose_people(project, "unfitted").people
        on_stage("Fitting people", 0, len(chosen))
        batch = fit_people(
            project, chosen, make_runner, on_done=lambda done: on_stage("Fitting people", done, len(chosen))
        )
    except BaseException:
        project.close()
        raise
    return project, DemoReport(people, sum(1 for number in _FAULTS if number < people), batch)


_PICTURES = "images"
_MAKING = ".making"
_ANNOTATIONS = "person_keypoints_demo.json"


def _open_or_create(folder: Path) -> Project:
    """The demo's project in a folder, begun or new; never work of somebody's own."""
    pictures = folder / _PICTURES
    there = holds_project(folder)
    with usable(folder):
        complete = (pictures / _ANNOTATIONS).exists()
        strange = not complete and pictures.exists() and any(pictures.iterdir())
        if not there and folder.exists():
            strange = strange or any(child.name not in (_PICTURES, _MAKING) for child in folder.iterdir())
    if strange:
        raise ServiceError(f"The folder {folder} holds other files; name an empty or a new folder for the demo.")
    if not there:
        return Project.create(folder)
    project = Project.open(folder)
    with project.store.read() as reader:
        people = sum(reader.progress.counts().values())
    if people and not complete:
        project.close()
        raise ServiceError(f"The folder {folder} holds a project of its own; name a new folder for the demo.")
    return project


def _make_pictures(folder: Path, pictures: Path, make_runner: RunnerFactory, on_stage: OnStage, people: int) -> None:
    making = folder / _MAKING
    with usable(making):
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
    images: list[ImportedImage] = []
    persons: list[ImportedPerson] = []
    jobs = (SyntheticJob(new_job_id(), seed, default_body(), fault=_FAULTS.get(seed, "none")) for seed in range(people))
    on_stage("Making photographs", 0, people)
    with BlockingJobs(make_runner) as runner:
        for number, result in enumerate(runner.run_all(jobs, SyntheticResult)):
            image, person = _describe(number, result)
            write_picture(making / image.path, result.picture_rgb, "JPEG")
            images.append(image)
            persons.append(person)
            on_stage("Making photographs", number + 1, people)
    write_coco(making / _ANNOTATIONS, images, persons)
    with usable(pictures):
        making.rename(pictures)


def _describe(number: int, result: SyntheticResult) -> tuple[ImportedImage, ImportedPerson]:
    height, width = result.picture_rgb.shape[:2]
    image = ImportedImage(f"{number + 1:06d}.jpg", width, height, str(number + 1))
    center, scale = coco_box(result.bbox_xywh)
    person = ImportedPerson(
        image_path=image.path,
        ordinal=0,
        external_id=str(number + 1),
        bbox_xywh=result.bbox_xywh,
        box_center_px=center,
        box_scale=scale,
        area=None,
        is_crowd=False,
        skeleton="coco17",
        keypoints=result.keypoints_px.astype(float),
    )
    return image, person
