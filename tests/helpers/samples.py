"""Fits as files hold them, for tests of imports and exports."""

from __future__ import annotations

import numpy as np

from fitting.body.model import load_body
from fitting.geometry.camera import project_to_image
from fitting.spec import BodyFit, Box
from resources import default_body
from resources.skeleton import build_mapping, get_skeleton


def keypoints_of(fit: BodyFit, box: Box) -> np.ndarray:
    """The joints that COCO can label of a known body, exact: ``(49, 3)`` x, y, validity in the 24-set."""
    joints_px = project_to_image(load_body(default_body()).joints_of(fit).astype(float), fit.camera.astype(float), box)
    keypoints_px = np.zeros((49, 3))
    for index, _ in build_mapping(get_skeleton("spin49"), get_skeleton("coco17")):
        keypoints_px[index] = (*joints_px[index], 1)
    return keypoints_px
