"""Fitting one person: the job, its iterations, its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fitting.spec.body import BodyFit, Box, ByteImage, FloatArray, JobId, Rectangle
from fitting.spec.flags import Flags
from fitting.spec.options import CameraConvention, EftOptions, MethodName, SmplifyOptions
from fitting.spec.signs import Signs
from resources.limbs import DepthHint


@dataclass(frozen=True, slots=True, eq=False)
class FitJob:
    """One person to fit.

    Attributes:
        job_id: Name of the job, unique within a runner.
        method: ``eft``, ``smplify`` (from the same prediction) or ``regressor`` (the plain prediction).
        keypoints_px: ``(49, 3)`` x, y in image pixels and confidence (0 = not labelled), order spin49.
        box: Square crop around the person.
        body: Body file in SMPL's format.
        regressor: Weights file: ``.safetensors`` with its card beside it, or a published checkpoint.
        options: Options of EFT; of them SMPLify and the plain prediction use ``crop``, hips and ankles.
        smplify: Options of SMPLify.
        prior: Gaussian mixture of poses for SMPLify (``.npz``); None takes the mannequin's.
        start: Body that SMPLify starts from, its camera of the job's box; None takes the regressor's prediction.
        camera: Camera convention of a published checkpoint; a card says its own.
        image_size_px: ``(width, height)``; an ankle at the lower border is not believed (eft_method.md 1.3).
        rectangle_px: The person's annotated rectangle; None takes the one that ``box`` stands for. Only flags use it.
        picture_rgb: ``(H, W, 3)`` image, only for regressors that look at the picture.
        label: Shown to people in progress and error messages ("person 12 of 000000000790.jpg").
        depth_hints: Which way limbs point, by name (:mod:`resources.limbs`).
        joint_weights: Factors on the confidence of joints, by spin49 name: 0 ignores the keypoint, as if it were not
            labelled, network included; another one pulls the body that much harder. The reported L2d leaves pins out
            of account, so that it stays comparable: only an ignored joint drops out and adds 0.
    """

    job_id: JobId
    method: MethodName
    keypoints_px: FloatArray
    box: Box
    body: Path
    regressor: Path
    options: EftOptions = field(default_factory=EftOptions)
    smplify: SmplifyOptions = field(default_factory=SmplifyOptions)
    prior: Path | None = None
    start: BodyFit | None = None
    camera: CameraConvention = "eft"
    image_size_px: tuple[int, int] | None = None
    rectangle_px: Rectangle | None = None
    picture_rgb: ByteImage | None = None
    label: str = ""
    depth_hints: Mapping[str, DepthHint] = field(default_factory=dict)
    joint_weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LossTerms:
    """One forward pass: the weighted total and the unweighted terms (eft_method.md 1.2)."""

    total: float
    l2d: float
    betas: float
    camera: float
    leg: float


@dataclass(frozen=True, slots=True, eq=False)
class IterationStep:
    """What one iteration saw *before* its update: losses and the body they belong to.

    Attributes:
        iteration: Zero-based, over both stages of SMPLify.
        losses: EFT's loss terms of this body, whatever the method minimises; SMPLify's ``total`` is its own energy.
        fit: The body.
        joints_crop: ``(49, 2)`` projected joints, normalised crop coordinates.
        terms: Further terms of the method by name, unweighted (SMPLify: ``stage``, ``reprojection`` …).
    """

    iteration: int
    losses: LossTerms
    fit: BodyFit
    joints_crop: FloatArray
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FitResult:
    """A finished fit.

    Attributes:
        initial: Plain prediction of the regressor (iteration 0), or the job's own start.
        final: Kept iterate.
        initial_losses: Losses of ``initial``.
        final_losses: Losses of ``final``.
        trace: Losses of every iteration, in order.
        kept_iteration: Zero-based index of the kept iterate within ``trace``.
        stop_reason: ``converged`` (L2d below the threshold), ``iterations`` or ``plain`` (no tuning).
        joints_px: ``(49, 2)`` projected joints of ``final``, image pixels.
        rms_px: RMS distance in image pixels over the active joints of the loss, None without any.
        options: Options with every ``None`` filled from the card; of SMPLify its own.
        body_hash: SHA-256 of the body file.
        regressor_hash: SHA-256 of the weights file.
        seconds: Wall-clock seconds in the worker, model loading excluded.
        device: Torch device name.
        code_version: Version of this package.
        prior_hash: SHA-256 of SMPLify's pose prior, empty for methods without one.
        flags: What is odd about ``final`` though L2d may be small.
        signs: What else was noticed (:data:`fitting.spec.signs.Signs`).
    """

    job_id: JobId
    method: MethodName
    box: Box
    initial: BodyFit
    final: BodyFit
    initial_losses: LossTerms
    final_losses: LossTerms
    trace: tuple[LossTerms, ...]
    kept_iteration: int
    stop_reason: Literal["converged", "iterations", "plain"]
    joints_px: FloatArray
    rms_px: float | None
    options: EftOptions | SmplifyOptions
    body_hash: str
    regressor_hash: str
    seconds: float
    device: str
    code_version: str
    prior_hash: str = ""
    flags: Flags = field(default_factory=dict)
    signs: Signs = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class FitManyJob:
    """People to fit by SMPLify at once, which costs little more than one: they share everything but themselves.

    ``jobs`` have the same method (``smplify``), options, body, regressor and prior.
    """

    job_id: JobId
    jobs: tuple[FitJob, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FitManyResult:
    """For each of the jobs its result, or the sentence that says why there is none."""

    job_id: JobId
    results: tuple[FitResult | str, ...]
