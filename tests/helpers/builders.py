"""Small projects for tests: real folders, real pictures, a real store."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.services.project import Project
from db.formats.parts.boxes import coco_box, find_keypoint_bbox
from db.records import FitRecord, NewFit, NewImage, NewPerson, NewRevision, PersonId
from fitting.body.assets import load_body_asset
from resources import default_body
from tests.helpers.fits import coco_keypoints, standing_body

SIZE = (640, 480)


def person_keypoints(seed: int = 0, labelled: int = 17) -> np.ndarray:
    """COCO keypoints ``(17, 3)`` of a plausible person in a 640 x 480 picture; the last ones not labelled."""
    keypoints = coco_keypoints(standing_body(seed))
    keypoints[labelled:] = 0
    return keypoints


def write_picture(path: Path, seed: int = 0, size: tuple[int, int] = SIZE) -> None:
    """A small gradient with noise: enough of a photograph for everything but eyes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_draw_picture(seed, size, Image.registered_extensions()[path.suffix.lower()]))


@lru_cache(maxsize=64)
def _draw_picture(seed: int, size: tuple[int, int], kind: str) -> bytes:
    generator = np.random.default_rng(seed)
    ramp = np.linspace(60, 200, size[0])[None, :, None] + np.zeros((size[1], 1, 3))
    noisy = ramp + generator.normal(0, 6, ramp.shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, kind)
    return file.getvalue()


def build_project(folder: Path, people: Sequence[np.ndarray] | int = 3, per_image: int = 1) -> Project:
    """A project with one picture for every ``per_image`` people.

    Args:
        folder: Where; pictures lie in ``folder/pictures``.
        people: Keypoints ``(17, 3)`` of each, or how many to make.
        per_image: People in one picture.
    """
    keypoints = [person_keypoints(seed) for seed in range(people)] if isinstance(people, int) else list(people)
    project = Project.create(folder / "project")
    root = folder / "pictures"
    for number in range(0, len(keypoints), per_image):
        name = f"{number // per_image + 1:03d}.jpg"
        write_picture(root / name, number)
        with project.store.change("Import", undoable=False) as change:
            image = change.images.add(NewImage(name, str(root), *SIZE, dataset="test", external_id=str(number)))
            for ordinal, points in enumerate(keypoints[number : number + per_image]):
                box = find_keypoint_bbox(points) or (100.0, 100.0, 200.0, 300.0)
                center, scale = coco_box(box)
                person = change.people.add(
                    NewPerson(
                        image_id=image.id,
                        ordinal=ordinal,
                        bbox_xywh=box,
                        box_center_px=center,
                        box_scale=scale,
                        skeleton="coco17",
                        source="test.json",
                        external_id=str(1000 + number + ordinal),
                    )
                )
                change.keypoints.add(NewRevision(person.id, "coco17", points, ("imported",) * 17, label="Import"))
    return project


def people_of(project: Project) -> list[PersonId]:
    """Everybody, in import order."""
    with project.store.read() as reader:
        return reader.queue.ids()


def add_fit(project: Project, person_id: PersonId, l2d: float = 1e-4, **changes: Any) -> FitRecord:
    """Store a made-up fit of the person's current keypoints, with any field changed."""
    body = standing_body()
    with project.store.change("Fit by EFT") as change:
        revision = change.keypoints.current(person_id)
        person = change.people.get(person_id)
        assert revision is not None
        fit = NewFit(
            person_id=person_id,
            revision_id=revision.id,
            method="eft",
            rotations=body.rotations.astype(float),
            betas=body.betas.astype(float),
            camera=body.camera.astype(float),
            initial_rotations=body.rotations.astype(float),
            initial_betas=body.betas.astype(float),
            initial_camera=body.camera.astype(float),
            box_center_px=np.array(person.box_center_px),
            box_scale=person.box_scale,
            joints_px=np.full((49, 2), 200.0),
            l2d=l2d,
            loss=300 * l2d,
            l2d_initial=4 * l2d,
            loss_initial=1200 * l2d,
            rms_px=2.0,
            trace=np.full((3, 5), l2d),
            kept_iteration=2,
            stop_reason="iterations",
            options={"learning_rate": 3e-5},
            body_hash=load_body_asset(default_body()).sha256,
            regressor_hash="r" * 64,
            seconds=0.4,
            device="cpu",
            code_version="0.1.0",
        )
        return change.fits.add(dataclasses.replace(fit, **changes))
