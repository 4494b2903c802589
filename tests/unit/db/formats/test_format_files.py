"""A file appears whole or not at all."""

import os
from pathlib import Path

import pytest

from db.formats.errors import FormatError
from db.formats.parts.files import hash_file, read_bytes, replacing


def test_the_target_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "fits.json"
    target.write_bytes(b"old")
    with replacing(target) as (file, temporary):
        file.write(b"new")
        assert target.read_bytes() == b"old"
        assert temporary.parent == tmp_path
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]
    assert hash_file(target) == "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"


def test_a_failure_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "fits.json"
    target.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(target) as (file, _):
        file.write(b"half of the n")
        raise ZeroDivisionError
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_refusing_disk_is_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(FormatError, match=r"could not be written .*free space on the disk or choose another folder"),
        replacing(tmp_path / "no folder" / "fits.json"),
    ):
        pytest.fail("there is nothing to write to")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full, a disk that is always full")
def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    target = tmp_path / "fits.json"
    with pytest.raises(FormatError, match="No space left on device"), replacing(target) as (file, _):
        os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
        file.write(b"new")
    assert not list(tmp_path.iterdir())


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    source = tmp_path / "fits.json"
    source.write_bytes(b"\xef\xbb\xbf{}")
    assert read_bytes(source) == b"{}"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="a device or a pipe"):
        read_bytes(tmp_path / "pipe")


def test_a_folder_or_a_device_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "folder", tmp_path / "pipe", Path("/"), Path()):
        with pytest.raises(FormatError, match="expected a place for a file"), replacing(target):
            pytest.fail("there is nothing to write to")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]
