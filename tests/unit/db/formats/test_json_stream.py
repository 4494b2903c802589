"""JSON piece by piece gives what JSON at once gives, wherever the pieces are cut."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats.errors import FormatError
from db.formats.parts import json_stream
from db.formats.parts.json_stream import iter_entries, iter_members
from tests.helpers.odd_values import ONE_FOLDER

_TEXT = st.text(st.sampled_from('ab"\\{}[],: \n\u00e9\U0001f600'), max_size=6)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), _TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXT, inner, max_size=4)),
    max_leaves=12,
)
_DOCUMENTS = st.dictionaries(st.one_of(_TEXT, st.just("images")), st.one_of(_VALUES, st.lists(_VALUES)), max_size=4)


def put_together(source: Path, lists: set[str]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for member in iter_members(source, lists):
        if member.key not in lists:
            document[member.key] = json.loads(member.raw)
        else:
            entries = document.setdefault(member.key, [])
            if member.place is not None:
                assert member.place == len(entries)
                entries.append(json.loads(member.raw))
    return document


@ONE_FOLDER
@given(document=_DOCUMENTS, indent=st.sampled_from([None, 1]), ascii_only=st.booleans(), chunk=st.integers(1, 40))
def test_members_are_those_of_the_document(
    tmp_path: Path, document: dict[str, Any], indent: int | None, ascii_only: bool, chunk: int
) -> None:
    source = tmp_path / "any.json"
    source.write_text(json.dumps(document, indent=indent, ensure_ascii=ascii_only), encoding="utf-8")
    lists = {key for key, value in document.items() if isinstance(value, list)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        assert put_together(source, lists) == document
        for member in iter_members(source, lists):
            if member.place == 0:
                entries = [json.loads(raw) for raw, _ in iter_entries(source, member.start)]
                assert entries == document[member.key]


@ONE_FOLDER
@given(document=_DOCUMENTS, cut=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, document: dict[str, Any], cut: float) -> None:
    source = tmp_path / "cut.json"
    content = json.dumps(document).encode()
    source.write_bytes(content[: int(cut * len(content))])
    with pytest.raises(FormatError, match=r"cut\.json is not valid JSON"):
        put_together(source, {key for key, value in document.items() if isinstance(value, list)})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"images": {}}', "'images' is no list"),
        ('{"a": 1, "a": 2}', "has 'a' twice"),
        ('{"a": 1} x', "is not valid JSON"),
        ('{"a": 1,}', "is not valid JSON"),
        ('{"images": [1,]}', "is not valid JSON"),
        ('{"images": [1 2]}', "is not valid JSON"),
        ("{a: 1}", "is not valid JSON"),
        ("[]", "holds a list, expected an object"),
        ('{"a": "' + "x" * 5000, "ends too early"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(FormatError, match=r"odd\.json.*" + message):
        put_together(tmp_path / "odd.json", {"images"})


def test_a_fault_within_an_entry_is_the_entry_s(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": [{"x": NaN}, {"x": 1,, }, {"x": 2}]}')
    assert [member.raw for member in iter_members(tmp_path / "a.json", {"images"})] == [
        b'{"x": NaN}',
        b'{"x": 1,, }',
        b'{"x": 2}',
    ]


def test_a_value_without_end_is_refused_before_memory_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_LARGEST", 1000)
    monkeypatch.setattr(json_stream, "_CHUNK", 100)
    (tmp_path / "long.json").write_text('{"images": [[' + "1," * 5000 + "1]]}")
    with pytest.raises(FormatError, match=r"long\.json has a value of more than"):
        put_together(tmp_path / "long.json", {"images"})


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", 10_000)
    source = tmp_path / "big.json"
    peaks: list[int] = []
    for entries in (500, 5_000):
        with source.open("w") as file:
            file.write('{"images": [' + ",".join(["[" + "1.5," * 200 + "1]"] * entries) + "]}")
        tracemalloc.start()
        assert sum(1 for _ in iter_members(source, {"images"})) == entries
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
    assert source.stat().st_size > 2 * peaks[1]
