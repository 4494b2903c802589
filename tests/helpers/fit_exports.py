"""Exports of every format of fits, for the contracts they are under."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from db.formats import FORMATS, get_fit_reader, get_fit_writer
from db.formats.fits import FitRecord, FitSample
from db.formats.parts.manifest import WrittenExport
from tests.helpers.fit_records import make_sample
from tests.helpers.fit_samples import CONTEXT, make_tetrahedron

FORMAT_NAMES = [row.name for row in FORMATS.values() if row.imports_fits or row.exports]

WHO = {"image_name", "annotation_id", "subject_id", "box_center_px", "box_scale", "keypoints_px"}
BODY = {"rotations", "betas"}
LOSSES = {"l2d", "loss", "iterations"}
PICTURE = {"bbox_xywh", "image_size_px"}
HELD: dict[str, set[str]] = {
    "eft-json": WHO | BODY | {"camera", "validity"},
    "eft-pickle": WHO | BODY | LOSSES | {"camera", "initial"},
    "spin-npz": WHO | BODY | {"camera", "gender"},
    "static-fits": WHO | BODY | {"camera", "gender"},
    "humandata": WHO | BODY | LOSSES | PICTURE | {"camera", "gender"},
    "smplx-npz": WHO | BODY | LOSSES | PICTURE | {"camera", "gender"},
    "amass-npz": WHO | BODY | LOSSES | PICTURE | {"camera", "gender"},
    "obj": WHO | BODY | LOSSES | PICTURE | {"camera", "gender", "validity", "initial"},
    "gltf": WHO | BODY | LOSSES | PICTURE | {"camera", "gender", "validity", "initial"},
}
"""What of a sample each format can hold; the rest is lost by its nature."""

CONTEXT_OF_ALL = replace(CONTEXT, make_mesh=make_tetrahedron)


def make_examples(name: str) -> list[FitSample]:
    """Three people: in a sequence and another alphabet, without an id, and of every gender the format knows."""
    genders = ("neutral", "male", "female") if "gender" in HELD[name] else ("neutral",) * 3
    validity = (np.arange(18) % 2).astype(float) if "validity" in HELD[name] else None
    changes: list[dict[str, Any]] = [
        {"image_name": "walk/Straße 7/日.jpg", "subject_id": "walk-id0", "validity": validity},
        {"annotation_id": None, "validity": validity},
        {"annotation_id": 2**53 + 1, "keypoints_px": np.zeros((49, 3)), "validity": validity},
    ]
    return [make_sample(seed, gender=genders[seed], **changes[seed]) for seed in range(3)]


def write(name: str, folder: Path, samples: list[FitSample]) -> WrittenExport:
    """Export ``fits`` with the suffix of the format into a folder."""
    return get_fit_writer(name)(folder / f"fits{FORMATS[name].suffix}", iter(samples), CONTEXT_OF_ALL)


def read(name: str, path: Path) -> list[FitRecord]:
    """All that a reader has to say."""
    return list(get_fit_reader(name)(path))


def copy_export(export: Path, folder: Path) -> tuple[Path, list[Path]]:
    """A copy of an export with what lies beside it, and the files in it that can be broken."""
    target = folder / "broken"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(export.parent, target)
    return target / export.name, sorted(file for file in target.rglob("*") if file.is_file())
