"""MPII, LSP, LSPet and JHMDB, written as their makers wrote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.io import savemat

from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example

SIZE = (200, 160)


def some_joints(count: int, shift: float = 0.0) -> np.ndarray:
    """Places ``(count, 2)`` in the picture, no two alike, in quarters of a pixel."""
    places = np.column_stack((np.linspace(30, 150, count), np.linspace(140, 20, count)))
    return np.round(4 * (places + shift)) / 4


def struct_array(rows: list[dict[str, Any]]) -> np.ndarray:
    """A ``1 x N`` struct array, as ``savemat`` takes it; a field a row lacks is an empty matrix."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in names])
    for place, row in enumerate(rows):
        for name in names:
            array[0, place][name] = row.get(name, np.zeros((0, 0)))
    return array


def cell_array(values: list[Any]) -> np.ndarray:
    """An ``N x 1`` cell array."""
    array = np.empty((len(values), 1), dtype=object)
    array[:, 0] = values
    return array


def mpii_points(places: np.ndarray, visible: dict[int, Any] | None = None) -> dict[str, Any]:
    """``annopoints`` with the joints in the mixed order that the release has them in."""
    visible = visible or {}
    order = [*range(6, len(places)), *range(min(6, len(places)))]
    points = [
        {
            "x": float(places[joint, 0]),
            "y": float(places[joint, 1]),
            "id": np.uint8(joint),
            "is_visible": visible.get(joint, np.zeros((0, 0))),
        }
        for joint in order
    ]
    return struct_array([{"point": struct_array(points)}])


def write_mpii_release(path: Path, pictures: list[tuple[str, list[dict[str, Any]] | None, int]]) -> Path:
    """``RELEASE`` of pictures: name, rectangles or an empty matrix, and whether they are for training."""
    annolist = struct_array(
        [
            {
                "image": struct_array([{"name": name}]),
                "annorect": np.zeros((0, 0)) if rects is None else struct_array(rects),
                "frame_sec": 11.0 if rects else np.zeros((0, 0)),
                "vididx": 1.0 if rects else np.zeros((0, 0)),
            }
            for name, rects, _ in pictures
        ]
    )
    release = {
        "annolist": annolist,
        "img_train": np.array([[train for _, _, train in pictures]], dtype=np.uint8),
        "version": "12",
        "single_person": cell_array([np.array([[1]], dtype=np.uint8) for _ in pictures]),
        "act": struct_array([{"cat_name": "sports", "act_name": "curling", "act_id": 1.0} for _ in pictures]).T,
        "video_list": cell_array(["6C62PKhI1ig"]),
    }
    savemat(path, {"RELEASE": release}, do_compression=True)
    return path


def place_of(x: float, y: float, scale: float) -> dict[str, Any]:
    """``scale`` and ``objpos`` of a rectangle."""
    return {"scale": scale, "objpos": struct_array([{"x": x, "y": y}])}


def write_mpii_mat(folder: Path) -> Path:
    """A training picture with two people, of whom one lacks joints of the legs, and a test picture with a place."""
    for number in (1, 2):
        write_picture(folder / "images" / f"00000000{number}.jpg", number, SIZE)
    visible = dict(enumerate((1, 0, "1", "0", 1, 1, 1, 1)))
    head = {"x1": 60.0, "y1": 20.0, "x2": 80.0, "y2": 44.0}
    rects = [
        {**head, "annopoints": mpii_points(some_joints(16), visible), **place_of(90, 80, 0.7)},
        {**head, "annopoints": mpii_points(some_joints(12, 3)), **place_of(93, 83, 0.6)},
    ]
    test = [place_of(100, 80, 0.75)]
    pictures = [("000000001.jpg", rects, 1), ("000000002.jpg", test, 0)]
    return write_mpii_release(folder / "mpii_human_pose_v1_u12_1.mat", pictures)


def write_mpii_json(folder: Path) -> Path:
    """As HRNet has it: two people of one picture, one without ankles."""
    write_picture(folder / "000000001.jpg", 1, SIZE)
    rows = []
    for shift in (0, 3):
        joints, vis = some_joints(16, shift).tolist(), [1] * 16
        if shift:
            joints[0], joints[5], vis[0], vis[5] = [-1.0, -1.0], [-1.0, -1.0], 0, 0
        place = {"scale": 0.7, "center": [90.0 + shift, 80.0]}
        rows.append({"joints_vis": vis, "joints": joints, "image": "000000001.jpg", **place})
    (folder / "train.json").write_text(json.dumps(rows))
    return folder / "train.json"


def write_mpii_cpm(folder: Path) -> Path:
    """As pose machines have it: a joint hidden, two not there."""
    write_picture(folder / "000000001.jpg", 1, SIZE)
    joints = np.column_stack((some_joints(16), np.ones(16)))
    joints[3, 2] = 0
    joints[[0, 5]] = 0
    row = {
        "dataset": "MPI",
        "isValidation": 0.0,
        "img_paths": "000000001.jpg",
        "img_width": 200.0,
        "img_height": 160.0,
        "objpos": [90.0, 80.0],
        "joint_self": joints.tolist(),
        "scale_provided": 0.7,
        "joint_others": [],
        "annolist_index": 5.0,
        "people_index": 1.0,
        "numOtherPeople": 0.0,
    }
    (folder / "mpii_annotations.json").write_text(json.dumps([row]))
    return folder / "mpii_annotations.json"


def write_mpii_columns(folder: Path) -> Path:
    """As the hourglass has it: columns, a joint hidden, two not there."""
    write_picture(folder / "000000001.jpg", 1, SIZE)
    part, visible = some_joints(16), np.ones(16)
    part[[0, 5]], visible[[0, 3, 5]] = 0, 0
    columns = {
        "imgname": ["000000001.jpg"],
        "center": [[90.0, 80.0]],
        "scale": [0.7],
        "part": [part.tolist()],
        "visible": [visible.tolist()],
        "index": [4],
        "person": [0],
    }
    (folder / "annot.json").write_text(json.dumps(columns))
    return folder / "annot.json"


def write_lsp(folder: Path) -> Path:
    """``3 x 14 x 2``: two joints of each are hidden."""
    joints = np.zeros((3, 14, 2))
    for number in range(2):
        write_picture(folder / "images" / f"im{number + 1:04d}.jpg", number, SIZE)
        joints[:2, :, number] = some_joints(14, number).T
        joints[2, [0, 7], number] = 1
    savemat(folder / "joints.mat", {"joints": joints})
    return folder / "joints.mat"


def write_lspet(folder: Path) -> Path:
    """``14 x 3 x 2``: two joints of each are absent, with negative places."""
    joints = np.ones((14, 3, 2))
    for number in range(2):
        write_picture(folder / "images" / f"im{number + 1:05d}.jpg", number, SIZE)
        joints[:, :2, number] = some_joints(14, number)
        joints[[0, 7], :, number] = (-31.5, -40.25, 0)
    savemat(folder / "joints.mat", {"joints": joints})
    return folder / "joints.mat"


def write_palette_picture(path: Path, seed: int) -> None:
    """A picture with a palette, as JHMDB's are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    Image.fromarray(noise).convert("P", palette=Image.Palette.ADAPTIVE).save(path)


def write_jhmdb(folder: Path) -> Path:
    """Two clips of two actions, two frames and one."""
    for action, clip, frames in (("catch", "Ball_catch_f_1", 2), ("golf", "Tee_golf_f_0", 1)):
        for frame in range(frames):
            write_palette_picture(folder / "Rename_Images" / action / clip / f"{frame + 1:05d}.png", frame)
        place = folder / "joint_positions" / action / clip
        place.mkdir(parents=True)
        positions = np.stack([some_joints(15, frame).T for frame in range(frames)], axis=2)
        content = {"pos_img": positions, "pos_world": positions / 100, "scale": np.ones((1, frames)), "viewpoint": "E"}
        savemat(place / "joint_positions.mat", content, do_compression=True)
    return folder / "joint_positions"


def write_jhmdb_json(folder: Path) -> Path:
    """As mmpose has it."""
    write_palette_picture(folder / "Ball_catch_f_1" / "00001.png", 1)
    sides = ("right", "left")
    pairs = [f"{side}_{part}" for part in ("shoulder", "hip", "elbow", "knee", "wrist", "ankle") for side in sides]
    keypoints = np.column_stack((some_joints(15), np.full(15, 2.0)))
    document = {
        "categories": [
            {"supercategory": "person", "id": 1, "name": "person", "keypoints": ["neck", "belly", "head", *pairs]}
        ],
        "images": [
            {
                "is_labeled": True,
                "file_name": "Ball_catch_f_1/00001.png",
                "nframes": 37,
                "frame_id": 2280001,
                "vid_id": "00228",
                "id": 2280001,
                "width": SIZE[0],
                "height": SIZE[1],
            }
        ],
        "annotations": [
            {
                "keypoints": keypoints.ravel().tolist(),
                "track_id": 0,
                "image_id": 2280001,
                "bbox": [25.0, 15.0, 130.0, 130.0],
                "scores": [],
                "category_id": 1,
                "id": 1000002280001,
            }
        ],
    }
    (folder / "sub1.json").write_text(json.dumps(document))
    return folder / "sub1.json"


_CLIPS = tuple(f"joint_positions/{clip}/joint_positions.mat" for clip in ("catch/Ball_catch_f_1", "golf/Tee_golf_f_0"))

EXAMPLES = {
    "mpii": Example(write_mpii_mat, people=3, joints=28, images=2),
    "mpii/json": Example(write_mpii_json, people=2, joints=30),
    "mpii/cpm/json": Example(write_mpii_cpm, people=1, joints=14),
    "mpii/columns/json": Example(write_mpii_columns, people=1, joints=14),
    "lsp": Example(write_lsp, people=2, joints=28, images=2),
    "lspet": Example(write_lspet, people=2, joints=24, images=2),
    "jhmdb": Example(write_jhmdb, people=3, joints=45, images=3, files=_CLIPS),
    "jhmdb/json": Example(write_jhmdb_json, people=1, joints=15),
}
