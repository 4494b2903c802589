"""Rotations: the layout of the six numbers, and round trips."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fitting.geometry.rotations import (
    axis_angle_to_matrix,
    geodesic_angle,
    matrix_to_axis_angle,
    matrix_to_six_d,
    six_d_to_matrix,
    skew,
)

axis_angles = arrays("float64", (4, 3), elements=st.floats(-6, 6))


def test_six_numbers_are_two_columns_interleaved_by_row() -> None:
    # eft_method.md 2.2: [1, 0, 0, -1, 0, 0] is the upright root, diag(1, -1, -1).
    upright = six_d_to_matrix(torch.tensor([1.0, 0, 0, -1, 0, 0]))
    assert torch.equal(upright, torch.diag(torch.tensor([1.0, -1, -1])))
    columns = six_d_to_matrix(torch.tensor([0.0, 1, 1, 0, 0, 0]))
    assert torch.equal(columns[:, 0], torch.tensor([0.0, 1, 0]))
    assert torch.equal(columns[:, 1], torch.tensor([1.0, 0, 0]))


@given(axis_angles)
def test_axis_angle_gives_rotations_and_comes_back(axis_angle: object) -> None:
    vectors = torch.as_tensor(axis_angle)
    matrices = axis_angle_to_matrix(vectors)
    identity = torch.eye(3, dtype=torch.float64).expand(4, 3, 3)
    assert torch.allclose(matrices @ matrices.mT, identity, atol=1e-12)
    assert torch.allclose(torch.linalg.det(matrices), torch.ones(4, dtype=torch.float64), atol=1e-12)
    again = axis_angle_to_matrix(matrix_to_axis_angle(matrices))
    assert torch.allclose(again, matrices, atol=1e-7)


@given(axis_angles)
def test_six_d_round_trip(axis_angle: object) -> None:
    matrices = axis_angle_to_matrix(torch.as_tensor(axis_angle))
    assert torch.allclose(six_d_to_matrix(matrix_to_six_d(matrices)), matrices, atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-4, 1.0, math.pi - 1e-6, math.pi])
def test_logarithm_is_finite_at_identity_and_half_turn(angle: float) -> None:
    axis = torch.tensor([0.6, 0.0, 0.8], dtype=torch.float64)
    vector = matrix_to_axis_angle(axis_angle_to_matrix(axis * angle))
    assert torch.isfinite(vector).all()
    assert vector.norm().item() == pytest.approx(angle, abs=1e-7)


def test_gradients() -> None:
    vectors = torch.tensor([[0.3, -0.2, 0.9], [1e-6, 0, 0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(axis_angle_to_matrix, (vectors,))
    six = torch.randn(3, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    assert torch.autograd.gradcheck(six_d_to_matrix, (six,))


def test_zero_rotation_has_a_finite_gradient() -> None:
    zero = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    axis_angle_to_matrix(zero).sum().backward()
    assert zero.grad is not None
    assert torch.isfinite(zero.grad).all()


def test_skew_is_the_cross_product() -> None:
    a, b = torch.tensor([1.0, 2, 3]), torch.tensor([-2.0, 0.5, 4])
    assert torch.allclose(skew(a) @ b, torch.linalg.cross(a, b))


@given(st.floats(0, math.pi))
def test_geodesic_angle_is_the_angle_between(angle: float) -> None:
    axis = torch.tensor([0.0, 0.6, 0.8], dtype=torch.float64)
    start = axis_angle_to_matrix(torch.tensor([0.4, -1.0, 0.2], dtype=torch.float64))
    turned = start @ axis_angle_to_matrix(axis * angle)
    assert geodesic_angle(start, turned).item() == pytest.approx(angle, abs=1e-6)
