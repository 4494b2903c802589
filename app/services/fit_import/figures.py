"""Planned fits measured by a runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.fit_import.plan import KnownFit, PlannedFit
from app.services.measuring import Measurable, Measured, measure_bodies
from app.services.project import Project
from db.formats.fits import FitSample
from db.records import FloatArray, RevisionId
from fitting.spec import Box


@dataclass(frozen=True, slots=True, eq=False)
class PlannedFigures:
    """A planned fit, measured, and the body before fine-tuning where the file keeps it."""

    planned: PlannedFit
    box: Box
    final: Measured
    initial: Measured | None


class PlanMeasurer:
    """Measures planned fits; what was measured for an earlier plan is not measured again."""

    def __init__(self, project: Project, make_runner: RunnerFactory) -> None:
        self._project = project
        self._make_runner = make_runner
        self._known: dict[tuple[int, RevisionId | None], tuple[Measured, Measured | None]] = {}

    def measure(self, fits: Sequence[PlannedFit]) -> list[PlannedFigures]:
        """Figures of planned fits, in their order.

        Raises:
            ServiceError: The body cannot be read, or the runner fails.
        """
        missing = [planned for planned in fits if _key(planned) not in self._known]
        starts = [planned for planned in missing if planned.sample.initial is not None]
        if missing:
            with BlockingJobs(self._make_runner) as jobs:
                body = self._project.body
                finals = list(measure_bodies(jobs, body, map(_build_final, missing)))
                initials = list(measure_bodies(jobs, body, map(_build_initial, starts)))
            before = {_key(planned): figures for planned, figures in zip(starts, initials, strict=True)}
            for planned, final in zip(missing, finals, strict=True):
                self._known[_key(planned)] = (final, before.get(_key(planned)))
        return [PlannedFigures(planned, _box_of(planned), *self._known[_key(planned)]) for planned in fits]


def _key(planned: PlannedFit) -> tuple[int, RevisionId | None]:
    return planned.number, planned.head.revision_id if isinstance(planned, KnownFit) else None


def _box_of(planned: PlannedFit) -> Box:
    """The sample's box; the person's where the file has none, and then its camera belongs to nothing."""
    sample = planned.sample
    if sample.box_center_px is None or sample.box_scale is None:
        return Box(np.array(planned.box_center_px), planned.box_scale)
    return Box(np.asarray(sample.box_center_px, dtype=np.float64), float(sample.box_scale))


def _has_box(sample: FitSample) -> bool:
    return sample.box_center_px is not None and sample.box_scale is not None


def _build_final(planned: PlannedFit) -> Measurable:
    sample = planned.sample
    camera = sample.camera if _has_box(sample) else None
    return _measurable(planned, sample.rotations, sample.betas, camera)


def _build_initial(planned: PlannedFit) -> Measurable:
    start = planned.sample.initial
    assert start is not None
    camera = start.camera if _has_box(planned.sample) else None
    return _measurable(planned, start.rotations, start.betas, camera)


def _measurable(planned: PlannedFit, rotations: FloatArray, betas: FloatArray, camera: FloatArray | None) -> Measurable:
    return Measurable(
        rotations, betas, camera, _box_of(planned), planned.keypoints_px, planned.rectangle_px, planned.image_size_px
    )
