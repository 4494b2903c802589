"""Importing: once, again, dry, with faults, and interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.services import annotation, importing
from app.services.dataset_import.comparing import Piece
from app.services.dataset_import.writing import write_piece
from app.services.errors import ServiceError
from app.services.importing import import_dataset
from app.services.person_view import load_person_view
from app.services.project import Project
from db.formats.errors import FormatError
from db.transactions import Change
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


def test_an_interrupted_import_leaves_whole_people_and_goes_on(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PIECE", 2)
    source, images = write_dataset(tmp_path)

    def interrupt(change: Change, piece: Piece, *rest: Any, **more: Any) -> None:
        write_piece(change, piece, *rest, **more)
        if any(person.external_id == "12" for person in piece.people):
            raise KeyboardInterrupt

    monkeypatch.setattr(importing, "write_piece", interrupt)
    report = import_dataset(project, "coco", source, images)
    assert report.cancelled
    with project.store.read() as reader:
        assert all(reader.keypoints.current(person) is not None for person in reader.queue.ids())
        assert {person.external_id for person in reader.people.iter_all()} == {"10", "11"}
    monkeypatch.undo()
    report = import_dataset(project, "coco", source, images)
    assert (report.people.new, report.people.same, report.cancelled) == (1, 2, False)
    assert project.store.verify_heads() == ()


def test_asked_to_stop_it_keeps_what_it_has_read(project: Project, tmp_path: Path) -> None:
    source, images = write_dataset(tmp_path, lambda document: document["annotations"].extend(
        annotation_of(100 + n, 1, person_keypoints(0).ravel().tolist()) for n in range(400)
    ))  # fmt: skip
    report = import_dataset(project, "coco", source, images, should_stop=lambda: True)
    assert report.cancelled
    stored = len(people_of(project))
    assert 0 < stored < 250
    assert import_dataset(project, "coco", source, images).people.new == 403 - stored


def test_a_changed_file_can_win_and_human_edits_of_what_it_had_before_stay(project: Project, tmp_path: Path) -> None:
    import_dataset(project, "coco", *write_dataset(tmp_path))
    first, _, third = people_of(project)
    revision = load_person_view(project, third).revision
    edit = annotation.move_joints(revision, COCO, {9: (1.0, 2.0)})
    assert edit is not None
    annotation.apply_edit(project, third, revision.id, edit)

    def move(document: dict[str, Any]) -> None:
        document["annotations"][0]["keypoints"][0] += 5

    source, images = write_dataset(tmp_path, move)
    before = load_person_view(project, first).revision.keypoints
    report = import_dataset(project, "coco", source, images, on_conflict="update")
    assert (report.people.conflicting, report.updated, report.conflicts) == (1, 1, ("annotation 10 of 1.jpg",))
    assert load_person_view(project, first).revision.keypoints[0, 0] == before[0, 0] + 5
    assert load_person_view(project, third).revision.keypoints[9].tolist() == [1, 2, 2]
    with project.store.read() as reader:
        assert len(reader.keypoints.history(first)) == 2


def test_the_same_ids_in_a_file_of_another_name_are_others_unless_the_boxes_agree(
    project: Project, tmp_path: Path
) -> None:
    source, images = write_dataset(tmp_path)
    import_dataset(project, "coco", source, images)
    renamed = source.rename(source.with_name("renamed.json"))
    assert import_dataset(project, "coco", renamed, images).people.same == 3
    document = json.loads(renamed.read_text())
    for person in document["annotations"]:
        person["bbox"] = [0, 0, 30, 40]
    renamed.write_text(json.dumps(document))
    report = import_dataset(project, "coco", renamed, images)
    assert report.people.new == 3
    with project.store.read() as reader:
        places = [(person.image_id, person.ordinal) for person in reader.people.iter_all()]
    assert len(set(places)) == 6


def test_it_finds_the_format_by_itself(project: Project, tmp_path: Path) -> None:
    source, images = write_dataset(tmp_path)
    report = import_dataset(project, "auto", source, images)
    assert (report.format, report.people.new, report.labelled_joints) == ("coco", 3, 34)
    other = tmp_path / "notes.txt"
    other.write_text("nothing of the kind")
    with pytest.raises(FormatError, match=r"notes\.txt is in no known format of people"):
        import_dataset(project, "auto", other, images)


def test_a_picture_of_another_size_is_said_and_a_turned_one_is_recognised(project: Project, tmp_path: Path) -> None:
    def resize(document: dict[str, Any]) -> None:
        document["images"][0] |= {"width": 650}
        document["images"][1] |= {"width": 480, "height": 640}

    source, images = write_dataset(tmp_path, resize)
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(images / "2.jpg") as picture:
        picture.save(images / "2.jpg", exif=exif)
    report = import_dataset(project, "coco", source, images)
    assert [problem.item for problem in report.problems if "pixels where the file says" in problem.reason] == ["1.jpg"]
    with project.store.read() as reader:
        turned = {image.path: (image.exif_honoured, image.width, image.height) for image in reader.images.iter_all()}
    assert turned == {"1.jpg": (False, 640, 480), "2.jpg": (True, 480, 640)}


def test_bad_input_is_one_sentence(project: Project, tmp_path: Path) -> None:
    source, images = write_dataset(tmp_path)
    with pytest.raises(ServiceError, match="does not exist"):
        import_dataset(project, "coco", source, tmp_path / "nowhere")
    source.write_text("not json", encoding="utf-8")
    with pytest.raises(FormatError, match=r"people\.json"):
        import_dataset(project, "coco", source, images)
    with pytest.raises(FormatError, match="no format named"):
        import_dataset(project, "nonsense", source, images)


def test_a_plain_folder_comes_in_upright_and_without_people(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    write_picture(folder / "b" / "2.jpg")
    write_picture(folder / "10.jpg")
    write_picture(folder / ".hidden" / "3.jpg")
    (folder / "b" / "notes.txt").write_text("no picture")
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(folder / "10.jpg") as picture:
        picture.save(folder / "10.jpg", exif=exif)
    outside = tmp_path / "outside.jpg"
    write_picture(outside)
    (folder / "link.jpg").symlink_to(outside)
    report = import_dataset(project, "auto", folder, folder)
    assert (report.format, report.images.new, report.people.new) == ("folder", 2, 0)
    assert [str(problem) for problem in report.problems] == [
        "link.jpg in pictures: it is a link that leads out of the folder"
    ]
    with project.store.read() as reader:
        images = [(image.path, image.width, image.height, image.exif_honoured) for image in reader.images.iter_all()]
    assert images == [("10.jpg", 480, 640, True), ("b/2.jpg", 640, 480, True)]
    assert import_dataset(project, "folder", folder, folder).images.same == 2
    with pytest.raises(FormatError, match="does not lie in"):
        import_dataset(project, "folder", folder, tmp_path / "project")


def test_the_same_pictures_below_another_folder_are_the_same(project: Project, tmp_path: Path) -> None:
    source, images = write_dataset(tmp_path)
    import_dataset(project, "coco", source, images)
    report = import_dataset(project, "coco", source, tmp_path)
    assert (report.images.same, report.people.same, report.people.new) == (2, 3, 0)
    other = tmp_path / "elsewhere"
    images.rename(other)
    assert import_dataset(project, "coco", source, other).images.new == 2
