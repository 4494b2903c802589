"""COCO files: what is read, what is listed as a problem, what is refused, and what is written."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.formats.base import DatasetDetails, ImportedImage, ImportedPerson, ImportProblem
from db.formats.coco import read, write_coco
from db.formats.errors import FormatError
from resources.skeleton import get_skeleton

Document = dict[str, Any]


def keypoints(count: int = 17) -> list[float]:
    return [value for joint in range(count) for value in (10.0 + joint, 20.0 + 2 * joint, 2)] + [0] * 3 * (17 - count)


def annotation(**changes: Any) -> Document:
    row = {"id": 123, "image_id": 1, "category_id": 1, "keypoints": keypoints(), "bbox": [10, 20, 30.5, 60]}
    return {**row, "area": 900.25, "iscrowd": 0, "num_keypoints": 17, **changes}


def document(*annotations: Document) -> Document:
    return {
        "images": [{"id": 1, "file_name": "one.jpg", "width": 100, "height": 80}],
        "annotations": list(annotations),
        "categories": [{"id": 1, "name": "person", "keypoints": list(get_skeleton("coco17").joints)}],
    }


def read_document(folder: Path, content: Document | str) -> list[Any]:
    (folder / "one.jpg").touch()
    source = folder / "people.json"
    source.write_text(content if isinstance(content, str) else json.dumps(content))
    details, *records = read(source, folder)
    assert isinstance(details, DatasetDetails)
    return records


def read_problem(folder: Path, content: Document | str) -> str:
    """The one problem of a document whose image is read all the same."""
    records = read_document(folder, content)
    assert sorted(type(record).__name__ for record in records) == ["ImportProblem", "ImportedImage"]
    problem = next(record for record in records if isinstance(record, ImportProblem))
    return str(problem)


def test_a_person_is_read_with_box_and_ids(tmp_path: Path) -> None:
    image, person = read_document(tmp_path, document(annotation()))
    assert (image.path, image.width, image.height, image.external_id) == ("one.jpg", 100, 80, "1")
    assert isinstance(person, ImportedPerson)
    assert (person.image_path, person.ordinal, person.external_id) == ("one.jpg", 0, "123")
    assert (person.bbox_xywh, person.area, person.is_crowd) == ((10, 20, 30.5, 60), 900.25, False)
    assert (person.box_center_px, person.box_scale) == ((25.25, 50), pytest.approx(0.36))
    assert person.skeleton == "coco17"
    np.testing.assert_array_equal(person.keypoints.ravel(), keypoints())


def test_people_without_keypoints_and_crowds_are_kept(tmp_path: Path) -> None:
    mask = {"counts": [3, 4], "size": [80, 100]}
    crowd = annotation(id=2, keypoints=[0] * 51, iscrowd=1, segmentation=mask)
    _, nobody, several = read_document(tmp_path, document(annotation(keypoints=[0] * 51), crowd))
    assert (nobody.ordinal, nobody.is_crowd, nobody.keypoints.any()) == (0, False, False)
    assert (several.ordinal, several.is_crowd) == (1, True)


def test_other_categories_are_passed_over(tmp_path: Path) -> None:
    assert len(read_document(tmp_path, document(annotation(category_id=18, keypoints=[])))) == 1


def test_a_missing_box_comes_from_the_keypoints(tmp_path: Path) -> None:
    for bbox in (None, [10, 20, 0, 0]):
        _, person = read_document(tmp_path, document(annotation(bbox=bbox)))
        assert person.bbox_xywh == (10, 20, 16, 32)


def test_an_image_without_a_file_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    content = document(annotation(image_id=7), annotation(id=124))
    content["images"].insert(0, {"id": 7, "file_name": "seven.jpg", "width": 10, "height": 10})
    problem, image, person = read_document(tmp_path, content)
    assert str(problem).startswith(f"image 7 in people.json: seven.jpg is not in {tmp_path}")
    assert str(problem).endswith("; its 1 people were left out")
    assert (image.path, person.external_id) == ("one.jpg", "124")


@pytest.mark.parametrize("name", ["../one.jpg", "/one.jpg", "", "a\0b", "x" * 5000])
def test_a_file_name_that_is_none_is_listed(tmp_path: Path, name: str) -> None:
    content = document()
    content["images"].append({"id": 2, "file_name": name, "width": 10, "height": 10})
    assert read_problem(tmp_path, content)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"keypoints": [0] * 50}, "keypoints has 50 numbers, expected 51"),
        ({"keypoints": "none"}, "keypoints: expected `array | null`, got `str`"),
        ({"keypoints": [float("nan"), *keypoints()[1:]]}, "keypoints[0] is not a finite number"),
        ({"keypoints": [*keypoints()[:4], float("-inf"), *keypoints()[5:]]}, "keypoints[4] is not a finite number"),
        ({"keypoints": [1, 1, 3, *keypoints()[3:]]}, "the visibility of nose is 3, expected 0, 1 or 2"),
        (
            {"keypoints": [*keypoints()[:3], 5000, 1, 2, *keypoints()[6:]]},
            "left_eye lies at (5000, 1), far outside the picture of 100 x 80",
        ),
        ({"bbox": [1, 2, 3]}, "bbox has 3 numbers, expected 4"),
        ({"bbox": [1, 2, 3, float("nan")]}, "bbox has a value that is not a finite number"),
        ({"bbox": [100, 2, 30, 30]}, "bbox lies outside the picture of 100 x 80"),
        ({"bbox": [1, 2, 1e300, 30]}, "bbox reaches far outside the picture of 100 x 80"),
        ({"bbox": None, "keypoints": keypoints(1)}, "bbox is missing or has no area, and too few keypoints"),
        ({"iscrowd": 2}, "iscrowd is 2, expected 0 or 1"),
        ({"area": "large"}, "area: expected `float | null`, got `str`"),
        ({"image_id": 9}, "image 9 has no usable entry in 'images'"),
    ],
)
def test_a_faulty_annotation_is_named(tmp_path: Path, changes: Document, reason: str) -> None:
    problem = read_problem(tmp_path, document(annotation(**changes)))
    assert problem.startswith(f"annotation 123 in people.json: {reason}")


def test_a_fault_spares_its_neighbours(tmp_path: Path) -> None:
    content = document(annotation(id=1), annotation(id=2, keypoints=None), annotation(id=3))
    _, first, problem, third = read_document(tmp_path, content)
    assert (first.ordinal, third.ordinal, third.external_id) == (0, 1, "3")
    assert str(problem).startswith("annotation 2 in people.json: keypoints: ")


def test_ids_that_occur_twice_are_listed(tmp_path: Path) -> None:
    content = document(annotation(), annotation())
    content["images"] += [{**content["images"][0]}, {**content["images"][0], "id": 2}]
    problems = [str(record) for record in read_document(tmp_path, content) if isinstance(record, ImportProblem)]
    assert problems == [
        "image 1 in people.json: its id occurs twice; the first was taken",
        "image 2 in people.json: one.jpg is listed under another id already; the first was taken",
        "annotation 123 in people.json: its id occurs twice; the first was taken",
    ]


def test_an_item_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    assert read_problem(tmp_path, document({"id": "x"})).startswith("annotations[0] in people.json: id: expected `int`")


def test_not_a_number_in_a_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "NaN.jpg").touch()
    content = document(annotation(area=float("nan")))
    content["images"][0]["file_name"] = "NaN.jpg"
    image, person = read_document(tmp_path, content)
    assert (image.path, person.area) == ("NaN.jpg", None)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert len(read_document(tmp_path, "\ufeff" + json.dumps(document(annotation())))) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "is not valid JSON"),
        ("", "is not valid JSON"),
        ('{"images": ' + "[" * 100_000, "is not valid JSON"),
        ("[]", "holds a list, expected an object"),
        ('{"images": []}', "is not a COCO file: it has no 'annotations'"),
        ('{"images": [], "annotations": [], "categories": []}', "has no category 'person'"),
        ('{"images": [], "annotations": [], "categories": [{"id": 1}]}', "a category is malformed"),
        (
            '{"images": [], "annotations": [], "categories": [{"id": 1, "name": "person", "keypoints": ["tail"]}]}',
            "the keypoints of the category person are tail; expected COCO's 17",
        ),
    ],
)
def test_a_file_that_is_no_coco_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(FormatError, match="people.json.*" + message):
        read_document(tmp_path, content)


def test_a_refusal_is_one_line_whatever_the_file_calls_its_joints(tmp_path: Path) -> None:
    content = document()
    content["categories"][0]["keypoints"][3] = "a\nb"
    with pytest.raises(FormatError) as refused:
        read_document(tmp_path, content)
    assert "a\\nb" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_source_and_folder_are_refused_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"nothing\.json does not exist"):
        read(tmp_path / "nothing.json", tmp_path)
    with pytest.raises(FormatError, match="is a folder, expected a file"):
        read(tmp_path, tmp_path)
    source = tmp_path / "people.json"
    source.write_text(json.dumps(document()))
    with pytest.raises(FormatError, match=r"the folder of images .*pictures does not exist"):
        read(source, tmp_path / "pictures")


def test_the_place_of_an_unlabelled_joint_means_nothing(tmp_path: Path) -> None:
    numbers = [10.0, 10.0, 2.0] * 17
    numbers[:6] = [1e308, -1e308, 0, 3, 4, 0]
    _, person = read_document(tmp_path, document(annotation(keypoints=numbers)))
    assert isinstance(person, ImportedPerson)
    np.testing.assert_array_equal(person.keypoints[:3], [[0, 0, 0], [3, 4, 0], [10, 10, 2]])


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    records = read_document(tmp_path, document(annotation(), annotation(id=4, iscrowd=1, keypoints=[0] * 51)))
    target = tmp_path / "again.json"
    write_coco(target, records[:1], records[1:])
    _, image, *people = read(target, tmp_path)
    assert isinstance(image, ImportedImage)
    assert (image.path, image.width, image.height, image.external_id) == ("one.jpg", 100, 80, "1")
    for before, after in zip(records[1:], people, strict=True):
        np.testing.assert_array_equal(before.keypoints, after.keypoints)
        assert (before.bbox_xywh, before.area, before.is_crowd) == (after.bbox_xywh, after.area, after.is_crowd)
        assert (before.external_id, before.ordinal) == (after.external_id, after.ordinal)
    written = json.loads(target.read_text())
    assert [row["num_keypoints"] for row in written["annotations"]] == [17, 0]
    assert written["categories"][0]["keypoints"] == list(get_skeleton("coco17").joints)


def test_what_does_not_fit_is_not_written(tmp_path: Path) -> None:
    image, person = read_document(tmp_path, document(annotation()))
    target = tmp_path / "again.json"
    for images, message in (([], "belongs to no image"), ([ImportedImage("a", 1, 1, "a1")], "COCO ids are whole")):
        with pytest.raises(FormatError, match=message):
            write_coco(target, images, [person])
    person.keypoints[0, 0] = np.nan
    with pytest.raises(FormatError, match=r"person 123 has a value that is not a finite number"):
        write_coco(target, [image], [person])
    assert not target.exists()
