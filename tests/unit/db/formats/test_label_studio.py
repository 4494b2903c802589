"""Label Studio: per cent, parents, addresses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord
from db.formats.errors import FormatError
from db.formats.label_studio import read
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.tools import (
    COCO,
    SIZE,
    coco_places,
    studio_annotation,
    studio_person,
    studio_region,
    studio_task,
)

PLACES = np.array(list(coco_places().values()))


def people_of(records: list[ImportRecord]) -> list[ImportedPerson]:
    return [record for record in records if isinstance(record, ImportedPerson)]


def problems_of(records: list[ImportRecord]) -> list[str]:
    return [str(record) for record in records if isinstance(record, ImportProblem)]


def read_tasks(folder: Path, tasks: Any) -> list[ImportRecord]:
    write_picture(folder / "0.jpg", 1, SIZE)
    (folder / "export.json").write_text(json.dumps(tasks))
    return list(read(folder / "export.json", folder))


def read_result(folder: Path, result: list[dict[str, Any]]) -> list[ImportRecord]:
    return read_tasks(folder, [studio_task(1, "/data/upload/3/1a2b3c4d-0.jpg", [studio_annotation(result)])])


def test_per_cent_become_pixels_and_the_rectangle_the_box(tmp_path: Path) -> None:
    (person,) = people_of(read_result(tmp_path, studio_person(0, "boxA", parent=True)))
    assert person.skeleton == "coco17"
    assert np.allclose(person.keypoints[:, :2], PLACES)
    assert (person.keypoints[:, 2] == 2).all()
    assert person.bbox_xywh == pytest.approx((70, 10, 60, 140))
    assert person.box_scale == pytest.approx(1.2 * 140 / 200)
    assert person.external_id == "boxA"


def test_keypoints_belong_to_their_parent_though_they_lie_elsewhere(tmp_path: Path) -> None:
    result = studio_person(-40, "boxA", parent=True) + studio_person(40, "boxB", parent=True)
    result[0]["value"], result[18]["value"] = result[18]["value"], result[0]["value"]
    first, second = people_of(read_result(tmp_path, result))
    assert np.allclose(first.keypoints[:, 0], PLACES[:, 0] - 40)
    assert np.allclose(second.keypoints[:, 0], PLACES[:, 0] + 40)


def test_relations_lead_to_a_rectangle(tmp_path: Path) -> None:
    result = studio_person(-40, "boxA", parent=False) + studio_person(40, "boxB", parent=False)
    points = [region["id"] for region in result if region["type"] == "keypointlabels"]
    relations = [
        {
            "type": "relation",
            "from_id": point,
            "to_id": "boxB" if point.startswith("boxA") else "boxA",
            "direction": "right",
        }
        for point in points
    ]
    first, second = people_of(read_result(tmp_path, result + relations))
    assert np.allclose(first.keypoints[:, 0], PLACES[:, 0] + 40)
    assert np.allclose(second.keypoints[:, 0], PLACES[:, 0] - 40)


def test_without_rectangles_there_is_one_person(tmp_path: Path) -> None:
    (person,) = people_of(read_result(tmp_path, studio_person(0, "boxA", parent=False)[1:]))
    assert person.external_id == "points"
    assert person.bbox_xywh == pytest.approx((*PLACES.min(axis=0), *np.ptp(PLACES, axis=0)))


def test_points_in_two_overlapping_rectangles_are_nobodys(tmp_path: Path) -> None:
    boxes = studio_person(0, "boxA", parent=False)[:1] + studio_person(2, "boxB", parent=False)[:1]
    records = read_result(tmp_path, boxes + studio_person(0, "boxA", parent=False)[1:])
    (problem,) = problems_of(records)
    assert problem.startswith("task 1 in export.json: nothing says whose its 17 keypoints")
    assert len(people_of(records)) == 2  # the rectangles are people, of whom nothing is labelled
    assert not any(person.keypoints.any() for person in people_of(records))


def test_of_two_overlapping_rectangles_the_one_that_lacks_the_joint(tmp_path: Path) -> None:
    result = studio_person(10, "boxB", parent=True) + studio_person(0, "boxA", parent=False)
    second, first = people_of(read_result(tmp_path, result))
    assert np.allclose(first.keypoints[:, :2], PLACES)
    assert np.allclose(second.keypoints[:, :2], PLACES + np.array([10, 0]))


def test_a_choice_says_that_a_joint_is_hidden(tmp_path: Path) -> None:
    result = studio_person(0, "boxA", parent=True)
    wrist = next(region for region in result if region["value"].get("keypointlabels") == ["left wrist"])
    result.append(
        {"type": "choices", "id": wrist["id"], "from_name": "v", "to_name": "image", "value": {"choices": ["Occluded"]}}
    )
    (person,) = people_of(read_result(tmp_path, result))
    assert person.keypoints[COCO.index("left_wrist"), 2] == 1


def test_the_newest_annotation_that_was_not_cancelled(tmp_path: Path) -> None:
    dates = {"old": "2026-01-01T00:00:00Z", "new": "2026-01-03T00:00:00Z", "cancelled": "2026-01-04T00:00:00Z"}
    annotations = [
        studio_annotation(studio_person(20, "new", parent=True), updated_at=dates["new"]),
        studio_annotation(studio_person(0, "old", parent=True), updated_at=dates["old"]),
        studio_annotation(studio_person(40, "no", parent=True), updated_at=dates["cancelled"], was_cancelled=True),
    ]
    (person,) = people_of(read_tasks(tmp_path, [studio_task(1, "0.jpg", annotations)]))
    assert person.external_id == "new"


def test_a_task_nobody_finished_is_a_picture_alone(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.jpg", 1, SIZE)
    tasks = [
        studio_task(1, "0.jpg", []),
        studio_task(2, "1.jpg", [studio_annotation(studio_person(0, "a", parent=True))]),
    ]
    records = read_tasks(tmp_path, tasks)
    assert [type(record) for record in records] == [ImportedImage, ImportedImage, ImportedPerson]


@pytest.mark.parametrize(
    "address",
    [
        "/data/upload/3/1a2b3c4d-0.jpg",
        "/data/local-files/?d=photos/0.jpg",
        "/data/local-files/?d=/mnt/photos/0.jpg",
        "https://example.org/some/where/0.jpg?X-Amz-Signature=abc&d",
        "s3://bucket/some/0.jpg",
        "http://localhost:8080/data/upload/0.jpg",
        "photos\\0.jpg",
        "0.jpg",
    ],
)
def test_addresses_lead_to_the_picture(tmp_path: Path, address: str) -> None:
    annotations = [studio_annotation(studio_person(0, "a", parent=True))]
    records = read_tasks(tmp_path, [studio_task(1, address, annotations)])
    assert [record.path for record in records if isinstance(record, ImportedImage)] == ["0.jpg"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/data/local-files/?d=../../etc/passwd", "does not lead into the folder of images"),
        ("data:image/png;base64,AAAA", "its picture is inside the export"),
        ("https://example.org/", "is no address of a picture"),
        ("2.jpg", "2.jpg is not in "),
    ],
)
def test_addresses_that_lead_nowhere(tmp_path: Path, address: str, reason: str) -> None:
    annotations = [studio_annotation(studio_person(0, "a", parent=True))]
    (record,) = read_tasks(tmp_path, [studio_task(1, address, annotations)])
    assert isinstance(record, ImportProblem)
    assert reason in record.reason
    assert (record.skipped, record.people) == ("images", 1)


def test_a_turned_rectangle_is_boxed_upright(tmp_path: Path) -> None:
    result = studio_person(0, "boxA", parent=True)
    corner = {"x": 100.0, "y": 20.0, "width": 50.0, "height": 40.0}
    result[0] = studio_region("rectanglelabels", "person", corner, "boxA")
    result[0]["value"]["rotation"] = 90
    (person,) = people_of(read_result(tmp_path, result))
    assert person.bbox_xywh == pytest.approx((60, 20, 40, 50))


def test_faulty_regions_and_names_that_are_no_joints(tmp_path: Path) -> None:
    result = studio_person(0, "boxA", parent=True)
    result[1]["value"]["x"] = None
    result[2]["value"] = "gone"
    result.append(studio_region("keypointlabels", "racket", {"x": 5, "y": 5}, "r", parentID="boxA"))
    records = read_result(tmp_path, result)
    assert problems_of(records) == [
        "'racket' in export.json: it is no joint of coco17; its keypoints were left out",
        "task 1 in export.json: result[2]: value: expected `object | null`, got `str`",
        "task 1 in export.json: region boxA0: x is missing or not a finite number",
    ]
    assert np.count_nonzero(people_of(records)[0].keypoints[:, 2]) == 15


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"original_width": None}, "original_width or original_height is missing"),
        ({"image_rotation": 90}, "its picture was turned by 90 degrees while drawing; turn it back"),
        ({"original_width": 300}, "its regions give two sizes of the picture"),
    ],
)
def test_what_is_wrong_with_all_regions(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    result = studio_person(0, "boxA", parent=True)
    result[3] |= changes
    (problem,) = read_result(tmp_path, result)
    assert isinstance(problem, ImportProblem)
    assert reason in problem.reason
    assert (problem.skipped, problem.people) == ("images", 1)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            [{"id": 1, "image": "0.jpg", "kp": [], "annotator": 1, "annotation_id": 4}],
            "is JSON-MIN, .* export it as JSON",
        ),
        ([], "it has no tasks"),
        ([{"id": 1}], "is not a JSON export of Label Studio"),
    ],
)
def test_other_exports_are_refused(tmp_path: Path, document: Any, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read_tasks(tmp_path, document)


def test_names_of_nothing_are_refused(tmp_path: Path) -> None:
    result = [studio_region("keypointlabels", "corner", {"x": 5, "y": 5}, "r")]
    with pytest.raises(FormatError, match="its keypoints are named corner, no joint among them"):
        read_result(tmp_path, result)
