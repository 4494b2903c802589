"""Limbs keep out of each other: the sampler's capsules, judged by the mesh itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fitting.body.model import BodyModel, load_body
from fitting.synthetic.flesh import get_flesh, pair_depths, penetration
from fitting.synthetic.mean_body import pose_bones
from fitting.synthetic.pose_rotations import turn_about
from fitting.synthetic.poses import Poses, sample_poses
from resources import default_body
from resources.skeleton import get_skeleton

PEOPLE = 60
DEEPEST_M = 0.04
"""No vertex of a hand, a forearm, a shin or a foot is deeper than this inside another part; capsules are no mesh ..."""
USUAL_M = 0.02
"""... and in nine of ten people none is deeper than this."""
_SMPL = get_skeleton("smpl24")
_PARTS = {
    "hand": ("wrist", "hand"),
    "forearm": ("elbow",),
    "upper_arm": ("shoulder",),
    "thigh": ("hip",),
    "shin": ("knee",),
    "foot": ("ankle", "foot"),
}
_TRUNK = ("pelvis_smpl", "spine1", "spine2", "spine3")
_HEAD = ("neck_smpl", "head_smpl")


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def poses() -> Poses:
    return sample_poses(PEOPLE, seeded(11))


def vertices_of(body: BodyModel, joints: tuple[str, ...]) -> NDArray[np.int64]:
    """Vertices that mostly follow one of the joints."""
    indices = [index for index, name in enumerate(_SMPL.joints) if name in joints]
    assert len(indices) == len(joints), joints
    return np.flatnonzero(np.isin(body.asset.weights.argmax(1), indices))


def names(side: str, part: str) -> tuple[str, ...]:
    wanted = [f"{side}_{joint}" for joint in _PARTS[part]]
    return tuple(name for name in _SMPL.joints if name.removesuffix("_smpl") in wanted)


def normals_of(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], across)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def winding_numbers(points: NDArray[np.float64], triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often the closed surface ``(F, 3, 3)`` goes round each point: 0 outside, 1 inside, half on it."""
    total = np.zeros(len(points))
    for number, point in enumerate(points):
        a, b, c = (triangles[:, corner] - point for corner in range(3))
        la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
        volume = (a * np.cross(b, c)).sum(1)
        against = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
        total[number] = np.arctan2(volume, against).sum() / (2 * np.pi)
    return total


def depth_inside(
    points: NDArray[np.float64], surface: NDArray[np.float64], normals: NDArray[np.float64], body: NDArray[np.float64]
) -> float:
    """How far the deepest of a body's own vertices is under a surface of other parts, metres.

    ``body`` are all its triangles ``(F, 3, 3)``.
    """
    distance, nearest = cKDTree(surface).query(points, distance_upper_bound=0.12)
    known = np.isfinite(distance)
    points, distance, nearest = points[known], distance[known], nearest[known]
    # The normal finds candidates quickly; parts are open, so only the whole body tells inside from beyond the rim.
    depth = ((surface[nearest] - points) * normals[nearest]).sum(1)
    order = np.argsort(-distance * (depth > 0.5 * distance))[:12]
    order = order[depth[order] > 0.005]
    twice = winding_numbers(points[order], body) > 1.15
    return float(distance[order][twice].max()) if twice.any() else 0.0


def deepest(body: BodyModel, rotations: torch.Tensor) -> float:
    vertices = body.vertices(rotations[None], torch.zeros(1, 10))[0].numpy().astype(np.float64)
    normals = normals_of(vertices, body.faces)
    triangles = vertices[body.faces]
    worst = 0.0
    for side, other in (("left", "right"), ("right", "left")):
        rest = [names(other, part) for part in ("hand", "forearm", "upper_arm", "thigh", "shin")]
        arm_meets = [_TRUNK, _HEAD, names(side, "thigh"), names(side, "shin"), *rest]
        leg_meets = [names(other, part) for part in ("shin", "foot")]
        for part, meets in (("hand", arm_meets), ("forearm", arm_meets), ("shin", leg_meets), ("foot", leg_meets)):
            points = vertices[vertices_of(body, names(side, part))]
            surface = vertices_of(body, tuple(joint for met in meets for joint in met))
            worst = max(worst, depth_inside(points, vertices[surface], normals[surface], triangles))
    return worst


def test_no_limb_is_deep_inside_another_by_the_mesh(poses: Poses) -> None:
    body = load_body(default_body())
    depths = np.array([deepest(body, rotations) for rotations in poses.rotations])
    assert depths.max() < DEEPEST_M
    assert np.quantile(depths, 0.9) < USUAL_M


def test_the_mesh_notices_a_hand_in_the_belly() -> None:
    """The judge itself: an arm bent through the trunk."""
    rotations = torch.eye(3).repeat(24, 1, 1)
    rotations[_SMPL.index("left_shoulder")] = turn_about("z", torch.tensor(-1.4))
    rotations[_SMPL.index("left_elbow")] = turn_about("z", torch.tensor(-1.5))
    assert deepest(load_body(default_body()), rotations) > DEEPEST_M
    assert penetration(pose_bones(rotations[None]))[0] > 0.02


def test_the_t_pose_touches_nothing() -> None:
    assert pair_depths(pose_bones(torch.eye(3).repeat(1, 24, 1, 1))).max() < -0.005


def test_capsules_are_symmetric() -> None:
    flesh = get_flesh()
    for name in {part.partition("/")[2] for part in flesh.names if "/" in part}:
        left, right = (torch.tensor([part == f"{side}/{name}" for part in flesh.names]) for side in ("left", "right"))
        assert torch.equal(flesh.radii[left], flesh.radii[right])
        torch.testing.assert_close(flesh.ends[left] * torch.tensor([-1.0, 1.0, 1.0]), flesh.ends[right])


def test_accepted_people_pass_the_capsules() -> None:
    poses = sample_poses(2000, seeded(12))
    # The ankles are turned a little after the test, for balance: feet may come closer by as much.
    depth = penetration(pose_bones(poses.rotations))
    assert (depth < 0).float().mean() > 0.99
    assert depth.max() < 0.03
