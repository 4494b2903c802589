"""The mannequin: the shipped file keeps its contract, and the steps that build it do what they say on small things."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fitting.body.assets import load_body_asset
from fitting.body.mannequin import anatomy, build, checks, correctives, surface
from fitting.body.mannequin.field import Part, posed_distance, rest_distance
from fitting.body.mannequin.flips import flip_edges
from fitting.body.mannequin.limit_poses import LIMIT_POSES, LimitPose
from fitting.body.mannequin.posing import bone_transforms
from fitting.body.mannequin.primitives import Ellipsoid, Loft, RoundCone, Station, smooth_subtract, smooth_union
from fitting.body.mannequin.shape_directions import SHAPE_NAMES, shape_fields
from fitting.body.mannequin.skinning import bone_heat, segment_distance
from fitting.body.mannequin.training_poses import build_training_poses, pose_rotations
from resources import default_body

FloatArray = NDArray[np.float64]
MIRROR = np.array([-1.0, 1.0, 1.0])
HEAD = anatomy.JOINT_NAMES.index("head")


@cache
def shipped() -> dict[str, NDArray[np.generic]]:
    with np.load(default_body(), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def shipped_float(key: str) -> FloatArray:
    return shipped()[key].astype(np.float64)


@cache
def shipped_body() -> checks.Body:
    return {key: values.astype(np.float64) for key, values in shipped().items() if values.dtype.kind in "fiu"}


@cache
def shipped_twins() -> NDArray[np.int64]:
    """Mirror image of each vertex (V,)."""
    return cKDTree(shipped_float("v_template")).query(shipped_float("v_template") * MIRROR)[1]


def edge_use(faces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Directed edges (3 F, 2) and how many triangles share each undirected one."""
    directed = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return directed, np.unique(np.sort(directed, 1), axis=0, return_counts=True)[1]


def posed(pose: dict[str, tuple[float, float, float]], betas: FloatArray | None = None) -> FloatArray:
    """Vertices (V, 3) of the shipped body in a pose given as Euler degrees, correctives included."""
    return checks.pose_body(shipped_body(), pose_rotations(pose), betas)[1]


def volume(vertices: FloatArray) -> float:
    return surface.enclosed_volume(vertices, shipped()["f"].astype(np.int64))


# --- the shipped file -------------------------------------------------------------------------------------------------


def test_file_is_small_and_loads_as_a_body() -> None:
    assert default_body().stat().st_size <= 8_000_000
    asset = load_body_asset(default_body())
    assert asset.name == build.NAME
    assert asset.licence == "Apache-2.0"
    assert 4000 <= len(asset.v_template) <= 10_000


def test_file_has_smpl_shapes_and_types() -> None:
    count, faces = len(shipped()["v_template"]), len(shipped()["f"])
    wanted = {
        "v_template": ((count, 3), np.float32),
        "shapedirs": ((count, 3, 10), np.float32),
        "posedirs": ((count, 3, 207), np.float32),
        "weights": ((count, 24), np.float32),
        "J_regressor": ((24, count), np.float32),
        "J_regressor_extra": ((9, count), np.float32),
        "J_regressor_h36m": ((17, count), np.float32),
        "f": ((faces, 3), np.int32),
        "kintree_table": ((2, 24), np.int64),
        "landmark_vertices": ((21,), np.int64),
    }
    assert {key: (shipped()[key].shape, shipped()[key].dtype.type) for key in wanted} == wanted
    assert tuple(shipped()["shape_names"]) == SHAPE_NAMES
    assert tuple(shipped()["kintree_table"][0, 1:]) == anatomy.PARENTS[1:]


def test_surface_is_closed_with_euler_number_two() -> None:
    directed, uses = edge_use(shipped()["f"].astype(np.int64))
    assert (uses == 2).all()
    assert len(np.unique(directed, axis=0)) == len(directed), "every edge runs once each way: consistent orientation"
    assert len(shipped()["v_template"]) - len(uses) + len(shipped()["f"]) == 2
    assert 0.060 < volume(shipped_float("v_template")) < 0.075


def test_triangles_are_even_and_do_not_cut_each_other() -> None:
    vertices, faces = shipped_float("v_template"), shipped()["f"].astype(np.int64)
    angles = checks.smallest_angles(vertices, faces)
    assert angles.min() > 7.0
    assert np.percentile(angles, 1) > 22.0
    assert np.percentile(angles, 5) > 28.0
    assert len(checks.cutting_triangles(vertices, faces)) == 0


def test_body_stands_upright_at_its_stature() -> None:
    vertices = shipped_float("v_template")
    assert_allclose(np.ptp(vertices[:, 1]), anatomy.STATURE, atol=0.005)
    landmarks = dict(zip(anatomy.LANDMARK_NAMES, vertices[shipped()["landmark_vertices"]], strict=True))
    assert landmarks["nose"][2] > landmarks["left_ear"][2] + 0.08, "the face looks along +z"
    for name, spot in landmarks.items():
        assert spot[0] * {"left": 1.0, "right": -1.0}.get(name.split("_")[0], 0.0) >= 0.0, f"left is +x: {name}"
    assert landmarks["left_thumb"][2] > landmarks["left_pinky"][2] + 0.08, "palm down, thumb forward"
    assert landmarks["left_big_toe"][0] < landmarks["left_small_toe"][0], "the big toe is the inner one"


@pytest.mark.parametrize("name", [name for name in anatomy.LANDMARK_NAMES if not name.startswith("right_")])
def test_landmarks_are_where_anatomy_wants_them(name: str) -> None:
    vertices = shipped_float("v_template")[shipped()["landmark_vertices"]]
    index = anatomy.LANDMARK_NAMES.index(name)
    other = anatomy.LANDMARK_NAMES.index(anatomy.mirrored_name(name))
    assert np.linalg.norm(vertices[index] - anatomy.build_landmarks()[index]) < 0.003
    assert_allclose(vertices[other], vertices[index] * MIRROR, atol=1e-6)


def test_weights_are_four_a_vertex_and_sum_to_one() -> None:
    weights = shipped_float("weights")
    assert weights.min() >= 0.0
    assert ((weights > 0).sum(1) <= 4).all()
    assert_allclose(weights.sum(1), 1.0, atol=1e-6)


def test_head_is_rigid_from_the_jaw_up() -> None:
    vertices = shipped_float("v_template")
    face = shipped()["landmark_vertices"][:5]
    above = vertices[:, 1] > 1.57 - anatomy.SOLE_DEPTH
    rigid = np.union1d(np.flatnonzero(above), face)
    assert (shipped()["weights"][rigid, HEAD] == 1.0).all()
    assert not shipped()["posedirs"][rigid].any()


@pytest.mark.parametrize(
    ("key", "places"),
    [
        ("J_regressor", anatomy.build_joints()),
        ("J_regressor_extra", anatomy.build_extra_joints()),
        ("J_regressor_h36m", anatomy.build_h36m_joints()),
    ],
)
def test_regressors_find_joints_at_rest_and_follow_every_shape(key: str, places: FloatArray) -> None:
    rows = shipped_float(key)
    assert rows.min() >= 0.0
    assert_allclose(rows.sum(1), 1.0, atol=1e-6)
    assert np.linalg.norm(rows @ shipped_float("v_template") - places, axis=1).max() < 0.001
    shifts = np.einsum("jv,vcb->jcb", rows, shipped_float("shapedirs"))
    assert np.linalg.norm(shifts - shape_fields(places), axis=1).max() < 0.005


def test_extra_rows_are_sparse() -> None:
    assert ((shipped_float("J_regressor_extra") > 0).sum(1) <= 30).all()


@pytest.mark.parametrize("direction", range(10), ids=SHAPE_NAMES)
def test_three_sigma_of_a_shape_is_still_a_person(direction: int) -> None:
    litres = [
        1000 * volume(shipped_float("v_template") + sigma * shipped_float("shapedirs")[..., direction])
        for sigma in (-3.0, 3.0)
    ]
    assert 30 < min(litres) < max(litres) < 120
    assert max(litres) - min(litres) > 1.0, "the direction changes the body"


def measured(betas: FloatArray) -> dict[str, float]:
    """What each shape direction is named after: metres, litres for mass."""
    rest = shipped_float("v_template") + shipped_float("shapedirs") @ betas
    joints = dict(zip(anatomy.JOINT_NAMES, shipped_float("J_regressor") @ rest, strict=True))
    still = shipped_float("v_template")
    height = still[:, 1] + anatomy.SOLE_DEPTH
    waist = (np.abs(height - 1.075) < 0.03) & (np.abs(still[:, 0]) < 0.03)
    biceps = (np.abs(still[:, 0] - 0.335) < 0.03) & (height > 1.30)
    return {
        "stature": float(np.ptp(rest[:, 1])),
        "mass": 1000.0 * volume(rest),
        "leg length": joints["left_hip"][1] - joints["left_ankle"][1],
        "arm length": joints["left_wrist"][0] - joints["left_shoulder"][0],
        "shoulder width": 2.0 * joints["left_shoulder"][0],
        "hip width": 2.0 * joints["left_hip"][0],
        "head size": rest[:, 1].max() - joints["head"][1],
        "torso length": joints["neck"][1] - joints["pelvis"][1],
        "muscle": float(np.ptp(rest[biceps, 1])),
        "belly": float(np.ptp(rest[waist, 2])),
    }


@pytest.mark.parametrize(
    ("direction", "least", "still"),
    [
        ("stature", 0.07, ()),
        ("mass", 8.0, ("stature", "leg length", "arm length", "shoulder width", "hip width", "torso length")),
        ("leg length", 0.02, ("arm length", "shoulder width", "hip width", "head size", "torso length", "belly")),
        ("arm length", 0.015, ("stature", "leg length", "shoulder width", "hip width", "head size", "belly")),
        ("shoulder width", 0.015, ("stature", "leg length", "arm length", "hip width", "head size", "belly")),
        ("hip width", 0.008, ("stature", "leg length", "arm length", "shoulder width", "head size", "belly")),
        ("head size", 0.005, ("leg length", "arm length", "shoulder width", "hip width", "torso length", "belly")),
        ("torso length", 0.012, ("leg length", "arm length", "shoulder width", "hip width", "head size", "belly")),
        ("muscle", 0.008, ("stature", "leg length", "arm length", "shoulder width", "hip width", "head size")),
        ("belly", 0.012, ("stature", "leg length", "arm length", "shoulder width", "hip width", "muscle")),
    ],
)
def test_a_shape_changes_what_it_is_named_after(direction: str, least: float, still: tuple[str, ...]) -> None:
    unit = np.eye(len(SHAPE_NAMES))[SHAPE_NAMES.index(direction)]
    before, after = measured(np.zeros(len(SHAPE_NAMES))), measured(unit)
    assert after[direction] - before[direction] > least
    for other in still:
        assert abs(after[other] - before[other]) < 0.003, other


@pytest.mark.parametrize("direction", range(10), ids=SHAPE_NAMES)
@pytest.mark.parametrize("sigma", [-3.0, 3.0])
def test_limits_of_a_shape_turn_no_triangle_over(direction: int, sigma: float) -> None:
    rest, faces = shipped_float("v_template"), shipped()["f"].astype(np.int64)
    shaped = rest + sigma * shipped_float("shapedirs")[..., direction]
    assert len(checks.cutting_triangles(shaped, faces)) <= 6
    assert ((checks.face_normals(shaped, faces) * checks.face_normals(rest, faces)).sum(1) < 0.0).sum() <= 2


def test_shapes_keep_the_pelvis_where_it_is() -> None:
    moved = shipped_float("J_regressor")[0] @ shipped_float("shapedirs").reshape(-1, 30)
    assert np.abs(moved).max() < 0.005


@pytest.mark.parametrize("limit", LIMIT_POSES, ids=[limit.caption for limit in LIMIT_POSES])
def test_limit_poses_keep_volume_without_spikes(limit: LimitPose) -> None:
    rotations = pose_rotations(limit.pose)
    rest, body = checks.pose_body(shipped_body(), rotations)
    report = checks.report_mesh(shipped_body(), rest, rotations, body)
    assert limit.kept <= report.litres / (1000 * volume(rest)) <= 1.03
    assert report.longest_mm < 45.0, "no edge is drawn out into a spike"
    assert report.sharpest > 2.5
    assert report.inverted <= 0.01 * len(shipped()["f"]), "only skin folded away in creases turns over"


def test_correctives_give_back_two_fifths_of_what_skinning_loses() -> None:
    full = volume(shipped_float("v_template"))
    for limit in LIMIT_POSES:
        rotations = pose_rotations(limit.pose)
        plain, corrected = (
            volume(checks.pose_body(shipped_body(), rotations, correct=correct)[1]) for correct in (False, True)
        )
        if plain < 0.95 * full:
            assert full - corrected < 0.6 * (full - plain), limit.caption


def test_body_is_its_own_mirror_image() -> None:
    rest, twins = shipped_float("v_template"), shipped_twins()
    swap = [anatomy.JOINT_NAMES.index(anatomy.mirrored_name(name)) for name in anatomy.JOINT_NAMES]
    assert_allclose(rest[twins] * MIRROR, rest, atol=1e-6)
    assert_allclose(shipped_float("weights")[twins][:, swap], shipped_float("weights"), atol=1e-6)
    directions = shipped_float("shapedirs")
    assert_allclose(directions[twins] * MIRROR[:, None], directions, atol=2.1e-5)


def test_symmetric_pose_gives_symmetric_body() -> None:
    twins = shipped_twins()
    body = posed({"left_hip": (-80, 10, 20), "left_elbow": (10, -90, 0), "left_collar": (0, 0, 20)})
    assert_allclose(body[twins] * MIRROR, body, atol=1e-4)


# --- the steps that build it ------------------------------------------------------------------------------------------


def test_sphere_distances_are_exact() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.3, 0.0, 0.0], [0.0, 0.5, 0.0]])
    ball = Ellipsoid(np.zeros(3), np.full(3, 0.2))
    assert_allclose(ball.distance(points)[1:], [0.1, 0.3], atol=1e-12)
    cone = RoundCone(np.zeros(3), np.array([0.0, 1.0, 0.0]), 0.2, 0.2)
    assert_allclose(cone.distance(points), [-0.2, 0.1, -0.2], atol=1e-12)


def test_round_cone_touches_both_spheres_and_the_slope_between() -> None:
    cone = RoundCone(np.zeros(3), np.array([0.0, 1.0, 0.0]), 0.3, 0.1)
    on_surface = np.array([[0.0, -0.3, 0.0], [0.0, 1.1, 0.0]])
    assert_allclose(cone.distance(on_surface), 0.0, atol=1e-12)
    normal = np.array([np.sqrt(1 - 0.2**2), 0.2, 0.0])
    middle = np.array([0.0, 0.5, 0.0]) + normal * 0.2
    assert_allclose(cone.distance(middle[None]), 0.0, atol=1e-12)


def test_round_loft_is_a_cylinder_with_flat_ends() -> None:
    axes = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    loft = Loft([Station(at, 0.1, -0.1, 0.1, 2.0) for at in (0.0, 0.5, 1.0)], axes)
    points = np.array([[0.15, 0.5, 0.0], [0.0, 0.5, -0.1], [0.0, 1.2, 0.0], [0.13, 1.04, 0.0]])
    assert_allclose(loft.distance(points), [0.05, 0.0, 0.2, 0.05], atol=1e-6)
    low, high = loft.bounds()
    assert_allclose([low, high], [[-0.1, 0.0, -0.1], [0.1, 1.0, 0.1]], atol=1e-9)


def test_smooth_union_melts_only_where_both_are_near() -> None:
    one, other = np.array([0.0, 0.0, -0.3]), np.array([0.0, 0.5, 0.1])
    assert_allclose(smooth_union(one, other, 0.04), [-0.01, 0.0, -0.3])
    assert_allclose(smooth_subtract(one, other, 0.04), [0.01, 0.0, -0.1])


def test_posed_field_at_rest_is_the_rest_field() -> None:
    axis = np.array([0.2, 0.0, 0.0]), np.array([0.5, 0.0, 0.0])
    parts = [
        Part(Ellipsoid(np.zeros(3), np.full(3, 0.1)), "spine3", 0.02, paired=False),
        Part(RoundCone(*axis, 0.05, 0.04), "left_elbow", 0.02),
    ]
    points = np.random.default_rng(3).uniform(-0.5, 0.5, (200, 3)) * [1.0, 0.1, 0.1]
    still = bone_transforms(anatomy.build_joints(), np.tile(np.eye(3), (24, 1, 1)))
    assert_allclose(posed_distance(parts, points, still), rest_distance(parts, points), atol=1e-12)


def test_fold_between_two_bones_follows_both() -> None:
    fold = RoundCone(np.array([0.1, 0.0, 0.0]), np.array([0.3, 0.0, 0.0]), 0.02, 0.02)
    still = np.concatenate([np.eye(3), np.zeros((3, 1))], 1)
    lifted = np.concatenate([np.eye(3), [[0.0], [0.2], [0.0]]], 1)
    stretched = fold.stretched(still, lifted, mirrored=True)
    ends = np.array([[-0.1, 0.0, 0.0], [-0.3, 0.2, 0.0], [-0.2, 0.1, 0.0]])
    assert_allclose(stretched.distance(ends), -0.02, atol=1e-9)


def test_half_a_ball_is_meshed_decimated_and_welded_to_a_closed_mirror_image() -> None:
    parts = [Part(Ellipsoid(np.zeros(3), np.array([0.1, 0.12, 0.08])), "spine3", 0.02, paired=False)]
    field, low = surface.sample_grid(parts, 0.01)
    vertices, faces = surface.decimate(*surface.extract_half(field, low, 0.01), 300, [])
    mesh = surface.settle(surface.mirror(vertices, faces), parts, 3)
    edges = np.unique(
        np.sort(np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]), 1), axis=0
    )
    assert len(mesh.vertices) - len(edges) + len(mesh.faces) == 2
    assert_allclose(mesh.vertices[mesh.twins] * MIRROR, mesh.vertices, atol=1e-12)
    assert np.abs(rest_distance(parts, mesh.vertices)).max() < 2e-4
    exact = 4 / 3 * np.pi * 0.1 * 0.12 * 0.08
    assert surface.enclosed_volume(mesh.vertices, mesh.faces) == pytest.approx(exact, rel=0.03)


def test_a_sliver_is_flipped_away_and_a_crease_is_not() -> None:
    kite = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [2.0, 0.5, 0.0], [2.0, -0.5, 0.0]])
    faces, inside = np.array([[0, 1, 2], [1, 0, 3]]), np.zeros(4, bool)
    assert flip_edges(kite, faces, inside).tolist() == [[0, 3, 2], [3, 1, 2]]
    folded = kite + np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.5]])
    assert flip_edges(folded, faces, inside).tolist() == faces.tolist()
    assert flip_edges(kite, faces, np.array([False, False, True, True])).tolist() == faces.tolist()


def test_heat_follows_the_nearer_bone_along_a_tube() -> None:
    rings, around = 21, 12
    angle = 2 * np.pi * np.arange(around) / around
    tube = np.concatenate(
        [
            np.stack([np.full(around, x), 0.03 * np.cos(angle), 0.03 * np.sin(angle)], -1)
            for x in np.linspace(0.1, 0.5, rings)
        ]
    )
    quads = [
        (i * around + j, i * around + (j + 1) % around, (i + 1) * around + (j + 1) % around, (i + 1) * around + j)
        for i in range(rings - 1)
        for j in range(around)
    ]
    faces = np.array([triangle for a, b, c, d in quads for triangle in ((a, b, c), (a, c, d))])
    shoulder, elbow = anatomy.JOINT_NAMES.index("left_shoulder"), anatomy.JOINT_NAMES.index("left_elbow")
    segments = [
        (shoulder, np.array([0.1, 0.0, 0.0]), np.array([0.3, 0.0, 0.0])),
        (elbow, np.array([0.3, 0.0, 0.0]), np.array([0.5, 0.0, 0.0])),
    ]
    weights = bone_heat(tube, faces, segments)
    assert_allclose(weights.sum(1), 1.0)
    along = weights[:, elbow].reshape(rings, around).mean(1)
    assert (np.diff(along) > 0).all()
    assert_allclose(along[rings // 2], 0.5, atol=1e-6)
    assert along[0] < 0.02
    assert along[-1] > 0.98


def test_segment_distance_counts_the_ends() -> None:
    points = np.array([[0.5, 0.2, 0.0], [-0.3, 0.4, 0.0]])
    assert_allclose(segment_distance(points, np.zeros(3), np.array([1.0, 0.0, 0.0])), [0.2, 0.5])


def test_only_joints_between_the_bones_bend_the_skin() -> None:
    number = anatomy.JOINT_NAMES.index
    assert correctives.joints_between([number("left_hip"), number("left_knee")]) == [number("left_knee")]
    assert correctives.joints_between([number("head")]) == []
    bones = [number("spine3"), number("left_shoulder")]
    assert correctives.joints_between(bones) == [number("left_collar"), number("left_shoulder")]


def test_bending_joints_are_those_between_each_vertex_bones() -> None:
    weights = np.zeros((2, 24))
    hip, knee = anatomy.JOINT_NAMES.index("left_hip"), anatomy.JOINT_NAMES.index("left_knee")
    weights[0, [hip, knee]] = 0.5
    weights[1, hip] = 1.0
    assert np.flatnonzero(correctives.bending_joints(weights)[0]).tolist() == [knee]
    assert not correctives.bending_joints(weights)[1].any()


def test_skin_that_faces_another_limb_is_left_alone() -> None:
    assert_allclose(correctives.facing_share(np.array([-1.0, 0.1, 0.6, 1.0])), [0.0, 0.0, 1.0, 1.0])


def test_triangles_that_cut_each_other_are_found() -> None:
    flat = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    upright = [[0.2, 0.2, -1.0], [0.3, 0.2, 1.0], [0.2, 0.3, 1.0]]
    aside = [[2.0, 2.0, -1.0], [2.1, 2.0, 1.0], [2.0, 2.1, 1.0]]
    faces = np.arange(9).reshape(3, 3)
    assert checks.cutting_triangles(np.array([*flat, *upright, *aside]), faces).tolist() == [[0, 1]]


def test_smallest_angles_of_known_triangles() -> None:
    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, np.sqrt(0.75), 0.0]])
    assert_allclose(checks.smallest_angles(corners, np.array([[0, 1, 2], [0, 1, 3]])), [45.0, 60.0])


def test_named_sides_turn_alone() -> None:
    left, right = (anatomy.JOINT_NAMES.index(name) for name in ("left_knee", "right_knee"))
    both = pose_rotations({"left_knee": (90, 0, 0)})
    one = pose_rotations({"left_knee": (90, 0, 0), "right_knee": (0, 0, 0)})
    assert_allclose(both[left], both[right], atol=1e-12)
    assert_allclose(one[right], np.eye(3), atol=1e-12)


def test_ridge_recovers_directions_that_made_the_offsets() -> None:
    poses = build_training_poses()
    weights = np.zeros((1, 24))
    knee = anatomy.JOINT_NAMES.index("left_knee")
    weights[0, [anatomy.JOINT_NAMES.index("left_hip"), knee]] = 0.5
    bend = poses[:, knee, 1, 2]
    offsets = np.zeros((len(poses), 1, 3))
    offsets[:, 0, 2] = 0.01 * bend
    fitted = correctives.fit_posedirs(offsets, poses, weights)
    predicted = fitted[0] @ (poses[:, 1:] - np.eye(3)).reshape(len(poses), -1).T
    assert_allclose(predicted.T, offsets[:, 0], atol=2e-4)


def test_training_poses_are_rotations_that_begin_at_rest() -> None:
    poses = build_training_poses()
    assert_allclose(poses[0], np.tile(np.eye(3), (24, 1, 1)), atol=1e-12)
    assert_allclose(poses @ np.swapaxes(poses, -1, -2), np.broadcast_to(np.eye(3), poses.shape), atol=1e-9)
    assert_allclose(np.linalg.det(poses), 1.0, atol=1e-9)


def test_bent_elbow_moves_the_forearm_and_nothing_above() -> None:
    joints = anatomy.build_joints()
    motions = bone_transforms(joints, pose_rotations({"left_elbow": (0, -90, 0)}))
    wrist, elbow = (anatomy.JOINT_NAMES.index(name) for name in ("left_wrist", "left_elbow"))
    moved = motions[elbow, :, :3] @ joints[wrist] + motions[elbow, :, 3]
    forearm = np.linalg.norm(joints[wrist] - joints[elbow])
    assert_allclose(moved[2] - joints[elbow][2], forearm, atol=0.01, err_msg="the left forearm points forward")
    assert_allclose(motions[anatomy.JOINT_NAMES.index("left_shoulder"), :, :3], np.eye(3), atol=1e-12)


def test_writing_replaces_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "body" / "small.npz"
    build.write_mannequin({"name": np.array("first")}, path)
    build.write_mannequin({"name": np.array("second")}, path)
    with np.load(path) as archive:
        assert str(archive["name"]) == "second"
    assert [entry.name for entry in path.parent.iterdir()] == ["small.npz"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "small.npz"
    build.write_mannequin({"name": np.array("first")}, path)
    with pytest.raises(TypeError, match=re.compile("str", re.I)):
        build.write_mannequin({3: np.array("no name")}, path)  # type: ignore[dict-item]
    with np.load(path) as archive:
        assert str(archive["name"]) == "first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["small.npz"]
