"""Rotations there and back in double precision, the hard places included."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from db.formats.parts.checks import ItemError
from db.formats.parts.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from fitting.geometry import rotations as fitting_rotations

VECTORS = arrays(np.float64, (3,), elements=st.floats(-1.8, 1.8))  # no longer than pi


@given(VECTORS)
def test_there_and_back(vector: np.ndarray) -> None:
    matrix = axis_angle_to_matrix(vector)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-14)
    np.testing.assert_allclose(matrix_to_axis_angle(matrix), vector, atol=1e-12)


@pytest.mark.parametrize("axis", np.vstack((np.eye(3), -np.eye(3), np.full((1, 3), 3**-0.5))))
@pytest.mark.parametrize("angle", [0.0, 1e-300, 1e-12, np.pi - 1e-9, np.pi])
def test_neither_nothing_nor_a_half_turn_is_nan(axis: np.ndarray, angle: float) -> None:
    matrix = axis_angle_to_matrix(angle * axis)
    vector = matrix_to_axis_angle(matrix)
    assert np.linalg.norm(vector) == pytest.approx(angle, abs=1e-12)
    np.testing.assert_allclose(axis_angle_to_matrix(vector), matrix, atol=1e-12)


@given(arrays(np.float64, (5, 3), elements=st.floats(-3, 3)))
def test_the_fitter_turns_the_same_way(vectors: np.ndarray) -> None:
    ours = axis_angle_to_matrix(vectors)
    np.testing.assert_allclose(ours, fitting_rotations.axis_angle_to_matrix(torch.tensor(vectors)).numpy(), atol=1e-9)


def test_a_quarter_turn_about_x_moves_y_to_z() -> None:
    np.testing.assert_allclose(axis_angle_to_matrix([np.pi / 2, 0, 0]) @ [0, 1, 0], [0, 0, 1], atol=1e-15)


def test_shapes_are_kept() -> None:
    for shape in ((0, 24, 3), (24, 3), (2, 24, 3)):
        matrices = axis_angle_to_matrix(np.zeros(shape))
        assert matrices.shape == (*shape, 3)
        assert matrix_to_axis_angle(matrices).shape == shape


@pytest.mark.parametrize(("number", "reason"), [(np.nan, "not a finite number"), (1e300, r"1e\+300; expected radians")])
def test_numbers_that_are_no_angles_are_refused(number: float, reason: str) -> None:
    with pytest.raises(ItemError, match=reason):
        axis_angle_to_matrix([0, number, 0])
