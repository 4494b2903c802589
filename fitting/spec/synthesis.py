"""Pictures of the mannequin with known truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fitting.spec.body import BodyFit, Box, ByteImage, FloatArray, JobId


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
