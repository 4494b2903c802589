"""Our reader of MATLAB files against what scipy writes."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.formats.parts.matlab import (
    find_field,
    find_number,
    find_number_field,
    find_record,
    find_text,
    get_cell,
    list_records,
    list_variables,
    read_mat,
    to_numbers,
)
from tests.helpers.people_examples.matlab import cell_array, struct_array


@pytest.fixture(params=(True, False), ids=("packed", "plain"))
def packed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("kind", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_numbers_of_every_kind(tmp_path: Path, kind: str, packed: bool) -> None:
    numbers = np.arange(24).reshape(2, 3, 4).astype(kind)
    savemat(tmp_path / "a.mat", {"other": np.ones(3), "a": numbers}, do_compression=packed)
    read = to_numbers(read_mat(tmp_path / "a.mat", "a")["a"], "a")
    assert np.array_equal(read, numbers)
    assert list_variables(tmp_path / "a.mat") == {"other": (1, 3), "a": (2, 3, 4)}


def test_structs_cells_and_texts(tmp_path: Path, packed: bool) -> None:
    inner = struct_array([{"x": 1.5, "name": "left"}, {"x": np.int16(-3), "name": "Zürich"}, {"x": np.zeros((0, 0))}])
    content = {"s": {"inner": inner, "cells": cell_array([np.array([[7]]), "7.25", np.zeros((0, 0))])}}
    savemat(tmp_path / "s.mat", content, do_compression=packed)
    (outer,) = list_records(read_mat(tmp_path / "s.mat", "s")["s"])
    records = list_records(find_field(outer, "inner"))
    assert [find_number(find_field(record, "x"), "x") for record in records] == [1.5, -3, None]
    assert [find_number_field(record, "x", "x") for record in records] == [1.5, -3, None]
    assert [find_text(find_field(record, "name")) for record in records] == ["left", "Zürich", None]
    cells = find_field(outer, "cells")
    assert [find_number(get_cell(cells, index), "c") for index in range(4)] == [7, 7.25, None, None]
    assert find_record(outer, "inner") is not None
    assert find_record(outer, "nothing") is None


def test_what_is_no_number_is_said(tmp_path: Path) -> None:
    row = {"text": "seven", "two": np.ones(2), "nan": np.nan, "complex": 1j}
    savemat(tmp_path / "s.mat", {"s": struct_array([row])})
    (record,) = list_records(read_mat(tmp_path / "s.mat", "s")["s"])
    for name, reason in {"text": "t is 'seven'", "two": "t is no number", "nan": "t is not a finite"}.items():
        with pytest.raises(ItemError, match=reason):
            find_number_field(record, name, "t")
    with pytest.raises(ItemError, match="complex"):
        find_field(record, "complex")


def test_version_73_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n")
    with pytest.raises(FormatError, match=r"new\.mat is a MATLAB 7\.3 file .HDF5.; load it .* with -v7$"):
        read_mat(tmp_path / "new.mat", "a")


def test_missing_variables_and_cut_files(tmp_path: Path, packed: bool) -> None:
    savemat(tmp_path / "a.mat", {"a": np.random.default_rng(0).random((40, 40))}, do_compression=packed)
    with pytest.raises(FormatError, match="has no variable 'joints'"):
        read_mat(tmp_path / "a.mat", "joints")
    content = (tmp_path / "a.mat").read_bytes()
    (tmp_path / "cut.mat").write_bytes(content[:-100])
    with pytest.raises(FormatError, match=r"cut\.mat is damaged"):
        read_mat(tmp_path / "cut.mat", "a")


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "bomb.mat", {"a": np.zeros((3, 3_000_000))}, do_compression=True)
    assert (tmp_path / "bomb.mat").stat().st_size < 200_000
    with pytest.raises(FormatError, match="made to do harm"):
        read_mat(tmp_path / "bomb.mat", "a")


def test_a_mac_of_old_wrote_the_bytes_the_other_way_round(tmp_path: Path) -> None:
    numbers = np.array([[1.5, -2.0], [3.0, 4.25]])
    body = b"".join(
        [
            *((6).to_bytes(4, "big"), (8).to_bytes(4, "big"), (6).to_bytes(4, "big"), bytes(4)),
            *((5).to_bytes(4, "big"), (8).to_bytes(4, "big"), (2).to_bytes(4, "big"), (2).to_bytes(4, "big")),
            *((1 << 16 | 1).to_bytes(4, "big"), b"a\0\0\0"),
            *((9).to_bytes(4, "big"), (32).to_bytes(4, "big"), numbers.astype(">f8").tobytes(order="F")),
        ]
    )
    header = b"MATLAB 5.0 MAT-file, Platform: SOL2".ljust(124) + b"\x01\x00MI"
    (tmp_path / "old.mat").write_bytes(header + (14).to_bytes(4, "big") + len(body).to_bytes(4, "big") + body)
    assert np.array_equal(to_numbers(read_mat(tmp_path / "old.mat", "a")["a"], "a"), numbers)
