"""A folder appears whole or not at all, and nothing that no export wrote is ever lost."""

import json
from pathlib import Path

import pytest

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.parts.files import CONTENTS, hash_file, replacing_folder
from db.formats.parts.folders import iter_files


def write_folder(path: Path, **files: str) -> None:
    with replacing_folder(path) as folder:
        for name, text in files.items():
            (folder / name).write_text(text)


def test_the_folder_appears_with_its_contents_listed(tmp_path: Path) -> None:
    target = tmp_path / "fits"
    with replacing_folder(target) as folder:
        (folder / "a").write_text("1")
        assert not target.exists()
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == [target]
    document = json.loads((target / CONTENTS).read_text())
    assert document["files"] == {"a": hash_file(target / "a")}


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "fits"
    write_folder(target, a="1", b="2")
    before = hash_file(target / CONTENTS)
    write_folder(target, a="1")
    assert sorted(file.name for file in target.iterdir()) == ["a", CONTENTS]
    write_folder(target, b="2", a="1")
    assert hash_file(target / CONTENTS) == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_folder_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "fits"
    write_folder(target, a="old")
    with pytest.raises(ZeroDivisionError), replacing_folder(target) as folder:
        (folder / "a").write_text("new")
        raise ZeroDivisionError
    assert (target / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "fits").mkdir()
    write_folder(tmp_path / "fits", a="1")
    assert (tmp_path / "fits" / "a").read_text() == "1"


def test_what_no_export_wrote_is_never_replaced(tmp_path: Path) -> None:
    holiday = tmp_path / "holiday"
    holiday.mkdir()
    (holiday / "beach.jpg").touch()
    mixed = tmp_path / "mixed"
    write_folder(mixed, a="1")
    (mixed / "notes.txt").touch()
    forged = tmp_path / "forged"
    forged.mkdir()
    (forged / CONTENTS).write_text('{"files": {}}')
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(holiday)
    before = sorted(tmp_path.rglob("*"))
    for name, message in (
        ("holiday", "is no earlier export"),
        ("mixed", r"holds 'notes\.txt', which no export wrote"),
        ("forged", "does not list the files"),
        ("file", "exists and is no folder"),
        ("link", "exists and is no folder"),
    ):
        with pytest.raises(FormatError, match=message), replacing_folder(tmp_path / name):
            pytest.fail("there is nothing to write to")
    with pytest.raises(FormatError, match="is no place"), replacing_folder(Path("/")):
        pytest.fail("there is nothing to write to")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_put_there_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "fits"
    with pytest.raises(FormatError, match="is no earlier export"), replacing_folder(target):
        target.mkdir()
        (target / "notes.txt").write_text("mine")
    assert (target / "notes.txt").read_text() == "mine"


def test_a_refusing_disk_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="could not be written"), replacing_folder(tmp_path / "no folder" / "fits"):
        pytest.fail("there is nothing to write to")


def test_a_faulty_file_spares_the_others(tmp_path: Path) -> None:
    for name in ("b.fit", "a.fit", "c.txt"):
        (tmp_path / name).touch()
    read: list[str] = []

    def read_file(path: Path) -> list[ImportProblem]:
        read.append(path.name)
        raise FormatError(f"{path.name} is torn")

    problems = list(iter_files(tmp_path, ".fit", read_file))
    assert read == ["a.fit", "b.fit"]
    assert problems == [ImportProblem("a.fit", "a.fit is torn"), ImportProblem("b.fit", "b.fit is torn")]


def test_a_folder_without_such_files_is_refused_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"has no \.fit file"):
        iter_files(tmp_path, ".fit", lambda path: iter(()))
    with replacing_folder(tmp_path / "other") as folder:
        (folder / "0.obj").write_text("x")
    with pytest.raises(FormatError, match=r"has no \.fit file"):  # an export, but of another format
        iter_files(tmp_path / "other", ".fit", lambda path: iter(()))
    with replacing_folder(tmp_path / "nobody"):
        pass
    assert list(iter_files(tmp_path / "nobody", ".fit", lambda path: iter(()))) == []
    with pytest.raises(FormatError, match="cannot be read"):
        iter_files(tmp_path / "nothing", ".fit", lambda path: iter(()))
