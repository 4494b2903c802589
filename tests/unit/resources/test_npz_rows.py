"""Rows of an npz a few at a time."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resources.npz_rows import NpzRows
from resources.plain_npz import PlainNpzError


def columns() -> dict[str, Any]:
    generator = np.random.default_rng(0)
    return {
        "names": np.array([f"{row:03d}.jpg" for row in range(25)]),
        "points": generator.normal(size=(25, 4, 3)),
        "fortran": np.asfortranarray(generator.normal(size=(25, 4))),
        "objects": np.array([row if row % 2 else str(row) for row in range(25)], dtype=object),
        "small": generator.integers(0, 9, 25).astype(np.int8),
        "empty": np.zeros((25, 0)),
        "scalar": np.array("human_data"),
        "unwanted": np.zeros(25),
    }


def write(folder: Path, compressed: bool = False) -> Path:
    path = folder / "rows.npz"
    (np.savez_compressed if compressed else np.savez)(path, **columns())
    return path


WANTED = columns().keys() - {"unwanted"} | {"not_there"}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("rows", [1, 7, 25, 1000])
def test_pieces_together_are_the_columns(tmp_path: Path, rows: int, compressed: bool) -> None:
    opened = NpzRows(write(tmp_path, compressed), WANTED)
    pieces = list(opened.iter_pieces(25, rows))
    assert [len(piece["names"]) for piece in pieces] == [min(rows, 25 - first) for first in range(0, 25, rows)]
    assert opened.names == columns().keys()
    for name in WANTED - {"not_there", "scalar"}:
        joined = np.concatenate([piece[name] for piece in pieces])
        assert joined.dtype == columns()[name].dtype
        assert np.array_equal(joined, columns()[name]), name
        assert opened.shapes[name] == columns()[name].shape
    assert all(not {"scalar", "unwanted"} & piece.keys() for piece in pieces)


def test_arrays_without_rows_are_had_whole(tmp_path: Path) -> None:
    opened = NpzRows(write(tmp_path), WANTED)
    found = [opened.get_whole(name) for name in ("scalar", "small", "objects")]
    assert str(found[0]) == "human_data"
    assert np.array_equal(found[1], columns()["small"])  # type: ignore[arg-type]
    assert found[2] is not None
    assert found[2].dtype == object
    assert opened.get_whole("not_there") is None


def test_columns_of_other_lengths_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez(path, one=np.arange(3), other=np.arange(4))
    assert [piece.keys() for piece in NpzRows(path, {"one", "other"}).iter_pieces(4)] == [{"other"}]
    assert list(NpzRows(path, {"one"}).iter_pieces(0)) == []


def test_a_file_that_changes_meanwhile_is_said(tmp_path: Path) -> None:
    opened = NpzRows(write(tmp_path), WANTED)
    pieces = opened.iter_pieces(25, 10)
    next(pieces)
    opened.path.write_bytes(b"")
    with pytest.raises(PlainNpzError, match=r"rows\.npz changed while it was read"):
        list(opened.iter_pieces(25))
    with pytest.raises(PlainNpzError, match="changed"):
        opened.get_whole("small")


def test_large_rows_come_in_smaller_pieces(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez_compressed(path, names=np.full(12, "a"), wide=np.zeros((12, 10 << 20), np.uint8))
    sizes = [(len(piece["names"]), piece["wide"].nbytes) for piece in NpzRows(path, {"names", "wide"}).iter_pieces(12)]
    assert sizes == [(6, 60 << 20), (6, 60 << 20)]
    with pytest.raises(PlainNpzError, match=r"has 126 MB in 'wide', more than belongs there"):
        NpzRows(path, {"wide"}).get_whole("wide")
    np.savez_compressed(path, wide=np.zeros((1, 65 << 20), np.uint8))
    with pytest.raises(PlainNpzError, match=r"'wide' has rows of 68 MB"):
        NpzRows(path, {"wide"})


def test_every_cut_is_known_at_once(tmp_path: Path) -> None:
    path = write(tmp_path)
    content = path.read_bytes()
    for length in range(0, len(content), 211):
        path.write_bytes(content[:length])
        with pytest.raises(PlainNpzError, match=r"rows\.npz"):
            NpzRows(path, WANTED).verify()


def test_damage_in_the_middle_is_found_before_it_is_met(tmp_path: Path) -> None:
    path = write(tmp_path)
    NpzRows(path, WANTED).verify()
    content = bytearray(path.read_bytes())
    content[content.index(b"points.npy") + 700] ^= 1
    path.write_bytes(content)
    with pytest.raises(PlainNpzError, match="Bad CRC"):
        NpzRows(path, WANTED).verify()


def test_endless_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez_compressed(path, names=np.array(["a" * 2049]))
    with pytest.raises(PlainNpzError, match=r"'names' has texts of 8,196 bytes"):
        NpzRows(path, {"names"})


def test_faults_of_unwanted_columns_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez(path, one=np.arange(3))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.npy", b"no array")
    assert np.array_equal(next(NpzRows(path, {"one"}).iter_pieces(3))["one"], np.arange(3))
    with pytest.raises(PlainNpzError, match="is no readable"):
        NpzRows(path, {"one", "other"})


@pytest.mark.parametrize("name", ["gone.npz", "."])
def test_what_is_no_file_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(PlainNpzError, match=r"does not exist|is no file"):
        NpzRows(tmp_path / name, {"one"})
