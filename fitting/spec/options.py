"""How a method works: what can be chosen about EFT and SMPLify."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from resources import default_prior

MethodName: TypeAlias = Literal["eft", "smplify", "regressor"]
CropMode: TypeAlias = Literal["continuous", "exact"]
"""``exact`` repeats the released code's whole-pixel windows and keypoints (eft_method.md 2.7)."""
CameraConvention: TypeAlias = Literal["eft", "spin"]
"""What a network's camera triple means: scale first (EFT) or translate first (SPIN), eft_method.md section 4."""
TuningMode: TypeAlias = Literal["exact", "fast"]
"""``fast`` tunes only late layers on cached features, with the step size and iterations the card gives for it."""


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the loss ``overall * (keypoints*L2d + betas*Lbeta + camera*Lcam + leg*Lleg)`` (eft_method.md 1.2)."""

    keypoints: float = 5.0
    betas: float = 0.001
    camera: float = 1.0
    leg: float = 0.005
    overall: float = 60.0


@dataclass(frozen=True, slots=True)
class DepthHintOptions:
    """How a fit heeds depth hints, where it has any; found by measurement (docs/depth_hints.md).

    Attributes:
        weight: Of the squared hinge, in square metres, beside the weighted total.
        margin_m: Depth difference from which a hinted limb adds nothing, metres.
        least_iterations: A fit with hints may take so many iterations, even where others take fewer.
    """

    weight: float = 1.0
    margin_m: float = 0.1
    least_iterations: int = 40


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
        hip_weight: Weight of annotated hips and pelvis in a term of their own beside L2d; None means the card's.
        ankle_weight: Weight of annotated ankles in that term.
        mode: ``exact`` tunes the layers named below, ``fast`` the card's late layers on cached features.
        layers: Which layers are tuned (eft_method.md 1.6): a name the regressor knows, ``all`` by default.
        crop: How picture and keypoints are brought into the crop.
        weights: Weights of the loss terms.
        depth_hints: How hints are heeded. With hints or pins the kept iterate is the one with the smallest total, and
            the loop goes on until they too are met.
    """

    learning_rate: float | None = None
    max_iterations: int | None = None
    stop_l2d: float | None = None
    stop_mean_px: float | None = None
    keep: Literal["best", "last"] | None = None
    use_hips: bool = False
    use_ankles: bool = False
    hip_weight: float | None = None
    ankle_weight: float | None = None
    mode: TuningMode = "exact"
    layers: str | None = None
    crop: CropMode | None = None
    weights: LossWeights = field(default_factory=LossWeights)
    depth_hints: DepthHintOptions = field(default_factory=DepthHintOptions)


PAPER_OPTIONS = EftOptions(learning_rate=1e-6, stop_mean_px=2.0, hip_weight=0.0, ankle_weight=0.0)
"""What the paper's text says where the released code differs (eft_method.md 1.8)."""


@dataclass(frozen=True, slots=True)
class SmplifyOptions:
    """Options of the SMPLify baseline (eft_method.md section 7).

    Attributes:
        learning_rate: Adam's step size in both stages.
        camera_iterations: Iterations of stage 1, root orientation and camera.
        body_iterations: Iterations of stage 2, pose, shape and root.
        stop_reprojection: Stage 2 ends when the robust reprojection term, averaged over all 49 joints, is below this.
        pose_weight: Weight of the Gaussian-mixture term; like the next two it counts squared.
        angle_weight: Weight of the knee and elbow term.
        shape_weight: Weight of the squared betas.
        hip_weight: Share of an annotated hip's squared distance that counts in stage 2.
        ankle_weight: Share of an annotated ankle's.
        skip_camera_stage: Optimise the camera together with the body in stage 2 instead.
        free_camera: Let the camera move on with the body in stage 2, after a stage 1 of its own.
        camera_confidence: Weigh the camera stage by the joints' confidence. The released port does not.
        pin_ty: Pin the vertical translation with weight 100 squared, as the released port does by mistake for depth.
        use_pose_prior: Keep the Gaussian-mixture term.
        use_angle_prior: Keep the knee and elbow term.
        depth_hints: How hints are heeded: a limb that points the wrong way is mirrored in depth before the fit, which
            changes no keypoint, and the hinge of stage 2 holds it; stage 1 turns the body as a whole and has none.
    """

    learning_rate: float = 1e-2
    camera_iterations: int = 100
    body_iterations: int = 100
    stop_reprojection: float = 2.0
    pose_weight: float = 4.78
    angle_weight: float = 15.2
    shape_weight: float = 5.0
    hip_weight: float = 0.0
    ankle_weight: float = 1.0
    skip_camera_stage: bool = False
    free_camera: bool = False
    camera_confidence: bool = True
    pin_ty: bool = False
    use_pose_prior: bool = True
    use_angle_prior: bool = True
    depth_hints: DepthHintOptions = field(default_factory=lambda: DepthHintOptions(1e4, 0.1))


RELEASED_SMPLIFY = SmplifyOptions(camera_confidence=False, pin_ty=True)
"""The released weak-perspective port, faults included, for comparison."""

OPEN_SMPLIFY = SmplifyOptions(
    learning_rate=5e-3,
    stop_reprojection=1.0,
    pose_weight=3.4,
    angle_weight=2.0,
    shape_weight=2.5,
    hip_weight=1.0,
    ankle_weight=0.3,
    skip_camera_stage=True,
)
"""Tuned for the mannequin, its prior and the open regressor's predictions (docs/smplify.md)."""

OPEN_SMPLIFY_FROM_MEAN = dataclasses.replace(
    OPEN_SMPLIFY, learning_rate=5e-2, stop_reprojection=0.0, skip_camera_stage=False, free_camera=True
)
"""The same energy from the prior's mean pose, which lies far from the person and needs larger steps."""


def choose_smplify(prior: Path | None, from_mean: bool = False) -> SmplifyOptions:
    """The tuned options with the mannequin's prior, the published ones with any other.

    Args:
        prior: File of the prior; None stands for the mannequin's.
        from_mean: Start from the prior's mean pose instead of a regressor's prediction.
    """
    if prior is not None and prior.resolve() != default_prior():
        return SmplifyOptions()
    return OPEN_SMPLIFY_FROM_MEAN if from_mean else OPEN_SMPLIFY
