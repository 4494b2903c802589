"""Measuring bodies against what datasets know of their people in 3D."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from fitting.spec.body import FloatArray, JobId

BodyGender: TypeAlias = Literal["male", "female", "neutral"]
TruthProtocol: TypeAlias = Literal["joints", "mesh", "body-joints", "smpl-joints", "some-joints"]
PROTOCOL_TITLES: Final[Mapping[TruthProtocol, str]] = {
    "joints": "H36M's joints of the mesh against the dataset's joints",
    "mesh": "H36M's joints of the mesh against those of the true mesh",
    "body-joints": "joints of the body model, for want of J_regressor_h36m",
    "smpl-joints": "14 joints of SMPL's skeleton",
    "some-joints": "as many of the joints as the dataset knows",
}
"""What was compared with what (eft_method.md 9.1 for the first two); figures of one are not those of another."""


@dataclass(frozen=True, slots=True, eq=False)
class TruthTarget:
    """What is known of a person.

    Attributes:
        skeleton: Layout of ``joints_m``: ``spin24`` or ``smpl24``.
        joints_m: ``(24, 4)`` metres in the camera frame, any origin, and 1 where known.
        rotations: ``(24, 3, 3)``; None without.
        betas: ``(10,)``; None without.
        gender: Of the body ``betas`` are for; None counts as neutral.
    """

    skeleton: str
    joints_m: FloatArray
    rotations: FloatArray | None = None
    betas: FloatArray | None = None
    gender: BodyGender | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TruthJob:
    """Errors of N bodies.

    Attributes:
        rotations: ``(N, 24, 3, 3)`` of the bodies to measure.
        betas: ``(N, 10)``.
        genders: N genders of the bodies these are of.
        targets: N people.
        body: Neutral body file.
        gendered: Body files of those genders that are at hand.
    """

    job_id: JobId
    rotations: FloatArray
    betas: FloatArray
    genders: tuple[BodyGender, ...]
    targets: tuple[TruthTarget, ...]
    body: Path
    gendered: Mapping[BodyGender, Path]


@dataclass(frozen=True, slots=True)
class TruthErrors:
    """Errors of one body in millimetres, NaN where they cannot be had.

    Attributes:
        protocol: What was compared; None if nothing could be.
        joints: How many joints.
        mpjpe_mm: Mean distance over J14, both centred on the pelvis.
        pa_mm: The same after the best similarity transform.
        mpjpe_17_mm: Over J17, where all 17 are known.
        pa_17_mm: Likewise.
        note: What stands in for something, or why nothing could be compared; empty for nothing.
    """

    protocol: TruthProtocol | None
    joints: int
    mpjpe_mm: float
    pa_mm: float
    mpjpe_17_mm: float
    pa_17_mm: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class TruthResult:
    """Errors of N bodies, in their order."""

    job_id: JobId
    errors: tuple[TruthErrors, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EstimateJob:
    """Means of columns of numbers over people, each with its 95 % interval."""

    job_id: JobId
    columns: Mapping[str, FloatArray]
    seed: int = 0


@dataclass(frozen=True, slots=True)
class EstimatedMean:
    """A mean over ``count`` people and the ends of its interval; NaN where they are too few."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class EstimateResult:
    """The means, by column."""

    job_id: JobId
    means: Mapping[str, EstimatedMean]
