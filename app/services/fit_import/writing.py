"""A measured plan into the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.services.fit_import.figures import PlannedFigures
from app.services.fit_import.plan import KnownFit, NewcomersFit, Plan, PlannedFit
from app.services.fit_import.report import FitImportTally
from app.services.fit_samples import IMPORTED
from app.services.measuring import Measured
from db.formats.fits import FitSample
from db.records import FloatArray, ImageId, NewFit, PersonId, RevisionId
from db.transactions import Change
from fitting import CODE_VERSION
from fitting.spec import LossTerms

_UNKNOWN = "unknown"


class PlanWriter:
    """Writes a measured plan within one change."""

    def __init__(
        self, change: Change, plan: Plan, tally: FitImportTally, source: str, format_name: str, folder: Path | None
    ) -> None:
        self._change = change
        self._plan = plan
        self._tally = tally
        self._source = source
        self._format_name = format_name
        self._folder = folder

    def write(self, measured: Sequence[PlannedFigures]) -> None:
        """Store the fits, and the people and pictures they bring; what cannot be stored is listed in the tally."""
        sound = [row for row in measured if self._is_sound(row)]
        known = list(self._known_fits([row for row in sound if isinstance(row.planned, KnownFit)]))
        newcomers = self._newcomers_fits([row for row in sound if isinstance(row.planned, NewcomersFit)])
        self._change.fits.add_many([*known, *newcomers])

    def _is_sound(self, row: PlannedFigures) -> bool:
        if row.final.is_finite:
            self._tally.solved_cameras += row.final.solved
            return True
        reason = "the file holds no camera, and fewer than two labelled joints are there to solve one"
        if np.isfinite(row.final.camera).all():
            reason = "its camera puts the body beyond all numbers"
        self._drop(row.planned, reason)
        return False

    def _known_fits(self, rows: Sequence[PlannedFigures]) -> Iterator[NewFit]:
        heads = self._change.queue.heads(
            [row.planned.head.person_id for row in rows if isinstance(row.planned, KnownFit)]
        )
        for row in rows:
            assert isinstance(row.planned, KnownFit)
            head = row.planned.head
            if heads.get(head.person_id) != head or head.revision_id is None:
                self._drop(row.planned, "somebody worked on its person meanwhile; import again")
            else:
                yield self._build_fit(row, head.person_id, head.revision_id)

    def _newcomers_fits(self, rows: Sequence[PlannedFigures]) -> Iterator[NewFit]:
        newcomers = [row.planned.newcomer for row in rows if isinstance(row.planned, NewcomersFit)]
        if not newcomers:
            return
        assert self._folder is not None
        fresh = {new.image_path: new for new in newcomers if new.image_path not in self._plan.known_images}
        drafts = [new.build_image(self._folder, Path(self._source).stem) for new in fresh.values()]
        images = self._plan.known_images | dict(zip(fresh, self._change.images.add_many(drafts), strict=True))
        counts = dict(self._plan.people_in_image)
        people = self._change.people.add_many(
            [
                new.build_person(image, _next_ordinal(counts, image), self._source)
                for new in newcomers
                for image in (images[new.image_path],)
            ]
        )
        revisions = self._change.keypoints.add_many(
            [new.build_revision(person, self._source) for new, person in zip(newcomers, people, strict=True)]
        )
        for row, person_id, revision_id in zip(rows, people, revisions, strict=True):
            yield self._build_fit(row, person_id, revision_id)

    def _drop(self, planned: PlannedFit, reason: str) -> None:
        self._tally.withdraw(planned.sample.item or planned.sample.image_name, reason)
        if isinstance(planned, NewcomersFit):
            self._tally.new_people -= 1

    def _build_fit(self, row: PlannedFigures, person_id: PersonId, revision_id: RevisionId) -> NewFit:
        sample, final = row.planned.sample, row.final
        start = sample.initial if row.initial is not None and row.initial.is_finite else None
        initial = row.initial if start is not None and row.initial is not None else final
        steps = [final.losses] if start is None else [initial.losses, final.losses]
        return NewFit(
            person_id=person_id,
            revision_id=revision_id,
            method=self._tally.method,
            rotations=sample.rotations,
            betas=sample.betas,
            camera=final.camera,
            initial_rotations=sample.rotations if start is None else start.rotations,
            initial_betas=sample.betas if start is None else start.betas,
            initial_camera=initial.camera,
            box_center_px=np.asarray(row.box.center_px, dtype=np.float64),
            box_scale=row.box.scale,
            joints_px=final.joints_px,
            l2d=final.losses.l2d,
            loss=final.losses.total,
            l2d_initial=initial.losses.l2d,
            loss_initial=initial.losses.total,
            rms_px=final.rms_px,
            trace=_build_trace(steps),
            kept_iteration=len(steps) - 1,
            stop_reason=IMPORTED,
            options=self._build_options(sample, final, has_initial=start is not None),
            body_hash=final.body_hash,
            regressor_hash=_UNKNOWN,
            seconds=0.0,
            device=_UNKNOWN,
            code_version=CODE_VERSION,
            flags=dict(final.flags.items()),
            signs=dict(final.signs.items()),
        )

    def _build_options(self, sample: FitSample, final: Measured, *, has_initial: bool) -> dict[str, object]:
        """Where the fit comes from, and what the file says of it beside what was measured."""
        said: dict[str, object | None] = {
            "iterations": sample.iterations,
            "subject_id": sample.subject_id,
            "l2d_in_file": sample.l2d,
            "loss_in_file": sample.loss,
            "l2d_initial_in_file": None if sample.initial is None else sample.initial.l2d,
        }
        return {
            "source": self._source,
            "format": self._format_name,
            "item": sample.item,
            "gender": sample.gender,
            "camera": "solved" if final.solved else "file",
            "initial": "file" if has_initial else "none",
        } | {name: value for name, value in said.items() if value is not None}


def _next_ordinal(counts: dict[ImageId, int], image: ImageId) -> int:
    ordinal = counts.get(image, 0)
    counts[image] = ordinal + 1
    return ordinal


def _build_trace(steps: Sequence[LossTerms]) -> FloatArray:
    return np.array([(step.total, step.l2d, step.betas, step.camera, step.leg) for step in steps])
