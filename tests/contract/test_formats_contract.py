"""What every format of people promises: whatever a file holds, a FormatError or a listed problem, never a surprise."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats import FORMATS, get_reader
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem
from db.formats.coco import write_coco
from db.formats.errors import FormatError
from resources.skeleton import get_skeleton
from tests.helpers.odd_values import ODD_VALUES, ONE_FOLDER, iter_places


def write_coco_example(folder: Path) -> Path:
    (folder / "one.jpg").touch()
    keypoints = np.column_stack((np.linspace(10, 60, 17), np.linspace(5, 70, 17), np.full(17, 2.0)))
    people = [
        ImportedPerson("one.jpg", i, str(i + 1), (10, 5, 50, 65), (35, 37.5), 0.39, None, False, "coco17", keypoints)
        for i in range(2)
    ]
    write_coco(folder / "coco.json", [ImportedImage("one.jpg", 100, 80, "1")], people)
    return folder / "coco.json"


def read_coco_example(path: Path) -> list[object]:
    return list(get_reader("coco")(path, path.parent))


Write = Callable[[Path], Path]
Read = Callable[[Path], list[object]]
CODECS: dict[str, tuple[Write, Read]] = {
    "coco": (write_coco_example, read_coco_example),
}


def check_records(records: list[object]) -> None:
    """What came through is fit for use: finite numbers in the promised shapes, images before their people."""
    images: set[str] = set()
    for record in records:
        if isinstance(record, ImportedImage):
            images.add(record.path)
            assert record.width > 0
            assert record.height > 0
        elif isinstance(record, ImportedPerson):
            assert record.image_path in images
            assert record.keypoints.shape == (len(get_skeleton(record.skeleton)), 3)
            assert np.isfinite(record.keypoints).all()
            assert np.isfinite((*record.bbox_xywh, *record.box_center_px, record.box_scale)).all()
            assert record.box_scale > 0
        else:
            assert isinstance(record, ImportProblem)
            assert record.item
            assert record.reason


def read_or_refuse(read: Read, path: Path) -> None:
    try:
        records = read(path)
    except FormatError as error:
        assert path.name in str(error)
        assert "\n" not in str(error)
    else:
        check_records(records)


def test_every_format_of_people_is_under_this_contract() -> None:
    assert set(CODECS) == {row.name for row in FORMATS.values() if row.imports}


@pytest.mark.parametrize("name", CODECS)
def test_what_is_written_is_read(name: str, tmp_path: Path) -> None:
    write, read = CODECS[name]
    records = read(write(tmp_path))
    assert not [record for record in records if isinstance(record, ImportProblem)]
    assert sum(isinstance(record, ImportedPerson) for record in records) == 2
    check_records(records)


@pytest.mark.parametrize("name", CODECS)
@ONE_FOLDER
@given(data=st.data())
def test_any_value_in_any_place(name: str, tmp_path: Path, data: st.DataObject) -> None:
    write, read = CODECS[name]
    path = write(tmp_path)
    document = json.loads(path.read_text())
    *outer, last = data.draw(st.sampled_from(iter_places(document)[1:]))
    holder = document
    for key in outer:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[last] = data.draw(ODD_VALUES)
    else:
        del holder[last]
    path.write_text(json.dumps(document))
    read_or_refuse(read, path)


@pytest.mark.parametrize("name", CODECS)
@ONE_FOLDER
@given(data=st.data())
def test_any_cut_or_garbled_bytes(name: str, tmp_path: Path, data: st.DataObject) -> None:
    write, read = CODECS[name]
    path = write(tmp_path)
    content = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[start:]
    else:
        content[start : start + 8] = data.draw(st.binary(max_size=8))
    path.write_bytes(content)
    read_or_refuse(read, path)


@pytest.mark.parametrize("name", CODECS)
@ONE_FOLDER
@given(content=st.one_of(st.binary(max_size=64), ODD_VALUES.map(lambda value: json.dumps(value).encode())))
def test_any_other_file(name: str, tmp_path: Path, content: bytes) -> None:
    _, read = CODECS[name]
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(FormatError):
        read(path)
