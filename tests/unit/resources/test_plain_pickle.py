"""Pickles as plain data: what Python itself reads comes out equal, and whatever calls something is refused unrun."""

from __future__ import annotations

import collections
import contextlib
import importlib
import io
import marshal
import os
import pickle
import pickletools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.plain_pickle import PlainPickleError, read_plain_pickle
from resources.plain_pickle.depth import check_tuple_depth
from tests.helpers.published import pickle_by_python2

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Call:
    """Pickles as a call of anything."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __call__(self) -> None:
        """Pickle wants what is called to be callable, even if it is a call itself."""

    def __reduce__(self) -> Any:
        return self.call


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
ids = st.integers(min_value=-(2**63), max_value=2**64 - 1)
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | ids, inner, max_size=4)
        | st.sets(ids, max_size=4)
        | st.frozensets(st.text(), max_size=4)
    ),
    max_leaves=20,
)


@given(plain, st.sampled_from(PROTOCOLS))
def test_plain_values_come_out_as_they_went_in(value: object, protocol: int) -> None:
    read = read_plain_pickle(pickle.dumps(value, protocol))
    assert read == value
    assert type(read) is type(value)


ARRAYS = {
    "double": np.arange(12.0).reshape(3, 4),
    "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "turned": np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1),
    "strided": np.arange(10)[::2],
    "big endian": np.arange(3, dtype=">i4"),
    "flags": np.array([True, False]),
    "words": np.array(["ab", "ö"]),
    "bytes": np.array([b"ab", b"c"]),
    "half": np.ones(3, np.float16),
    "empty": np.zeros((0, 3)),
    "no axis": np.array(5.0),
    "objects": np.array([{"a": 1}, [1, 2], None], dtype=object),
    "complex": np.array([1 + 2j]),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays(kind: str, protocol: int) -> None:
    array = ARRAYS[kind]
    read = read_plain_pickle(pickle.dumps({"a": array, "again": array}, protocol))
    assert isinstance(read, dict)
    assert read["a"].dtype == array.dtype
    assert np.array_equal(read["a"], array)
    assert read["again"] is read["a"]
    if read["a"].size and read["a"].ndim:
        read["a"][...] = read["a"][...]  # it may be written to


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_arrays_under_the_names_of_numpy_1_and_2(core: str) -> None:
    content = pickle.dumps(np.arange(3.0), 2)
    other = content.replace(b"numpy._core", b"numpy.core") if core == "numpy.core" else content
    assert core.encode() in other
    assert np.array_equal(read_plain_pickle(other), np.arange(3.0))  # type: ignore[arg-type]


def test_what_python_2_wrote() -> None:
    array = np.random.default_rng(0).random((4, 3))
    content = pickle_by_python2({"a": array, "name": "lbs", "set": {1, 2}})
    assert b"numpy.core" in content
    read = read_plain_pickle(content)
    assert isinstance(read, dict)
    assert np.array_equal(read["a"], array)
    assert (read["name"], read["set"]) == ("lbs", {1, 2})
    assert read_plain_pickle(b"S'caf\\xe9'\n.") == "café"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_other_plain_things(protocol: int) -> None:
    value = {
        "number": np.float32(3),
        "count": np.int64(7),
        "ordered": collections.OrderedDict(b=1, a=2),
        "default": collections.defaultdict(list, {1: [2]}),
        "bytes": bytearray(b"ab"),
        "complex": 1 + 2j,
        "nothing": b"",
    }
    assert read_plain_pickle(pickle.dumps(value, protocol)) == value


TENSORS = {
    "turned": torch.arange(6.0).reshape(2, 3).T,
    "part": torch.arange(10)[3:7],
    "flags": torch.tensor([True, False]),
    "half": torch.ones(2, dtype=torch.float16),
    "no axis": torch.tensor(2.5, dtype=torch.float64),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(torch.ones(2)),
}


@pytest.mark.parametrize("kind", TENSORS)
def test_tensors_become_arrays(kind: str) -> None:
    read = read_plain_pickle(pickle.dumps([TENSORS[kind]], 2))
    assert isinstance(read, list)
    expected = TENSORS[kind].detach().numpy()
    assert read[0].dtype == expected.dtype
    assert np.array_equal(read[0], expected)


def test_torch_is_not_loaded() -> None:
    code = (
        "import sys, resources.plain_pickle as p;"
        "assert p.read_plain_pickle(sys.stdin.buffer.read()).shape == (3, 2);"
        "assert not {'torch', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(TENSORS["turned"]), check=False)
    assert done.returncode == 0


def smuggled_into_storage(call: Call) -> bytes:
    """A tensor whose storage bytes are a pickle of the call."""
    return pickle.dumps(Call(torch.storage._load_from_bytes, pickle.dumps(call)))


def smuggled_into_storage_kind(call: Call) -> bytes:
    """A proper storage stream whose fourth pickle is the call."""
    head = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
    stream = b"".join(pickle.dumps(part, 2) for part in [*head, call])
    return pickle.dumps(Call(torch.storage._load_from_bytes, stream))


def in_object_array(call: Call) -> bytes:
    return pickle.dumps(np.array([call, 1], dtype=object))


HIDING = {
    "bare": pickle.dumps,
    "protocol 0": lambda call: pickle.dumps(call, 0),
    "in a dict": lambda call: pickle.dumps({"a": [1, (call,)]}),
    "as a key": lambda call: pickle.dumps({frozenset([1]): call}),
    "in an object array": in_object_array,
    "in storage bytes": smuggled_into_storage,
    "as a storage": smuggled_into_storage_kind,
}


def calls(mark: Path) -> dict[str, tuple[Call, str]]:
    code = compile(f"open({str(mark)!r}, 'w').close()", "x", "exec")
    function = Call(getattr, Call(importlib.import_module, "types"), "FunctionType")
    return {
        "os.system": (Call(os.system, f"touch {mark}"), r"os\.system"),
        "eval": (Call(eval, f"open({str(mark)!r}, 'w').close()"), r"builtins\.eval"),
        "subprocess": (Call(subprocess.Popen, ["touch", str(mark)]), r"(subprocess|commands)\.Popen"),
        "lambda": (Call(Call(function, Call(marshal.loads, marshal.dumps(code)), {})), r"builtins\.getattr"),
        "mkdir": (Call(os.mkdir, str(mark)), r"os\.mkdir"),
        "partial": (Call(collections.Counter, "abc"), r"collections\.Counter"),
    }


@pytest.mark.parametrize("hiding", HIDING)
@pytest.mark.parametrize("name", ["os.system", "eval", "subprocess", "lambda", "mkdir", "partial"])
def test_whatever_calls_something_is_refused_unrun(name: str, hiding: str, tmp_path: Path) -> None:
    mark = tmp_path / "sprung"
    call, named = calls(mark)[name]
    content = HIDING[hiding](call)
    with pytest.raises(PlainPickleError, match=named):
        read_plain_pickle(content)
    assert not mark.exists()


def test_the_traps_are_real(tmp_path: Path) -> None:
    mark = tmp_path / "sprung"
    for name in ("os.system", "eval", "lambda", "mkdir"):
        call, _ = calls(mark)[name]
        pickle.loads(pickle.dumps(call))
        assert mark.exists(), name
        mark.rmdir() if mark.is_dir() else mark.unlink()


class Unknown:
    pass


HAND_MADE = {
    "an unknown class": (pickle.dumps(Unknown()), r"Unknown"),
    "a class as a value": (pickle.dumps(np.ndarray), r"numpy\.ndarray itself"),
    "a class within a value": (pickle.dumps([dict]), r"dict itself"),
    "an instance of Python 2": (b"(ios\nsystem\n(S'true'\no.", r"os\.system"),
    "a name by number": (b"\x82\x01.", "EXT1"),
    "memory outside": (b"\x97.", "NEXT_BUFFER"),
    "something outside": (b"Pname\n.", "outside itself"),
    "state for a list": (b"](S'a'\nS'b'\ndb.", "inner state"),
    "state for a name": (b"cnumpy\nndarray\n}S'build'\nNsb.", "inner state"),
    "a call of a value": (b"S'a'\n)R.", "without a name"),
    "an item for a number": (b"I1\nI2\na.", "no list"),
    "a key for a number": (b"I1\nI2\nI3\ns.", "no dictionary"),
    "a nested key": (b"}I1\n\x85\x85I1\ns.", "neither number nor text"),
    "a long key": (b"}(S'" + b"a" * 10_001 + b"'\nNd.", "more than 10,000 characters"),
    "a key that hashes slowly": (b"}I" + b"9" * 4000 + b"\nNs.", "more than 64 bits"),
    "a key of many parts": (b"}(" + b"I1\n" * 17 + b"tNs.", "many parts"),
    "a name of two lines": (b"\x8c\x03a\nb\x8c\x01c\x93.", r"names a\\nb\.c"),
    "keywords": (b"cnumpy\nndarray\n)}S'a'\nI1\ns\x92.", "keywords"),
    "a subclass of a list": (
        b"ccopy_reg\n_reconstructor\n(c__builtin__\nset\nc__builtin__\nlist\n]tR.",
        "no plain class",
    ),
    "a list in itself": (b"]\x94h\x00a.", "holds itself"),
    "nothing": (b"", "cut or broken"),
    "no end": (b"I1\n", "cut or broken"),
    "an empty stack": (b".", "cut or broken"),
    "a memo that is not there": (b"h\x07.", "cut or broken"),
    "text": (b"hello world", "cut or broken"),
    "a long number": (b"I" + b"9" * 9999 + b"\n.", "cut or broken"),
}


@pytest.mark.parametrize("kind", HAND_MADE)
def test_a_hand_made_pickle_is_refused(kind: str) -> None:
    content, says = HAND_MADE[kind]
    with pytest.raises(PlainPickleError, match=says):
        read_plain_pickle(content)


def array_pickle(shape: str, kind: str, content: bytes) -> bytes:
    """Protocol 0 by hand: an array of any shape, kind and content."""
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n"
        + shape.encode()
        + b"cnumpy\ndtype\n(S'"
        + kind.encode()
        + b"'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n"
        + content
        + b"tb."
    )


@pytest.mark.parametrize(
    ("shape", "kind", "content"),
    [
        ("(I1000000000000\nt", "f8", b"S'aaaaaaaa'\n"),
        ("(I-1\nt", "f8", b"S'aaaaaaaa'\n"),
        ("(I2\nt", "O8", b"S'aaaaaaaa'\n"),
        ("(I1000000000000\nt", "S0", b"S''\n"),
        ("(I1000000000\nI0\nt", "V8", b"S''\n"),
        ("(I1\nt", "f8,O", b"S'aaaaaaaa'\n"),
        ("(I1\nt", "datetime64", b"S'aaaaaaaa'\n"),
        ("(S'a'\nt", "f8", b"S'aaaaaaaa'\n"),
        ("(" + "I1\n" * 99 + "t", "f8", b"S'aaaaaaaa'\n"),
        ("(I2\nt", "U1", b"S'aaaaaaaa'\n"),
    ],
)
def test_an_array_whose_parts_do_not_agree_is_refused(shape: str, kind: str, content: bytes) -> None:
    with pytest.raises(PlainPickleError):
        read_plain_pickle(array_pickle(shape, kind, content))


def test_the_same_array_by_hand_is_read() -> None:
    read = read_plain_pickle(array_pickle("(I1\nt", "f8", b"S'aaaaaaaa'\n"))
    assert np.array_equal(read, np.frombuffer(b"aaaaaaaa"))  # type: ignore[arg-type]


def test_a_tensor_larger_than_its_storage_is_refused() -> None:
    expanded = torch.zeros(1).expand(10**6, 10**6)
    with pytest.raises(PlainPickleError, match="larger than its storage"):
        read_plain_pickle(pickle.dumps(expanded))


def test_a_memo_of_four_billion_costs_nothing() -> None:
    assert read_plain_pickle(b"I1\nr\xff\xff\xff\xff.") == 1


def test_doubling_is_refused() -> None:
    doubled: list[object] = [1]
    for _ in range(60):
        doubled = [doubled, doubled]
    with pytest.raises(PlainPickleError, match="unfolds"):
        read_plain_pickle(pickle.dumps(doubled))


def test_copies_of_the_same_bytes_are_counted() -> None:
    raw = b"a" * 80_000
    one = pickletools.optimize(pickle.dumps(np.frombuffer(raw, "u1"), 2))
    assert len(read_plain_pickle(one)) == 80_000  # type: ignore[arg-type]
    state = b"(I1\n(I80000\nt" + b"cnumpy\ndtype\n(S'u1'\nI0\nI1\ntR" + b"I00\nh\x01tb0"
    call = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    bomb = b"S'" + raw + b"'\nq\x01" + (call + state) * 50 + b"."
    with pytest.raises(PlainPickleError, match="unfolds"):
        read_plain_pickle(bomb)


REMEMBERED = {
    "bytes": b"cbuiltins\nbytearray\nq\x01C\xff" + b"a" * 255 + b"\x85q\x02",
    "text as bytes": b"c_codecs\nencode\nq\x01\x8c\xff" + b"a" * 255 + b"\x8c\x06latin1\x86q\x02",
    "a list": b"cbuiltins\nlist\nq\x01(" + b"N" * 255 + b"l\x85q\x02",
    "a set of one": b"cbuiltins\nset\nq\x01(" + b"N" * 255 + b"l\x85q\x02",
    "a shape": b"ctorch\nSize\nq\x01(" + b"K\x01" * 255 + b"t\x85q\x02",
}
"""A name and its arguments, kept in the memo, so that each further call costs five bytes."""


@pytest.mark.parametrize("kind", REMEMBERED)
def test_calls_on_a_remembered_value_are_counted(kind: str) -> None:
    calls = b"00](" + b"h\x01h\x02R" * 20_000 + b"e."
    with pytest.raises(PlainPickleError, match="unfolds"):
        read_plain_pickle(REMEMBERED[kind] + calls)


def test_a_storage_of_a_tensor_is_counted_each_time_it_is_read() -> None:
    function, (content,) = torch.zeros(20_000)._typed_storage().__reduce__()  # type: ignore[no-untyped-call]
    assert function.__name__ == "_load_from_bytes"
    remembered = (
        b"ctorch.storage\n_load_from_bytes\nq\x01B" + len(content).to_bytes(4, "little") + content + b"\x85q\x02"
    )
    with pytest.raises(PlainPickleError, match="unfolds"):
        read_plain_pickle(remembered + b"00](" + b"h\x01h\x02R" * 50 + b"e.")


def test_deep_nesting_is_refused_without_a_crash() -> None:
    for deep in (b"]" * 10**5 + b"a" * (10**5 - 1) + b".", b")" + b"\x85" * 10**5 + b"."):
        with pytest.raises(PlainPickleError, match="deep"):
            read_plain_pickle(deep)


def test_builders_can_be_added() -> None:
    def build(arguments: tuple[object, ...], state: object) -> object:
        return {"arguments": arguments, "state": state}

    made = Unknown()
    made.x = 3  # type: ignore[attr-defined]
    names = {(Unknown.__module__, "Unknown"): build}
    for protocol in PROTOCOLS:
        read = read_plain_pickle(pickle.dumps([made, made], protocol), also=names)
        assert read == [{"arguments": (), "state": {"x": 3}}] * 2
        assert read[0] is read[1]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read_plain_pickle(content)
    except PlainPickleError as error:
        assert str(error).startswith("the pickle")


VICTIM = pickle.dumps({"a": np.arange(4.0), "t": torch.ones(2), "s": {1}, "o": np.array([{}], dtype=object)})


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_pickle_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(VICTIM)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_plain_pickle(bytes(content[: data.draw(st.integers(1, len(content)))]))
    except PlainPickleError as error:
        assert str(error).startswith("the pickle")


def test_a_stream_may_go_on_behind_the_end() -> None:
    assert read_plain_pickle(io.BytesIO(pickle.dumps(1) + b"rest").getvalue()) == 1


@given(plain, st.sampled_from(PROTOCOLS))
def test_the_depth_of_usual_pickles_is_no_matter(value: object, protocol: int) -> None:
    stream = io.BytesIO(pickle.dumps([value, np.arange(3), {"a": (value, value)}], protocol) + b"more")
    check_tuple_depth(stream)
    assert stream.read() == b"more"


def test_tuples_too_deep_for_a_key_are_told_without_building_them() -> None:
    for deep in (
        b"}N" + b"\x85" * 10**5 + b"Ns.",
        b"}" + b"(" * 10**5 + b"t" * 10**5 + b"Ns.",
        b")" + b"2\x86" * 10**4 + b".",
    ):
        with pytest.raises(PlainPickleError, match="1000 deep"):
            check_tuple_depth(io.BytesIO(deep))
    check_tuple_depth(io.BytesIO(b"]" * 10**5 + b"a" * (10**5 - 1) + b"."))  # lists are no keys


@given(st.binary(max_size=60))
def test_the_depth_of_any_bytes_is_told_or_refused(content: bytes) -> None:
    with contextlib.suppress(PlainPickleError):
        check_tuple_depth(io.BytesIO(content))


def dump_with_joblib(value: object, protocol: int = 3) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream, protocol=protocol)
    return stream.getvalue()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["a", "bü"]),
        np.array([b"a", b"b"]),
        np.zeros((0, 3)),
        np.array([1, "x", None], dtype=object),
        np.array(5),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_of_joblib_come_out_equal(array: Any, protocol: int) -> None:
    content = dump_with_joblib({"one": array, "between": [1, "two"], "other": [array, array[..., None]]}, protocol)
    with pytest.raises(PlainPickleError, match=r"joblib\.numpy_pickle"):
        read_plain_pickle(content)
    read = read_plain_pickle(content, joblib=True)
    assert isinstance(read, dict)
    assert read["between"] == [1, "two"]
    for found in (read["one"], read["other"][0], read["other"][1][..., 0]):
        assert found.dtype == array.dtype
        assert np.array_equal(found, array)


@given(st.data())
def test_garbled_arrays_of_joblib_are_one_clause(data: st.DataObject) -> None:
    content = bytearray(dump_with_joblib({"one": np.arange(6.0), "two": np.array([1, "x"], dtype=object)}))
    start = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[start:]
    else:
        content[start : start + 8] = data.draw(st.binary(max_size=8))
    with contextlib.suppress(PlainPickleError):
        read_plain_pickle(bytes(content), joblib=True)


def test_objects_in_arrays_of_joblib_are_not_run(capfd: pytest.CaptureFixture[str]) -> None:
    content = dump_with_joblib({"one": np.array([Call(print, "boom")], dtype=object)})
    with pytest.raises(PlainPickleError, match=r"names builtins\.print"):
        read_plain_pickle(content, joblib=True)
    assert "boom" not in capfd.readouterr().out


def test_an_array_of_joblib_is_no_larger_than_its_file() -> None:
    content = dump_with_joblib(np.zeros(3)).replace(b"K\x03\x85", b"J\xff\xff\xff\x7f\x85", 1)
    with pytest.raises(PlainPickleError, match="cut or broken"):
        read_plain_pickle(content, joblib=True)
