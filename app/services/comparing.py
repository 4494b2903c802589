"""Two bodies of one person side by side: what there is to compare, and how far they are apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from app.services.person_view import PersonView
from db.records import FitId, FitRecord
from fitting.spec import BodyFit, Box, FloatArray
from resources.skeleton import get_skeleton

Stage: TypeAlias = Literal["final", "start"]
VersionKey: TypeAlias = tuple[FitId, Stage]


@dataclass(frozen=True, slots=True, eq=False)
class BodyVersion:
    """A body of a person: a stored fit, or what that fit started from."""

    fit: FitRecord
    stage: Stage

    @property
    def key(self) -> VersionKey:
        """What it is found by."""
        return self.fit.id, self.stage

    @property
    def body(self) -> BodyFit:
        """Its parameters."""
        fit = self.fit
        if self.stage == "start":
            return BodyFit(fit.initial_rotations, fit.initial_betas, fit.initial_camera)
        return BodyFit(fit.rotations, fit.betas, fit.camera)

    @property
    def box(self) -> Box:
        """Box its camera belongs to."""
        return Box(self.fit.box_center_px, self.fit.box_scale)

    @property
    def l2d(self) -> float:
        """Error on the keypoints it was fitted to."""
        return self.fit.l2d_initial if self.stage == "start" else self.fit.l2d


@dataclass(frozen=True, slots=True)
class JointDifference:
    """How far two bodies are apart, pelvis on pelvis: the joint that is farthest, millimetres."""

    joint: str
    largest_mm: float
    mean_mm: float


def has_start(fit: FitRecord) -> bool:
    """Whether it is known what a fit started from: not of imported fits without, nor where it is the fit itself."""
    if fit.options.get("initial") == "none":
        return False
    same = np.array_equal(fit.initial_rotations, fit.rotations) and np.array_equal(fit.initial_betas, fit.betas)
    return not same


def list_versions(view: PersonView) -> tuple[BodyVersion, ...]:
    """Everything of a person that can be compared, the newest fit first, each followed by its start."""
    versions: list[BodyVersion] = []
    for fit in view.fits:
        versions.append(BodyVersion(fit, "final"))
        if has_start(fit):
            versions.append(BodyVersion(fit, "start"))
    return tuple(versions)


def choose_opposite(
    versions: tuple[BodyVersion, ...], left: BodyVersion, looked_at: FitId | None
) -> BodyVersion | None:
    """What a body is compared with unless people choose: the fit looked at before, its own start, another fit.

    Args:
        versions: Of the person.
        left: The body.
        looked_at: Another fit that people have looked at last.
    """
    by_key = {version.key: version for version in versions}
    wanted: list[VersionKey] = []
    if looked_at is not None and looked_at != left.fit.id:
        wanted.append((looked_at, "final"))
    wanted.append((left.fit.id, "final" if left.stage == "start" else "start"))
    wanted += [version.key for version in versions if version.stage == "final" and version.fit.id != left.fit.id]
    return next((by_key[key] for key in wanted if key in by_key), None)


def measure_difference(first_m: FloatArray, second_m: FloatArray) -> JointDifference:
    """Compare joints ``(24, 3)``, given from the pelvis on, metres."""
    apart_mm = 1000.0 * np.linalg.norm(np.asarray(first_m, np.float64) - np.asarray(second_m, np.float64), axis=1)
    farthest = int(apart_mm.argmax())
    title = get_skeleton("smpl24").titles[farthest].removesuffix(" (SMPL)")
    return JointDifference(title, float(apart_mm[farthest]), float(apart_mm[1:].mean()))
