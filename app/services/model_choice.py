"""Choosing what a project fits with: a body, a regressor, a pose prior. Published files are converted on the way.

What is converted lies in the project's own folder ``models``; the user's files are only read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.fitting import new_job_id
from app.services.places import make_folder, resolve_place, usable
from app.services.project import Project, holds_project
from fitting.spec import AssetKind, BodyFit, CameraConvention, ConvertJob, ConvertResult, MeshJob, MeshResult

MODELS_FOLDER: Final = "models"
SAFE_ENDINGS: Final[dict[AssetKind, str]] = {"body": ".npz", "prior": ".npz", "regressor": ".safetensors"}
"""Files of these endings are used as they are, others are converted."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that has been found fit for use.

    Attributes:
        kind: What it is.
        path: The file, or what it was converted to.
        summary: What it is, one sentence.
        notes: What is missing beside it and what that locks, one sentence each.
    """

    kind: AssetKind
    path: Path
    summary: str
    notes: tuple[str, ...]


def convert_file(
    jobs: BlockingJobs,
    kind: AssetKind,
    source: Path,
    target: Path | None = None,
    *,
    camera: CameraConvention | None = None,
    replace: bool = False,
) -> Choice:
    """Convert a published file, or only check it.

    Args:
        jobs: Where the work is done.
        kind: What it should be; a pose prior given as a body is recognised.
        source: The file.
        target: File to write; None only checks.
        camera: What a checkpoint's camera triple means, by default EFT's.
        replace: Overwrite a file with other content.

    Raises:
        ServiceError: The source is no such file, or the target cannot be written.
    """
    job = ConvertJob(new_job_id(), kind, source, target, camera or "eft", replace)
    result = jobs.run(job, ConvertResult)
    return Choice(result.kind, result.target or source, result.summary, result.notes)


def name_converted(kind: AssetKind, source: Path, folder: Path) -> Path:
    """Where the converted file of a source goes within a folder: its name with the safe ending."""
    stem = source.name.removesuffix(source.suffix).removesuffix(".pth")  # also of checkpoints named .pth.tar
    ending = SAFE_ENDINGS[kind]
    return folder / (f"{stem}_converted{ending}" if source.suffix == ending else f"{stem}{ending}")


def prepare_file(
    jobs: BlockingJobs,
    kind: AssetKind,
    source: Path,
    project_folder: Path,
    *,
    camera: CameraConvention | None = None,
    replace: bool = False,
) -> Choice:
    """Check a file for use in a project; convert it into the project's folder unless it is safe as it is.

    Raises:
        ServiceError: It is not what it should be, or cannot be fitted with; nothing is written then.
    """
    source = resolve_place(source)
    with usable(source):
        source.stat()
    is_safe = source.suffix == SAFE_ENDINGS[kind]
    target = None if is_safe else name_converted(kind, source, project_folder / MODELS_FOLDER)
    if kind == "regressor":
        if is_safe and camera is not None:
            raise ServiceError(f"The card of {source} says its camera convention; leave --camera out.")
        return convert_file(jobs, kind, source, target, camera=camera, replace=replace)
    checked = convert_file(jobs, kind, source)
    if checked.kind == "body":
        _pose(jobs, source)
    return checked if is_safe else convert_file(jobs, kind, source, target, replace=replace)


def use_file(project: Project, choice: Choice) -> tuple[str, ...]:
    """Fit with a prepared file from now on.

    Returns:
        What that means for the fits there are, and what is missing beside the file; one sentence each.
    """
    is_other_body = choice.kind == "body" and not _is_same(project.body, choice.path)
    project.use_file(choice.kind, choice.path)
    if not is_other_body:
        return choice.notes
    with project.store.read() as reader:
        counts = reader.methods.counts()
    if not counts:
        return choice.notes
    held = ", ".join(f"{people} by {method}" for method, people in counts.items())
    return (
        f"The fits that the project holds ({held}) were made with another body; they are drawn with this one, and"
        " their numbers stay those of the other, until they are made anew.",
        *choice.notes,
    )


def create_project(
    folder: Path,
    database: str | None,
    files: Mapping[AssetKind, Path],
    camera: CameraConvention | None,
    make_runner: RunnerFactory,
) -> tuple[Project, tuple[Choice, ...]]:
    """Make an empty project that fits with the given files.

    Raises:
        ServiceError: There is a project already, or a file is not what it should be; no project is made then.
    """
    folder = make_folder(folder)
    if holds_project(folder):
        raise ServiceError(f"{folder} holds a project already; open it, or choose another folder.")
    choices = []
    if files:
        with BlockingJobs(make_runner) as jobs:
            for kind, source in files.items():
                choice = prepare_file(jobs, kind, source, folder, camera=camera if kind == "regressor" else None)
                if choice.kind != kind:
                    raise ServiceError(f"{source} is a {choice.kind}, expected a {kind}; give it as --{choice.kind}.")
                choices.append(choice)
    project = Project.create(folder, database)
    for choice in choices:
        project.use_file(choice.kind, choice.path)
    return project, tuple(choices)


def _pose(jobs: BlockingJobs, body: Path) -> None:
    """Pose a body once: what a fit needs of it is all there, or the job says what is not."""
    upright = BodyFit(np.tile(np.eye(3), (24, 1, 1)), np.zeros(10), np.array([1.0, 0.0, 0.0]))
    jobs.run(MeshJob(new_job_id(), upright, body), MeshResult)


def _is_same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()
