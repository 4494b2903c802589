"""Stored fits as the samples that formats of fits speak of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import cast, get_args

from app.services.keypoint_layouts import to_spin49
from app.services.selecting import ChosenFit
from db.formats.fits import FitSample, FitStart, Gender
from db.records import FitRecord, ImageRecord, PersonRecord
from db.transactions import Reading

IMPORTED = "imported"
"""Why an imported fit stopped, as far as we know."""

_PIECE = 200


def iter_samples(reader: Reading, chosen: Iterator[ChosenFit], *, base_name: bool) -> Iterator[FitSample]:
    """Stored fits with their keypoints, pictures and people, fetched in pieces.

    Args:
        reader: Transaction to read in.
        chosen: The fits.
        base_name: Name the pictures without their folder, as EFT's own files do.
    """
    while piece := list(islice(chosen, _PIECE)):
        people = reader.people.get_many([row.fit.person_id for row in piece])
        images = reader.images.get_many({person.image_id for person in people.values()})
        for row in piece:
            person = people[row.fit.person_id]
            yield _build_sample(row, person, images[person.image_id], base_name)


def _build_sample(chosen: ChosenFit, person: PersonRecord, image: ImageRecord, base_name: bool) -> FitSample:
    fit = chosen.fit
    return FitSample(
        image_name=PurePosixPath(image.path).name if base_name else image.path,
        rotations=fit.rotations,
        betas=fit.betas,
        annotation_id=find_annotation_id(person),
        camera=fit.camera,
        box_center_px=fit.box_center_px,
        box_scale=fit.box_scale,
        keypoints_px=to_spin49(chosen.revision),
        subject_id=_text(fit, "subject_id"),
        gender=find_gender(fit),
        bbox_xywh=person.bbox_xywh,
        image_size_px=(image.width, image.height),
        initial=_build_start(fit),
        l2d=fit.l2d,
        loss=fit.loss,
        iterations=count_iterations(fit),
        item=f"fit {fit.id} of {image.path}",
    )


def find_annotation_id(person: PersonRecord) -> int | None:
    """The dataset's id of a person, None where it is no number."""
    external = person.external_id
    if external is None:
        return None
    digits = external.removeprefix("-")
    return int(external) if digits.isascii() and digits.isdecimal() else None


def find_gender(fit: FitRecord) -> Gender:
    """The body a fit's parameters belong to; imported fits say it, ours are neutral."""
    gender = _text(fit, "gender")
    return cast(Gender, gender) if gender in get_args(Gender) else "neutral"


def _build_start(fit: FitRecord) -> FitStart | None:
    if fit.options.get("initial") == "none":  # an imported file without the body before fine-tuning
        return None
    return FitStart(fit.initial_rotations, fit.initial_betas, fit.initial_camera, fit.l2d_initial, fit.loss_initial)


def count_iterations(fit: FitRecord) -> int | None:
    """Iterations that were run; what an imported fit took only its file can say."""
    if fit.stop_reason != IMPORTED:
        return len(fit.trace)
    said = fit.options.get("iterations")
    return said if isinstance(said, int) else None


def _text(fit: FitRecord, option: str) -> str | None:
    value = fit.options.get(option)
    return value if isinstance(value, str) else None
