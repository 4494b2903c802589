"""Importing: once, again, dry, with faults, and interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services import annotation
from app.services.errors import ServiceError
from app.services.importing import import_dataset
from app.services.person_view import load_person_view
from app.services.project import Project
from db.formats.errors import FormatError
from resources.skeleton import get_skeleton
from tests.helpers.builders import people_of, person_keypoints, write_picture

COCO = get_skeleton("coco17")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project") as made:
        yield made


def annotation_of(number: int, image: int, keypoints: list[float]) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "bbox": [200, 60, 240, 360],
        "area": 40000,
        "iscrowd": 0,
        "keypoints": keypoints,
        "num_keypoints": sum(v > 0 for v in keypoints[2::3]),
    }


def write_dataset(folder: Path, change: Any = None) -> tuple[Path, Path]:
    images = folder / "images"
    for number in (1, 2):
        write_picture(images / f"{number}.jpg", number)
    document = {
        "images": [{"id": n, "file_name": f"{n}.jpg", "width": 640, "height": 480} for n in (1, 2, 3)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO.joints), "skeleton": []}],
        "annotations": [
            annotation_of(10, 1, person_keypoints(0).ravel().tolist()),
            annotation_of(11, 1, [0.0] * 51),
            annotation_of(12, 2, person_keypoints(1).ravel().tolist()),
        ],
    }
    if change is not None:
        change(document)
    source = folder / "people.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    return source, images


def test_people_come_in_with_boxes_and_keypoints(project: Project, tmp_path: Path) -> None:
    report = import_dataset(project, "coco", *write_dataset(tmp_path))
    assert (report.images.new, report.people.new) == (2, 3)
    view = load_person_view(project, people_of(project)[0])
    assert view.person.external_id == "10"
    assert view.person.box_center_px == (320, 240)
    assert view.person.box_scale == pytest.approx(1.2 * 360 / 200)
    assert view.state == "unfitted"
    assert view.image_file.is_file()
    assert (view.image.width, view.image.height) == (640, 480)
    assert load_person_view(project, people_of(project)[1]).state == "unfittable"


def test_a_listed_image_without_a_file_is_listed_and_the_rest_goes_on(project: Project, tmp_path: Path) -> None:
    report = import_dataset(project, "coco", *write_dataset(tmp_path))
    assert any("3.jpg" in str(problem) for problem in report.problems)
    assert report.people.new == 3


def test_a_damaged_picture_is_listed(project: Project, tmp_path: Path) -> None:
    source, images = write_dataset(tmp_path)
    (images / "2.jpg").write_bytes(b"no picture at all")
    report = import_dataset(project, "coco", source, images)
    assert report.people.new == 2
    assert report.people.skipped == 1
    assert any("2.jpg" in str(problem) for problem in report.problems)


def test_a_dry_run_stores_nothing(project: Project, tmp_path: Path) -> None:
    report = import_dataset(project, "coco", *write_dataset(tmp_path), dry_run=True)
    assert report.dry_run
    assert report.people.new == 3
    assert people_of(project) == []


def test_importing_again_adds_nothing_and_keeps_human_work(project: Project, tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path)
    import_dataset(project, "coco", *dataset)
    person = people_of(project)[0]
    revision = load_person_view(project, person).revision
    edit = annotation.move_joints(revision, COCO, {9: (1.0, 2.0)})
    assert edit is not None
    annotation.apply_edit(project, person, revision.id, edit)
    report = import_dataset(project, "coco", *dataset)
    assert (report.people.new, report.people.same, report.people.conflicting) == (0, 3, 0)
    assert load_person_view(project, person).revision.keypoints[9].tolist() == [1, 2, 2]


def test_a_changed_file_conflicts_and_is_left_alone(project: Project, tmp_path: Path) -> None:
    import_dataset(project, "coco", *write_dataset(tmp_path))

    def move(document: dict[str, Any]) -> None:
        document["annotations"][0]["keypoints"][0] += 5

    report = import_dataset(project, "coco", *write_dataset(tmp_path, move))
    assert (report.people.same, report.people.conflicting) == (2, 1)


def test_a_broken_person_is_listed_and_the_others_come_in(project: Project, tmp_path: Path) -> None:
    def cut(document: dict[str, Any]) -> None:
        document["annotations"][0]["keypoints"].pop()

    report = import_dataset(project, "coco", *write_dataset(tmp_path, cut))
    assert report.people.new == 2
    assert any("annotation 10" in str(problem) for problem in report.problems)


def test_an_interrupted_import_leaves_nothing(project: Project, tmp_path: Path) -> None:
    def interrupt(people: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_dataset(project, "coco", *write_dataset(tmp_path), on_progress=interrupt)
    assert people_of(project) == []
    with project.store.read() as reader:
        assert list(reader.images.iter_all()) == []


def test_bad_input_is_one_sentence(project: Project, tmp_path: Path) -> None:
    source, images = write_dataset(tmp_path)
    with pytest.raises(ServiceError, match="does not exist"):
        import_dataset(project, "coco", source, tmp_path / "nowhere")
    source.write_text("not json", encoding="utf-8")
    with pytest.raises(FormatError, match=r"people\.json"):
        import_dataset(project, "coco", source, images)
    with pytest.raises(FormatError, match="no format named"):
        import_dataset(project, "nonsense", source, images)
