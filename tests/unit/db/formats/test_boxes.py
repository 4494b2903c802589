"""The rule of eft_method.md 6.2, by hand."""

import numpy as np
import pytest

from db.formats.parts.boxes import coco_box, find_keypoint_bbox


def test_the_box_is_a_fifth_larger_than_the_longer_side() -> None:
    center, scale = coco_box((10, 20, 40, 100))
    assert center == (30, 70)
    assert scale == pytest.approx(1.2 * 100 / 200)
    assert coco_box((10, 20, 100, 40))[1] == scale


def test_only_labelled_keypoints_make_a_box() -> None:
    keypoints = np.array([[10, 20, 2], [30, 60, 1], [500, 500, 0]], dtype=float)
    assert find_keypoint_bbox(keypoints) == (10, 20, 20, 40)
    assert find_keypoint_bbox(keypoints[1:]) is None
    assert find_keypoint_bbox(np.tile(keypoints[:1], (3, 1))) is None
