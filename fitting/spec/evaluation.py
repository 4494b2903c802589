"""Measuring methods against known truth: one method on one set, and the report over several of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from fitting.spec.body import JobId
from fitting.spec.options import CameraConvention, EftOptions, SmplifyOptions

EvaluatedMethod: TypeAlias = Literal["regressor", "eft", "smplify", "smplify-mean"]
"""``smplify`` starts from the regressor's prediction, ``smplify-mean`` from the prior's mean pose, facing four ways."""


@dataclass(frozen=True, slots=True)
class SyntheticSource:
    """Held-out synthetic people.

    Attributes:
        folder: Folder that ``main.py synth`` has written.
        level: Truncation level (eft_method.md 9.2), None for the people as they are.
    """

    folder: Path
    level: int | None = None


@dataclass(frozen=True, slots=True)
class PhotographSource:
    """Annotated photographs: a COCO keypoint file and the folder of its pictures."""

    annotations: Path
    images: Path


@dataclass(frozen=True, slots=True)
class EvaluateJob:
    """Run one method on one set and keep each person's figures in a file.

    Attributes:
        source: The set.
        method: The method.
        folder: Folder of the results. A file of the same weights, body, options and set in it is used again, or
            continued where a run was interrupted.
        body: Body file.
        regressor: Weights file.
        options: Options of EFT.
        smplify: Options of SMPLify.
        prior: SMPLify's pose prior; None takes the mannequin's.
        camera: Camera convention of a published checkpoint; a card says its own.
        limit: Only this many people, from the first.
    """

    job_id: JobId
    source: SyntheticSource | PhotographSource
    method: EvaluatedMethod
    folder: Path
    body: Path
    regressor: Path
    options: EftOptions = field(default_factory=EftOptions)
    smplify: SmplifyOptions = field(default_factory=SmplifyOptions)
    prior: Path | None = None
    camera: CameraConvention = "eft"
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class EvaluateResult:
    """What a method did on a set.

    Attributes:
        numbers: File with each person's fit and figures.
        people: People of the set.
        failed: Label and sentence of each person the method failed for.
        reused: The file was there already.
    """

    job_id: JobId
    numbers: Path
    people: int
    failed: tuple[tuple[str, str], ...]
    reused: bool


@dataclass(frozen=True, slots=True)
class EvaluationReportJob:
    """Tables and plots of files of :class:`EvaluateResult`.

    Attributes:
        numbers: The files.
        folder: Where ``report.md``, ``report.json`` and the plots go.
        limit: Only this many people of each file, from the first.
        seed: Of the intervals' bootstrap.
    """

    job_id: JobId
    numbers: tuple[Path, ...]
    folder: Path
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationReportResult:
    """The written files, and the report as plain data."""

    job_id: JobId
    markdown: Path
    json: Path
    plots: tuple[Path, ...]
    report: Mapping[str, Any]
