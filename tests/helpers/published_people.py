"""A person of known body, written as published datasets would have them, by their own words and not by our tables.

What is left is taken from the body's geometry: of each pair of points the one that lies left of somebody who looks
where the toes point. The orders of joints are those of the datasets' own papers and read-me files.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree

import numpy as np
import scipy.io
from numpy.typing import NDArray

from fitting.body.model import load_body
from fitting.geometry.camera import project_to_image
from fitting.spec import BodyFit
from resources import default_body
from resources.skeleton import get_skeleton
from tests.helpers.builders import write_picture
from tests.helpers.fits import BOX, standing_body

Points: TypeAlias = Mapping[str, NDArray[np.float64]]
SIZE = (640, 480)

COCO = (
    "nose, left eye, right eye, left ear, right ear, left shoulder, right shoulder, left elbow, right elbow,"
    " left wrist, right wrist, left hip, right hip, left knee, right knee, left ankle, right ankle"
)
FEET = "left big toe, left small toe, left heel, right big toe, right small toe, right heel"
MPII = (
    "right ankle, right knee, right hip, left hip, left knee, left ankle, pelvis, thorax, neck, head top, right wrist,"
    " right elbow, right shoulder, left shoulder, left elbow, left wrist"
)
LSP = (
    "right ankle, right knee, right hip, left hip, left knee, left ankle, right wrist, right elbow, right shoulder,"
    " left shoulder, left elbow, left wrist, neck, head top"
)
POSETRACK = (
    "nose, neck, head top, left ear, right ear, left shoulder, right shoulder, left elbow, right elbow, left wrist,"
    " right wrist, left hip, right hip, left knee, right knee, left ankle, right ankle"
)
OCHUMAN = (
    "right shoulder, right elbow, right wrist, left shoulder, left elbow, left wrist, right hip, right knee,"
    " right ankle, left hip, left knee, left ankle, head top, neck, right ear, left ear, nose, right eye, left eye"
)
CROWDPOSE = (
    "left shoulder, right shoulder, left elbow, right elbow, left wrist, right wrist, left hip, right hip, left knee,"
    " right knee, left ankle, right ankle, head top, neck"
)
AI_CHALLENGER = (
    "right shoulder, right elbow, right wrist, left shoulder, left elbow, left wrist, right hip, right knee,"
    " right ankle, left hip, left knee, left ankle, head top, neck"
)
JHMDB = (
    "neck, belly, nose, right shoulder, left shoulder, right hip, left hip, right elbow, left elbow, right knee,"
    " left knee, right wrist, left wrist, right ankle, left ankle"
)
H36M = (
    "pelvis, right hip, right knee, right ankle, left hip, left knee, left ankle, spine, neck, jaw, head,"
    " left shoulder, left elbow, left wrist, right shoulder, right elbow, right wrist"
)
OPENPOSE_25 = (
    "nose, neck, right shoulder, right elbow, right wrist, left shoulder, left elbow, left wrist, pelvis, right hip,"
    " right knee, right ankle, left hip, left knee, left ankle, right eye, left eye, right ear, left ear, " + FEET
)
OPENPOSE_18 = (
    "nose, neck, right shoulder, right elbow, right wrist, left shoulder, left elbow, left wrist, right hip,"
    " right knee, right ankle, left hip, left knee, left ankle, right eye, left eye, right ear, left ear"
)
SPIN_PART = LSP + ", pelvis, thorax, spine, jaw, head, nose, left eye, right eye, left ear, right ear"

_PAIRS = (
    *("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "eye", "ear"),
    *("openpose_big_toe", "openpose_small_toe", "openpose_heel"),
)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A body in a picture.

    Attributes:
        points_px: Places of body parts, ``left wrist``, in pixels.
        points_m: The same in the camera frame, metres.
        leftward: Direction of the body's left in the camera frame, from its mesh.
    """

    points_px: Points
    points_m: Points
    leftward: NDArray[np.float64]


def look_left(fit: BodyFit) -> NDArray[np.float64]:
    """Where a body's left is, ``(3,)``: from the mean of the mesh's right half to that of its left half.

    The halves are told in the rest pose, in which the body looks where its toes point.
    """
    body = load_body(default_body())
    rest = BodyFit(np.tile(np.eye(3, dtype=np.float32), (24, 1, 1)), np.zeros(10, np.float32), np.zeros(3, np.float32))
    at_rest = body.vertices_of(rest)
    left_half = (at_rest - at_rest.mean(axis=0)) @ _rest_left() > 0
    posed = body.vertices_of(fit)
    direction: NDArray[np.float64] = posed[left_half].mean(axis=0) - posed[~left_half].mean(axis=0)
    return direction / np.linalg.norm(direction)


def _rest_left() -> NDArray[np.float64]:
    """Left of the body at rest: up cross forward, up from heels to head, forward from heels to toes."""
    joints = _rest_joints()
    names = get_skeleton("spin49")
    heels, toes = (
        np.mean([joints[names.index(f"openpose_{side}_{part}")] for side in ("left", "right")], axis=0)
        for part in ("heel", "big_toe")
    )
    up = joints[names.index("head_top")] - heels
    left: NDArray[np.float64] = np.cross(up, toes - heels)
    return left / np.linalg.norm(left)


def _rest_joints() -> NDArray[np.float64]:
    rest = BodyFit(np.tile(np.eye(3, dtype=np.float32), (24, 1, 1)), np.zeros(10, np.float32), np.zeros(3, np.float32))
    return np.asarray(load_body(default_body()).joints_of(rest), dtype=np.float64)


def make_known_person(seed: int = 0) -> KnownPerson:
    """Somebody who stands before the camera, turned a little; left and right by geometry."""
    fit = standing_body(seed)
    body, names, at_rest, left = load_body(default_body()), get_skeleton("spin49"), _rest_joints(), _rest_left()
    joints_m = np.asarray(body.joints_of(fit), dtype=np.float64)
    joints_px = np.asarray(project_to_image(body.joints_of(fit), fit.camera, BOX), dtype=np.float64)
    places: dict[str, int] = {}
    middle = ("nose", "neck", "head_top", "pelvis", "thorax", "spine", "jaw", "head")
    for part in middle:
        places[part.replace("_", " ")] = next(
            index for index in range(len(names)) if names.part(index) == part and names.side(index) == "middle"
        )
    for name in _PAIRS:
        part = name.removeprefix("openpose_")
        prefix = "openpose_" if name.startswith("openpose_") else ""
        pair = [names.index(f"{prefix}{side}_{part}") for side in ("left", "right")]
        pair.sort(key=lambda index: float(at_rest[index] @ left))
        places[f"right {part.replace('_', ' ')}"], places[f"left {part.replace('_', ' ')}"] = pair
    px = {name: joints_px[index] for name, index in places.items()}
    metres = {name: joints_m[index] for name, index in places.items()}
    for points in (px, metres):
        points["belly"] = (points["pelvis"] + points["thorax"]) / 2
    return KnownPerson(px, metres, look_left(fit))


def _gather(points: Points, order: str) -> NDArray[np.float64]:
    return np.array([points[name] for name in order.split(", ")])


def _flat(points: Points, order: str, visibility: float) -> list[float]:
    px = _gather(points, order)
    return [float(value) for value in np.column_stack((px, np.full(len(px), visibility))).ravel()]


def _box(points: Points) -> list[float]:
    px = np.array(list(points.values()))
    low, high = px.min(axis=0) - 20, px.max(axis=0) + 20
    return [float(value) for value in (*low, *(high - low))]


def _coco_like(
    points: Points, folder: Path, names: Sequence[str], flat: list[float], more: Mapping[str, object] | None = None
) -> Path:
    write_picture(folder / "1.jpg", 1, SIZE)
    joints = len(flat) // 3
    document = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": SIZE[0], "height": SIZE[1]}],
        "categories": [{"id": 1, "name": "person", "supercategory": "person", "keypoints": list(names)}],
        "annotations": [
            {
                "id": 7,
                "image_id": 1,
                "category_id": 1,
                "bbox": _box(points),
                "area": 20000.0,
                "iscrowd": 0,
                "num_keypoints": joints,
                "keypoints": flat,
                **(more or {}),
            }
        ],
    }
    source = folder / "annotations.json"
    source.write_text(json.dumps(document))
    return source


def _underscored(order: str) -> list[str]:
    return [name.replace(" ", "_") for name in order.split(", ")]


def write_coco(points: Points, folder: Path) -> Path:
    """COCO person keypoints."""
    return _coco_like(points, folder, _underscored(COCO), _flat(points, COCO, 2))


def write_wholebody(points: Points, folder: Path) -> Path:
    """COCO-WholeBody, with feet."""
    return _coco_like(
        points, folder, _underscored(COCO), _flat(points, COCO, 2),
        {"foot_kpts": _flat(points, FEET, 2), "foot_valid": True},
    )  # fmt: skip


def write_h36m_json(points: Points, folder: Path) -> Path:
    """Human3.6M as mmpose's dataset class names it."""
    return _h36m_json(points, folder, H36M)


def write_h36m_json_with_wrong_names(points: Points, folder: Path) -> Path:
    """The same order of joints in a file that calls the first leg, which is the right one, left."""
    *legs, rest = H36M.partition("spine")
    exchanged = {"left": "right", "right": "left"}
    called = " ".join(exchanged.get(word, word) for word in legs[0].split(" ")) + legs[1] + rest
    return _h36m_json(points, folder, called)


def _h36m_json(points: Points, folder: Path, called: str) -> Path:
    words = {"pelvis": "root (pelvis)", "neck": "thorax", "jaw": "neck_base"}
    names = [words.get(name, name.replace("ankle", "foot").replace(" ", "_")) for name in called.split(", ")]
    return _coco_like(points, folder, names, _flat(points, H36M, 1.0))


def write_crowdpose(points: Points, folder: Path) -> Path:
    """CrowdPose."""
    names = [name.replace("head_top", "head") for name in _underscored(CROWDPOSE)]
    return _coco_like(points, folder, names, _flat(points, CROWDPOSE, 2))


def write_posetrack(points: Points, folder: Path) -> Path:
    """PoseTrack18: one file of a sequence."""
    names = [name.replace("neck", "head_bottom") for name in _underscored(POSETRACK)]
    source = _coco_like(
        points, folder, names, _flat(points, POSETRACK, 1),
        {"track_id": 0, "bbox_head": [1, 1, 20, 20], "scores": []},
    )  # fmt: skip
    document = json.loads(source.read_text())
    document["images"][0] = {
        "id": 10012840000, "file_name": "1.jpg", "has_labeled_person": True, "has_no_densepose": True,
        "is_labeled": True, "vid_id": "000001", "frame_id": 10012840000, "nframes": 1, "ignore_regions_x": [],
        "ignore_regions_y": [],
    }  # fmt: skip
    document["annotations"][0]["image_id"] = 10012840000
    source.write_text(json.dumps(document))
    return source


def write_ochuman(points: Points, folder: Path) -> Path:
    """OCHuman's own file."""
    write_picture(folder / "1.jpg", 1, SIZE)
    x, y, width, height = (int(value) for value in _box(points))
    annotation = {"bbox": [x, y, x + width, y + height], "keypoints": _flat(points, OCHUMAN, 1), "segms": None,
                  "max_iou": 0.3}  # fmt: skip
    document = {
        "keypoint_names": ["right_shoulder"], "keypoint_visible": {"missing": 0, "vis": 1, "self_occluded": 2,
                                                                  "others_occluded": 3},
        "images": [{"image_id": "000001", "file_name": "1.jpg", "width": SIZE[0], "height": SIZE[1],
                    "annotations": [annotation]}],
    }  # fmt: skip
    source = folder / "ochuman.json"
    source.write_text(json.dumps(document))
    return source


def write_ai_challenger(points: Points, folder: Path) -> Path:
    """AI Challenger's list."""
    write_picture(folder / "1.jpg", 1, SIZE)
    x, y, width, height = (int(value) for value in _box(points))
    entry = {
        "image_id": "1", "human_annotations": {"human1": [x, y, x + width, y + height]},
        "keypoint_annotations": {"human1": [round(value) for value in _flat(points, AI_CHALLENGER, 1)]},
        "url": "http://example.org/1.jpg",
    }  # fmt: skip
    source = folder / "keypoint_validation_annotations.json"
    source.write_text(json.dumps([entry]))
    return source


def write_mpii_json(points: Points, folder: Path) -> Path:
    """The list that training code makes of MPII; it counts pixels from 1."""
    write_picture(folder / "1.jpg", 1, SIZE)
    x, y, width, height = _box(points)
    entry = {
        "image": "1.jpg", "center": [x + width / 2, y + height / 2], "scale": height / 200,
        "joints": (_gather(points, MPII) + 1).tolist(), "joints_vis": [1] * 16,
    }  # fmt: skip
    source = folder / "train.json"
    source.write_text(json.dumps([entry]))
    return source


def write_lsp(points: Points, folder: Path) -> Path:
    """Leeds Sports Pose: (3, 14, N), the third row tells what is hidden."""
    write_picture(folder / "images" / "im0001.jpg", 1, SIZE)
    joints = np.column_stack((_gather(points, LSP), np.zeros(14))).T[:, :, None]
    scipy.io.savemat(folder / "joints.mat", {"joints": joints})
    return folder / "joints.mat"


def write_lspet(points: Points, folder: Path) -> Path:
    """Its extension: (14, 3, N), the third column tells what is there."""
    write_picture(folder / "images" / "im00001.jpg", 1, SIZE)
    joints = np.column_stack((_gather(points, LSP), np.ones(14)))[:, :, None]
    scipy.io.savemat(folder / "joints.mat", {"joints": joints})
    return folder / "joints.mat"


def write_openpose_25(points: Points, folder: Path) -> Path:
    """OpenPose's file for a picture, BODY_25."""
    return _openpose(points, folder, OPENPOSE_25, 1.3)


def write_openpose_18(points: Points, folder: Path) -> Path:
    """OpenPose's file for a picture, COCO's 18 joints."""
    return _openpose(points, folder, OPENPOSE_18, 1.2)


def _openpose(points: Points, folder: Path, order: str, version: float) -> Path:
    write_picture(folder / "1.jpg", 1, SIZE)
    source = folder / "1_keypoints.json"
    person = {"person_id": [-1], "pose_keypoints_2d": _flat(points, order, 0.9), "face_keypoints_2d": []}
    source.write_text(json.dumps({"version": version, "people": [person]}))
    return source


def write_spin_npz(points: Points, folder: Path) -> Path:
    """The arrays that SPIN's code trains on."""
    write_picture(folder / "1.jpg", 1, SIZE)
    x, y, width, height = _box(points)
    part = np.array(_flat(points, SPIN_PART, 1)).reshape(1, 24, 3)
    openpose = np.array(_flat(points, OPENPOSE_25, 1)).reshape(1, 25, 3)
    source = folder / "train.npz"
    np.savez(
        source, imgname=np.array(["1.jpg"]), center=np.array([[x + width / 2, y + height / 2]]),
        scale=np.array([1.2 * max(width, height) / 200]), part=part, openpose=openpose,
    )  # fmt: skip
    return source


H36M_IN_24 = [14, 2, 1, 0, 3, 4, 5, 16, 12, 17, 18, 9, 10, 11, 8, 7, 6]


def write_h36m(points: Points, folder: Path) -> Path:
    """Human3.6M as training code has it: the capture's 17 joints, right leg first, in the slots of the 24."""
    name = "S9_Walking.60457274_000001.jpg"
    write_picture(folder / "images" / name, 1, SIZE)
    x, y, width, height = _box(points)
    part = np.zeros((1, 24, 3))
    part[0, H36M_IN_24] = np.array(_flat(points, H36M, 1)).reshape(17, 3)
    source = folder / "h36m_train.npz"
    np.savez(
        source, imgname=np.array([f"images/{name}"]), center=np.array([[x + width / 2, y + height / 2]]),
        scale=np.array([1.2 * max(width, height) / 200]), part=part,
    )  # fmt: skip
    return source


MPI_INF_3DHP = (
    "head top, neck, right shoulder, right elbow, right wrist, left shoulder, left elbow, left wrist, right hip,"
    " right knee, right ankle, left hip, left knee, left ankle, pelvis, spine, head"
)


def write_h36m_17(points: Points, folder: Path) -> Path:
    """Human3.6M as mmpose picks it: 17 joints in the order of the capture."""
    return _seventeen(points, folder, H36M, "S9_Walking.60457274_000001.jpg", 0)


def write_3dhp_17(points: Points, folder: Path) -> Path:
    """MPI-INF-3DHP in the order of its test set, whose fifteenth joint is the root."""
    return _seventeen(points, folder, MPI_INF_3DHP, "S1_Seq1_V0_000001.jpg", 14)


def _seventeen(points: Points, folder: Path, order: str, name: str, root: int) -> Path:
    write_picture(folder / name, 1, SIZE)
    x, y, width, height = _box(points)
    part = np.array(_flat(points, order, 1.0)).reshape(1, 17, 3)
    # Depth is not known here; seen from the front the picture's plane tells the sides.
    joints = np.concatenate((part[..., :2] / 200, np.zeros((1, 17, 1)), np.ones((1, 17, 1))), axis=2)
    joints[..., :3] -= joints[:, root : root + 1, :3]
    source = folder / "test.npz"
    np.savez(
        source, imgname=np.array([name]), center=np.array([[x + width / 2, y + height / 2]]),
        scale=np.array([1.2 * max(width, height) / 200]), part=part, S=joints,
    )  # fmt: skip
    return source


def write_3dpw(points: Points, folder: Path) -> Path:
    """A sequence file of 3DPW, OpenPose's 18 joints as three rows."""
    write_picture(folder / "imageFiles" / "walk_00" / "image_00000.jpg", 1, SIZE)
    rows = np.array(_flat(points, OPENPOSE_18, 0.9)).reshape(18, 3).T
    sequence = {
        "sequence": "walk_00", "betas": [np.zeros(10)], "poses": [np.zeros((1, 72))], "genders": ["m"],
        "poses2d": [rows[None]], "cam_poses": np.eye(4)[None], "campose_valid": [np.ones(1, dtype=int)],
    }  # fmt: skip
    source = folder / "walk_00.pkl"
    source.write_bytes(pickle.dumps(sequence, protocol=2))
    return source


HUMANDATA_COCO = dict(
    zip(COCO.split(", "), (55, 57, 56, 59, 58, 16, 17, 18, 19, 20, 21, 1, 2, 4, 5, 7, 8), strict=True)
)
"""Places of COCO's joints among the 190 of mmhuman3d's HUMAN_DATA, as its converter of COCO has put them."""


def write_humandata(points: Points, folder: Path) -> Path:
    """HumanData of COCO, kept without the joints that COCO does not have."""
    write_picture(folder / "1.jpg", 1, SIZE)
    mask, keypoints = np.zeros(190, dtype=np.uint8), np.zeros((1, 190, 3))
    for name, place in HUMANDATA_COCO.items():
        mask[place] = 1
        keypoints[0, place] = (*points[name], 1)
    source = folder / "coco_train.npz"
    np.savez_compressed(
        source, image_path=["1.jpg"], bbox_xywh=np.array([[*_box(points), 1.0]]), keypoints2d=keypoints[:, mask == 1],
        keypoints2d_mask=mask, __keypoints_compressed__=True, __temporal_len__=1, config="coco",
    )  # fmt: skip
    return source


def write_cvat(points: Points, folder: Path) -> Path:
    """CVAT for images, a skeleton for each person."""
    write_picture(folder / "1.jpg", 1, SIZE)
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    image = ElementTree.SubElement(root, "image", id="0", name="1.jpg", width=str(SIZE[0]), height=str(SIZE[1]))
    skeleton = ElementTree.SubElement(image, "skeleton", label="person", source="manual", z_order="0")
    for name in COCO.split(", "):
        x, y = points[name]
        ElementTree.SubElement(
            skeleton, "points", label=name, occluded="0", outside="0", source="manual", points=f"{x:.4f},{y:.4f}"
        )
    source = folder / "annotations.xml"
    source.write_bytes(ElementTree.tostring(root, xml_declaration=True, encoding="utf-8"))
    return source


def write_label_studio(points: Points, folder: Path) -> Path:
    """Label Studio's export, places in per cent."""
    write_picture(folder / "1.jpg", 1, SIZE)
    size = {"original_width": SIZE[0], "original_height": SIZE[1], "image_rotation": 0}
    results = [
        {"id": f"k{number}", "type": "keypointlabels", "from_name": "kp", "to_name": "image", **size,
         "value": {"x": 100 * float(points[name][0]) / SIZE[0], "y": 100 * float(points[name][1]) / SIZE[1],
                   "width": 0.5, "keypointlabels": [name]}}
        for number, name in enumerate(COCO.split(", "))
    ]  # fmt: skip
    task = {"id": 1, "data": {"image": "/data/upload/1/1.jpg"},
            "annotations": [{"id": 5, "was_cancelled": False, "result": results}]}  # fmt: skip
    source = folder / "export.json"
    source.write_text(json.dumps([task]))
    return source


Write: TypeAlias = Callable[[Points, Path], Path]
PUBLISHED: Mapping[str, tuple[str, Write]] = {
    "coco": ("coco", write_coco),
    "coco with feet": ("coco", write_wholebody),
    "crowdpose": ("crowdpose", write_crowdpose),
    "posetrack18": ("posetrack18", write_posetrack),
    "ochuman": ("ochuman", write_ochuman),
    "ai-challenger": ("ai-challenger", write_ai_challenger),
    "h36m, 17 joints": ("h36m", write_h36m_17),
    "mpi-inf-3dhp, 17 joints": ("mpi-inf-3dhp", write_3dhp_17),
    "h36m json": ("h36m", write_h36m_json),
    "h36m json with wrong names": ("h36m", write_h36m_json_with_wrong_names),
    "mpii json": ("mpii", write_mpii_json),
    "lsp": ("lsp", write_lsp),
    "lspet": ("lspet", write_lspet),
    "openpose 25": ("openpose", write_openpose_25),
    "openpose 18": ("openpose", write_openpose_18),
    "spin npz": ("spin-npz", write_spin_npz),
    "h36m": ("h36m", write_h36m),
    "3dpw": ("3dpw", write_3dpw),
    "humandata": ("humandata", write_humandata),
    "cvat": ("cvat", write_cvat),
    "label studio": ("label-studio", write_label_studio),
}
"""By variant: the format it is imported as, and who writes it."""
