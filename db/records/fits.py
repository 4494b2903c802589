"""Fits of a person: bodies with what the method says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from db.records.ids import FitId, PersonId, RevisionId
from db.records.revisions import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class NewFit:
    """A fit to be stored as the person's newest.

    Attributes:
        person_id: Whose fit.
        revision_id: The keypoints it was fitted to.
        method: ``eft``, ``smplify``, ``regressor`` or the label of imported fits.
        rotations: ``(24, 3, 3)`` rotation matrices of the body's joints.
        betas: ``(10,)`` shape.
        camera: ``(3,)`` weak-perspective ``[s, tx, ty]`` of the box.
        initial_rotations: The same before fine-tuning, ``(24, 3, 3)``.
        initial_betas: ``(10,)``.
        initial_camera: ``(3,)``.
        box_center_px: ``(2,)`` centre of the box the cameras belong to.
        box_scale: Side of that box / 200.
        joints_px: ``(49, 2)`` projected joints of the result, order spin49.
        l2d: Unweighted 2D keypoint loss of the result.
        loss: Weighted total of the result.
        l2d_initial: The same before fine-tuning.
        loss_initial: The same before fine-tuning.
        rms_px: RMS distance over the active joints; None without any.
        trace: ``(T, 5)`` total, l2d, betas, camera, leg of every iteration.
        kept_iteration: Row of ``trace`` the result is from.
        stop_reason: Why the method stopped.
        options: Options of the method, JSON.
        body_hash: SHA-256 of the body file.
        regressor_hash: SHA-256 of the weights file.
        seconds: Time taken.
        device: Where it ran.
        code_version: Version of the program.
        flags: What is odd about it, by name, with how far it goes.
        signs: What else the worker noticed, by name (docs/suspicion.md).
    """

    person_id: PersonId
    revision_id: RevisionId
    method: str
    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray
    initial_rotations: FloatArray
    initial_betas: FloatArray
    initial_camera: FloatArray
    box_center_px: FloatArray
    box_scale: float
    joints_px: FloatArray
    l2d: float
    loss: float
    l2d_initial: float
    loss_initial: float
    rms_px: float | None
    trace: FloatArray
    kept_iteration: int
    stop_reason: str
    options: Mapping[str, object]
    body_hash: str
    regressor_hash: str
    seconds: float
    device: str
    code_version: str
    flags: Mapping[str, float] = field(default_factory=dict)
    signs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FitRecord:
    """A stored, immutable fit; the fields are those of :class:`NewFit`. ``created_at`` is aware, UTC."""

    id: FitId
    person_id: PersonId
    revision_id: RevisionId
    method: str
    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray
    initial_rotations: FloatArray
    initial_betas: FloatArray
    initial_camera: FloatArray
    box_center_px: FloatArray
    box_scale: float
    joints_px: FloatArray
    l2d: float
    loss: float
    l2d_initial: float
    loss_initial: float
    rms_px: float | None
    trace: FloatArray
    kept_iteration: int
    stop_reason: str
    options: dict[str, object]
    body_hash: str
    regressor_hash: str
    seconds: float
    device: str
    code_version: str
    created_at: datetime
    flags: dict[str, float] = field(default_factory=dict)
    signs: dict[str, float] = field(default_factory=dict)

    @property
    def max_abs_beta(self) -> float:
        """Largest absolute shape coefficient; a doubtful body has more than 3 (eft_method.md 6.3)."""
        return float(np.abs(self.betas).max())


@dataclass(frozen=True, slots=True)
class FitFacts:
    """What tables say of a fit, without its arrays; the fields are those of :class:`FitRecord`."""

    id: FitId
    revision_id: RevisionId
    method: str
    l2d: float
    l2d_initial: float
    rms_px: float | None
    max_abs_beta: float
    flags: Mapping[str, float]
    body_hash: str
    code_version: str
