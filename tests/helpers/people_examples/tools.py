"""Exports of annotation tools: CVAT and Label Studio, as these programs write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from resources.skeleton import get_skeleton
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.example import Example
from tests.helpers.people_examples.openpose import standing

SIZE = (200, 160)
COCO = get_skeleton("coco17").joints


def coco_places(shift: float = 0.0) -> dict[str, tuple[float, float]]:
    """Place of each joint of coco17 of a standing person."""
    places = dict(zip(get_skeleton("openpose18").joints, standing("openpose18", shift)[:, :2].tolist(), strict=True))
    return {joint: (places[joint][0], places[joint][1]) for joint in COCO}


def cvat_document(body: str, *, mode: str = "annotation") -> str:
    """A file with this content; its meta as CVAT 2 has it."""
    labels = "".join(
        f"<label><name>{joint}</name><color></color><type>points</type><attributes></attributes>"
        f"<parent>person</parent></label>"
        for joint in COCO
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>'
        f"<id>4</id><name>people</name><size>2</size><mode>{mode}</mode><overlap>0</overlap><labels>"
        "<label><name>person</name><color>#c06060</color><type>skeleton</type><attributes></attributes>"
        f"<svg>&lt;circle r=&quot;1.5&quot;&gt;</svg></label>{labels}</labels>"
        f"<original_size><width>{SIZE[0]}</width><height>{SIZE[1]}</height></original_size>"
        f"</task>\n    <dumped>2026-01-02 03:04:05.678901+00:00</dumped>\n  </meta>\n{body}\n</annotations>\n"
    )


def cvat_image(name: str, shapes: str, number: int = 0) -> str:
    """An ``<image>``."""
    return f'  <image id="{number}" name="{name}" width="{SIZE[0]}" height="{SIZE[1]}">\n{shapes}\n  </image>\n'


def cvat_points(name: str, place: tuple[float, float], attributes: str = "", inside: str = "") -> str:
    """A ``<points>`` of one point."""
    marks = attributes or 'source="manual" outside="0" occluded="0"'
    return f'<points label="{name}" {marks} points="{place[0]:.2f},{place[1]:.2f}">{inside}</points>'


def cvat_skeleton(shift: float = 0.0, attributes: str = "", **marks: str) -> str:
    """A ``<skeleton>``; ``marks`` are attributes of joints, ``left_ear='outside="1"'``."""
    points = "".join(cvat_points(joint, place, marks.get(joint, "")) for joint, place in coco_places(shift).items())
    return f'<skeleton label="person" source="manual" z_order="0" {attributes}>{points}</skeleton>'


def write_cvat(folder: Path) -> Path:
    """Two pictures: two people, of whom one lacks an ear and hides a wrist, and one."""
    for number in range(2):
        write_picture(folder / "images" / f"{number}.jpg", number, SIZE)
    marks = {"left_ear": 'outside="1" occluded="0"', "left_wrist": 'outside="0" occluded="1"'}
    images = cvat_image("0.jpg", cvat_skeleton() + cvat_skeleton(30, **marks)) + cvat_image("1.jpg", cvat_skeleton(), 1)
    (folder / "annotations.xml").write_text(cvat_document(images))
    return folder / "annotations.xml"


def write_cvat_points(folder: Path) -> Path:
    """A point for each joint, two people told by their boxes."""
    write_picture(folder / "0.jpg", 0, SIZE)
    shapes = ""
    for shift in (-50, 50):
        left, right = 70 + shift, 130 + shift
        shapes += f'<box label="person" occluded="0" xtl="{left}" ytl="10" xbr="{right}" ybr="150" z_order="0"></box>'
        shapes += "".join(cvat_points(joint, place, 'occluded="0"') for joint, place in coco_places(shift).items())
    (folder / "annotations.xml").write_text(cvat_document(cvat_image("0.jpg", shapes)))
    return folder / "annotations.xml"


def write_cvat_video(folder: Path) -> Path:
    """Two tracks: one of two keyframes, one of one; CVAT ends each with a frame outside."""
    for frame in (0, 5):
        write_picture(folder / f"frame_{frame:06d}.png", frame, SIZE)
    tracks = ""
    for track, frames in enumerate(((0, 5), (5,))):
        shapes = "".join(cvat_skeleton(30 * track, f'frame="{frame}" keyframe="1"') for frame in frames)
        gone = cvat_skeleton(0, 'frame="6" keyframe="1"', **dict.fromkeys(COCO, 'outside="1" occluded="0"'))
        tracks += f'  <track id="{track}" label="person" source="manual">{shapes}{gone}</track>\n'
    (folder / "annotations.xml").write_text(cvat_document(tracks, mode="interpolation"))
    return folder / "annotations.xml"


def write_cvat_nested(folder: Path) -> Path:
    """A track of a skeleton, whose joints are tracks within it, two keyframes."""
    for frame in (10, 13):
        write_picture(folder / "images" / f"frame_{frame:06d}.jpg", frame, SIZE)
    shapes = "".join(f'<skeleton frame="{frame}" outside="0" occluded="0" keyframe="1"/>' for frame in (10, 13))
    for number, (joint, (x, y)) in enumerate(coco_places().items()):
        points = "".join(
            f'<points frame="{frame}" outside="0" occluded="0" keyframe="1" points="{x},{y}"/>' for frame in (10, 13)
        )
        shapes += f'<track id="{number}" label="{joint}" source="manual">{points}</track>'
    track = f'<track id="3" label="person" source="manual">{shapes}</track>'
    (folder / "annotations.xml").write_text(cvat_document(track, mode="interpolation"))
    return folder / "annotations.xml"


def studio_region(kind: str, label: str, value: dict[str, float], region_id: str, **more: Any) -> dict[str, Any]:
    """A region as Label Studio writes it, its value in pixels."""
    sides = {"x": SIZE[0], "y": SIZE[1], "width": SIZE[0], "height": SIZE[1]}
    return {
        "original_width": SIZE[0],
        "original_height": SIZE[1],
        "image_rotation": 0,
        "value": {
            **{key: 100 * number / sides[key] for key, number in value.items()},
            **({"rotation": 0} if kind == "rectanglelabels" else {}),
            kind: [label],
        },
        "id": region_id,
        "from_name": "kp",
        "to_name": "image",
        "type": kind,
        "origin": "manual",
        **more,
    }


def studio_person(shift: float, box_id: str, *, parent: bool) -> list[dict[str, Any]]:
    """A rectangle and 17 keypoints, its children or only in it."""
    box = {"x": 70 + shift, "y": 10.0, "width": 60.0, "height": 140.0}
    more = {"parentID": box_id} if parent else {}
    points = [
        studio_region("keypointlabels", joint.replace("_", " "), {"x": x, "y": y}, f"{box_id}{number}", **more)
        for number, (joint, (x, y)) in enumerate(coco_places(shift).items())
    ]
    return [studio_region("rectanglelabels", "Person", box, box_id), *points]


def studio_annotation(result: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An annotation as Label Studio writes it."""
    return {
        "id": 17,
        "completed_by": 1,
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-01-02T03:04:05.678901Z",
        "updated_at": "2026-01-02T03:04:05.678901Z",
        "lead_time": 4.288,
        **more,
    }


def studio_task(number: int, image: str, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    """A task as Label Studio writes it."""
    return {
        "id": number,
        "annotations": annotations,
        "file_upload": image.rsplit("/", 1)[-1],
        "drafts": [],
        "predictions": [],
        "data": {"image": image},
        "meta": {},
        "project": 83,
    }


def write_label_studio(folder: Path) -> Path:
    """Two tasks: two people whose keypoints are children, and one whose keypoints lie in the rectangle."""
    for number in range(2):
        write_picture(folder / f"{number}.jpg", number, SIZE)
    both = studio_person(-50, "boxA", parent=True) + studio_person(50, "boxB", parent=True)
    tasks = [
        studio_task(1, "/data/upload/3/1a2b3c4d-0.jpg", [studio_annotation(both)]),
        studio_task(
            2, "/data/local-files/?d=photos/1.jpg", [studio_annotation(studio_person(0, "boxC", parent=False))]
        ),
    ]
    (folder / "project-83.json").write_text(json.dumps(tasks))
    return folder / "project-83.json"


EXAMPLES = {
    "cvat": Example(write_cvat, people=3, joints=50, images=2),
    "cvat/points": Example(write_cvat_points, people=2, joints=34),
    "cvat/video": Example(write_cvat_video, people=3, joints=51, images=2),
    "cvat/nested": Example(write_cvat_nested, people=2, joints=34, images=2),
    "label-studio": Example(write_label_studio, people=3, joints=51, images=2),
}
