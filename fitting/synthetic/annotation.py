"""The 17 COCO keypoints of a synthetic person: which are hidden, and how an annotator would place them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator

from fitting.body.model import BodyModel
from fitting.spec import BodyFit, FloatArray, SyntheticJob
from resources.skeleton import build_mapping, get_skeleton

NOISE_PX = 1.5
"""Standard deviation of an annotator's click."""
_WRIST_THROW = 0.25
"""How far the fault ``wrist`` moves a wrist, in heights of the person."""
_HIDDEN_MARGIN_M = 0.045


@dataclass(frozen=True, slots=True, eq=False)
class CocoJoints:
    """True joints: pixels ``(17, 2)``; depth in the camera frame and under the skin, ``(17,)`` metres."""

    joints_px: FloatArray
    depth_cam: FloatArray
    flesh: FloatArray


def coco_joints(body: BodyModel, joints_cam: FloatArray, joints_px: FloatArray) -> CocoJoints:
    """The COCO part of the 49 joints ``(49, 3)`` and their projections ``(49, 2)``."""
    index = _coco_indices()
    return CocoJoints(joints_px[index], joints_cam[index, 2], _flesh(body))


def annotate(
    joints: CocoJoints, depth_cam: FloatArray, job: SyntheticJob, person_height_px: float, rng: Generator
) -> tuple[FloatArray, FloatArray]:
    """True and given keypoints, ``(17, 3)`` x, y, v each; a joint outside the picture is (0, 0, 0).

    Args:
        joints: True joints.
        depth_cam: ``(n H, n W)`` depth of the first surface in metres, infinite where there is none; n whole.
        job: Picture size and the fault to plant.
        person_height_px: Height of the visible body.
        rng: Of the annotator's hand.
    """
    visible = _visibility(joints, depth_cam, job.size_px)
    true = np.concatenate((joints.joints_px, visible[:, None]), axis=1)
    true[visible == 0] = 0.0
    given = true.copy()
    given[:, :2] += rng.normal(0.0, NOISE_PX, (len(given), 2)) * np.where(visible == 1, 1.5, 1.0)[:, None]
    angle = rng.uniform(0.0, 2 * np.pi)
    skeleton = get_skeleton("coco17")
    if job.fault == "swap":
        given = given[list(skeleton.flip)]
    elif job.fault == "wrist":
        wrists = [skeleton.index("left_wrist"), skeleton.index("right_wrist")]
        thrown = max(wrists, key=lambda wrist: given[wrist, 2])
        given[thrown] = _throw(given[thrown], _WRIST_THROW * person_height_px, angle, job.size_px)
    given[:, :2] = np.clip(given[:, :2], 0.0, np.array(job.size_px) - 0.01)
    given[given[:, 2] == 0] = 0.0
    return true, given


def _visibility(joints: CocoJoints, depth_cam: FloatArray, size_px: tuple[int, int]) -> FloatArray:
    """0 outside the picture, 1 behind something, 2 visible."""
    x, y = joints.joints_px.T
    inside = (x >= 0) & (y >= 0) & (x < size_px[0]) & (y < size_px[1])
    fine = depth_cam.shape[0] / size_px[1]
    column = np.clip((x * fine).astype(int), 0, depth_cam.shape[1] - 1)
    row = np.clip((y * fine).astype(int), 0, depth_cam.shape[0] - 1)
    before = joints.depth_cam - depth_cam[row, column]
    # A joint lies within the limb: only more than its own flesh before it hides it.
    hidden = before > 1.4 * joints.flesh + _HIDDEN_MARGIN_M
    return np.where(inside, np.where(hidden, 1.0, 2.0), 0.0)


def _throw(keypoint: FloatArray, distance: float, angle: float, size_px: tuple[int, int]) -> FloatArray:
    """The keypoint moved by ``distance`` in the first direction from ``angle`` on that stays in the picture."""
    for turn in range(12):
        direction = angle + turn * np.pi / 6
        moved = keypoint[:2] + distance * np.array([np.cos(direction), np.sin(direction)])
        if (moved >= 0).all() and (moved < np.array(size_px)).all():
            break
    return np.array([*moved, 2.0])


@lru_cache(maxsize=1)
def _coco_indices() -> list[int]:
    """Entry of spin49 for each COCO joint."""
    return [target for _, target in build_mapping(get_skeleton("coco17"), get_skeleton("spin49"))]


@lru_cache(maxsize=4)
def _flesh(body: BodyModel) -> FloatArray:
    """Distance ``(17,)`` from each COCO joint to the nearest skin at rest, metres."""
    rest = BodyFit(np.tile(np.eye(3), (24, 1, 1)), np.zeros(10), np.array([1.0, 0.0, 0.0]))
    joints = body.joints_of(rest)[_coco_indices()]
    gaps = joints[:, None] - body.vertices_of(rest)[None]
    flesh: FloatArray = np.sqrt((gaps**2).sum(-1)).min(1)
    return flesh
