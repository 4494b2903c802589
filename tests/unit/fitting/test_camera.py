"""The weak-perspective camera and boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fitting.errors import JobError
from fitting.geometry.boxes import box_around_points, box_around_rectangle
from fitting.geometry.camera import crop_to_image, image_to_crop, project_to_crop, project_to_image, spin_to_eft_camera
from fitting.spec import Box

coordinates = st.floats(-1e4, 1e4)


def test_projection_is_the_continuous_form_of_section_4() -> None:
    box = Box(np.array([320.0, 240.0]), 1.5)
    points = np.array([[0.2, -0.4, 7.0]])
    camera = np.array([0.9, 0.1, -0.05])
    expected = [320 + 150 * (0.9 * 0.2 + 0.1), 240 + 150 * (0.9 * -0.4 - 0.05)]
    assert project_to_image(points, camera, box)[0] == pytest.approx(expected)


def test_depth_does_not_matter() -> None:
    camera = np.array([1.1, 0.0, 0.3])
    near, far = np.array([[0.5, 0.5, 1.0]]), np.array([[0.5, 0.5, 9.0]])
    assert np.array_equal(project_to_crop(near, camera), project_to_crop(far, camera))


@given(arrays("float64", (5, 2), elements=coordinates), coordinates, coordinates, st.floats(0.01, 50))
def test_crop_and_image_are_inverse(points: np.ndarray, x: float, y: float, scale: float) -> None:
    box = Box(np.array([x, y]), scale)
    assert np.allclose(crop_to_image(image_to_crop(points, box), box), points, atol=1e-6)


def test_spin_camera_translates_first() -> None:
    spin = np.array([0.8, 0.25, -0.5])
    point = np.array([[0.3, 0.7, 0.0]])
    expected = 0.8 * (point[:, :2] + spin[1:])
    assert np.allclose(project_to_crop(point, spin_to_eft_camera(spin)), expected)


def test_box_of_a_rectangle() -> None:
    box = box_around_rectangle(10, 20, 100, 50)  # eft_method.md 6.2: centre, 1.2 * max / 200
    assert box.center_px == pytest.approx([60, 45])
    assert box.scale == pytest.approx(0.6)
    assert box.side_px == pytest.approx(120)


def test_box_of_points_needs_an_extent() -> None:
    assert box_around_points(np.array([[0.0, 0], [10, 4]])).scale == pytest.approx(0.06)
    with pytest.raises(JobError, match="one place"):
        box_around_points(np.array([[5.0, 5], [5, 5]]))
    with pytest.raises(JobError, match="at least one"):
        box_around_points(np.zeros((0, 2)))
