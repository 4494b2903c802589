"""Broken and hostile files of fits: a FormatError or a listed problem in one sentence, never a surprise, never run."""

import io
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.formats import FORMATS
from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitRecord, FitSample, check_sample
from tests.helpers.fit_exports import FORMAT_NAMES, copy_export, read, write
from tests.helpers.fit_records import make_sample
from tests.helpers.fit_samples import Bomb
from tests.helpers.odd_values import ODD_VALUES, ONE_FOLDER, iter_places


def check_record(record: FitRecord) -> None:
    """What came through is fit for use."""
    if isinstance(record, FitSample):
        check_sample(record)
    else:
        assert record.item
        assert record.reason
        assert "\n" not in str(record)


def read_or_refuse(name: str, path: Path) -> list[FitRecord]:
    try:
        records = read(name, path)
    except FormatError as error:
        assert "\n" not in str(error)
        return []
    for record in records:
        check_record(record)
    return records


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An export of each format; tests copy it before they break it."""
    folders = {name: tmp_path_factory.mktemp(name) for name in FORMAT_NAMES}
    return {name: write(name, folder, [make_sample(0), make_sample(1)]).path for name, folder in folders.items()}


@pytest.mark.parametrize("name", FORMAT_NAMES)
@settings(ONE_FOLDER, max_examples=40)
@given(data=st.data())
def test_cut_and_garbled_bytes(name: str, exports: dict[str, Path], tmp_path: Path, data: st.DataObject) -> None:
    path, files = copy_export(exports[name], tmp_path)
    file = data.draw(st.sampled_from(files))
    content = bytearray(file.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[start:]
    else:
        content[start : start + 8] = data.draw(st.binary(max_size=8))
    file.write_bytes(content)
    read_or_refuse(name, path)


@pytest.mark.parametrize("name", FORMAT_NAMES)
@settings(ONE_FOLDER, max_examples=25)
@given(content=st.one_of(st.binary(max_size=64), ODD_VALUES.map(lambda value: json.dumps(value).encode())))
def test_any_other_file(name: str, exports: dict[str, Path], tmp_path: Path, content: bytes) -> None:
    path, files = copy_export(exports[name], tmp_path)
    for file in files:
        file.write_bytes(content)
    if path.is_dir():
        assert all(isinstance(record, ImportProblem) for record in read(name, path))
    else:
        with pytest.raises(FormatError):
            read(name, path)


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_nothing_there_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"does not exist|cannot be read|is not there"):
        read(name, tmp_path / f"nothing{FORMATS[name].suffix}")


@pytest.mark.parametrize("name", ["eft-json", "obj"])
@settings(ONE_FOLDER, max_examples=60)
@given(data=st.data())
def test_any_value_in_any_place_of_json(
    name: str, exports: dict[str, Path], tmp_path: Path, data: st.DataObject
) -> None:
    path, files = copy_export(exports[name], tmp_path)
    file = next(file for file in files if file.suffix == ".json" and file.name != "contents.json")
    document = json.loads(file.read_text())
    *outer, last = data.draw(st.sampled_from(iter_places(document)[1:]))
    holder = document
    for key in outer:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[last] = data.draw(ODD_VALUES)
    else:
        del holder[last]
    file.write_text(json.dumps(document))
    read_or_refuse(name, path)


ODD_ARRAYS: tuple[Callable[[np.ndarray], Any], ...] = (
    lambda array: np.full(array.shape, np.nan),
    lambda array: np.full(array.shape, -np.inf),
    lambda array: np.full(array.shape, 1e300),
    lambda array: np.zeros(array.shape),
    lambda array: array[..., None],
    lambda array: array.ravel()[:1],
    lambda array: np.zeros((0, *array.shape[1:])),
    lambda array: np.full(array.shape, "x"),
    lambda array: np.full(array.shape, b"\xff"),
    lambda array: np.full(array.shape, None),
    lambda array: np.array({"a": array}, dtype=object),
    lambda array: np.zeros(array.shape, dtype=complex),
    lambda array: np.zeros(array.shape, dtype=[("a", float)]),
    lambda array: np.full(array.shape, np.datetime64("NaT")),
    lambda array: np.full(array.shape, 2**64 - 1, dtype=np.uint64),
)


@pytest.mark.parametrize("name", ["spin-npz", "static-fits", "humandata", "smplx-npz", "amass-npz"])
def test_any_array_in_any_place(name: str, exports: dict[str, Path], tmp_path: Path) -> None:
    path, files = copy_export(exports[name], tmp_path)
    file = next(file for file in files if file.suffix == ".npz")
    with np.load(file, allow_pickle=True) as content:
        arrays = dict(content)
    for key, array in arrays.items():
        for change in ODD_ARRAYS:
            np.savez(file, **(arrays | {key: change(array)}))
            read_or_refuse(name, path)
        np.savez(file, **{other: value for other, value in arrays.items() if other != key})
        read_or_refuse(name, path)


@settings(ONE_FOLDER, max_examples=60)
@given(data=st.data())
def test_any_value_in_any_field_of_a_pickle(exports: dict[str, Path], tmp_path: Path, data: st.DataObject) -> None:
    path, files = copy_export(exports["eft-pickle"], tmp_path)
    file = next(file for file in files if file.suffix == ".pkl")
    fields = pickle.loads(file.read_bytes())
    key = data.draw(st.sampled_from(sorted(fields)))
    value = fields[key]
    odd_arrays = st.sampled_from(ODD_ARRAYS).map(lambda change: change(np.asarray(value)))
    file.write_bytes(pickle.dumps(fields | {key: data.draw(st.one_of(ODD_VALUES, odd_arrays))}))
    assert len(read_or_refuse("eft-pickle", path)) == 2


def iter_hostile(file: Path, bomb: Bomb) -> Iterator[bytes]:
    """A file with a bomb in place of each array or field, beside them, and in place of everything."""
    yield pickle.dumps(bomb)
    if file.suffix == ".npz":
        with np.load(file, allow_pickle=True) as content:
            arrays = dict(content)
        for key in (*arrays, "another"):
            for hostile in (np.array([bomb], dtype=object), np.array({"a": [bomb]}, dtype=object)):
                yield save(np.savez, **(arrays | {key: hostile}))
    elif file.suffix == ".npy":
        yield save(np.save, np.array([[bomb] * 82], dtype=object))
    elif file.suffix == ".pkl":
        fields = pickle.loads(file.read_bytes())
        for key in (*fields, "another"):
            for value in (bomb, [bomb], np.array([bomb], dtype=object)):
                yield pickle.dumps(fields | {key: value})


def save(how: Callable[..., None], *arrays: Any, **named: Any) -> bytes:
    stream = io.BytesIO()
    how(stream, *arrays, **named)
    return stream.getvalue()


@pytest.mark.parametrize("name", [name for name in FORMAT_NAMES if name not in ("eft-json", "obj", "gltf")])
def test_nothing_in_a_file_is_ever_run(name: str, exports: dict[str, Path], tmp_path: Path) -> None:
    """A bad file of a folder spares the other one; nothing else comes through."""
    marker = tmp_path / "marker"
    path, files = copy_export(exports[name], tmp_path)
    spared = 1 if path.is_dir() else 0
    for file in files:
        if file.name == "contents.json":
            continue
        whole = file.read_bytes()
        hostile = list(iter_hostile(file, Bomb(f"touch '{marker}'")))
        assert len(hostile) > 1
        for content in hostile:
            file.write_bytes(content)
            assert sum(isinstance(record, FitSample) for record in read_or_refuse(name, path)) == spared
            assert not marker.exists()
        file.write_bytes(whole)
