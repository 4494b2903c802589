"""Numpy's files as plain arrays: what numpy writes comes out equal, traps and bombs are refused."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from resources.plain_npz import PlainNpzError, read_plain_npy, read_plain_npz, read_plain_npz_bytes
from resources.plain_pickle import PlainPickleError


class Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def npy(header: str, content: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header.encode("latin-1") + content


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


numbers = npst.arrays(
    npst.integer_dtypes() | npst.floating_dtypes() | npst.boolean_dtypes() | npst.unicode_string_dtypes(),
    npst.array_shapes(min_dims=0, min_side=0, max_side=3),
)


@settings(deadline=None)
@given(numbers, st.booleans())
def test_arrays_come_out_as_they_went_in(array: np.ndarray, turned: bool) -> None:
    array = array.T if turned else array
    buffer = io.BytesIO()
    np.savez_compressed(buffer, array=array, other=np.arange(3))
    read = read_plain_npz_bytes(buffer.getvalue(), Path("x.npz"))
    assert list(read) == ["array", "other"]
    assert read["array"].dtype == array.dtype
    np.testing.assert_array_equal(read["array"], array)


def test_a_single_array(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.asfortranarray(np.arange(6).reshape(2, 3)))
    assert np.array_equal(read_plain_npy(tmp_path / "a.npy"), np.arange(6).reshape(2, 3))


def test_a_header_by_python_2_is_read_without_a_warning(tmp_path: Path) -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }\n"
    (tmp_path / "old.npy").write_bytes(npy(header, np.arange(2.0).tobytes()))
    assert np.array_equal(read_plain_npy(tmp_path / "old.npy"), [0.0, 1.0])


def test_objects_are_read_when_asked_for(tmp_path: Path) -> None:
    held = np.array([{"a": 1}, [1, 2]], dtype=object)
    np.savez(tmp_path / "a.npz", held=held, plain=np.arange(2))
    with pytest.raises(PlainNpzError, match=r"a\.npz.*objects"):
        read_plain_npz(tmp_path / "a.npz")
    read = read_plain_npz(tmp_path / "a.npz", objects=True)
    assert read["held"].tolist() == held.tolist()
    np.save(tmp_path / "a.npy", held)
    assert read_plain_npy(tmp_path / "a.npy", objects=True).tolist() == held.tolist()


@pytest.mark.parametrize("objects", [False, True])
def test_no_pickle_within_is_run(objects: bool, tmp_path: Path) -> None:
    mark = tmp_path / "sprung"
    trap = np.array([Trap(mark)], dtype=object)
    np.savez(tmp_path / "a.npz", fine=np.arange(2), held=trap)
    np.save(tmp_path / "a.npy", trap)
    for read in (read_plain_npz, read_plain_npy):
        path = tmp_path / ("a.npz" if read is read_plain_npz else "a.npy")
        says = r"os\.mkdir" if objects else "objects"
        with pytest.raises((PlainNpzError, PlainPickleError), match=says) as caught:
            read(path, objects=objects)  # type: ignore[operator]
        assert path.name in str(caught.value)
    assert not mark.exists()


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", zeros=np.zeros(10**6))
    with pytest.raises(PlainNpzError, match="would inflate"):
        read_plain_npz(tmp_path / "bomb.npz", largest_bytes=10**6)
    assert len(read_plain_npz(tmp_path / "bomb.npz", largest_bytes=10**7)["zeros"]) == 10**6
    np.save(tmp_path / "large.npy", np.zeros(1000))
    with pytest.raises(PlainNpzError, match="more than such a file has"):
        read_plain_npy(tmp_path / "large.npy", largest_bytes=1000)


F8 = "{{'descr': '<f8', 'fortran_order': False, 'shape': {}, }}\n"
BROKEN: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"hello",
    "cut": lambda: zipped(a=npy(F8.format("(2,)"), bytes(16)))[:-30],
    "endless": lambda: zipped(a=npy(F8.format("(10000000000000, 3)"))),
    "negative": lambda: zipped(a=npy(F8.format("(-1,)"))),
    "too short": lambda: zipped(a=npy(F8.format("(3,)"), bytes(16))),
    "no array": lambda: zipped(a=b"hello"),
    "no header": lambda: zipped(a=npy("{'descr': ")),
    "code for a header": lambda: zipped(a=npy("__import__('os').system('true')\n")),
    "unclosed": lambda: zipped(a=npy("{'descr': '<f8', 'shape': (2L,\n")),
    "unknown kind": lambda: zipped(a=npy(F8.format("(1,)").replace("<f8", "<q99"), bytes(8))),
    "a later format": lambda: zipped(a=npy(F8.format("(1,)"), bytes(8), b"\x09\x00")),
    "endless nothing": lambda: zipped(a=npy(F8.format("(10000000000000,)").replace("<f8", "<U0"))),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_a_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(BROKEN[kind]())
    with pytest.raises(PlainNpzError, match=r"broken\.npz is no readable .npz of plain arrays \("):
        read_plain_npz(path, objects=True)


def test_other_things_within_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("read.me", b"hello")
    with pytest.raises(PlainNpzError, match="other things"):
        read_plain_npz(path)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(PlainNpzError, match=r"lost\.npz does not exist"):
        read_plain_npz(tmp_path / "lost.npz")
    with pytest.raises(PlainNpzError, match="cannot be read"):
        read_plain_npy(tmp_path)


def test_a_member_without_a_name_is_refused() -> None:
    content = zipped(a=npy(F8.format("(2,)"), bytes(16))).replace(b"a.npy", b"\0.npy")
    with pytest.raises(PlainNpzError, match=r"x\.npz is no readable"):
        read_plain_npz_bytes(content, Path("x.npz"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(zipped(a=npy(F8.format("(2,)"), bytes(16)), b=npy(F8.format("()"), bytes(8))))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_plain_npz_bytes(bytes(content), Path("x.npz"), objects=True)
    except PlainNpzError as error:
        assert "x.npz" in str(error)
    except PlainPickleError as error:
        assert "x.npz" in str(error)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_damaged_compressed_file_is_read_or_refused(method: int, data: st.DataObject) -> None:
    entry = io.BytesIO()
    np.save(entry, np.random.default_rng(0).random(50))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.npy", entry.getvalue())
    content = bytearray(buffer.getvalue())
    for place in data.draw(st.lists(st.integers(30, len(content) - 1), min_size=1, max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    try:
        arrays = read_plain_npz_bytes(bytes(content), Path("x.npz"), objects=True)
    except (PlainNpzError, PlainPickleError) as error:
        assert "x.npz" in str(error)
        assert "\n" not in str(error)
    else:
        assert all(isinstance(array, np.ndarray) for array in arrays.values())


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("'<U1'", b"\xff" * 4, "characters that are none"),
        ("'>U1'", b"\xff" * 4, "characters that are none"),
        ("[('a', '<U1')]", b"\xff" * 4, "known are numbers and text"),
        ("'<M8[ns]'", bytes(8), "known are numbers and text"),
    ],
)
def test_what_is_neither_number_nor_text_is_refused(kind: str, content: bytes, says: str) -> None:
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': (1,), }}\n"
    with pytest.raises(PlainNpzError, match=says):
        read_plain_npz_bytes(zipped(a=npy(header, content)), Path("x.npz"))
