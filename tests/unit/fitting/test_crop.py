"""The two maps into the crop (eft_method.md 2.7)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitting.errors import JobError
from fitting.geometry.camera import image_to_crop
from fitting.geometry.crop import (
    CROP_SIDE,
    crop_continuous,
    crop_exact,
    exact_keypoints,
    exact_window,
)
from fitting.spec import Box

boxes = st.builds(
    lambda x, y, b: Box(np.array([x, y]), b), st.floats(-200, 900), st.floats(-200, 700), st.floats(0.05, 20)
)


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (480, 640, 3), dtype=np.uint8)


@given(boxes)
def test_windows_are_cut_towards_zero(box: Box) -> None:
    window = exact_window(box)
    low, high = np.asarray(box.center_px) - 100 * box.scale, np.asarray(box.center_px) + 100 * box.scale
    for got, want in zip((window.left, window.top, window.right, window.bottom), (*low, *high), strict=True):
        # Corners that are whole numbers may come out of the inverse a hair below, and be cut one lower.
        assert got == int(want) or (abs(want - round(want)) < 1e-9 and abs(got - round(want)) <= 1)


def test_negative_corners_are_cut_towards_zero_not_down() -> None:
    window = exact_window(Box(np.array([50.3, 60.9]), 1.0))
    assert (window.left, window.top, window.right, window.bottom) == (-49, -39, 150, 160)
    assert window.zoom == pytest.approx(CROP_SIDE / 199)


def test_exact_keypoints_by_hand() -> None:
    """q = trunc((x - (c - 100 b)) 224 / (200 b)) + 1, k = 2 q / 224 - 1, in plain arithmetic."""
    box = Box(np.array([320.0, 240.0]), 1.25)
    points = np.array([[300.4, 200.7], [250.0, 180.0], [0.0, 0.0]])
    scale = 224 / 250
    expected = [
        [2 * (int((x - 195) * scale) + 1) / 224 - 1, 2 * (int((y - 115) * scale) + 1) / 224 - 1] for x, y in points
    ]
    np.testing.assert_allclose(exact_keypoints(points, box), expected, atol=1e-12)


@given(boxes, st.floats(0, 640), st.floats(0, 480))
def test_exact_keypoints_are_whole_crop_pixels_and_off_by_half_a_pixel_on_average(box: Box, x: float, y: float) -> None:
    point = np.array([x, y])
    exact, continuous = exact_keypoints(point, box), image_to_crop(point, box)
    whole = (exact + 1) * 112
    np.testing.assert_allclose(whole, np.round(whole), atol=1e-6)
    offset_px = (exact - continuous) * 112
    inside = continuous > -1  # left of the window cutting goes the other way
    assert (offset_px[inside] > -1e-6).all() and (offset_px[inside] <= 1 + 1e-6).all()
    assert (offset_px[~inside] >= 1 - 1e-6).all() and (offset_px[~inside] < 2 + 1e-6).all()


def test_absent_joints_do_not_stay_at_zero() -> None:
    assert not np.any(exact_keypoints(np.zeros((3, 2)), Box(np.array([320.0, 240.0]), 1.1)) == 0)


@pytest.mark.parametrize("seed", range(12))
def test_the_exact_crop_is_opencv_resizing_of_the_padded_window(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = noise(seed)
    box = Box(rng.uniform([0, 0], [640, 480]), rng.uniform(0.2, 4))
    window = exact_window(box)
    padded = np.zeros((window.bottom - window.top, window.right - window.left, 3))
    left, right = max(0, window.left), min(640, window.right)
    top, bottom = max(0, window.top), min(480, window.bottom)
    padded[top - window.top : bottom - window.top, left - window.left : right - window.left] = picture[
        top:bottom, left:right
    ]
    np.testing.assert_allclose(crop_exact(picture, box), cv2.resize(padded, (224, 224)), atol=1e-3)


def test_a_box_of_224_pixels_is_the_picture_itself_by_either_map() -> None:
    picture, box = noise(), Box(np.array([320.0, 240.0]), 1.12)
    inside = picture[128:352, 208:432]
    np.testing.assert_array_equal(crop_exact(picture, box), inside)
    np.testing.assert_array_equal(crop_continuous(picture, box), inside)


@pytest.mark.parametrize("scale", [0.6, 1.12, 2.4, 4.5])
def test_a_dot_lies_in_the_continuous_crop_where_its_keypoint_does(scale: float) -> None:
    picture = np.zeros((1000, 1000, 3), dtype=np.uint8)
    cv2.circle(picture, (600, 430), 12, (255, 255, 255), -1)
    box = Box(np.array([575.3, 447.7]), scale)
    crop = crop_continuous(picture, box)[..., 0]
    rows, columns = np.mgrid[:CROP_SIDE, :CROP_SIDE] + 0.5
    found = np.array([(columns * crop).sum(), (rows * crop).sum()]) / crop.sum()
    expected = (image_to_crop(np.array([600.5, 430.5]), box) + 1) * CROP_SIDE / 2
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_what_lies_outside_the_picture_is_black() -> None:
    picture = np.full((100, 100, 3), 200, dtype=np.uint8)
    box = Box(np.array([0.0, 0.0]), 1.0)
    for crop in (crop_exact(picture, box), crop_continuous(picture, box)):
        assert crop[:100, :100].max() == 0
        assert crop[120:220, 120:220].min() == 200


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(np.array([-500.0, 50.0]), 1.0), "outside the picture"),
        (Box(np.array([50.0, 5000.0]), 1.0), "outside the picture"),
        (Box(np.array([50.0, 50.0]), 100.0), "larger than 15000"),
        (Box(np.array([50.2, 50.2]), 0.001), "no whole pixel"),
    ],
)
def test_a_box_without_a_crop_is_an_error_not_a_black_picture(box: Box, words: str) -> None:
    with pytest.raises(JobError, match=words):
        crop_exact(noise(), box)
