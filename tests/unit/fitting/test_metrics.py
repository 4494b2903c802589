"""Metrics by worked example."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from fitting.evaluation.metrics import (
    LIMBS,
    align_by_similarity,
    mean_distance,
    mpjpe_mm,
    pa_mpjpe_mm,
    pck,
    vertex_error_mm,
    wrong_way_limbs,
)
from resources.skeleton import get_skeleton

SQUARE = np.array([[[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]])


def test_mpjpe_forgets_a_shift_but_not_a_moved_joint() -> None:
    moved = SQUARE + np.array([0.5, -2.0, 3.0])
    moved[0, 3] += [0.0, 0.0, 0.04]
    np.testing.assert_allclose(mpjpe_mm(moved, SQUARE, (0,)), [10.0])  # 40 mm on one of four joints


def test_mpjpe_root_is_the_mean_of_its_joints() -> None:
    moved = SQUARE.copy()
    moved[0, 0] += [0.0, 0.0, 0.02]
    # The root rises by 10 mm: joint 0 is 10 mm off, the three others -10 mm.
    np.testing.assert_allclose(mpjpe_mm(moved, SQUARE, (0, 1)), [10.0])


def test_pa_by_hand() -> None:
    # Four corners, one diagonal stretched to 1 + 2a and kept centred: the best scale is 1 + a, and every corner is
    # then off by a * half a diagonal.
    a, half = 0.1, math.sqrt(2) / 2
    stretched = SQUARE - SQUARE.mean(1)
    stretched[0, [0, 2]] *= 1 + 2 * a
    target = SQUARE
    scale = (1 + 1 + 2 * a) / (1 + (1 + 2 * a) ** 2)
    expected = 1000 * half * (abs(1 - scale * (1 + 2 * a)) + abs(1 - scale)) / 2
    np.testing.assert_allclose(pa_mpjpe_mm(stretched, target), [expected])


@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(0.1, 10),
    axis_angle=st.tuples(*[st.floats(-3, 3)] * 3),
    shift=st.tuples(*[st.floats(-5, 5)] * 3),
)
def test_pa_is_zero_for_similar_skeletons(
    seed: int, scale: float, axis_angle: tuple[float, ...], shift: tuple[float, ...]
) -> None:
    target = np.random.default_rng(seed).normal(size=(2, 14, 3))
    similar = scale * target @ Rotation.from_rotvec(axis_angle).as_matrix().T + np.array(shift)
    np.testing.assert_allclose(pa_mpjpe_mm(similar, target), 0, atol=1e-6)
    np.testing.assert_allclose(align_by_similarity(similar, target), target, atol=1e-8)


def test_a_mirrored_skeleton_is_not_similar() -> None:
    target = np.random.default_rng(0).normal(size=(1, 14, 3))
    assert pa_mpjpe_mm(target * [-1, 1, 1], target)[0] > 100


def test_points_in_one_place_go_to_the_mean() -> None:
    aligned = align_by_similarity(np.zeros((1, 4, 3)), SQUARE)
    np.testing.assert_allclose(aligned, np.broadcast_to(SQUARE.mean(1), (1, 4, 3)))


def test_pck_counts_labelled_keypoints_only() -> None:
    predicted = np.array([[[0.0, 0], [0, 0], [0, 0]], [[0, 0], [0, 0], [0, 0]]])
    annotated = np.array([[[0.05, 0], [0.3, 0], [9, 9]], [[0, 0], [0, 0], [0, 0]]])
    confidence = np.array([[1.0, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(pck(predicted, annotated, confidence, 0.1), [0.5, np.nan])


def test_a_root_beyond_the_counted_joints_only_centres() -> None:
    moved = SQUARE.copy()
    moved[0, 3] += [0.0, 0.0, 0.04]  # the root: all others are 40 mm off, and it is not counted itself
    np.testing.assert_allclose(mpjpe_mm(moved, SQUARE, (3,), 3), [40.0])


def test_vertices_are_centred_on_the_roots_given() -> None:
    shifted = SQUARE + np.array([1.0, 2.0, 3.0])
    shifted[0, 1] += [0.0, 0.008, 0.0]
    error = vertex_error_mm(shifted, SQUARE, np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 3)))
    np.testing.assert_allclose(error, [2.0])  # 8 mm on one of four


def test_wrong_way_limbs_by_hand() -> None:
    """Left arm: upper arm 10 cm towards the camera, forearm 4 cm (not judged); right thigh 6 cm away from it."""
    index = get_skeleton("spin49").index
    true = np.zeros((3, 49, 3))
    true[:, index("openpose_left_elbow"), 2] = -0.10
    true[:, index("openpose_left_wrist"), 2] = -0.14
    true[:, index("openpose_right_knee"), 2] = 0.06
    true[:, index("openpose_right_ankle"), 2] = 0.06
    predicted = true.copy()
    predicted[0] *= 0.1  # flat, but each limb on its side
    predicted[1, index("openpose_left_elbow"), 2] = 0.01  # wrong, by little
    predicted[2] *= -1  # both wrong, the thigh by 6 cm
    limbs = wrong_way_limbs(predicted, true)
    assert limbs.judged.sum(1).tolist() == [2, 2, 2]
    assert limbs.wrong.sum(1).tolist() == [0, 1, 2]
    assert limbs.wrong_beyond.sum(1).tolist() == [0, 0, 2]
    assert LIMBS[0] == ("openpose_left_shoulder", "openpose_left_elbow")
    assert limbs.wrong[1, 0]


def test_a_flat_prediction_is_wrong_wherever_its_sign_is() -> None:
    true = np.zeros((1, 49, 3))
    true[0, get_skeleton("spin49").index("openpose_left_elbow"), 2] = 0.2
    assert wrong_way_limbs(-0.01 * true, true).wrong.sum() == 2  # the upper arm, and the forearm that comes back
    assert wrong_way_limbs(np.zeros_like(true), true).wrong.sum() == 0  # no way at all is not the wrong one


def test_mean_distance_is_over_labelled_keypoints() -> None:
    predicted = np.array([[[3.0, 4.0], [100.0, 0.0], [0.0, 1.0]]] * 2)
    confidence = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    found = mean_distance(predicted, np.zeros_like(predicted), confidence)
    np.testing.assert_allclose(found, [3.0, np.nan])
