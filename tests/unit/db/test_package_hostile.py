"""A package that somebody sent is looked at before anything in it is used: each refusal is one sentence."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from db.errors import DiskFullError, SchemaTooNewError, StoreAccessError, StoreError, StoreLockedError
from db.rater_package.errors import PackageError
from db.rater_package.manifest import MANIFEST
from db.rater_package.names import name_picture
from db.rater_package.package import RaterPackage
from db.rater_package.returning import read_returned
from tests.helpers.rater_packages import INFO, build_package, build_picture, build_trials, cast_vote

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sound") / "package"
    with build_package(made) as package:
        place = package.sit_down("Ann")
        cast_vote(package, place)
        cast_vote(package, place)
    return made


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A sound package, to be spoiled."""
    return Path(shutil.copytree(sound, tmp_path / "package"))


@pytest.fixture
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "session.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        yield connection


def refuse(folder: Path, words: str, kind: type[StoreError] = PackageError) -> None:
    """Opening and reading what came back are both refused, in one sentence."""
    with pytest.raises(kind, match=words) as caught:
        RaterPackage.open(folder)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    with pytest.raises(kind):
        read_returned(folder)


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_sound_package_opens(folder: Path) -> None:
    with RaterPackage.open(folder) as package:
        assert len(package.votes()) == 2
    assert len(read_returned(folder).votes) == 2


def test_a_package_holds_nothing_but_what_a_rater_needs(folder: Path) -> None:
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    pictures = sorted(f"stimuli/{name_picture(build_picture(seed))}" for seed in range(6))
    assert files == ["package.json", "session.db", "stimuli", *pictures]
    times = {path.stat().st_mtime for path in folder.rglob("*") if path.name != "session.db"}
    assert times == {946684800.0}


def test_rows_lie_in_no_order(tmp_path: Path) -> None:
    with build_package(tmp_path / "package", seats=4, trials=25):
        pass
    with closing(sqlite3.connect(tmp_path / "package" / "session.db")) as connection:
        rows = connection.execute("SELECT id, seat, position FROM rater_trials ORDER BY rowid").fetchall()
        as_stored = [row[1:] for row in rows]
    assert len({row[0] for row in rows}) == 100
    assert as_stored != sorted(as_stored)
    neighbours = sum(a[0] == b[0] and b[1] == a[1] + 1 for a, b in itertools.pairwise(as_stored))
    assert neighbours < 15  # one in a hundred is expected


# ---- the folder and its manifest


@pytest.mark.parametrize(
    ("changes", "words", "kind"),
    [
        ({"version": 2}, "newer version of this program", SchemaTooNewError),
        ({"version": 0}, "which never was", PackageError),
        ({"kind": "holiday"}, "no rater package", PackageError),
        ({"study": "../../etc"}, "no identifier", PackageError),
        ({"question": ""}, "question", PackageError),
        ({"question": "x" * 5000}, "question", PackageError),
        ({"views": []}, "views", PackageError),
        ({"min_exposure_s": -1.0}, "exposure", PackageError),
        ({"min_exposure_s": 1e9}, "exposure", PackageError),
        ({"break_every": 0}, "break", PackageError),
        ({"method": "eft"}, "cannot be read", PackageError),
        ({"plan": "f" * 64}, "another package", PackageError),
    ],
)
def test_a_manifest_that_says_something_impossible(
    folder: Path, changes: dict[str, object], words: str, kind: type[StoreError]
) -> None:
    change_manifest(folder, **changes)
    refuse(folder, words, kind)


@pytest.mark.parametrize(
    "address",
    [
        "../other/session.db",
        "/etc/passwd",
        "sqlite:////etc/passwd",
        "mysql://evil/x",
        "postgresql+psycopg://evil/x?passfile=/home/me/.pgpass",
        "postgresql+psycopg://evil/x?sslkey=/home/me/key",
        "",
    ],
)
def test_a_database_elsewhere_is_not_opened(folder: Path, address: str) -> None:
    change_manifest(folder, database=address)
    refuse(folder, "database")


def test_a_package_of_a_server_is_not_collected_as_a_folder(folder: Path) -> None:
    change_manifest(folder, database="postgresql+psycopg://somebody@far.invalid/votes")
    with pytest.raises(PackageError, match="on a server, not in the folder"):
        read_returned(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b'"', b"\xff\xfe", b"[" * 100_000, b'{"kind": NaN}', b" " * (2 << 20)])
def test_a_manifest_that_is_none(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    refuse(folder, r"cannot be read|is larger")


@pytest.mark.parametrize("name", [MANIFEST, "session.db"])
def test_a_missing_part(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refuse(folder, f"{name} is missing")


@pytest.mark.parametrize("name", [MANIFEST, "session.db", "session.db-wal"])
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes((folder / name).read_bytes() if (folder / name).exists() else b"")
    before = outside.read_bytes()
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(outside)
    refuse(folder, "link")
    assert outside.read_bytes() == before


def test_pictures_behind_a_link(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "stimuli", tmp_path / "elsewhere")
    (folder / "stimuli").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PackageError, match="is a link"):
        RaterPackage.open(folder)


@pytest.mark.parametrize("place", ["nowhere", "empty", "file"])
def test_a_place_without_a_package(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    refuse(tmp_path / place, "no rater package|is missing")


# ---- the database


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER spy AFTER INSERT ON rater_votes BEGIN DELETE FROM rater_votes; END", "trigger spy"),
        ("CREATE VIEW spy AS SELECT 1", "view spy"),
        ("CREATE TABLE spy (x)", "table 'spy'"),
        ("CREATE INDEX spy ON rater_votes (abs(seat))", "index 'spy'"),
        ("CREATE VIRTUAL TABLE spy USING fts5(x)", "which no package has"),
        ("ALTER TABLE rater_votes ADD COLUMN spy TEXT", "other columns"),
        ("ALTER TABLE rater_votes ADD COLUMN spy TEXT GENERATED ALWAYS AS (rater)", "which no package has"),
        ("DROP TABLE rater_votes", "rater_votes is missing"),
        ("DELETE FROM rater_package", "does not say whose"),
        ("UPDATE rater_package SET version = 2", "newer version"),
        ("UPDATE rater_package SET study_uid = 'other'", "another package"),
        ("UPDATE rater_votes SET seat = 'one' WHERE position = 0", "names a row"),
        ("UPDATE rater_votes SET rater = x'00ff'", "values of another kind"),
        ("UPDATE rater_trials SET left_pictures = CAST(x'5bff5d' AS TEXT)", "text that is none"),
        ("UPDATE rater_votes SET response_s = 'soon'", "values of another kind"),
        ("UPDATE rater_votes SET position = 77 WHERE position = 0", "names a row"),
        ("UPDATE rater_seats SET trials = 99", "not all there"),
        ("DELETE FROM rater_trials WHERE position = 3", "not all there"),
        ("UPDATE rater_trials SET left_pictures = '[\"../../secret.png\"]'", "no name of a picture"),
        ("UPDATE rater_trials SET left_pictures = '{}'", "cannot be read"),
        ("UPDATE rater_trials SET left_pictures = '[1]'", "cannot be read"),
        ("UPDATE rater_trials SET left_pictures = '[]'", "0 pictures on the left"),
        ("UPDATE rater_trials SET practice_answer = 'eft'", "which is none"),
    ],
)
def test_a_database_that_was_tampered_with(
    folder: Path, database: sqlite3.Connection, statement: str, words: str
) -> None:
    database.execute(statement)
    database.close()
    refuse(folder, words, StoreError)


def test_a_damaged_database(folder: Path) -> None:
    path = folder / "session.db"
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    refuse(folder, "session.db", StoreError)
    content[44:48] = b"\0\0\0\x3e"  # the format of the schema, in the file's head
    path.write_bytes(content)
    refuse(folder, "session.db", StoreError)
    path.write_bytes(b"not a database at all" * 100)
    refuse(folder, "session.db", StoreError)


def test_a_locked_package_says_so(folder: Path, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.rater_package.package.BUSY_TIMEOUT_S", 0.05)
    with RaterPackage.open(folder) as package:
        place = package.sit_down("Ann")
        database.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError, match="locked by another program"):
            cast_vote(package, place)
        database.execute("COMMIT")
        cast_vote(package, place)
        assert len(package.votes()) == 3


def test_a_full_disk_stores_nothing_and_the_vote_can_be_tried_again(tmp_path: Path) -> None:
    with build_package(tmp_path / "package", seats=1, trials=500) as package:
        engine = package._database._engine
        place = package.sit_down("Ann")
        with closing(sqlite3.connect(tmp_path / "package" / "session.db")) as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]

        def shrink(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        engine.dispose()
        event.listen(engine, "connect", shrink)
        stored = 0
        with pytest.raises(DiskFullError, match="full, nothing of this change was stored"):
            while cast_vote(package, place) is not None:
                stored += 1
        assert len(package.votes()) == stored
        event.remove(engine, "connect", shrink)
        engine.dispose()
        trial = cast_vote(package, place)
        assert trial is not None
        assert (trial.position, len(package.votes())) == (stored, stored + 1)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from db.errors import StoreAccessError\n"
        "from db.rater_package.package import RaterPackage\n"
        "from db.rater_package.returning import read_returned\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "folder = Path(sys.argv[1])\n"
        "print(len(read_returned(folder).votes))\n"
        "try: RaterPackage.open(folder)\n"
        "except StoreAccessError as error: print(error)\n"
    )
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    parents = [parent for parent in folder.parents if parent.is_relative_to("/tmp") and parent != Path("/tmp")]
    for parent in parents:
        parent.chmod(0o711)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    folder.chmod(0o755)
    count, sentence = done.stdout.splitlines()
    assert count == "2"  # what comes back on a stick can be read
    assert "cannot be" in sentence
    assert "check" in sentence


# ---- pictures


def some_picture(folder: Path) -> Path:
    return min((folder / "stimuli").iterdir())


def test_a_missing_picture(folder: Path) -> None:
    some_picture(folder).unlink()
    with pytest.raises(PackageError, match=r"1 pictures of .* are missing"):
        RaterPackage.open(folder)


def test_a_picture_that_became_a_link(folder: Path, tmp_path: Path) -> None:
    path = some_picture(folder)
    shutil.move(path, tmp_path / "picture")
    path.symlink_to(tmp_path / "picture")
    with pytest.raises(PackageError, match="are missing"):
        RaterPackage.open(folder)


def make_bomb(content: bytes) -> bytes:
    return content[:16] + struct.pack(">II", 60_000, 60_000) + content[24:]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: content[:-1] + b"x", "was changed or damaged"),
        (lambda content: b"", "was changed or damaged"),
        (lambda content: b"x" * (40 << 20), "larger than"),
    ],
)
def test_a_changed_picture_is_found_when_it_is_read(folder: Path, spoil: Callable[[bytes], bytes], words: str) -> None:
    path = some_picture(folder)
    path.write_bytes(spoil(path.read_bytes()))
    with RaterPackage.open(folder) as package, pytest.raises(PackageError, match=words):
        package.picture(path.name)


@pytest.mark.parametrize("name", ["../package.json", "/etc/passwd", "x.png", "", "A" * 64 + ".png", "\0"])
def test_only_names_of_pictures_are_read(folder: Path, name: str) -> None:
    with RaterPackage.open(folder) as package, pytest.raises(PackageError, match="no name of a picture"):
        package.picture(name)


def test_a_picture_that_would_fill_the_memory(folder: Path) -> None:
    bomb = make_bomb(build_picture(1))
    (folder / "stimuli" / name_picture(bomb)).write_bytes(bomb)
    with RaterPackage.open(folder) as package, pytest.raises(PackageError, match="60000 x 60000"):
        package.picture(name_picture(bomb))


# ---- making one


def test_a_package_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    pictures = [build_picture(seed) for seed in range(6)]

    def stop_in_between() -> Iterator[bytes]:
        yield pictures[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RaterPackage.create(tmp_path / "package", INFO, build_trials(2, 3, pictures), stop_in_between())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["file", "full", "link"])
def test_nothing_is_replaced(tmp_path: Path, there: str) -> None:
    place = tmp_path / "package"
    if there == "file":
        place.write_bytes(b"mine")
    elif there == "full":
        place.mkdir()
        (place / "mine.txt").write_bytes(b"mine")
    else:
        (tmp_path / "target").mkdir()
        place.symlink_to(tmp_path / "target")
    with pytest.raises(PackageError, match="name a new folder"):
        build_package(place)


def test_a_place_that_refuses(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="is no folder"):
        build_package(tmp_path / "absent" / "package")
    with pytest.raises((StoreAccessError, PackageError)):
        build_package(tmp_path / ("x" * 300))
