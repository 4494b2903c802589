"""Pose correctives: what linear blend skinning loses at bent joints, given back as SMPL's ``posedirs``.

For each training pose the solids are moved rigidly with their bones, the skinned vertices are drawn to the surface of
the moved solids, and the displacement is turned back to rest. ``posedirs`` is then fitted by ridge regression on the
entries of ``R - I``. A vertex knows only the joints that lie between the bones it hangs on: no other joint changes its
surroundings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fitting.body.mannequin.anatomy import JOINT_NAMES, PARENTS, mirrored_name
from fitting.body.mannequin.field import Part, posed_distance
from fitting.body.mannequin.posing import blend, bone_transforms, move
from fitting.body.mannequin.surface import Mesh, neighbour_mean, vertex_normals

FloatArray = NDArray[np.float64]
Progress = Callable[[str], None]

JOINTS = len(PARENTS)
_STEPS = 6
_LONGEST_STEP = 0.012
_LONGEST = 0.080
_SMOOTHING_ROUNDS = 3
_RIDGE = 0.02
_INFLUENCE = 0.02
_DAMPING = 0.08
_PROBE = 1e-3
_CORNERS = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
"""A tetrahedron: four samples give value and gradient."""
_SIGNS = np.array([-1.0, 1.0, 1.0])


def build_correctives(
    parts: Sequence[Part],
    mesh: Mesh,
    weights: FloatArray,
    joints: FloatArray,
    poses: FloatArray,
    progress: Progress = lambda _: None,
) -> FloatArray:
    """``posedirs (V, 3, 207)`` in metres per entry of ``R - I`` of joints 1-23, row-major.

    Args:
        parts: The figure's solids.
        mesh: The rest mesh.
        weights: Skinning weights ``(V, 24)``.
        joints: Rest joints ``(24, 3)``.
        poses: Training poses ``(P, 24, 3, 3)``; the first is the rest pose.
        progress: Told, in words, how far it is.
    """
    mask = joint_mask(weights)
    bends = bending_joints(weights)
    normals = vertex_normals(mesh)
    mean = neighbour_mean(mesh.faces, len(mesh.vertices))
    offsets = np.zeros((len(poses), *mesh.vertices.shape))
    pulled_at_rest = np.zeros_like(mesh.vertices)
    for index, rotations in enumerate(poses):
        if index % 20 == 0:
            progress(f"correctives: pose {index + 1} of {len(poses)}")
        transforms = bone_transforms(joints, rotations)
        motions = blend(weights, transforms)
        skinned = move(mesh.vertices, motions)
        pulled = np.einsum("vij,vj->vi", motions[:, :, :3], pulled_at_rest)
        # Where no joint turns skinning is rigid; another limb that happens to lie there must teach it nothing.
        turned = (np.abs(rotations - np.eye(3)) > 1e-9).any((1, 2))
        near = (mask > 0.0) & (bends[:, turned].any(1) | (index == 0))
        drawn, outward = draw_to_surface(parts, skinned[near], transforms)
        facing = (outward * np.einsum("vij,vj->vi", motions[near, :, :3], normals[near])).sum(1)
        pulled[near] = (drawn - skinned[near]) * (mask[near] * facing_share(facing))[:, None]
        if index == 0:
            pulled_at_rest = pulled
        for _ in range(_SMOOTHING_ROUNDS):
            pulled = 0.5 * pulled + 0.5 * (mean @ pulled)
        offsets[index] = _turned_back(pulled * (mask > 0.0)[:, None], motions)
    offsets -= offsets[0]
    posedirs = _mirrored_mean(fit_posedirs(offsets, poses, weights), mesh.twins)
    posedirs = 0.5 * posedirs + 0.5 * (mean @ posedirs.reshape(len(posedirs), -1)).reshape(posedirs.shape)
    return np.asarray(posedirs * (mask > 0.0)[:, None, None])


def joint_mask(weights: FloatArray) -> FloatArray:
    """``(V,)``: 0 where one bone has all the weight, 1 where the strongest has less than five sixths.

    The spine bends little at each joint and skinning serves it well; only a third is corrected there.
    """
    share = np.clip((1.0 - weights.max(1)) * 6.0, 0.0, 1.0)
    spine = weights[:, [JOINT_NAMES.index(name) for name in ("pelvis", "spine1", "spine2", "spine3")]].sum(1)
    gentle = 1.0 - 0.67 * np.clip((spine - 0.9) / 0.1, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share) * gentle)


def facing_share(cosine: FloatArray) -> FloatArray:
    """``(N,)``: 1 where the skin faces outward from the surface it was drawn to, 0 where it faces another limb.

    In a sharp crease the nearest way out may lead through the other limb; such skin is left where skinning puts it.
    """
    share = np.clip((cosine - 0.1) / 0.5, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def draw_to_surface(parts: Sequence[Part], points: FloatArray, transforms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Posed points ``(N, 3)`` moved by a few Newton steps onto the surface of the posed solids; its normals there."""
    start, gradient = points, np.zeros_like(points)
    for _ in range(_STEPS):
        around = np.stack([posed_distance(parts, points + _PROBE * corner, transforms) for corner in _CORNERS], -1)
        distance, gradient = around.mean(-1), around @ _CORNERS / (4.0 * _PROBE)
        slope = np.maximum((gradient**2).sum(1), 0.2)
        points = points + _shortened(-(distance / slope)[:, None] * gradient, _LONGEST_STEP)
    outward = gradient / np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-9)
    return start + _shortened(points - start, _LONGEST), outward


def _shortened(moves: FloatArray, longest: float) -> FloatArray:
    length = np.linalg.norm(moves, axis=1, keepdims=True)
    return np.asarray(moves * np.minimum(1.0, longest / np.maximum(length, 1e-12)))


def _turned_back(offsets: FloatArray, motions: FloatArray) -> FloatArray:
    """Displacements at rest ``(V, 3)`` that skinning turns into ``offsets``; damped where blending has shrunk space."""
    turn = motions[:, :, :3]
    back = np.swapaxes(turn, 1, 2)
    normal = back @ turn + _DAMPING * np.eye(3)
    return np.asarray(np.linalg.solve(normal, back @ offsets[..., None])[..., 0] * (1.0 + _DAMPING))


def fit_posedirs(offsets: FloatArray, poses: FloatArray, weights: FloatArray) -> FloatArray:
    """Ridge regression of offsets ``(P, V, 3)`` on ``R - I``, vertex by vertex over the joints between its bones."""
    features = (poses[:, 1:] - np.eye(3)).reshape(len(poses), JOINTS - 1, 9)
    posedirs = np.zeros((offsets.shape[1], 3, JOINTS - 1, 9))
    patterns, group = np.unique(bending_joints(weights), axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        members = np.flatnonzero(group.ravel() == number)
        if not pattern.any():
            continue
        chosen = np.flatnonzero(pattern) - 1
        design = features[:, chosen].reshape(len(poses), -1)
        target = offsets[:, members].reshape(len(poses), -1)
        solution = np.linalg.solve(design.T @ design + _RIDGE * np.eye(design.shape[1]), design.T @ target)
        solution = solution.reshape(len(chosen), 9, len(members), 3)
        posedirs[members[:, None], :, chosen[None, :]] = solution.transpose(2, 0, 3, 1)
    return posedirs.reshape(len(posedirs), 3, -1)


def bending_joints(weights: FloatArray) -> NDArray[np.bool_]:
    """Which joints' rotation bends the skin at each vertex ``(V, 24)``: those between the bones it hangs on."""
    bends = np.zeros(weights.shape, bool)
    patterns, group = np.unique(weights > _INFLUENCE, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        members = np.flatnonzero(group.ravel() == number)
        bends[members[:, None], joints_between(np.flatnonzero(pattern))] = True
    return bends


def joints_between(bones: Sequence[int] | NDArray[np.intp]) -> list[int]:
    """Joints on the paths between bones, without the one all paths share: those whose rotation bends the skin there."""
    chains = [_chain(int(bone)) for bone in bones]
    shared = set.intersection(*(set(chain) for chain in chains))
    return sorted({joint for chain in chains for joint in chain if joint not in shared})


def _chain(joint: int) -> list[int]:
    chain = [joint]
    while PARENTS[chain[-1]] >= 0:
        chain.append(PARENTS[chain[-1]])
    return chain


def _mirrored_mean(posedirs: FloatArray, twins: NDArray[np.int64]) -> FloatArray:
    """Mean of the correctives and their mirror image: rotations mirror as ``M R M`` with M = diag(-1, 1, 1)."""
    swap = [JOINT_NAMES.index(mirrored_name(name)) - 1 for name in JOINT_NAMES[1:]]
    shaped = posedirs.reshape(len(posedirs), 3, JOINTS - 1, 3, 3)
    mirrored = shaped[twins][:, :, swap]
    mirrored = mirrored * _SIGNS[:, None, None, None] * _SIGNS[:, None] * _SIGNS
    return np.asarray((0.5 * (shaped + mirrored)).reshape(posedirs.shape))
