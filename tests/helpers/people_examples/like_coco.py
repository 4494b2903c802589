"""CrowdPose, PoseTrack18, Human-Art, OCHuman, AI Challenger and COCO with feet, as their makers wrote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example

SIZE = (100, 80)
COCO_17 = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow"),
    *("right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle"),
    "right_ankle",
)
FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
CROWDPOSE_14 = (
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip"),
    *("right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "head", "neck"),
)
POSETRACK_17 = ("nose", "head_bottom", "head_top", "left_ear", "right_ear", *COCO_17[5:])
OCHUMAN_19 = (
    *("right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist", "right_hip"),
    *("right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "head", "neck", "right_ear", "left_ear"),
    *("nose", "right_eye", "left_eye"),
)


def numbers(joints: int, visibility: list[float], *, labelled: int | None = None) -> list[float]:
    """A flat list: joint ``j`` at (10 + 3 j, 20 + 2 j) with the visibilities in turn, the last ones zeros."""
    labelled = joints if labelled is None else labelled
    row = [value for j in range(labelled) for value in (10.0 + 3 * j, 20.0 + 2 * j, visibility[j % len(visibility)])]
    return row + [0.0] * (3 * (joints - labelled))


def category(names: tuple[str, ...]) -> dict[str, Any]:
    """The category of people."""
    return {"supercategory": "person", "id": 1, "name": "person", "keypoints": list(names), "skeleton": [[1, 2]]}


def annotation(number: int, keypoints: list[float], **more: Any) -> dict[str, Any]:
    """An entry of ``annotations``."""
    row = {"num_keypoints": 3, "iscrowd": 0, "keypoints": keypoints, "image_id": 1, "bbox": [10, 20, 60, 40]}
    return {**row, "category_id": 1, "id": number, **more}


def write_document(folder: Path, name: str, document: object, picture: str = "one.jpg") -> Path:
    """A json file and a picture."""
    write_picture(folder / picture, 1, SIZE)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(document))
    return folder / name


def write_whole_body(folder: Path) -> Path:
    """COCO-WholeBody: feet beside the 17, faces and hands as details."""
    feet = numbers(6, [2.0, 1.0])
    people = [
        annotation(7, numbers(17, [2, 1], labelled=12), foot_kpts=feet, foot_valid=True, face_kpts=[0.0] * 204),
        annotation(8, [0] * 51, foot_kpts=[0.0] * 18, foot_valid=False, face_box=[0, 0, 0, 0]),
    ]
    image = {"id": 1, "file_name": "one.jpg", "width": 100, "height": 80}
    document = {"info": {}, "images": [image], "annotations": people, "categories": [category(COCO_17)]}
    return write_document(folder, "coco_wholebody_val_v1.0.json", document)


def write_feet(folder: Path) -> Path:
    """COCO's foot annotations: 23 joints in one list; the picture bears its name of 2014."""
    people = [annotation(7, numbers(23, [2, 1]))]
    image = {"id": 42, "file_name": "000000000042.jpg", "width": 100, "height": 80}
    people[0]["image_id"] = 42
    document = {"images": [image], "annotations": people, "categories": [category((*COCO_17, *FEET))]}
    name = "val2014/COCO_val2014_000000000042.jpg"
    return write_document(folder, "person_keypoints_val2017_foot_v1.json", document, name)


def write_crowdpose(folder: Path) -> Path:
    """Two people, one of them without a label."""
    people = [annotation(1, numbers(14, [2, 1])), annotation(2, [0] * 42)]
    image = {"file_name": "one.jpg", "id": 1, "height": 80, "width": 100, "crowdIndex": 0.75}
    document = {"images": [image], "annotations": people, "categories": [category(CROWDPOSE_14)]}
    return write_document(folder, "crowdpose_val.json", document)


def write_human_art(folder: Path) -> Path:
    """One with all 21 joints, one with the 17 alone."""
    path = "HumanArt/images/2D_virtual_human/cartoon/000000000007.jpg"
    image = {"file_name": path, "id": 1, "height": 80, "width": 100, "description": "a dancer", "category": "cartoon"}
    keypoints = numbers(17, [2, 2, 0])
    people = [
        annotation(1, keypoints, area=2400.5, keypoints_21=[*keypoints, 60, 60, 2, 0, 0, 0, 61, 61, 2, 0, 0, 0]),
        annotation(2, keypoints, area=2400.5),
    ]
    document = {"info": {}, "images": [image], "annotations": people, "categories": [category(COCO_17)]}
    return write_document(folder, "validation_humanart.json", document, path.removeprefix("HumanArt/"))


def posetrack_clip(clip: str, first: int) -> dict[str, Any]:
    """A clip of two frames, the second one without labels."""
    images = [
        {
            "has_no_densepose": True,
            "is_labeled": place == 0,
            "file_name": f"images/val/{clip}/{place:06d}.jpg",
            "nframes": 2,
            "frame_id": first + place,
            "vid_id": clip[:6],
            "id": first + place,
            "ignore_regions_y": [[1, 2, 3]],
            "ignore_regions_x": [[1, 2, 3]],
        }
        for place in range(2)
    ]
    keypoints = numbers(17, [1])
    keypoints[9:15] = [0, 0, 0, 0, 0, 0]
    people = [
        {
            "bbox_head": [10, 5, 9, 9],
            "keypoints": keypoints,
            "track_id": track,
            "image_id": first,
            "bbox": [10, 20, 60, 40],
            "scores": [],
            "category_id": 1,
            "id": 100 * first + track,
        }
        for track in range(2)
    ]
    return {"images": images, "annotations": people, "categories": [category(POSETRACK_17)]}


def write_posetrack(folder: Path) -> Path:
    """Two clips in a folder."""
    for number, clip in enumerate(("000342_mpii_test", "000522_mpii_test")):
        for frame in range(2):
            write_picture(folder / f"images/val/{clip}/{frame:06d}.jpg", frame, SIZE)
        (folder / "annotations").mkdir(exist_ok=True)
        document = posetrack_clip(clip, 10003420000 + 1000 * number)
        (folder / "annotations" / f"{clip}.json").write_text(json.dumps(document))
    return folder / "annotations"


def write_posetrack_clip(folder: Path) -> Path:
    """One clip."""
    return write_posetrack(folder) / "000342_mpii_test.json"


def write_ochuman(folder: Path) -> Path:
    """Three people: all kinds of visibility, nobody labelled, and an outline."""
    people = [
        {"bbox": [10, 20, 70, 60], "keypoints": numbers(19, [1, 2, 3]), "segms": None, "max_iou": 0.8},
        {
            "bbox": [12, 22, 72, 62],
            "keypoints": None,
            "segms": {"outer": [[1, 2, 3, 4, 5, 6]], "inner": []},
            "max_iou": 1,
        },
        {"bbox": [14, 20, 70, 60], "keypoints": numbers(19, [1], labelled=7), "segms": None, "max_iou": 0.1},
    ]
    image = {"file_name": "000001.jpg", "image_id": "000001", "width": 100, "height": 80, "annotations": people}
    visible = {"missing": 0, "vis": 1, "self_occluded": 2, "others_occluded": 3}
    document = {"keypoint_visible": visible, "keypoint_names": list(OCHUMAN_19), "images": [image]}
    return write_document(folder, "ochuman.json", document, "000001.jpg")


def write_ai_challenger(folder: Path) -> Path:
    """Two people by name; 1 is visible, 2 hidden, 3 not labelled."""
    joints = numbers(14, [1, 2])
    joints[3 * 13 :] = [0, 0, 3]
    entry = {
        "url": "http://www.example.org/x.jpg",
        "image_id": "d8eeddddcc042544a2570d4c452778b912726720",
        "keypoint_annotations": {"human2": joints, "human1": [0, 0, 3] * 14},
        "human_annotations": {"human1": [10, 20, 70, 60], "human2": [5, 5, 60, 70]},
    }
    name = "keypoint_validation_annotations_20170911.json"
    return write_document(folder, name, [entry], f"{entry['image_id']}.jpg")


_CLIPS = ("annotations/000342_mpii_test.json", "annotations/000522_mpii_test.json")

H36M_17 = (
    *(
        "root (pelvis)",
        "left_hip",
        "left_knee",
        "left_foot",
        "right_hip",
        "right_knee",
        "right_foot",
        "spine",
        "thorax",
    ),
    *("neck_base", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow"),
    "right_wrist",
)
AIC_14 = (
    *("Right Shoulder", "Right Elbow", "Right Wrist", "Left Shoulder", "Left Elbow", "Left Wrist", "Right Hip"),
    *("Right Knee", "Right Ankle", "Left Hip", "Left Knee", "Left Ankle", "Head top", "Neck"),
)


def write_h36m_json(folder: Path) -> Path:
    """Human3.6M in COCO's shape, with 3D joints; it calls the first leg left."""
    people = [annotation(1, numbers(17, [1.0]), keypoints_3d=numbers_3d(17))]
    image = {"id": 1, "file_name": "S1_Directions_1.54138969_000001.jpg", "width": 100, "height": 80}
    document = {"categories": [category(H36M_17)], "images": [image], "annotations": people}
    return write_document(folder, "h36m_coco.json", document, image["file_name"])


def numbers_3d(joints: int) -> list[float]:
    """Joints that are all there; hips and shoulders lie the same way round."""
    return [value for j in range(joints) for value in (-0.1 * abs(j - 9), 0.2, 1.5, 1.0)]


def write_converted_ai_challenger(folder: Path) -> Path:
    """AI Challenger in COCO's shape, the names of its joints as words."""
    image = {"id": 1, "file_name": "one.jpg", "width": 100, "height": 80}
    people = [annotation(4, numbers(14, [2, 1], labelled=10))]
    document = {"categories": [category(AIC_14)], "images": [image], "annotations": people}
    return write_document(folder, "test_aic.json", document)


EXAMPLES = {
    "coco/wholebody": Example(write_whole_body, people=2, joints=18, files=("coco_wholebody_val_v1.0.json",)),
    "coco/feet": Example(write_feet, people=1, joints=23, files=("person_keypoints_val2017_foot_v1.json",)),
    "crowdpose": Example(write_crowdpose, people=2, joints=14),
    "human-art": Example(write_human_art, people=2, joints=12 + 2 + 12),
    "posetrack18": Example(write_posetrack, people=4, joints=60, images=4, files=_CLIPS),
    "posetrack18/json": Example(write_posetrack_clip, people=2, joints=30, images=2, files=_CLIPS[:1]),
    "ochuman": Example(write_ochuman, people=3, joints=26),
    "ai-challenger": Example(write_ai_challenger, people=2, joints=13),
    "ai-challenger/coco/json": Example(write_converted_ai_challenger, people=1, joints=10),
    "h36m/json": Example(write_h36m_json, people=1, joints=17),
}
