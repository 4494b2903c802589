"""How well finished bodies lie on keypoints, whoever fitted them: one procedure for everybody.

A fit from elsewhere may come without a camera (static fits hold pose and shape only). Drawing it with another method's
camera makes it look shifted through no fault of its own, as the published study does (annotation_anchors.md 6.2), so a
missing camera is solved here by least squares.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from fitting.body.model import load_body
from fitting.body.pose_prior import load_prior
from fitting.errors import JobError
from fitting.geometry.camera import image_to_crop, project_to_crop, project_to_image
from fitting.losses import FitTargets, active_confidence, eft_losses
from fitting.sanity import Sighting, find_flags
from fitting.signs import measure_fit
from fitting.spec import (
    JOINT_COUNT,
    BodyFit,
    Box,
    EftOptions,
    Flags,
    FloatArray,
    LossTerms,
    LossWeights,
    MeasureJob,
    MeasureResult,
    Signs,
)
from resources import default_prior

CHUNK = 512
"""Bodies at once: the kinematics of so many take some ten megabytes."""
NEEDED_JOINTS = 2
"""Scale and shift are three numbers, two joints give four."""

_NO_SPREAD = 1e-12


@torch.no_grad()
def run_measure_job(job: MeasureJob) -> MeasureResult:
    """Losses, flags, projected joints and, where a camera is missing, the camera of every body of the job.

    Losses are EFT's with default joints and weights, on continuous crop coordinates; a fit of ours measured again gives
    its own numbers (a job knows no picture, so an ankle at its lower border keeps its part in the leg term). A body
    whose camera can neither be had nor solved keeps NaN in its numbers.

    Raises:
        JobError: Arrays that do not belong together.
        AssetError: The body cannot be read.
    """
    _check(job)
    body = load_body(job.body)
    cameras = np.array(job.cameras, dtype=np.float64)
    solved = np.zeros(len(cameras), dtype=bool)
    joints_px = np.empty((len(cameras), JOINT_COUNT, 2))
    losses: list[LossTerms] = []
    rms_px: list[float | None] = []
    flags: list[Flags] = []
    signs: list[Signs] = []
    prior = load_prior(default_prior())
    for rows in _chunks(len(cameras)):
        joints_cam = body.joints(_single(job.rotations[rows]), _single(job.betas[rows])).double().numpy()
        boxes = job.boxes[rows]
        targets = _build_targets(job.keypoints_px[rows], boxes)
        weights = _camera_weights(targets, job.solve_on)
        for offset, camera in enumerate(cameras[rows]):
            row = rows.start + offset
            if np.isnan(camera).any():
                found = solve_camera(joints_cam[offset], targets.keypoints_crop[offset].numpy(), weights[offset])
                cameras[row] = np.nan if found is None else found
                solved[row] = found is not None
            joints_px[row] = project_to_image(joints_cam[offset], cameras[row], boxes[offset])
            flags.append(find_flags(_build_sighting(job, row, joints_cam[offset], cameras[row])))
        projected = project_to_crop(joints_cam, cameras[rows])
        for offset, camera in enumerate(cameras[rows]):
            body_fit = BodyFit(job.rotations[rows][offset], job.betas[rows][offset], camera)
            seen = torch.cat((targets.keypoints_crop[offset], targets.confidence[offset, :, None]), -1).numpy()
            signs.append(measure_fit(body_fit, seen, projected[offset], prior) if np.isfinite(camera).all() else {})
        losses += _losses(projected, _double(job.betas[rows]), _double(cameras[rows]), targets)
        rms_px += _rms(projected, targets, boxes)
    return MeasureResult(
        job.job_id,
        cameras,
        solved,
        joints_px,
        tuple(losses),
        tuple(rms_px),
        body.asset.sha256,
        tuple(flags),
        tuple(signs),
    )


def solve_camera(joints_cam: FloatArray, keypoints_crop: FloatArray, weights: FloatArray) -> FloatArray | None:
    """Weak-perspective camera that lays a body on keypoints, by weighted least squares.

    The scale stays positive: where least squares would turn the body upside down, the ratio of the spreads is the
    scale.

    Args:
        joints_cam: ``(49, 3)`` camera frame, metres.
        keypoints_crop: ``(49, 2)`` normalised crop coordinates.
        weights: ``(49,)``, 0 for joints that do not count.

    Returns:
        ``[s, tx, ty]``, or None with fewer than two joints in different places.
    """
    if np.count_nonzero(weights) < NEEDED_JOINTS:
        return None
    weights = weights / weights.sum()
    points, keypoints = joints_cam[:, :2], keypoints_crop
    mean_point, mean_keypoint = weights @ points, weights @ keypoints
    centred, wanted = points - mean_point, keypoints - mean_keypoint
    spread = float(weights @ (centred**2).sum(-1))
    wanted_spread = float(weights @ (wanted**2).sum(-1))
    if spread < _NO_SPREAD or wanted_spread < _NO_SPREAD:
        return None
    scale = float(weights @ (centred * wanted).sum(-1)) / spread
    if scale <= 0:
        scale = float(np.sqrt(wanted_spread / spread))
    return np.array([scale, *(mean_keypoint - scale * mean_point)])


def _build_sighting(job: MeasureJob, row: int, joints_cam: FloatArray, camera: FloatArray) -> Sighting:
    rectangle, size = _known_row(job.rectangles_px, row), _known_row(job.image_sizes_px, row)
    return Sighting(
        joints_cam,
        camera,
        job.boxes[row],
        job.keypoints_px[row],
        None if rectangle is None else (rectangle[0], rectangle[1], rectangle[2], rectangle[3]),
        None if size is None else (size[0], size[1]),
    )


def _known_row(table: FloatArray | None, row: int) -> list[float] | None:
    """Numbers of a row; None for a row of NaN, and without a table."""
    if table is None or np.isnan(table[row]).any():
        return None
    return [float(value) for value in table[row]]


def _camera_weights(targets: FitTargets, solve_on: Literal["active", "labelled"]) -> FloatArray:
    """``(B, 49)`` confidences of the joints that cameras are solved on.

    Of those active in L2d where there are two of them; otherwise, and where it is asked for, annotated hips and ankles
    count too.
    """
    labelled: FloatArray = active_confidence(targets.confidence, EftOptions(use_hips=True, use_ankles=True)).numpy()
    if solve_on == "labelled":
        return labelled
    active: FloatArray = targets.active.numpy()
    enough = np.count_nonzero(active, axis=1) >= NEEDED_JOINTS
    chosen: FloatArray = np.where(enough[:, None], active, labelled)
    return chosen


def _build_targets(keypoints_px: FloatArray, boxes: tuple[Box, ...]) -> FitTargets:
    crop = np.stack([image_to_crop(points[:, :2], box) for points, box in zip(keypoints_px, boxes, strict=True)])
    confidence = np.clip(keypoints_px[..., 2], 0, None)
    crop[confidence == 0] = 0  # an absent joint must not carry whatever its coordinates happen to be
    weights = _double(confidence)
    return FitTargets(_double(crop), weights, active_confidence(weights, EftOptions()))


def _losses(projected: FloatArray, betas: Tensor, cameras: Tensor, targets: FitTargets) -> Iterator[LossTerms]:
    terms = eft_losses(_double(projected), betas, cameras, targets, LossWeights())
    table = torch.stack((terms.total, terms.l2d, terms.betas, terms.camera, terms.leg), -1)
    return (LossTerms(*row) for row in table.tolist())


def _rms(projected: FloatArray, targets: FitTargets, boxes: tuple[Box, ...]) -> Iterator[float | None]:
    squared = ((projected - targets.keypoints_crop.numpy()) ** 2).sum(-1)
    for row, active in enumerate(targets.active.numpy() > 0):
        usable = active.any() and np.isfinite(squared[row]).all()
        yield float(100 * boxes[row].scale * np.sqrt(squared[row, active].mean())) if usable else None


def _check(job: MeasureJob) -> None:
    count = len(job.boxes)
    shapes = (
        ("rotations", job.rotations, (count, 24, 3, 3)),
        ("betas", job.betas, (count, 10)),
        ("cameras", job.cameras, (count, 3)),
        ("keypoints", job.keypoints_px, (count, JOINT_COUNT, 3)),
        ("rectangles", job.rectangles_px, (count, 4)),
        ("picture sizes", job.image_sizes_px, (count, 2)),
    )
    for name, array, shape in shapes:
        if array is not None and np.shape(array) != shape:
            raise JobError(
                f"{name} of {count} bodies have shape {np.shape(array)}, expected {shape}; import them again."
            )
    if not all(box.scale > 0 for box in job.boxes):
        raise JobError("A box has no size; draw or import a box first.")


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK))


def _single(array: FloatArray) -> Tensor:
    return torch.as_tensor(np.asarray(array, dtype=np.float32))


def _double(array: FloatArray) -> Tensor:
    return torch.as_tensor(np.asarray(array, dtype=np.float64))
