"""Bodies as meshes of other programs have them: y up instead of down, everything else as in the camera's axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FloatArray, MakeMesh, Mesh
from db.formats.parts.conventions import EACH, MATRICES, WEAK_PERSPECTIVE, state_conventions
from resources.skeleton import get_skeleton

HELD: Final = (
    *("image_name", "rotations", "betas", "annotation_id", "camera", "box_center_px", "box_scale", "keypoints_px"),
    *("validity", "subject_id", "gender", "bbox_xywh", "image_size_px", "translation_cam", "initial"),
    *("l2d", "loss", "iterations"),
)
"""Fields of a sample that stand beside the mesh: all but the name of the item."""

CONVENTIONS: Final[Mapping[str, object]] = {
    **state_conventions(
        camera_model=f"{WEAK_PERSPECTIVE}; camera with box_center_px and box_scale",
        rotation_form=MATRICES,
        gender=EACH,
        joint_order="pose_joints for rotations, keypoint_joints for keypoints_px",
        handedness="right-handed: x right, y up, z towards the viewer",
    ),
    "vertices": "metres, right-handed: x right, y up, z towards the viewer; the camera frame after half a turn about "
    "x, without a translation of the camera",
    "faces": "triangles, counter-clockwise from outside; topology of the body model, whose licence the mesh is under",
    "rotations": "24 rotation matrices 3x3, row by row; 0 is the root in the camera frame, the others relative to "
    "their parent",
    "camera": "weak perspective [s, tx, ty], scale first, relative to the box",
    "camera_formula": "u = cx + 100*box_scale*(s*X + tx), v = cy + 100*box_scale*(s*Y + ty), with X and Y in the "
    "camera frame: X = x, Y = -y of a vertex",
    "camera_frame": "metres, right-handed: x right, y down, z forward (away from the camera)",
    "box_center_px": "pixels of the picture, origin at the top-left corner of the top-left pixel",
    "box_scale": "side of the square box in pixels / 200",
    "keypoints_px": "49 x (x, y, validity), pixels of the picture",
    "keypoint_joints": get_skeleton("spin49").joints,
    "pose_joints": get_skeleton("smpl24").joints,
}
"""Units, frames and orders, for the manifest beside an export."""

_HALF_TURN = np.array([1.0, -1.0, -1.0])
_TOLERANCE_M = 1e-6


def turn_up(vertices: FloatArray) -> FloatArray:
    """Vertices ``(V, 3)`` from camera axes to y up, and back: half a turn about x is its own inverse."""
    turned: FloatArray = vertices * _HALF_TURN + 0.0  # no -0
    return turned


def get_mesh_maker(context: ExportContext, format_title: str) -> MakeMesh:
    """What poses the bodies of an export.

    Raises:
        FormatError: Nothing does.
    """
    if context.make_mesh is None:
        raise FormatError(f"{format_title} needs a body model to pose; export from a project with its body file")
    return context.make_mesh


def check_mesh(mesh: Mesh, name: str) -> None:
    """Raise FormatError unless a mesh has finite vertices ``(V, 3)`` and triangles of them."""
    vertices, faces = mesh.vertices_cam, mesh.faces
    if vertices.ndim != 2 or vertices.shape[1] != 3 or not len(vertices) or not np.isfinite(vertices).all():
        raise FormatError(f"{name} has a mesh whose vertices {vertices.shape} are not finite (V, 3); fit it again")
    if faces.ndim != 2 or faces.shape[1] != 3 or not len(faces) or faces.min() < 0 or faces.max() >= len(vertices):
        raise FormatError(f"{name} has a mesh whose faces {faces.shape} name vertices it has not; check the body file")


def check_same_mesh(name: str, before: Mesh, after: Mesh) -> None:
    """Raise FormatError unless a mesh came back: the same faces, vertices within a micrometre."""
    same = before.vertices_cam.shape == after.vertices_cam.shape and np.array_equal(before.faces, after.faces)
    if not same or np.abs(before.vertices_cam - after.vertices_cam).max() > _TOLERANCE_M:
        raise FormatError(f"{name} did not read back as it was written; check the disk and export again")
