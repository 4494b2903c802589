"""Bundles that are cut, changed or made to do harm: one sentence, and nothing is restored."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.services.bundle import container
from app.services.bundle.restoring import restore_bundle
from app.services.bundle.writing import bundle_project
from app.services.checking import check_integrity
from app.services.errors import ServiceError
from db.schema import MIGRATIONS
from db.store import Store
from main import main
from tests.helpers.builders import build_project

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """The members of a sound bundle."""
    folder = tmp_path_factory.mktemp("sound")
    with build_project(folder, 2) as project:
        bundle_project(project, folder / "a.exemplar")
    with zipfile.ZipFile(folder / "a.exemplar") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def seal(members: Members, change: Callable[[dict[str, Any]], None] = lambda manifest: None) -> Members:
    """The members with a manifest that agrees with them: an enemy can count too."""
    manifest = json.loads(members["manifest.json"])
    manifest["members"] = {
        name: {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
        if name != "manifest.json"
    }
    change(manifest)
    return members | {"manifest.json": json.dumps(manifest).encode()}


def write(path: Path, members: Members, extra: list[tuple[zipfile.ZipInfo, bytes]] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for info, content in extra or []:
            archive.writestr(info, content)
    return path


def refuse(path: Path, words: str) -> None:
    """The bundle is refused in one sentence, and nothing is left of it."""
    folder = path.parent / "out" / "copy"
    before = {entry.name for entry in path.parent.iterdir()}
    with pytest.raises(ServiceError, match=words) as caught:
        restore_bundle(path, folder)
    assert "\n" not in str(caught.value)
    assert {entry.name for entry in path.parent.iterdir()} == before


def test_a_resealed_bundle_is_sound(members: Members, tmp_path: Path) -> None:
    report = restore_bundle(write(tmp_path / "a.exemplar", seal(members)), tmp_path / "copy")
    assert report.manifest.counts["people"] == 2


@pytest.mark.parametrize(
    "name",
    [
        "../evil.npz",
        "files/../../evil.npz",
        "/etc/evil.npz",
        "files//evil.npz",
        "C:/evil.npz",
        "files/C:evil.npz",
        "files\\..\\..\\evil.npz",
        "files/./evil.npz",
        "evil.npz",
        "files/folder/",
        "files/" + "a" * 2000 + ".npz",
    ],
)
def test_names_that_lead_elsewhere(members: Members, tmp_path: Path, name: str) -> None:
    refuse(write(tmp_path / "a.exemplar", seal(members | {name: b"x"})), "could lie anywhere")


@pytest.mark.parametrize(
    "name", ["files/project-database.txt", "files/project.db", "files/project.db-wal", "files/a.pkl"]
)
def test_files_that_would_change_what_the_project_is(members: Members, tmp_path: Path, name: str) -> None:
    refuse(write(tmp_path / "a.exemplar", seal(members | {name: b"sqlite:////etc/other.db"})), "is no model file")


def test_the_same_name_twice(members: Members, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = write(tmp_path / "a.exemplar", members, [(zipfile.ZipInfo("project.db"), b"other")])
    refuse(path, "twice")
    both = seal(members | {"files/a.npz": b"1", "files/A.npz": b"2"})
    refuse(write(tmp_path / "b.exemplar", both), "twice")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(members: Members, tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("files/link.npz")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    refuse(write(tmp_path / "a.exemplar", members, [(info, b"/etc/passwd")]), "is a link or a device")


def test_zip_bombs(members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_NEVER_A_BOMB", 1 << 20)
    refuse(write(tmp_path / "a.exemplar", seal(members | {"project.db": bytes(4 << 20)})), "zip bomb")


def test_a_member_that_is_packed_in_another(members: Members, tmp_path: Path) -> None:
    path = write(tmp_path / "a.exemplar", seal(members | {"files/a.npz": os.urandom(200_000)}))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = archive.getinfo("files/a.npz")
        packed = first.compress_size
    # Every entry of the table of contents now points at the largest member: many times its bytes for little.
    place = content.find(b"PK\x01\x02")
    while place != -1:
        content[place + 20 : place + 24] = packed.to_bytes(4, "little")
        content[place + 42 : place + 46] = first.header_offset.to_bytes(4, "little")
        place = content.find(b"PK\x01\x02", place + 1)
    path.write_bytes(content)
    refuse(path, "several times")


def test_too_many_members_and_too_large_a_manifest(
    members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_MOST_MEMBERS", 20)
    many = members | {f"files/{number}.npz": b"" for number in range(20)}
    refuse(write(tmp_path / "a.exemplar", seal(many)), "holds 23 files")
    monkeypatch.setattr(container, "_LARGEST_MANIFEST", 100)
    refuse(write(tmp_path / "b.exemplar", members), "The manifest of .* would be")


def test_no_room_on_the_disk(members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.exemplar", members)
    monkeypatch.setattr("app.services.bundle.restoring._SPARE", 1 << 60)
    refuse(path, "free some space")


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, -1])
def test_files_that_are_cut(members: Members, tmp_path: Path, keep: float) -> None:
    path = write(tmp_path / "a.exemplar", members)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    refuse(path, "cut short or damaged")


def test_bytes_that_were_changed(members: Members, tmp_path: Path) -> None:
    path = write(tmp_path / "a.exemplar", members)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("project.db").header_offset
    content[start + 2000] ^= 0xFF
    path.write_bytes(content)
    refuse(path, "cut short or damaged|is not what the manifest says")


@pytest.mark.parametrize("name", ["project.db", "images.jsonl"])
def test_members_the_manifest_does_not_know(members: Members, tmp_path: Path, name: str) -> None:
    changed = members[name][:-1] + bytes([members[name][-1] ^ 1])
    refuse(write(tmp_path / "a.exemplar", members | {name: changed}), "SHA-256 differs")
    refuse(write(tmp_path / "b.exemplar", members | {name: changed + b"1"}), "its manifest says")
    refuse(write(tmp_path / "c.exemplar", members | {"files/x.npz": b"1"}), "what its manifest lists")
    refuse(write(tmp_path / "d.exemplar", {key: value for key, value in members.items() if key != name}), "without")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no bundle of a project"),
        (b"[]", "no bundle of a project"),
        (b'{"kind": "cake", "version": 1}', "no bundle of a project"),
        (b"[" * 100_000, "no bundle of a project"),
        (b"\xff\xfe", "no bundle of a project"),
        (b'{"kind": "project bundle of Exemplar", "version": 1e999}', "no bundle of a project"),
        (b'{"kind": "project bundle of Exemplar", "version": 1}', "The manifest of .* is damaged"),
        (b'{"kind": "project bundle of Exemplar", "version": 2}', "a bundle of version 2"),
    ],
)
def test_manifests_that_are_none(members: Members, tmp_path: Path, content: bytes, words: str) -> None:
    refuse(write(tmp_path / "a.exemplar", members | {"manifest.json": content}), words)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("schema", "9999", "made by a newer version"),
        ("schema", 7, "is damaged"),
        ("counts", {"people": -1}, "is damaged"),
        ("counts", [], "is damaged"),
        ("members", {"project.db": 3}, "is damaged"),
        ("needed", [{"kind": "reviews_per_person"}], "is no kind of file"),
        ("counts", {"people": 3}, "its manifest says"),
    ],
)
def test_manifests_that_say_odd_things(members: Members, tmp_path: Path, key: str, value: object, words: str) -> None:
    odd = seal(members, lambda manifest: manifest.update({key: value}))
    refuse(write(tmp_path / "a.exemplar", odd), words)


def with_database(members: Members, tmp_path: Path, *statements: str) -> Members:
    """The members with a database on which somebody has run statements."""
    path = tmp_path / "changed.db"
    path.write_bytes(members["project.db"])
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    content = path.read_bytes()
    path.unlink()
    return seal(members | {"project.db": content})


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER evil AFTER INSERT ON fits BEGIN DELETE FROM decisions; END", "trigger evil"),
        ("CREATE VIEW evil AS SELECT 1", "view evil"),
        ("UPDATE people SET image_id = 4711 WHERE id = 1", "row 1 of people"),
        ("UPDATE images SET path = '../../etc/passwd' WHERE id = 1", "would lie outside"),
        ("UPDATE images SET path = '/etc/passwd' WHERE id = 1", "would lie outside"),
        ("DELETE FROM person_heads", "rows of person_heads"),
    ],
)
def test_databases_that_are_not_ours(members: Members, tmp_path: Path, statement: str, words: str) -> None:
    refuse(write(tmp_path / "a.exemplar", with_database(members, tmp_path, statement)), words)


def test_a_database_that_is_none(members: Members, tmp_path: Path) -> None:
    refuse(
        write(tmp_path / "a.exemplar", seal(members | {"project.db": b"SQLite format 3\0" + bytes(5000)})), "is damaged"
    )


def test_image_lines_that_are_none(members: Members, tmp_path: Path) -> None:
    for number, line in enumerate((b"{}", b"[" * 50_000, b'{"id": 1, "root": 2}')):
        odd = seal(members | {"images.jsonl": members["images.jsonl"] + line + b"\n"})
        path = write(tmp_path / f"{number}.exemplar", odd)
        with pytest.raises(ServiceError, match=r"Line 3 of images\.jsonl"):
            restore_bundle(path, tmp_path / "copy", [str(tmp_path)])
        assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("schema", MIGRATIONS.revisions)
def test_bundles_of_older_schemas_are_brought_up_to_date(members: Members, tmp_path: Path, schema: str) -> None:
    content = (Path(__file__).parents[2] / "data" / "schemas" / f"{schema}.db").read_bytes()
    old = {name: value for name, value in members.items() if name != "images.jsonl"}
    sealed = seal(old | {"project.db": content, "images.jsonl": b""}, lambda manifest: manifest.update(schema=schema))
    if schema == MIGRATIONS.head:
        sealed = seal(sealed, lambda manifest: manifest.update(counts=count_rows(content, tmp_path)))
    report = restore_bundle(write(tmp_path / "a.exemplar", sealed), tmp_path / "copy")
    assert report.upgraded_from == (None if schema == MIGRATIONS.head else schema)
    assert [path.name for path in report.folder.iterdir()] == ["project.db"]
    kinds = [fault.item.partition(" ")[0] for fault in check_integrity(report.folder).faults]
    assert kinds == ["body"]  # those projects name one that is nowhere


def count_rows(content: bytes, tmp_path: Path) -> dict[str, int]:
    (tmp_path / "count.db").write_bytes(content)
    with Store.open(tmp_path / "count.db") as store, store.read() as reader:
        return reader.tables.counts()


def test_things_that_are_no_bundles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.exemplar").write_text("hello", encoding="utf-8")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", "{}")
    (tmp_path / "other.zip").write_bytes(buffer.getvalue())
    for name, words in (("text.exemplar", "as a bundle"), ("other.zip", "is a zip file without"), ("no", "not exist")):
        assert main(["restore", str(tmp_path / name), str(tmp_path / "copy"), "--json"]) == 2
        said = capsys.readouterr()
        assert words in json.loads(said.out)["error"]
        assert said.err.count("\n") == 1
