"""What every format of people promises: whatever a file holds, a FormatError or a listed problem, never a surprise."""

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.importing import import_dataset
from app.services.project import Project
from db.formats import FORMATS, get_reader, sniff_people
from db.formats.base import DatasetDetails, ImportedImage, ImportedPerson, ImportProblem, ImportRecord
from db.formats.errors import FormatError
from resources.skeleton import get_skeleton
from tests.helpers.odd_values import FEW_IN_ONE_FOLDER, ODD_VALUES, iter_places
from tests.helpers.people_examples import EXAMPLES, Example

JSON_EXAMPLES = [name for name in EXAMPLES if FORMATS[name.split("/")[0]].suffix == ".json" or name.endswith("/json")]


@pytest.fixture(params=EXAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def format_of(name: str) -> str:
    return name.split("/", maxsplit=1)[0]


def read(name: str, source: Path, images: Path) -> list[ImportRecord]:
    shares: list[float] = []
    records = list(get_reader(format_of(name))(source, images, shares.append))
    assert all(0 <= share <= 1 for share in shares)
    assert shares == sorted(shares)
    return records


def check_records(records: list[ImportRecord]) -> None:
    """What came through is fit for use: finite numbers in the promised shapes, images before their people."""
    images: set[str] = set()
    ids: set[tuple[str, str | None]] = set()
    for record in records:
        if isinstance(record, ImportedImage):
            assert record.path not in images
            assert not Path(record.path).is_absolute()
            assert ".." not in Path(record.path).parts
            images.add(record.path)
            assert record.width is None or record.width > 0
            assert record.height is None or record.height > 0
        elif isinstance(record, ImportedPerson):
            check_person(record)
            assert record.image_path in images
            assert (record.image_path, record.external_id) not in ids
            ids.add((record.image_path, record.external_id))
        elif isinstance(record, DatasetDetails):
            assert isinstance(json.loads(record.content), dict)
        else:
            assert isinstance(record, ImportProblem)
            assert record.item
            assert record.reason
            assert "\n" not in str(record)


def check_person(person: ImportedPerson) -> None:
    assert person.external_id is not None
    assert person.ordinal >= 0
    assert person.keypoints.shape == (len(get_skeleton(person.skeleton)), 3)
    assert np.isfinite(person.keypoints).all()
    assert np.isin(person.keypoints[:, 2], (0, 1, 2)).all()
    assert np.isfinite((*person.bbox_xywh, *person.box_center_px, person.box_scale)).all()
    assert person.box_scale > 0
    if person.confidence is not None:
        assert person.confidence.shape == (len(person.keypoints),)
        assert ((person.confidence >= 0) & (person.confidence <= 1)).all()
    if person.details is not None:
        assert isinstance(json.loads(person.details), dict)
    if person.truth is not None:
        assert person.truth.joints_m.shape == (len(get_skeleton(person.truth.skeleton)), 4)
        assert np.isfinite(person.truth.joints_m).all()


def read_or_refuse(name: str, source: Path, images: Path) -> None:
    try:
        records = read(name, source, images)
    except FormatError as error:
        assert source.name in str(error)
        assert "\n" not in str(error)
    else:
        check_records(records)


@pytest.fixture
def written(name: str, tmp_path: Path) -> tuple[Example, Path, Path]:
    """Example, its source and the folder of its pictures."""
    folder = tmp_path / "written"
    folder.mkdir()
    example = EXAMPLES[name]
    return example, example.write(folder), folder


def test_every_format_of_people_is_under_this_contract() -> None:
    assert {format_of(name) for name in EXAMPLES} == {row.name for row in FORMATS.values() if row.imports}


def test_what_is_written_is_read(name: str, written: tuple[Example, Path, Path]) -> None:
    example, source, folder = written
    records = read(name, source, folder)
    assert [record for record in records if isinstance(record, ImportProblem)] == []
    kinds = Counter(type(record) for record in records)
    people = [record for record in records if isinstance(record, ImportedPerson)]
    assert (kinds[ImportedImage], len(people)) == (example.images, example.people)
    assert sum(int(np.count_nonzero(person.keypoints[:, 2])) for person in people) == example.joints
    check_records(records)


def test_a_reader_says_the_same_twice(name: str, written: tuple[Example, Path, Path]) -> None:
    _, source, folder = written
    assert repr(read(name, source, folder)) == repr(read(name, source, folder))


def test_the_format_is_recognised(name: str, written: tuple[Example, Path, Path]) -> None:
    _, source, _ = written
    assert sniff_people(source) == format_of(name)


def test_it_is_imported_and_again_is_the_same(name: str, written: tuple[Example, Path, Path], tmp_path: Path) -> None:
    example, source, folder = written
    with Project.create(tmp_path / "project") as project:
        first = import_dataset(project, format_of(name), source, folder)
        again = import_dataset(project, format_of(name), source, folder, on_conflict="update")
    assert first.problems == again.problems == ()
    assert (first.images.new, first.people.new) == (example.images, example.people)
    assert (again.images.same, again.people.same, again.updated) == (example.images, example.people, 0)
    assert first.labelled_joints == again.labelled_joints == example.joints


def test_nothing_is_written_beside_the_files(name: str, written: tuple[Example, Path, Path]) -> None:
    _, source, folder = written
    before = snapshot(folder)
    read(name, source, folder)
    sniff_people(source)
    assert snapshot(folder) == before


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_pictures_that_are_not_there_are_listed_and_counted(
    name: str, written: tuple[Example, Path, Path], tmp_path: Path
) -> None:
    example, source, folder = written
    if source == folder or FORMATS[format_of(name)].name == "folder":
        pytest.skip("the pictures are the source")
    empty = tmp_path / "no_pictures"
    empty.mkdir()
    records = read(name, source, empty)
    problems = [record for record in records if isinstance(record, ImportProblem)]
    assert sum(problem.count for problem in problems if problem.skipped == "images") == example.images
    left_out = sum(problem.people for problem in problems)
    left_out += sum(problem.count for problem in problems if problem.skipped == "people")
    assert left_out == example.people


@pytest.mark.parametrize("name", JSON_EXAMPLES)
@FEW_IN_ONE_FOLDER
@given(data=st.data())
def test_any_value_in_any_place(name: str, tmp_path: Path, data: st.DataObject) -> None:
    example, source, folder = write_anew(name, tmp_path)
    path = data.draw(st.sampled_from(example.list_files(folder, source)))
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
    read_or_refuse(name, source, folder)


@pytest.mark.parametrize("name", EXAMPLES)
@FEW_IN_ONE_FOLDER
@given(data=st.data())
def test_any_cut_or_garbled_bytes(name: str, tmp_path: Path, data: st.DataObject) -> None:
    example, source, folder = write_anew(name, tmp_path)
    if source.is_dir() and not example.files:
        return
    path = data.draw(st.sampled_from(example.list_files(folder, source)))
    content = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[start:]
    else:
        content[start : start + 8] = data.draw(st.binary(max_size=8))
    path.write_bytes(content)
    read_or_refuse(name, source, folder)


@pytest.mark.parametrize("name", [row.name for row in FORMATS.values() if row.imports])
@FEW_IN_ONE_FOLDER
@given(content=st.one_of(st.binary(max_size=64), ODD_VALUES.map(lambda value: json.dumps(value).encode())))
def test_any_other_file(name: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"other{FORMATS[name].suffix}"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=path.name):
        read(name, path, tmp_path)


def write_anew(name: str, tmp_path: Path) -> tuple[Example, Path, Path]:
    """The example, written once a test and copied for every try."""
    example, template, folder = EXAMPLES[name], tmp_path / "template", tmp_path / "tried"
    if not template.exists():
        template.mkdir()
        source = example.write(template)
        (tmp_path / "source.txt").write_text(str(source.relative_to(template)))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder, copy_function=shutil.copyfile)
    return example, folder / (tmp_path / "source.txt").read_text(), folder
