"""Work on finished bodies and on their files: measuring, posing, converting, loading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fitting.spec.body import BodyFit, Box, FloatArray, JobId
from fitting.spec.fits import LossTerms
from fitting.spec.flags import Flags
from fitting.spec.options import CameraConvention
from fitting.spec.signs import Signs


@dataclass(frozen=True, slots=True, eq=False)
class MeasureJob:
    """Say of finished bodies how well they lie on keypoints, by EFT's loss, so that anybody's fits compare with ours.

    Attributes:
        rotations: ``(N, 24, 3, 3)``.
        betas: ``(N, 10)``.
        cameras: ``(N, 3)``; rows of NaN are solved by least squares on the labelled joints, the same way for everybody.
        boxes: N boxes the cameras belong to.
        keypoints_px: ``(N, 49, 3)`` x, y in image pixels and confidence.
        body: Body file.
        rectangles_px: ``(N, 4)`` left, top, width, height of the people, rows of NaN where nobody knows; None for all.
        image_sizes_px: ``(N, 2)`` width and height of their pictures, likewise.
        solve_on: Joints that missing cameras are solved on: those ``active`` in L2d, or all that are ``labelled``,
            hips and ankles too, where the joints of one method's loss must not decide.
    """

    job_id: JobId
    rotations: FloatArray
    betas: FloatArray
    cameras: FloatArray
    boxes: tuple[Box, ...]
    keypoints_px: FloatArray
    body: Path
    rectangles_px: FloatArray | None = None
    image_sizes_px: FloatArray | None = None
    solve_on: Literal["active", "labelled"] = "active"


@dataclass(frozen=True, slots=True, eq=False)
class MeasureResult:
    """What was measured of N bodies.

    Attributes:
        cameras: ``(N, 3)`` given or solved.
        solved: ``(N,)`` whether the camera was solved.
        joints_px: ``(N, 49, 2)`` projected joints.
        losses: Loss terms of each body, EFT's default weights and joints.
        rms_px: RMS distance over the active joints in image pixels, None without any.
        body_hash: SHA-256 of the body file.
        flags: What is odd about each body.
        signs: What else was noticed about each; nothing of swaps, which take a regressor.
    """

    job_id: JobId
    cameras: FloatArray
    solved: NDArray[np.bool_]
    joints_px: FloatArray
    losses: tuple[LossTerms, ...]
    rms_px: tuple[float | None, ...]
    body_hash: str
    flags: tuple[Flags, ...]
    signs: tuple[Signs, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MeshJob:
    """Pose a body: its vertices, for export as a mesh."""

    job_id: JobId
    fit: BodyFit
    body: Path


@dataclass(frozen=True, slots=True, eq=False)
class MeshResult:
    """``vertices_cam`` ``(V, 3)`` metres, x right, y down, z forward, ``faces`` ``(F, 3)``, and whose they are."""

    job_id: JobId
    vertices_cam: FloatArray
    faces: NDArray[np.int64]
    body_hash: str


AssetKind: TypeAlias = Literal["body", "prior", "regressor"]


@dataclass(frozen=True, slots=True)
class ConvertJob:
    """Turn a published file into a safe one: arrays only, checked; no pickle in it is executed.

    Attributes:
        kind: ``body`` (SMPL ``.pkl`` or ``.npz`` to ``.npz``; a pose prior given as one is taken for what it is),
            ``prior`` (``gmm_08.pkl`` to ``.npz``) or ``regressor`` (SPIN/EFT checkpoint to ``.safetensors`` and card).
        source: Published file. Regressor matrices of a body are looked for beside it.
        target: File to write; None only checks the source.
        camera: For regressors: what the camera triple of the network means.
        replace: Let the result take the place of a file with other content; otherwise that is refused.
    """

    job_id: JobId
    kind: AssetKind
    source: Path
    target: Path | None = None
    camera: CameraConvention = "eft"
    replace: bool = False


@dataclass(frozen=True, slots=True)
class ConvertResult:
    """What was found and written.

    Attributes:
        target: Written file, None after a check.
        sha256: Hash of the written file, or of the source after a check.
        summary: What the file is, one sentence.
        notes: What is missing beside it and what that locks, one sentence each.
    """

    job_id: JobId
    kind: AssetKind
    target: Path | None
    sha256: str
    summary: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WarmUpJob:
    """Load what later jobs need, so that the first of them does not wait for it.

    ``regressor`` readies a worker for fits, ``renderer`` for drawing.
    """

    job_id: JobId
    body: Path
    regressor: Path | None = None
    renderer: bool = False


@dataclass(frozen=True, slots=True)
class WarmUpResult:
    """Seconds that loading took."""

    job_id: JobId
    seconds: float
