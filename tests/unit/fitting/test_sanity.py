"""Flags: bodies that lie on their keypoints and still cannot be right."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from fitting.body.model import load_body
from fitting.fit import run_fit_job
from fitting.geometry.camera import project_to_image
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.measure import run_measure_job
from fitting.sanity import Sighting, find_flags
from fitting.spec import BodyFit, Box, EftOptions, JobId, MeasureJob
from resources import default_body
from resources.skeleton import build_mapping, get_skeleton
from tests.helpers.fits import BOX, fit_job, standing_body

SPIN49 = get_skeleton("spin49")
COCO = [target for _, target in build_mapping(get_skeleton("coco17"), SPIN49)]
LEGS = ("knee", "ankle")
IMAGE_SIZE = (640.0, 480.0)


def sight(body: BodyFit | None = None, **changes: Any) -> Sighting:
    """An upright person whose keypoints are the body's own, whole in its rectangle within a large picture."""
    body = body or standing_body(bend=0.0)
    joints_cam = load_body(default_body()).joints_of(body).astype(float)
    joints_px = project_to_image(joints_cam, body.camera.astype(float), BOX)
    keypoints_px = np.zeros((49, 3))
    keypoints_px[COCO] = np.concatenate((joints_px[COCO], np.ones((len(COCO), 1))), 1)
    low, size = joints_px.min(0), np.ptp(joints_px, axis=0)
    rectangle = (float(low[0]), float(low[1]), float(size[0]), float(size[1]))
    sighting = Sighting(joints_cam, body.camera.astype(float), BOX, keypoints_px, rectangle, IMAGE_SIZE)
    return dataclasses.replace(sighting, **changes)


def without(sighting: Sighting, *parts: str) -> Sighting:
    """The same with the keypoints of these parts, both sides, not labelled."""
    keypoints_px = sighting.keypoints_px.copy()
    keypoints_px[[SPIN49.part(index) in parts for index in range(49)], 2] = 0
    return dataclasses.replace(sighting, keypoints_px=keypoints_px)


def pitched(degrees: float, *, legs_too: bool = False) -> BodyFit:
    """The upright person with the trunk turned in depth, positive away from the camera; the legs stay, or turn too."""
    body = standing_body(bend=0.0)
    rotations = torch.tensor(body.rotations)
    turn = axis_angle_to_matrix(torch.tensor([-np.radians(degrees), 0.0, 0.0], dtype=torch.float32))
    root = rotations[0].clone()
    rotations[0] = turn @ root
    for hip in (1, 2):
        if not legs_too:
            rotations[hip] = rotations[0].T @ root @ rotations[hip]
    return dataclasses.replace(body, rotations=rotations.numpy())


def posed_otherwise(degrees: float) -> Sighting:
    """An upright person in the picture, fitted with a trunk that leans in depth."""
    leaning = sight(pitched(degrees))
    return dataclasses.replace(sight(), joints_cam=leaning.joints_cam)


def scaled(factor: float) -> Sighting:
    """The body ``factor`` times as large as its keypoints, about the middle of the person."""
    sighting = sight()
    camera = sighting.camera * factor
    return dataclasses.replace(sighting, camera=camera)


def test_an_upright_person_has_no_flags() -> None:
    assert find_flags(sight()) == {}


@pytest.mark.parametrize(
    "parts", [("ankle",), LEGS, (*LEGS, "hip"), ("nose", "eye", "ear"), ("wrist", "elbow"), ("shoulder",)]
)
def test_missing_keypoints_alone_raise_no_flag(parts: tuple[str, ...]) -> None:
    assert find_flags(without(sight(), *parts)) == {}


def test_nothing_labelled_and_no_camera_are_no_flags() -> None:
    nothing = dataclasses.replace(sight(), keypoints_px=np.zeros((49, 3)))
    assert find_flags(nothing) == {}
    assert find_flags(dataclasses.replace(sight(), camera=np.full(3, np.nan))) == {}


@pytest.mark.parametrize(
    ("factor", "flag"), [(1.5, "too_large"), (2.0, "too_large"), (0.65, "too_small"), (0.5, "too_small")]
)
@pytest.mark.parametrize("rectangle", ["known", "unknown"])
def test_a_body_of_another_size_than_its_bones_in_the_picture(factor: float, flag: str, rectangle: str) -> None:
    sighting = scaled(factor)
    if rectangle == "unknown":
        sighting = dataclasses.replace(sighting, rectangle_px=None, image_size_px=None)
    flags = find_flags(sighting)
    assert list(flags) == [flag]
    assert next(iter(flags.values())) == pytest.approx(factor, rel=0.25)


def test_a_size_a_little_off_is_no_flag() -> None:
    for factor in (0.9, 1.1):
        assert find_flags(scaled(factor)) == {}


def test_two_bones_are_too_few_to_judge_the_size() -> None:
    unboxed = dataclasses.replace(scaled(1.6), rectangle_px=None, image_size_px=None)
    assert "too_large" in find_flags(unboxed)
    assert find_flags(without(unboxed, "ankle", "knee", "hip", "wrist", "elbow")) == {}


def cut_at_the_hips(sighting: Sighting) -> Sighting:
    """The rectangle ends at the hips, and so do the keypoints."""
    assert sighting.rectangle_px is not None
    left, top, width, _ = sighting.rectangle_px
    height = float(sighting.keypoints_px[SPIN49.index("left_hip"), 1]) - top
    return dataclasses.replace(without(sighting, *LEGS), rectangle_px=(left, top, width, height))


def test_legs_beyond_the_border_of_the_picture_are_fine() -> None:
    cut = cut_at_the_hips(sight())
    assert cut.rectangle_px is not None
    border = cut.rectangle_px[1] + cut.rectangle_px[3]
    assert find_flags(dataclasses.replace(cut, image_size_px=(640.0, border))) == {}


def test_legs_hidden_by_a_table_are_fine() -> None:
    assert find_flags(cut_at_the_hips(sight())) == {}


def test_keypoints_of_hidden_legs_outside_the_box_are_fine() -> None:
    sighting = sight()
    assert find_flags(dataclasses.replace(cut_at_the_hips(sighting), keypoints_px=sighting.keypoints_px)) == {}


def test_legs_far_below_their_keypoints_are_not() -> None:
    cut = cut_at_the_hips(sight())
    assert cut.rectangle_px is not None
    border = cut.rectangle_px[1] + cut.rectangle_px[3]
    keypoints_px = cut.keypoints_px.copy()
    for side in ("left", "right"):
        keypoints_px[SPIN49.index(f"{side}_ankle")] = (320, border, 1)
    labelled = dataclasses.replace(cut, keypoints_px=keypoints_px)
    assert find_flags(labelled)["too_large"] > 1.25
    assert find_flags(dataclasses.replace(labelled, image_size_px=(640.0, border))) == {}
    assert find_flags(dataclasses.replace(labelled, image_size_px=None)) == {}


def test_an_arm_without_keypoints_counts_once_the_person_is_whole() -> None:
    sighting = without(sight(), "elbow", "wrist")
    joints_cam = sighting.joints_cam.copy()
    for index, name in enumerate(SPIN49.joints):
        if name.endswith("left_wrist"):
            joints_cam[index, 0] += 1.5
    assert find_flags(dataclasses.replace(sighting, joints_cam=joints_cam))["too_large"] > 1.5
    assert find_flags(without(dataclasses.replace(sighting, joints_cam=joints_cam), "ankle")) == {}


@pytest.mark.parametrize("degrees", [-32.0, 32.0])
def test_a_trunk_that_leans_against_an_upright_picture(degrees: float) -> None:
    flags = find_flags(posed_otherwise(degrees))
    assert list(flags) == ["trunk_tilted"]
    assert flags["trunk_tilted"] == pytest.approx(degrees, abs=6)


@pytest.mark.parametrize("degrees", [-15.0, 12.0])
def test_a_slight_lean_is_granted(degrees: float) -> None:
    assert find_flags(posed_otherwise(degrees)) == {}


@pytest.mark.parametrize("degrees", [-40.0, -30.0, 30.0, 40.0])
def test_a_lean_that_the_picture_shows_by_a_short_trunk_is_right(degrees: float) -> None:
    assert find_flags(sight(pitched(degrees))) == {}


def test_a_trunk_askew_in_the_picture_is_not_judged() -> None:
    sighting = posed_otherwise(35.0)
    angle = np.radians(30)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    keypoints_px = sighting.keypoints_px.copy()
    keypoints_px[:, :2] = (keypoints_px[:, :2] - BOX.center_px) @ turn.T + BOX.center_px
    turned = dataclasses.replace(sighting, keypoints_px=keypoints_px, rectangle_px=None)
    assert "trunk_tilted" not in find_flags(turned)


def test_heads_and_legs_cut_off_are_judged_by_the_rest() -> None:
    hunched = dataclasses.replace(posed_otherwise(-45.0), rectangle_px=None)
    no_trunk = without(hunched, "shoulder", "elbow", "wrist", "nose", "eye", "ear")
    assert find_flags(no_trunk)["trunk_tilted"] == pytest.approx(-45, abs=6)
    bust = without(hunched, "hip", *LEGS)
    assert find_flags(bust)["trunk_tilted"] == pytest.approx(-45, abs=6)
    arms_only = without(bust, "nose", "eye", "ear")
    assert find_flags(arms_only) == {}
    milder = dataclasses.replace(posed_otherwise(-28.0), rectangle_px=None)
    assert find_flags(without(milder, "hip", *LEGS)) == {}


def test_openpose_joints_count_like_the_others() -> None:
    sighting = posed_otherwise(32.0)
    keypoints_px = np.zeros((49, 3))
    for index, name in enumerate(SPIN49.joints):
        if name.startswith("openpose_") and name.removeprefix("openpose_") in SPIN49.joints:
            keypoints_px[index] = sighting.keypoints_px[SPIN49.index(name.removeprefix("openpose_"))]
    assert "trunk_tilted" in find_flags(dataclasses.replace(sighting, keypoints_px=keypoints_px))


def test_random_numbers_raise_flags_and_no_errors() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        sighting = dataclasses.replace(
            sight(),
            joints_cam=random.normal(size=(49, 3)),
            camera=random.normal(size=3),
            keypoints_px=np.concatenate((random.uniform(0, 480, (49, 2)), random.integers(0, 2, (49, 1))), 1),
            rectangle_px=tuple(random.uniform(-100, 500, 4)),
        )
        assert all(np.isfinite(amount) for amount in find_flags(sighting).values())


def test_fits_of_every_method_and_measured_ones_carry_the_same_flags() -> None:
    """A rectangle several times as large as the person."""
    short = EftOptions(max_iterations=2)
    job = fit_job(options=short, rectangle_px=(0.0, 0.0, 1200.0, 1200.0), image_size_px=(1200, 1200))
    for method in ("eft", "regressor"):
        result = run_fit_job(dataclasses.replace(job, method=method))
        assert list(result.flags) == ["too_small"]
        arrays = (np.asarray(array, dtype=float)[None] for array in _numbers(result.final))
        measured = run_measure_job(
            MeasureJob(
                JobId("m"), *arrays, (job.box,), job.keypoints_px[None], job.body,
                rectangles_px=np.array([job.rectangle_px]), image_sizes_px=np.array([[1200.0, 1200.0]]),
            )
        )  # fmt: skip
        assert measured.flags[0] == pytest.approx(dict(result.flags), rel=1e-3)
        unknown = dataclasses.replace(job, method=method, rectangle_px=None)
        assert run_fit_job(unknown).flags == {}


def test_the_square_of_a_box_stands_in_for_an_unknown_rectangle() -> None:
    sighting = sight(rectangle_px=None)
    large = Box(BOX.center_px, 2 * BOX.scale)
    camera = sighting.camera / 2
    joints_px = project_to_image(sighting.joints_cam, sighting.camera, BOX)
    assert np.allclose(project_to_image(sighting.joints_cam, camera, large), joints_px)
    assert find_flags(sighting) == {}
    assert list(find_flags(dataclasses.replace(sighting, box=large, camera=camera))) == ["too_small"]


def _numbers(fit: BodyFit) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return fit.rotations, fit.betas, fit.camera
