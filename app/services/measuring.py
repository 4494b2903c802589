"""Figures of fits from elsewhere, measured like our own by a runner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np

from app.services.blocking import BlockingJobs
from app.services.fitting import new_job_id
from db.records import FloatArray
from fitting.spec import Box, Flags, LossTerms, MeasureJob, MeasureResult, Rectangle, Signs

PIECE = 1000
"""Bodies of one job: some 4 MB on the way to the worker."""


@dataclass(frozen=True, slots=True, eq=False)
class Measurable:
    """A body on keypoints.

    Attributes:
        rotations: ``(24, 3, 3)``.
        betas: ``(10,)``.
        camera: ``(3,)``, None to have it solved.
        box: Box the camera belongs to.
        keypoints_px: ``(49, 3)`` x, y, confidence, order spin49.
        rectangle_px: The person's annotated rectangle.
        image_size_px: Width and height of the picture.
    """

    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray | None
    box: Box
    keypoints_px: FloatArray
    rectangle_px: Rectangle
    image_size_px: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured of a body: camera given or solved, 49 joints in pixels, losses, RMS distance, flags."""

    camera: FloatArray
    solved: bool
    joints_px: FloatArray
    losses: LossTerms
    rms_px: float | None
    body_hash: str
    flags: Flags
    signs: Signs

    @property
    def is_finite(self) -> bool:
        """Whether every number is one: not without a camera, nor with a camera beyond all numbers."""
        losses = (self.losses.total, self.losses.l2d, self.losses.betas, self.losses.camera, self.losses.leg)
        return bool(np.isfinite(losses).all() and np.isfinite(self.joints_px).all() and np.isfinite(self.camera).all())


def measure_bodies(
    jobs: BlockingJobs, body: Path, bodies: Iterable[Measurable], solve_on: Literal["active", "labelled"] = "active"
) -> Iterator[Measured]:
    """Measure bodies, thousands at once, in their order; ``solve_on`` as for :class:`~fitting.spec.MeasureJob`.

    Raises:
        ServiceError: A job failed.
    """
    waiting = iter(bodies)
    pieces = iter(lambda: list(islice(waiting, PIECE)), [])
    for result in jobs.run_all((_build_job(piece, body, solve_on) for piece in pieces), MeasureResult):
        yield from _split(result)


def _build_job(piece: Sequence[Measurable], body: Path, solve_on: Literal["active", "labelled"]) -> MeasureJob:
    unknown = np.full(3, np.nan)
    return MeasureJob(
        job_id=new_job_id(),
        rotations=np.stack([row.rotations for row in piece]),
        betas=np.stack([row.betas for row in piece]),
        cameras=np.stack([unknown if row.camera is None else row.camera for row in piece]),
        boxes=tuple(row.box for row in piece),
        keypoints_px=np.stack([row.keypoints_px for row in piece]),
        body=body,
        rectangles_px=np.array([row.rectangle_px for row in piece], dtype=np.float64),
        image_sizes_px=np.array([row.image_size_px for row in piece], dtype=np.float64),
        solve_on=solve_on,
    )


def _split(result: MeasureResult) -> Iterator[Measured]:
    # Copies, so that one kept body does not keep its whole piece.
    for row, losses in enumerate(result.losses):
        yield Measured(
            camera=np.array(result.cameras[row], dtype=np.float64),
            solved=bool(result.solved[row]),
            joints_px=np.array(result.joints_px[row], dtype=np.float64),
            losses=losses,
            rms_px=result.rms_px[row],
            body_hash=result.body_hash,
            flags=result.flags[row],
            signs=result.signs[row],
        )
