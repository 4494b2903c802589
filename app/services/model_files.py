"""The researcher's own files in one folder: what is there, what is missing, what each is good for and where it is had.

Every file is optional; the mannequin and the open regressor do without. Files are checked where they can be trusted to
be checked: bodies, priors and checkpoints in a worker, by the same code that converts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.model_choice import convert_file
from app.services.places import usable
from fitting.spec import AssetKind
from resources.plain_npz import PlainNpzError, read_plain_npy, read_plain_npz

FileState: TypeAlias = Literal["there", "missing", "broken"]
_MEAN_SHAPES: Final = {"pose": (144,), "shape": (10,), "cam": (3,)}


@dataclass(frozen=True, slots=True)
class Role:
    """A place that one of the researcher's files can fill.

    Attributes:
        title: What the file is.
        pattern: Names it goes by, a regular expression that ignores case.
        check: How it is checked: as a convertible file, by the rows of a regressor matrix, or as the mean parameters.
        unlocks: What the program can do with it.
        source: Where it is to be had.
    """

    title: str
    pattern: str
    check: AssetKind | int | Literal["mean"]
    unlocks: str
    source: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What was found for a role.

    Attributes:
        title: What the file is.
        state: Whether it is there and sound.
        path: The file, None when it is missing.
        found: What is there, or what is wrong with it, one sentence.
        unlocks: What the program can do with it.
        source: Where it is to be had.
    """

    title: str
    state: FileState
    path: Path | None
    found: str
    unlocks: str
    source: str


def _body(gender: str, letter: str) -> Role:
    return Role(
        f"SMPL {gender}",
        rf"(smpl_{gender}\.(pkl|npz)|basicmodel_{letter}_lbs_10_207_0_v\d.*\.(pkl|npz))",
        "body",
        f"fits with SMPL's {gender} body: python main.py body use FILE --project PROJECT",
        "smpl.is.tue.mpg.de after registration"
        if gender != "neutral"
        else "smpl.is.tue.mpg.de (version 1.1) or smplify.is.tue.mpg.de after registration",
    )


_SPIN_DATA: Final = "the fetch_data script of the SPIN repository"
ROLES: Final = (
    _body("neutral", "neutral"),
    _body("male", "m"),
    _body("female", "f"),
    Role(
        "Extra joints",
        r"j_regressor_extra\.npy",
        9,
        "the 9 of the 49 joints that SMPL does not have; needed to fit with SMPL",
        _SPIN_DATA,
    ),
    Role(
        "H36M joints",
        r"j_regressor_h36m\.npy",
        17,
        "errors by the H36M and 3DPW protocols",
        _SPIN_DATA,
    ),
    Role(
        "Mean parameters",
        r"smpl_mean_params\.npz",
        "mean",
        "training an HMR ResNet-50 from scratch; a checkpoint brings its own",
        _SPIN_DATA,
    ),
    Role(
        "Pose prior",
        r"gmm_08\.(pkl|npz)",
        "prior",
        "SMPLify with its published prior: python main.py body use FILE --project PROJECT",
        "smplify.is.tue.mpg.de after registration",
    ),
    Role(
        "Regressor",
        r".+\.(pt|pth|pth\.tar|ckpt|safetensors)",
        "regressor",
        "EFT as published: python main.py regressor use FILE --project PROJECT (with --camera spin if it is SPIN's)",
        "the model zoo of the EFT repository, or SPIN's fetch_data script",
    ),
)


def find_model_files(folder: Path, make_runner: RunnerFactory) -> list[ModelFile]:
    """Look for every role in a folder, which need not exist; several files can fill one.

    Args:
        folder: The folder; its subfolders are not looked into.
        make_runner: Where bodies, priors and checkpoints are checked.

    Raises:
        ServiceError: The folder may not be looked into.
    """
    with usable(folder):
        files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    with BlockingJobs(make_runner) as jobs:
        return [found for role in ROLES for found in _iter_found(role, files, jobs)]


def _iter_found(role: Role, files: list[Path], jobs: BlockingJobs) -> Iterator[ModelFile]:
    candidates = [path for path in files if re.fullmatch(role.pattern, path.name, re.IGNORECASE)]
    if not candidates:
        yield ModelFile(role.title, "missing", None, "not there", role.unlocks, role.source)
    for path in candidates:
        state: FileState = "there"
        try:
            found = _examine(role, path, jobs)
        except (ServiceError, PlainNpzError) as error:
            state, found = "broken", str(error)
        yield ModelFile(role.title, state, path, found, role.unlocks, role.source)


def _examine(role: Role, path: Path, jobs: BlockingJobs) -> str:
    """What a file is, one sentence; raises what is wrong with it."""
    if role.check == "mean":
        arrays = read_plain_npz(path)
        for key, shape in _MEAN_SHAPES.items():
            if key not in arrays or arrays[key].shape != shape or not np.isfinite(arrays[key]).all():
                raise ServiceError(f"{path} has no array '{key}' of {shape[0]} numbers; download it again.")
        return "mean pose, shape and camera."
    if isinstance(role.check, int):
        matrix = read_plain_npy(path)
        if matrix.ndim != 2 or len(matrix) != role.check or not np.isfinite(matrix).all():
            raise ServiceError(f"{path} has the shape {matrix.shape}, expected {role.check} rows; download it again.")
        return f"{len(matrix)} joints of a body of {matrix.shape[1]:,} vertices."
    checked = convert_file(jobs, role.check, path)
    return " ".join((checked.summary, *checked.notes))
