"""Exports drawn by readers that know the manifest and json, numpy or pickle alone."""

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

BODY_FILE = Path(__file__).parents[2] / "resources" / "body" / "mannequin.npz"

Plain = tuple[Any, Any, Any, Any, Any]
"""Rotations, betas, camera, centre and scale of one person."""


def plain_eft_json(path: Path) -> Iterator[Plain]:
    for row in json.loads(path.read_text())["data"]:
        yield row["parm_pose"], row["parm_shape"], row["parm_cam"], row["bbox_center"], row["bbox_scale"]


def plain_eft_pickle(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.pkl"), key=lambda file: int(file.stem.rpartition("_")[2])):
        row = pickle.loads(file.read_bytes())
        keys = ("pred_pose_rotmat", "pred_shape", "pred_camera", "center", "scale")
        yield tuple(row[key][0] for key in keys)  # type: ignore[misc]


def plain_spin(path: Path) -> Iterator[Plain]:
    with np.load(path) as rows:
        for row in range(len(rows["imgname"])):
            keys = ("shape", "parm_cam", "center", "scale")
            yield (rodrigues(rows["pose"][row]), *(rows[key][row] for key in keys))  # type: ignore[misc]


def plain_smplx(path: Path) -> Iterator[Plain]:
    with np.load(path) as rows:
        for row in range(len(rows["betas"])):
            pose = np.concatenate((rows["global_orient"][row], rows["body_pose"][row]))
            keys = ("betas", "weak_camera", "box_center", "box_scale")
            yield (rodrigues(pose), *(rows[key][row] for key in keys))  # type: ignore[misc]


def plain_humandata(path: Path) -> Iterator[Plain]:
    with np.load(path, allow_pickle=True) as rows:
        smpl = rows["smpl"].item()
        for row, (left, top, width, height, _) in enumerate(rows["bbox_xywh"]):
            pose = np.concatenate((smpl["global_orient"][row], smpl["body_pose"][row].ravel()))
            center, scale = (left + width / 2, top + height / 2), width / 200
            yield rodrigues(pose), smpl["betas"][row], rows["weak_camera"][row], center, scale


def plain_amass(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.npz")):
        with np.load(file) as rows:
            pose = np.concatenate((rows["poses"][0, :66], rows["smpl_hand_pose"].ravel()))
            rotations = rodrigues(pose)
            rotations[0] = rows["world_from_camera"].T @ rotations[0]
            keys = ("weak_camera", "box_center", "box_scale")
            yield (rotations, rows["betas"][:10], *(rows[key].reshape(-1)[:3] for key in keys))  # type: ignore[misc]


def plain_obj(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.json")):
        row = json.loads(file.read_text())
        if "rotations" in row:
            yield row["rotations"], row["betas"], row["camera"], row["box_center_px"], row["box_scale"]


def plain_gltf(path: Path) -> Iterator[Plain]:
    for file in sorted(path.glob("*.glb")):
        content = file.read_bytes()
        length = int.from_bytes(content[12:16], "little")
        row = json.loads(content[20 : 20 + length])["nodes"][0]["extras"]["fit"]
        yield row["rotations"], row["betas"], row["camera"], row["box_center_px"], row["box_scale"]


PLAIN_READERS: dict[str, Callable[[Path], Iterator[Plain]]] = {
    "eft-json": plain_eft_json,
    "eft-pickle": plain_eft_pickle,
    "spin-npz": plain_spin,
    "humandata": plain_humandata,
    "smplx-npz": plain_smplx,
    "amass-npz": plain_amass,
    "obj": plain_obj,
    "gltf": plain_gltf,
}


def rodrigues(pose: Any) -> np.ndarray:
    """Rotation matrices of axis-angle vectors, from the formula."""
    matrices = []
    for x, y, z in np.reshape(pose, (-1, 3)):
        angle = np.sqrt(x * x + y * y + z * z)
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) / max(angle, 1e-12)
        matrices.append(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
    return np.array(matrices)


def project_joints(plain: Plain) -> np.ndarray:
    """The 24 joints in pixels of the picture, from the body file and the formulas of the manifest alone."""
    rotations, betas, (s, tx, ty), center, scale = (np.asarray(value, dtype=float) for value in plain)
    with np.load(BODY_FILE) as body:
        joints = body["J_regressor"] @ (body["v_template"] + body["shapedirs"] @ betas)
        parents = body["kintree_table"][0]
    turned, placed = [rotations[0]], [joints[0]]
    for joint in range(1, 24):
        parent = parents[joint]
        placed.append(placed[parent] + turned[parent] @ (joints[joint] - joints[parent]))
        turned.append(turned[parent] @ rotations[joint])
    x, y, _ = np.transpose(placed)
    return np.stack((center[0] + 100 * scale * (s * x + tx), center[1] + 100 * scale * (s * y + ty)), axis=-1)
