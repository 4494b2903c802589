from pathlib import Path

import numpy as np
import pytest

from fitting.body.model import load_body
from fitting.geometry.boxes import box_around_rectangle
from fitting.geometry.camera import project_to_image
from fitting.spec import JobId, SyntheticJob
from fitting.synthetic.annotation import NOISE_PX
from fitting.synthetic.figure import measure_figure
from fitting.synthetic.garments import cover, smoothness, thickness
from fitting.synthetic.outfit import draw_outfit
from fitting.synthetic.person import relax
from fitting.synthetic.photograph import make_photograph
from fitting.synthetic.scene import draw_staging, lay_ground
from resources.skeleton import build_mapping, get_skeleton

BODY = Path(__file__).parents[3] / "resources" / "body" / "mannequin.npz"
COCO = get_skeleton("coco17")
SEEDS = (1, 4, 9)


def photograph(seed, fault="none", size_px=(240, 260)):
    return make_photograph(SyntheticJob(JobId(f"synthetic-{seed}"), seed, BODY, size_px, fault))


@pytest.fixture(scope="module")
def photographs():
    return {seed: photograph(seed) for seed in SEEDS}


def test_the_same_seed_gives_the_same_bits(photographs):
    again = photograph(SEEDS[0])
    first = photographs[SEEDS[0]]
    assert np.array_equal(again.picture_rgb, first.picture_rgb)
    assert np.array_equal(again.keypoints_px, first.keypoints_px)
    assert np.array_equal(again.fit.rotations, first.fit.rotations)
    assert not np.array_equal(photographs[SEEDS[1]].picture_rgb, first.picture_rgb)


def test_pictures_have_the_wanted_size_and_some_contrast(photographs):
    for result in photographs.values():
        assert result.picture_rgb.shape == (260, 240, 3)
        assert result.picture_rgb.dtype == np.uint8
        assert result.picture_rgb.std() > 15


@pytest.mark.parametrize("seed", SEEDS)
def test_the_true_fit_projects_onto_the_true_keypoints(photographs, seed):
    result = photographs[seed]
    joints_px = project_to_image(load_body(BODY).joints_of(result.fit), result.fit.camera, result.box)
    pairs = build_mapping(COCO, get_skeleton("spin49"))
    assert len(pairs) == 17
    labelled = result.true_keypoints_px[:, 2] > 0
    expected = joints_px[[target for _, target in pairs]]
    assert np.allclose(result.true_keypoints_px[labelled, :2], expected[labelled], atol=1e-3)
    assert labelled.sum() >= 15
    assert np.allclose(np.linalg.det(result.fit.rotations), 1.0, atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_body_in_the_picture_is_the_true_body(photographs, seed):
    """The box of the visible pixels is that of the projected skin, but for the clothes' thickness."""
    result = photographs[seed]
    skin_px = project_to_image(load_body(BODY).vertices_of(result.fit), result.fit.camera, result.box)
    x, y, width, height = result.bbox_xywh
    slack = 0.05 * height
    low, high = np.maximum(skin_px.min(0), 0), np.minimum(skin_px.max(0), [240, 260])
    assert np.abs(low - [x, y]).max() < slack
    assert np.abs(high - [x + width, y + height]).max() < slack
    rule = box_around_rectangle(x, y, width, height)
    assert result.box.scale == pytest.approx(rule.scale)


def test_an_annotator_is_off_by_a_pixel_or_two(photographs):
    off = np.concatenate([
        (result.keypoints_px - result.true_keypoints_px)[result.true_keypoints_px[:, 2] == 2, :2]
        for result in photographs.values()
    ])  # fmt: skip
    assert 0.6 * NOISE_PX < off.std() < 1.5 * NOISE_PX
    assert np.abs(off).max() < 5 * NOISE_PX


def test_a_person_from_behind_hides_the_nose_and_a_person_from_the_front_shows_it():
    seen = {}
    for seed in range(400):
        rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(5)[0])
        facing = np.cos(draw_staging(rng).heading)
        if facing > 0.97:
            seen.setdefault("front", seed)
        if facing < -0.85:
            seen.setdefault("back", seed)
        if len(seen) == 2:
            break
    nose = COCO.index("nose")
    assert photograph(seen["front"]).true_keypoints_px[nose, 2] == 2
    assert photograph(seen["back"]).true_keypoints_px[nose, 2] == 1


def test_the_fault_swap_exchanges_all_names(photographs):
    plain, swapped = photographs[SEEDS[1]], photograph(SEEDS[1], "swap")
    assert np.array_equal(swapped.keypoints_px, plain.keypoints_px[list(COCO.flip)])
    assert np.array_equal(swapped.true_keypoints_px, plain.true_keypoints_px)
    assert np.array_equal(swapped.picture_rgb, plain.picture_rgb)


def test_the_fault_wrist_throws_one_wrist_and_nothing_else(photographs):
    plain, thrown = photographs[SEEDS[2]], photograph(SEEDS[2], "wrist")
    moved = np.linalg.norm(thrown.keypoints_px[:, :2] - plain.keypoints_px[:, :2], axis=1)
    assert np.count_nonzero(moved) == 1
    joint = int(moved.argmax())
    assert COCO.part(joint) == "wrist"
    assert moved[joint] == pytest.approx(0.25 * plain.bbox_xywh[3], rel=0.02)
    assert thrown.keypoints_px[joint, 2] == 2


def test_clothes_cover_what_they_should():
    figure = measure_figure(load_body(BODY).asset)
    outfit = draw_outfit(np.random.default_rng(3))
    chest, thigh = np.array([0.03, figure.waist + 0.12, 0.1]), np.array([0.09, figure.hip - 0.1, 0.05])
    hand, crown = np.array([figure.wrist + 0.08, figure.neck - 0.06, 0.0]), np.array([0.0, figure.crown, 0.0])
    worn = cover(outfit, figure, np.stack((chest, thigh, hand, crown)), 0.005)
    assert worn.top.round().tolist() == [1, 0, 0, 0]
    assert worn.bottom.round().tolist()[1:] == [1, 0, 0]
    assert worn.hair.round().tolist() == [0, 0, 0, 1]
    face = np.argmin(np.abs(figure.vertices - figure.nose).sum(1))
    assert thickness(outfit, figure)[face] < 0.002
    assert 0.0 <= smoothness(outfit, figure).min() <= smoothness(outfit, figure).max() <= 1.0


def test_relaxing_moves_only_what_it_is_asked_to():
    body = load_body(BODY)
    points = body.asset.v_template.astype(float)
    amount = (points[:, 1] < -1.0).astype(float)
    relaxed = relax(points, body.faces, amount)
    assert np.array_equal(relaxed[amount == 0], points[amount == 0])
    assert np.abs(relaxed - points).max() > 1e-3


def test_people_stand_on_the_ground_they_get():
    points = np.random.default_rng(2).normal(size=(50, 3))
    ground = lay_ground(points, 0.15, 0.2)
    assert ground.heights(points).min() == pytest.approx(0.2)
    light = ground.direction(40.0, 50.0)
    assert np.allclose(ground.heights(ground.shadow_of(points, light)), 0.0)
    axes = np.stack((ground.right, ground.forward, ground.up))
    assert np.allclose(axes @ axes.T, np.eye(3))
