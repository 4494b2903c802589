"""Jobs for people whose body is known: the mannequin's own joints, projected, as keypoints."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import torch

from fitting.body.model import load_body
from fitting.geometry.camera import project_to_image
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.spec import BodyFit, Box, FitJob, JobId
from resources import default_body, default_regressor
from resources.skeleton import build_mapping, get_skeleton

BOX = Box(np.array([320.0, 240.0]), 1.1)
BLANK = np.full((480, 640, 3), (124, 116, 104), dtype=np.uint8)
"""A picture that shows nobody, in the colour that networks subtract: they have to go by the keypoints."""


def standing_body(seed: int = 0, bend: float = 0.12) -> BodyFit:
    """An upright person facing the camera, arms half down, a little bent everywhere."""
    generator = torch.Generator().manual_seed(seed)
    axis_angle = torch.randn(24, 3, generator=generator) * bend
    axis_angle[16, 2] -= 1.0
    axis_angle[17, 2] += 1.0
    rotations = axis_angle_to_matrix(axis_angle)
    rotations[0] = torch.diag(torch.tensor([1.0, -1.0, -1.0])) @ axis_angle_to_matrix(axis_angle[0])
    return BodyFit(rotations.numpy(), np.zeros(10, dtype=np.float32), np.array([0.85, 0.02, -0.2], dtype=np.float32))


def coco_keypoints(fit: BodyFit, box: Box = BOX) -> np.ndarray:
    """COCO keypoints ``(17, 3)`` x, y, v = 2 of a known body, exact."""
    joints_px = project_to_image(load_body(default_body()).joints_of(fit), fit.camera, box)
    keypoints = np.zeros((17, 3))
    for source, target in build_mapping(get_skeleton("spin49"), get_skeleton("coco17")):
        keypoints[target] = (*joints_px[source], 2)
    return keypoints


def fit_job(keypoints: np.ndarray | None = None, **changes: Any) -> FitJob:
    """A job for COCO keypoints ``(17, 3)``; by default those of :func:`standing_body`."""
    if keypoints is None:
        keypoints = coco_keypoints(standing_body())
    keypoints_px = np.zeros((49, 3))
    for source, target in build_mapping(get_skeleton("coco17"), get_skeleton("spin49")):
        if keypoints[source, 2] > 0:
            keypoints_px[target] = (*keypoints[source, :2], 1)
    job = {
        "job_id": JobId(uuid.uuid4().hex),
        "method": "eft",
        "keypoints_px": keypoints_px,
        "box": BOX,
        "body": default_body(),
        "regressor": default_regressor(),
        "picture_rgb": BLANK,
        "label": "person 1 of test.jpg",
    }
    return FitJob(**(job | changes))
