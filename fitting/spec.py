"""What crosses the border of ``fitting``: jobs, options and results. Frozen, numpy only, no torch.

Frames and units (docs/conventions.md): image coordinates in pixels with the origin at the top-left *corner* of the
top-left pixel; camera coordinates in metres, x right, y down, z forward; the weak-perspective camera ``[s, tx, ty]``
belongs to a :class:`Box` and maps ``(X, Y)`` to ``center + 100 * scale * (s * (X, Y) + (tx, ty))``
(eft_method.md section 4, continuous form).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating]
ByteImage: TypeAlias = NDArray[np.uint8]

JobId = NewType("JobId", str)

JOINT_COUNT = 49
"""Joints of the spin49 skeleton: 25 OpenPose joints, then the 24 of SPIN (eft_method.md 3.2)."""

MethodName: TypeAlias = Literal["eft", "smplify", "regressor"]
CropMode: TypeAlias = Literal["continuous", "exact"]
"""``exact`` repeats the released code's whole-pixel windows and keypoints (eft_method.md 2.7)."""
CameraConvention: TypeAlias = Literal["eft", "spin"]
"""What a network's camera triple means: scale first (EFT) or translate first (SPIN), eft_method.md section 4."""
TuningMode: TypeAlias = Literal["exact", "fast"]
"""``fast`` tunes only late layers on cached features, with the step size and iterations the card gives for it."""
View: TypeAlias = Literal["camera", "side", "front", "back", "top"]
"""``camera`` draws through the fit's own camera; the others turn the body about its pelvis."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """Square crop of an image: centre ``(2,)`` px and scale = side / 200 (eft_method.md 2.7)."""

    center_px: FloatArray
    scale: float

    @property
    def side_px(self) -> float:
        """Side of the square in pixels."""
        return 200.0 * self.scale


@dataclass(frozen=True, slots=True, eq=False)
class BodyFit:
    """Parameters of one body: rotations ``(24, 3, 3)``, betas ``(10,)``, camera ``(3,)`` = ``[s, tx, ty]``."""

    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the loss ``overall * (keypoints*L2d + betas*Lbeta + camera*Lcam + leg*Lleg)`` (eft_method.md 1.2)."""

    keypoints: float = 5.0
    betas: float = 0.001
    camera: float = 1.0
    leg: float = 0.005
    overall: float = 60.0


@dataclass(frozen=True, slots=True)
class EftOptions:
    """Options of exemplar fine-tuning; ``None`` means the value on the regressor's card.

    Attributes:
        learning_rate: Adam's step size.
        max_iterations: Forward passes at most; the last update never counts (eft_method.md 1.5).
        stop_l2d: Stop as soon as the unweighted L2d of the current iteration is below this.
        stop_mean_px: Stop instead when the mean distance over the active joints is below this many pixels of the
            224 crop: the paper's rule (eft_method.md 1.4). The card's ``stop_l2d`` then does not apply.
        keep: ``best`` returns the iterate with the smallest L2d, ``last`` the last recorded one (released code).
        use_hips: Keep the annotated hips and pelvis in the loss (``eft_withHip2D``).
        use_ankles: Keep the annotated ankles in L2d, not only in the leg term.
        mode: ``exact`` tunes the layers named below, ``fast`` the card's late layers on cached features.
        layers: Which layers are tuned (eft_method.md 1.6): a name the regressor knows, ``all`` by default.
        crop: How picture and keypoints are brought into the crop.
        weights: Weights of the loss terms.
    """

    learning_rate: float | None = None
    max_iterations: int | None = None
    stop_l2d: float | None = None
    stop_mean_px: float | None = None
    keep: Literal["best", "last"] | None = None
    use_hips: bool = False
    use_ankles: bool = False
    mode: TuningMode = "exact"
    layers: str | None = None
    crop: CropMode | None = None
    weights: LossWeights = field(default_factory=LossWeights)


PAPER_OPTIONS = EftOptions(learning_rate=1e-6, stop_mean_px=2.0)
"""What the paper's text says where the released code differs (eft_method.md 1.8)."""


@dataclass(frozen=True, slots=True)
class SmplifyOptions:
    """Options of the SMPLify baseline (eft_method.md section 7).

    Attributes:
        learning_rate: Adam's step size in both stages.
        camera_iterations: Iterations of stage 1, root orientation and camera.
        body_iterations: Iterations of stage 2, pose, shape and root.
        stop_reprojection: Stage 2 ends when the robust reprojection term, averaged over all 49 joints, is below this.
        skip_camera_stage: Optimise the camera together with the body in stage 2 instead.
        camera_confidence: Weigh the camera stage by the joints' confidence. The released port does not.
        pin_ty: Pin the vertical translation with weight 100 squared, as the released port does by mistake for depth.
        use_pose_prior: Keep the Gaussian-mixture term.
        use_angle_prior: Keep the knee and elbow term.
    """

    learning_rate: float = 1e-2
    camera_iterations: int = 100
    body_iterations: int = 100
    stop_reprojection: float = 2.0
    skip_camera_stage: bool = False
    camera_confidence: bool = True
    pin_ty: bool = False
    use_pose_prior: bool = True
    use_angle_prior: bool = True


RELEASED_SMPLIFY = SmplifyOptions(camera_confidence=False, pin_ty=True)
"""The released weak-perspective port, faults included, for comparison."""


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
        camera: Camera convention of a published checkpoint; a card says its own.
        image_size_px: ``(width, height)``; an ankle at the lower border is not believed (eft_method.md 1.3).
        picture_rgb: ``(H, W, 3)`` image, only for regressors that look at the picture.
        label: Shown to people in progress and error messages ("person 12 of 000000000790.jpg").
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
    camera: CameraConvention = "eft"
    image_size_px: tuple[int, int] | None = None
    picture_rgb: ByteImage | None = None
    label: str = ""


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
        initial: Plain prediction of the regressor (iteration 0).
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


@dataclass(frozen=True, slots=True)
class Window:
    """Axis-aligned rectangle of an image, pixels: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class RenderJob:
    """Draw one body as a transparent layer.

    Attributes:
        fit: Body to draw.
        box: Box the fit's camera belongs to.
        view: ``camera`` for the overlay; otherwise the body seen orthographically from there, upright as in the image.
        window: For ``camera``: the image rectangle the layer covers exactly. None for the other views, which frame
            the body themselves.
        size_px: ``(width, height)`` of the layer.
        body: Body file.
        color_rgb: Body colour, 0-1.
        multisample: Smooth edges; off for live previews, which then cost a third.
    """

    job_id: JobId
    fit: BodyFit
    box: Box
    view: View
    size_px: tuple[int, int]
    body: Path
    window: Window | None = None
    color_rgb: tuple[float, float, float] = (0.55, 0.67, 0.85)
    multisample: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class RenderResult:
    """``rgba`` ``(height, width, 4)`` uint8, straight (not premultiplied) alpha; transparent where no body is."""

    job_id: JobId
    view: View
    rgba: ByteImage
    window: Window | None


@dataclass(frozen=True, slots=True)
class SyntheticJob:
    """Make one picture of the mannequin with known truth (the demo project, tests).

    The same ``seed`` gives the same picture and truth. ``fault`` plants one annotation error to repair:
    ``swap`` exchanges left and right, ``wrist`` throws one wrist far off.
    """

    job_id: JobId
    seed: int
    body: Path
    size_px: tuple[int, int] = (480, 480)
    fault: Literal["none", "swap", "wrist"] = "none"


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticResult:
    """A synthetic photograph and its truth.

    Attributes:
        picture_rgb: ``(H, W, 3)`` uint8.
        keypoints_px: ``(17, 3)`` COCO keypoints x, y, v as an annotator would give them (the planted fault included).
        true_keypoints_px: ``(17, 3)`` without noise and fault.
        bbox_xywh: Tight box of the visible body, pixels.
        fit: True body; its camera belongs to ``box``.
        box: Box of eft_method.md 6.2 around ``bbox_xywh``.
    """

    job_id: JobId
    picture_rgb: ByteImage
    keypoints_px: FloatArray
    true_keypoints_px: FloatArray
    bbox_xywh: tuple[float, float, float, float]
    fit: BodyFit
    box: Box


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
    """

    job_id: JobId
    rotations: FloatArray
    betas: FloatArray
    cameras: FloatArray
    boxes: tuple[Box, ...]
    keypoints_px: FloatArray
    body: Path


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
    """

    job_id: JobId
    cameras: FloatArray
    solved: NDArray[np.bool_]
    joints_px: FloatArray
    losses: tuple[LossTerms, ...]
    rms_px: tuple[float | None, ...]
    body_hash: str


@dataclass(frozen=True, slots=True, eq=False)
class MeshJob:
    """Pose a body: its vertices, for export as a mesh."""

    job_id: JobId
    fit: BodyFit
    body: Path


@dataclass(frozen=True, slots=True, eq=False)
class MeshResult:
    """``vertices_cam`` ``(V, 3)`` metres, x right, y down, z forward, and ``faces`` ``(F, 3)``."""

    job_id: JobId
    vertices_cam: FloatArray
    faces: NDArray[np.int64]


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


Job: TypeAlias = FitJob | RenderJob | SyntheticJob | WarmUpJob | MeasureJob | MeshJob | ConvertJob
JobResult: TypeAlias = (
    FitResult | RenderResult | SyntheticResult | WarmUpResult | MeasureResult | MeshResult | ConvertResult
)


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The worker began with the job."""

    job_id: JobId


@dataclass(frozen=True, slots=True, eq=False)
class JobProgressed:
    """One more iteration of a fit."""

    job_id: JobId
    step: IterationStep
    max_iterations: int


@dataclass(frozen=True, slots=True, eq=False)
class JobFinished:
    """The job's result."""

    job_id: JobId
    result: JobResult


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job failed; ``message`` is one sentence for people, ``details`` the traceback of a bug, else empty."""

    job_id: JobId
    message: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """The job was cancelled before it finished; nothing was produced."""

    job_id: JobId


Event: TypeAlias = JobStarted | JobProgressed | JobFinished | JobFailed | JobCancelled
