"""A project looked through: what is wrong is named, each with its cure, and the rest is looked at too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from app.services.bundle.writing import bundle_project
from app.services.checking import CheckReport, check_integrity
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.review import accept
from db.integrity import ARRAYS, DETAILS
from db.models import Base
from db.schema import MIGRATIONS
from main import main
from tests.helpers.builders import add_fit, build_project, people_of, write_picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with three people, two fits and a decision."""
    with build_project(tmp_path, 3) as project:
        first, second, _ = people_of(project)
        fit = add_fit(project, first)
        add_fit(project, second)
        accept(project, first, fit.id, 3.0)
        return project.folder


def spoil(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "project.db")) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        assert database.execute(statement, values).rowcount
        database.commit()


def lines(report: CheckReport) -> list[str]:
    return [str(fault) for fault in report.faults]


def test_a_sound_project_has_no_faults(folder: Path) -> None:
    report = check_integrity(folder, images=True)
    assert report.faults == ()
    assert (report.images, report.counts["fits"], report.counts["decisions"]) == (3, 2, 1)


def test_every_column_of_bytes_is_looked_at() -> None:
    found = {
        (name, column.name)
        for name, table in Base.metadata.tables.items()
        for column in table.columns
        if column.type.__visit_name__ == "large_binary"
    }
    arrays = {(table, column) for table, columns in ARRAYS.items() for column in columns}
    assert found == arrays | {(table, "content") for table in DETAILS} | {("studies", "plan")}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE fits SET rotations = zeroblob(17) WHERE id = 2", "fit 2: The stored rotations of fit 2 is damaged"),
        ("UPDATE fits SET trace = 'text' WHERE id = 1", "fit 1: the stored loss trace is no array"),
        ("UPDATE fits SET l2d = 9e999 WHERE id = 1", "fit 1: its l2d inf is no finite number"),
        ("UPDATE fits SET options = '{' WHERE id = 1", "fit 1: its options cannot be read"),
        ("UPDATE fits SET revision_id = 2 WHERE id = 1", "fit 1: it names the keypoint revision 2, which is another"),
        (
            "UPDATE keypoint_revisions SET sources = '?' WHERE id = 1",
            "keypoint revision 1: The stored keypoint sources",
        ),
        ("UPDATE keypoint_revisions SET skeleton = 'ant' WHERE id = 3", "its skeleton 'ant' is not known"),
        ("UPDATE keypoint_revisions SET confidence = zeroblob(8) WHERE id = 3", "do not match the skeleton coco17"),
        ("UPDATE keypoint_revisions SET labelled_count = 3 WHERE id = 3", "17 joints are labelled, the row says 3"),
        (
            "UPDATE keypoint_revisions SET limb_count = 2 WHERE id = 3",
            "keypoint revision 3: 12 limb joints, the row says",
        ),
        ("INSERT INTO person_details VALUES (1, x'00')", "details of person 1: The stored text of the details of"),
        ("INSERT INTO image_details VALUES (1, 'text')", "details of image 1: they cannot be read"),
        (
            "INSERT INTO person_truth VALUES (1, 'a.npz', 'coco17', NULL, zeroblob(32), NULL, zeroblob(3))",
            "truth of person 1: its joints do not match the skeleton coco17",
        ),
        (
            "INSERT INTO person_truth VALUES (1, 'a.npz', 'coco17', NULL, zeroblob(544), NULL, zeroblob(3))",
            "truth of person 1: The stored betas of truth of person 1 is damaged",
        ),
        ("UPDATE decisions SET verdict = 'perhaps'", "decision 1: its verdict 'perhaps' is not known"),
        ("UPDATE people SET bbox_x = 'left' WHERE id = 1", "person 1: its bbox_x 'left' is no finite number"),
        ("UPDATE people SET image_id = 99 WHERE id = 2", "row 2 of people: it names a row of images"),
        ("UPDATE images SET path = '../x.jpg' WHERE id = 1", "image 1: its path '../x.jpg' leads out"),
        ("UPDATE images SET width = 0 WHERE id = 1", "image 1: its size 0 x 480 is none"),
        ("UPDATE person_heads SET state = 'rejected' WHERE person_id = 1", "person 1: the state in the queue is not"),
    ],
)
def test_damage_is_named_with_its_cure(folder: Path, statement: str, words: str) -> None:
    spoil(folder, statement)
    report = check_integrity(folder)
    assert any(words in line for line in lines(report)), lines(report)
    assert all(fault.cure for fault in report.faults)


def test_not_a_number_in_an_array_is_found(folder: Path) -> None:
    spoil(folder, "UPDATE fits SET betas = ? WHERE id = 1", b"\0\0\0\0\0\0\xf8\x7f" * 10)
    assert any("holds NaN" in line for line in lines(check_integrity(folder)))


def test_damaged_pages_are_found_and_the_command_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "project.db"
    content = bytearray(file.read_bytes())
    content[4096:8192] = bytes(4096)
    file.write_bytes(content)
    assert main(["check", "--project", str(folder)]) == 1
    assert "bundle or a backup" in capsys.readouterr().out


def test_what_the_queue_shows_can_be_derived_anew(folder: Path) -> None:
    spoil(folder, "UPDATE person_heads SET state = 'rejected' WHERE person_id = 1")
    spoil(folder, "DELETE FROM person_heads WHERE person_id = 3")
    assert len(check_integrity(folder).faults) == 2
    report = check_integrity(folder, repair=True)
    assert (report.repaired, report.faults) == (2, ())
    with Project.open(folder) as project, project.store.read() as reader:
        assert [reader.queue.get_head(person).state for person in people_of(project)] == [
            "accepted",
            "fitted",
            "unfitted",
        ]


def test_pictures_that_are_gone_or_others_are_named(folder: Path, tmp_path: Path) -> None:
    with Project.open(folder) as project:
        made = bundle_project(project, tmp_path / "a.exemplar")
    pictures = tmp_path / "pictures"
    (pictures / "001.jpg").unlink()
    Image.new("RGB", (10, 20)).save(pictures / "002.jpg")
    write_picture(pictures / "003.jpg", seed=5)
    assert len(check_integrity(folder).faults) == 0
    by_size = lines(check_integrity(folder, images=True))
    assert len(by_size) == 2
    assert "001.jpg: the picture cannot be read" in by_size[0]
    assert "002.jpg: it has 10 x 20 pixels, the project knows 640 x 480" in by_size[1]
    by_content = lines(check_integrity(folder, bundle=made.path))
    assert len(by_content) == 3
    assert "003.jpg: its content is not what it was" in by_content[2]


def test_a_bundle_of_another_project_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with Project.create(tmp_path / "other" / "project") as project:
        made = bundle_project(project, tmp_path / "b.exemplar")
    with pytest.raises(ServiceError, match="of another project"):
        check_integrity(folder, bundle=made.path)


def test_model_files_that_are_gone_are_named(folder: Path) -> None:
    with Project.open(folder) as project:
        project.use_file("body", folder / "models" / "lost.npz")
    (line,) = lines(check_integrity(folder))
    assert "lost.npz: it is not there" in line
    assert "body use FILE" in line


def test_the_command_tells_in_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--project", str(folder), "--images", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], told["faults"], told["images_checked"]) == (True, [], 3)
    spoil(folder, "UPDATE alembic_version SET version_num = '9999'")
    assert main(["check", "--project", str(folder), "--json"]) == 2
    assert MIGRATIONS.head in json.loads(capsys.readouterr().out)["error"]
