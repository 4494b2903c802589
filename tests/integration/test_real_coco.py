"""The reader and the loader on the real photographs of the development set."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from app.services.exporting_people import export_people
from app.services.images import load_image, read_size
from app.services.importing import import_dataset
from app.services.project import Project
from db.formats import get_reader
from db.formats.base import ImportedImage, ImportedPerson
from db.formats.coco import write_coco

pytestmark = pytest.mark.real


@pytest.fixture
def real_data() -> Path:
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "real"
    folder = Path(os.environ.get("EXEMPLAR_REAL_DATA", beside))
    if not (folder / "annotations").is_dir():
        pytest.skip(f"the development photographs are not in {folder}; set EXEMPLAR_REAL_DATA to their folder")
    return folder


def read_people(source: Path, folder: Path) -> tuple[list[ImportedImage], list[ImportedPerson]]:
    records = list(get_reader("coco")(source, folder / "images"))
    images = [record for record in records if isinstance(record, ImportedImage)]
    people = [record for record in records if isinstance(record, ImportedPerson)]
    assert len(images) + len(people) == len(records) - 1  # what the file says of itself
    return images, people


def test_everybody_is_read(real_data: Path) -> None:
    images, people = read_people(real_data / "annotations" / "person_keypoints_dev.json", real_data)
    labelled = [int((person.keypoints[:, 2] > 0).sum()) for person in people]
    assert len(images) == 6
    assert len(people) == 46
    assert sum(count >= 6 for count in labelled) == 20
    assert sum(labelled) == 250
    assert sum(person.is_crowd for person in people) == 2


def test_pictures_have_the_size_the_annotations_say(real_data: Path) -> None:
    images, _ = read_people(real_data / "annotations" / "person_keypoints_dev.json", real_data)
    for image in images:
        path = real_data / "images" / image.path
        assert read_size(path) == (image.width, image.height)
        pixels = load_image(path)
        assert pixels.shape == (image.height, image.width, 3)
        assert pixels.std() > 10


def test_written_again_it_says_the_same(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "annotations" / "person_keypoints_dev.json"
    images, people = read_people(source, real_data)
    write_coco(tmp_path / "again.json", images, people)
    before, after = (json.loads(path.read_text())["annotations"] for path in (source, tmp_path / "again.json"))
    written = {row["id"]: row for row in after}
    assert len(written) == len(before)
    for row in before:
        for field in ("image_id", "keypoints", "num_keypoints", "bbox", "area", "iscrowd"):
            assert np.array_equal(row[field], written[row["id"]][field]), (row["id"], field)


def test_through_a_project_it_comes_out_as_it_came_in(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "annotations" / "person_keypoints_dev.json"
    with Project.create(tmp_path / "project") as project:
        assert import_dataset(project, "coco", source, real_data / "images").people.new == 46
        export_people(project, "coco", tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(source.read_text())
