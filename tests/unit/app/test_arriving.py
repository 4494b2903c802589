"""What is dropped on the window: told apart by what it holds, with a sentence for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.services.arriving import Guess, find_images, look_at
from app.services.bundle.writing import bundle_project
from app.services.errors import ServiceError
from app.services.exporting import export_fits
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints, write_picture


def write_coco(path: Path, names: list[str]) -> Path:
    """A COCO keypoint file with one person in each picture."""
    keypoints = [float(value) for value in person_keypoints().ravel()]
    document = {
        "images": [{"id": n, "file_name": name, "width": 640, "height": 480} for n, name in enumerate(names, 1)],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "keypoints": keypoints, "bbox": [200, 100, 200, 300]}
            for n in range(1, len(names) + 1)
        ],
        "categories": [{"id": 1, "name": "person"}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("place", ["annotations", ".", "annotations/images", "val2017", "annotations/val2017"])
def test_the_pictures_of_a_coco_file_are_found_around_it(tmp_path: Path, place: str) -> None:
    source = write_coco(tmp_path / "annotations" / "person_keypoints_val2017.json", ["a.jpg", "b.jpg"])
    for name in ("a.jpg", "b.jpg"):
        write_picture(tmp_path / place / name)
    found = find_images(source)
    if place == ".":  # the folder above is not taken for itself
        assert found is None
    else:
        assert found == tmp_path / place


def test_a_folder_with_most_of_the_pictures_is_taken(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "people.json", ["a.jpg", "b.jpg", "gone.jpg"])
    write_picture(tmp_path / "images" / "a.jpg")
    assert find_images(source) is None
    write_picture(tmp_path / "images" / "b.jpg")
    assert find_images(source) == tmp_path / "images"


def test_a_coco_file_without_its_pictures_is_still_one(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "people.json", ["a.jpg"])
    arrival = look_at(source)
    assert (arrival.kind, arrival.path, arrival.images) == ("annotations", source, None)


def test_a_folder_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{}")
    source = write_coco(tmp_path / "t.json", ["a.jpg"])
    write_picture(tmp_path / "images" / "a.jpg")
    arrival = look_at(tmp_path)
    assert (arrival.kind, arrival.path, arrival.images) == ("annotations", source, tmp_path / "images")


def test_a_project_is_one_by_its_folder_or_its_database(tmp_path: Path) -> None:
    build_project(tmp_path, 1).close()
    for path in (tmp_path / "project", tmp_path / "project" / "project.db"):
        arrival = look_at(path)
        assert (arrival.kind, arrival.path) == ("project", tmp_path / "project")


def test_a_picture_alone_is_told_what_is_needed(tmp_path: Path) -> None:
    write_picture(tmp_path / "holiday" / "a.jpg")
    arrival = look_at(tmp_path / "holiday" / "a.jpg")
    assert arrival.kind == "other"
    assert "COCO keypoint file" in arrival.sentence


def test_a_folder_of_pictures_can_be_imported_to_draw_people_in(tmp_path: Path) -> None:
    write_picture(tmp_path / "holiday" / "a.jpg")
    arrival = look_at(tmp_path / "holiday")
    assert (arrival.kind, arrival.guess.people, arrival.images) == ("annotations", "folder", tmp_path / "holiday")


def test_a_bundle_is_one_by_its_content(tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        bundle_project(project, tmp_path / "a.exemplar")
    assert look_at(tmp_path / "a.exemplar").kind == "bundle"
    (tmp_path / "b.exemplar").write_text("no", encoding="utf-8")
    assert look_at(tmp_path / "b.exemplar").kind == "other"


def test_fits_are_told_by_what_is_in_them(tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        add_fit(project, people_of(project)[0])
        export_fits(project, "eft-json", tmp_path / "fits.json", decision="any")
    arrival = look_at(tmp_path / "fits.json")
    assert (arrival.kind, arrival.guess) == ("annotations", Guess(None, "eft-json"))


@pytest.mark.parametrize(
    ("name", "content"), [("list.txt", "milk"), ("data.json", '{"a": 1}'), ("cut.json", '{"images": ['), ("x.json", "")]
)
def test_anything_else_gets_one_sentence(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    arrival = look_at(path)
    assert arrival.kind == "other"
    assert name in arrival.sentence
    assert "\n" not in arrival.sentence


def test_an_empty_folder_and_nothing_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no project" in look_at(tmp_path / "empty").sentence
    with pytest.raises(ServiceError, match="does not exist"):
        look_at(tmp_path / "nothing")
