"""MATLAB files: what scipy writes is read as scipy reads it, and what is damaged is refused, never a crash."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.plain_mat import PlainMatError, list_plain_mat, read_plain_mat

VALUES: dict[str, Any] = {
    "matrix": np.arange(24.0).reshape(2, 3, 4),
    "bytes": np.arange(6, dtype=np.uint8).reshape(2, 3),
    "long": np.array([[2**40, -1]], dtype=np.int64),
    "short": np.array([[7]], dtype=np.int16),
    "empty": np.zeros((0, 3)),
    "flag": np.array([[True, False]]),
    "text": "Straße",
    "texts": np.array(["ab", "cd"]),
    "nothing": "",
    "cell": np.array([[1.5, "two", np.zeros((2, 2))]], dtype=object),
    "record": {
        "name": "one.jpg",
        "point": {"x": 1.0, "y": 2.5},
        "list": np.array([{"id": 3}, {"id": 4}], dtype=object),
    },
    "records": np.array([(1.0, "a"), (2.0, "b")], dtype=[("number", "O"), ("letter", "O")]),
}


def write(value: Any, *, packed: bool = False) -> bytes:
    out = io.BytesIO()
    scipy.io.savemat(out, {"value": value}, do_compression=packed)
    return out.getvalue()


def assert_same(ours: Any, theirs: Any) -> None:
    assert type(ours) is type(theirs)
    if not isinstance(ours, np.ndarray):
        assert ours == theirs
        return
    assert ours.shape == theirs.shape
    assert ours.dtype.names == theirs.dtype.names
    assert ours.dtype.kind == theirs.dtype.kind
    if ours.dtype.names:
        for name in ours.dtype.names:
            assert_same(ours[name], theirs[name])
    elif ours.dtype.hasobject:
        for one, other in zip(ours.ravel(), theirs.ravel(), strict=True):
            assert_same(one, other)
    else:
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", VALUES)
def test_what_scipy_writes_is_read_as_scipy_reads_it(name: str, packed: bool) -> None:
    content = write(VALUES[name], packed=packed)
    theirs = scipy.io.loadmat(io.BytesIO(content))["value"]
    assert_same(read_plain_mat(content)["value"], theirs)
    if theirs.dtype.kind != "U":  # scipy gives texts without their last axis
        assert list_plain_mat(content) == {"value": theirs.shape}


def test_only_wanted_variables_are_read() -> None:
    out = io.BytesIO()
    scipy.io.savemat(out, {"a": 1.0, "b": np.zeros((2, 2)), "c": np.array([[1j]])})
    assert list(read_plain_mat(out.getvalue(), ("b",))) == ["b"]
    with pytest.raises(PlainMatError, match="c holds complex numbers"):
        read_plain_mat(out.getvalue())


@pytest.mark.parametrize("name", ["matrix", "cell", "record", "text", "records"])
@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_damaged_bytes_are_refused_or_read(name: str, data: st.DataObject) -> None:
    content = bytearray(write(VALUES[name]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[start : start + 4] = data.draw(st.binary(min_size=4, max_size=4))
        else:
            del content[start : start + data.draw(st.integers(1, 64))]
    try:
        read_plain_mat(bytes(content))
    except PlainMatError as error:
        assert str(error)


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0", b"MATLAB 5.0" + b" " * 200, b"PK\x03\x04" * 50])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(PlainMatError):
        read_plain_mat(content)


def test_the_file_that_ended_the_program_is_refused(tmp_path: Path) -> None:
    """The name's tag is gone, so that numbers stand where a type was: scipy 1.17 follows a null pointer."""
    content = write(np.arange(42.0).reshape(14, 3, 1))
    spoilt = content.replace(b"\x09\x00\x00\x00\x50\x01\x00\x00", b"\xa0\x02\x00\x00\x00\x00\x00\x00")
    assert spoilt != content
    with pytest.raises(PlainMatError, match="of type 672"):
        read_plain_mat(spoilt)
