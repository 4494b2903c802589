"""Npz files: the same bytes each time, readable by every numpy, and nothing in them executed."""

import io
import pickle
import pickletools
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats.errors import FormatError
from db.formats.parts.arrays import dump_pickle, read_npz, write_npz
from tests.helpers.fit_samples import Bomb

NESTED = {"pose": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "ä"]), "none": None, "list": [1, 2.5, "x"]}


def npz_bytes(**arrays: Any) -> bytes:
    file = io.BytesIO()
    write_npz(file, {name: np.asarray(array) for name, array in arrays.items()})
    return file.getvalue()


def wrap(value: object) -> np.ndarray:
    holder = np.empty((), dtype=object)
    holder[()] = value
    return holder


def test_the_same_arrays_give_the_same_bytes() -> None:
    first = npz_bytes(a=np.arange(5), b=wrap(dict(NESTED)))
    assert first == npz_bytes(a=np.arange(5), b=wrap(dict(NESTED)))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {3}  # on Windows as well
        assert archive.namelist() == ["a.npy", "b.npy"]


@pytest.mark.parametrize(
    "array", [np.float32(2), np.zeros((0, 3)), np.array(["ü", "x" * 300]), np.arange(6).reshape(2, 3).T]
)
def test_numpy_reads_what_is_written(tmp_path: Path, array: np.ndarray) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(npz_bytes(a=array))
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["a"], array)
    np.testing.assert_array_equal(read_npz(path)["a"], array)


def test_objects_are_read_by_numpy_and_by_the_restricted_reader(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(npz_bytes(a=wrap(NESTED)))
    with np.load(path, allow_pickle=True) as arrays:
        for found in (arrays["a"].item(), read_npz(path)["a"].item()):
            np.testing.assert_array_equal(found["pose"], NESTED["pose"])
            np.testing.assert_array_equal(found["names"], NESTED["names"])
            assert (found["none"], found["list"]) == (None, [1, 2.5, "x"])


def test_pickles_name_the_modules_of_old_numpy() -> None:
    content = dump_pickle({"array": np.arange(3), "scalar": np.float64(2), "objects": wrap([1])})
    names = {str(argument) for opcode, argument, _ in pickletools.genops(content) if opcode.name == "GLOBAL"}
    assert names == {
        "numpy.core.multiarray _reconstruct",
        "numpy.core.multiarray scalar",
        "numpy ndarray",
        "numpy dtype",
    }


@given(st.text() | st.binary(), st.lists(st.integers() | st.floats(allow_nan=False) | st.text()))
def test_no_value_is_taken_for_a_name(first: object, others: list[object]) -> None:
    value = [first, others, "cnumpy._core.multiarray\nscalar\n", b"cnumpy._core.multiarray\nscalar\n"]
    assert pickle.loads(dump_pickle(value)) == value


def test_an_object_that_runs_something_is_refused_before_it_runs(tmp_path: Path) -> None:
    path, trace = tmp_path / "arrays.npz", tmp_path / "ran"
    np.savez(path, a=wrap(Bomb(f"touch {trace}")))
    with pytest.raises(FormatError, match=r"system") as caught:
        read_npz(path)
    assert "\n" not in str(caught.value)
    assert not trace.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"[]", npz_bytes(a=np.arange(100))[:-30]])
def test_what_is_no_npz_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"arrays\.npz"):
        read_npz(path)
    with pytest.raises(FormatError, match="is a folder"):
        read_npz(tmp_path)
    with pytest.raises(FormatError, match="does not exist"):
        read_npz(tmp_path / "nothing.npz")
