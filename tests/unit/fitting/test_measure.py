"""Measuring finished bodies: known numbers, cameras solved where they are missing."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitting.body.model import load_body
from fitting.errors import JobError
from fitting.fit import run_fit_job
from fitting.geometry.camera import project_to_crop, project_to_image
from fitting.measure import CHUNK, run_measure_job
from fitting.mesh import run_mesh_job
from fitting.spec import BodyFit, Box, EftOptions, JobId, MeasureJob, MeasureResult, MeshJob
from resources import default_body
from resources.skeleton import get_skeleton
from tests.helpers.fits import BOX, fit_job, standing_body

SPIN49 = get_skeleton("spin49")
NO_CAMERA = np.full(3, np.nan)
BODY = default_body()


def measure(
    fit: BodyFit,
    camera: np.ndarray,
    keypoints_px: np.ndarray,
    box: Box = BOX,
    copies: int = 1,
    solve_on: Literal["active", "labelled"] = "active",
) -> MeasureResult:
    def repeat(array: np.ndarray) -> np.ndarray:
        return np.repeat(np.asarray(array, dtype=float)[None], copies, 0)

    boxes = (box,) * copies
    arrays = (repeat(fit.rotations), repeat(fit.betas), repeat(camera))
    return run_measure_job(MeasureJob(JobId("m"), *arrays, boxes, repeat(keypoints_px), BODY, solve_on=solve_on))


def joints_of(fit: BodyFit, camera: np.ndarray, box: Box = BOX) -> np.ndarray:
    """Exact keypoints ``(49, 3)`` of a body seen by a camera."""
    joints_px = project_to_image(load_body(BODY).joints_of(fit).astype(float), np.asarray(camera, float), box)
    return np.concatenate((joints_px, np.ones((49, 1))), 1)


def labelled(keypoints_px: np.ndarray, *names: str) -> np.ndarray:
    kept = keypoints_px.copy()
    kept[[i for i, name in enumerate(SPIN49.joints) if name not in names], 2] = 0
    return kept


def test_a_fit_of_ours_measured_again_has_its_own_numbers() -> None:
    result = run_fit_job(fit_job(options=EftOptions(max_iterations=3)))
    again = measure(result.final, result.final.camera, fit_job().keypoints_px, result.box)
    assert not again.solved[0]
    assert again.losses[0].l2d == pytest.approx(result.final_losses.l2d, rel=1e-4)
    assert again.losses[0].total == pytest.approx(result.final_losses.total, rel=1e-4)
    assert again.rms_px[0] == pytest.approx(result.rms_px, rel=1e-4)
    assert np.abs(again.joints_px[0] - result.joints_px).max() < 1e-3
    assert again.body_hash == result.body_hash


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.2, 1.5), tx=st.floats(-1, 1), ty=st.floats(-1, 1), box=st.floats(0.1, 5))
def test_a_missing_camera_is_found_again(scale: float, tx: float, ty: float, box: float) -> None:
    fit, place = standing_body(), Box(np.array([250.0, 310.0]), box)
    camera = np.array([scale, tx, ty])
    result = measure(fit, NO_CAMERA, joints_of(fit, camera, place), place)
    assert result.solved[0]
    assert np.abs(result.cameras[0] - camera).max() < 1e-5
    assert result.losses[0].l2d < 1e-10


def test_the_least_squares_camera_is_the_best_one() -> None:
    fit = standing_body()
    keypoints_px = joints_of(fit, fit.camera)
    keypoints_px[:, :2] += np.random.default_rng(3).normal(0, 12, (49, 2))
    best = measure(fit, NO_CAMERA, keypoints_px)
    for step in np.vstack((np.eye(3), -np.eye(3))) * 1e-3:
        assert measure(fit, best.cameras[0] + step, keypoints_px).losses[0].l2d > best.losses[0].l2d


def test_hips_and_ankles_count_in_a_camera_where_all_labelled_joints_do() -> None:
    fit = standing_body()
    keypoints_px = joints_of(fit, fit.camera)
    keypoints_px[SPIN49.index("left_ankle"), :2] += (40, 0)
    keypoints_px[SPIN49.index("openpose_left_ankle"), :2] -= (400, 0)  # OpenPose's block never counts
    apart = [
        np.abs(measure(fit, NO_CAMERA, keypoints_px, solve_on=joints).cameras[0] - fit.camera).max()
        for joints in ("active", "labelled")
    ]
    assert apart[0] < 1e-5
    assert apart[1] > 1e-3
    exact = measure(fit, NO_CAMERA, joints_of(fit, fit.camera), solve_on="labelled")
    assert np.abs(exact.cameras[0] - fit.camera).max() < 1e-5


def test_confidence_weighs_in_the_solution() -> None:
    fit = standing_body()
    keypoints_px = joints_of(fit, fit.camera)
    keypoints_px[SPIN49.index("left_wrist")] += (40, 0, 0)
    errors = []
    for confidence in (1.0, 1e-3):
        keypoints_px[SPIN49.index("left_wrist"), 2] = confidence
        errors.append(np.abs(measure(fit, NO_CAMERA, keypoints_px).cameras[0] - fit.camera).max())
    assert errors[1] < errors[0] / 100


def test_the_scale_stays_positive_for_a_body_the_other_way_up() -> None:
    fit = standing_body()
    keypoints_px = joints_of(fit, fit.camera)
    keypoints_px[:, :2] = 2 * BOX.center_px - keypoints_px[:, :2]
    result = measure(fit, NO_CAMERA, keypoints_px)
    assert result.cameras[0, 0] == pytest.approx(fit.camera[0], rel=1e-3)


@pytest.mark.parametrize(
    ("names", "solvable"),
    [
        (("left_wrist", "right_knee"), True),
        (("left_hip", "right_ankle"), True),  # not in L2d, but better than no camera at all
        (("left_wrist", "right_ankle"), True),
        (("left_wrist",), False),
        (("openpose_left_wrist", "openpose_right_knee"), False),
        ((), False),
    ],
)
def test_two_joints_are_enough_and_one_is_not(names: tuple[str, ...], solvable: bool) -> None:
    fit = standing_body()
    result = measure(fit, NO_CAMERA, labelled(joints_of(fit, fit.camera), *names))
    assert bool(result.solved[0]) is solvable
    assert np.isfinite(result.cameras[0]).all() == solvable
    if solvable:
        assert np.abs(result.cameras[0] - fit.camera).max() < 1e-4
    else:
        assert np.isnan(result.losses[0].l2d)
        assert result.rms_px[0] is None


def test_two_joints_in_one_place_give_no_scale() -> None:
    keypoints_px = labelled(np.tile([100.0, 120.0, 1.0], (49, 1)), "left_wrist", "right_knee")
    assert not measure(standing_body(), NO_CAMERA, keypoints_px).solved[0]


def test_what_is_not_labelled_changes_nothing() -> None:
    fit = standing_body()
    clean = labelled(joints_of(fit, fit.camera), "left_wrist", "right_knee", "nose")
    dirty = clean.copy()
    dirty[clean[:, 2] == 0, :2] = 1e6
    first, second = measure(fit, NO_CAMERA, clean), measure(fit, NO_CAMERA, dirty)
    assert np.array_equal(first.cameras, second.cameras)
    assert first.losses == second.losses


def test_many_bodies_are_measured_in_pieces_with_the_same_numbers() -> None:
    fit = standing_body()
    keypoints_px = joints_of(fit, fit.camera)
    keypoints_px[:, :2] += (3, 4)
    one, many = measure(fit, fit.camera, keypoints_px), measure(fit, fit.camera, keypoints_px, copies=CHUNK + 3)
    assert len(many.losses) == len(many.rms_px) == CHUNK + 3
    assert np.allclose([terms.l2d for terms in many.losses], one.losses[0].l2d, rtol=1e-5)
    assert one.rms_px[0] == pytest.approx(5.0, rel=1e-4)  # a shift by (3, 4)


def test_arrays_that_do_not_belong_together_are_a_sentence() -> None:
    fit = standing_body()
    arrays = (fit.rotations[None], fit.betas[None], fit.camera[None])
    job = MeasureJob(JobId("m"), *arrays, (BOX, BOX), np.zeros((1, 49, 3)), BODY)
    with pytest.raises(JobError, match="rotations of 2 bodies have shape"):
        run_measure_job(job)


def test_a_mesh_lies_where_its_joints_are() -> None:
    fit = standing_body()
    mesh = run_mesh_job(MeshJob(JobId("mesh"), fit, BODY))
    body = load_body(BODY)
    assert mesh.faces.shape[1] == 3
    assert mesh.faces.max() == len(mesh.vertices_cam) - 1
    nose = mesh.vertices_cam[body.asset.landmark_vertices[0]]
    assert np.abs(nose - body.joints_of(fit)[SPIN49.index("nose")]).max() < 1e-5
    assert project_to_crop(mesh.vertices_cam, fit.camera.astype(float)).shape == (len(mesh.vertices_cam), 2)
