"""The study file: read what was written, done again anywhere, hostile ones refused in a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.study.drawing import draw_people
from app.study.errors import StudyError
from app.study.files import (
    decode_study_file,
    encode_plan,
    encode_study_file,
    hash_arrangement,
    hash_plan,
    list_people,
    read_study_file,
    write_study_file,
)
from app.study.plan import StudyPlan
from app.study.planning import build_plan
from tests.helpers.study_people import build_candidates, build_design

METHODS = ("eft", "smplify", "plain")
GOLDEN = "9b9026b7d320b068838fe405ee53d09c67d4bc9ab0e3bfbd9d3c3f50ff5df008"
_BUILD_AGAIN = """
import sys
from pathlib import Path
from app.study.files import hash_plan, read_study_file
from app.study.planning import build_plan
plan = read_study_file(Path(sys.argv[1]))
print(hash_plan(build_plan(plan.design, plan.people, plan.checks, plan.notes)))
"""


def build_small(first_id: int = 1, count: int = 30) -> StudyPlan:
    design = build_design(7, METHODS)
    drawn = draw_people(design, build_candidates(count, METHODS, first_id))
    return build_plan(design, drawn.people, drawn.checks, drawn.notes)


@pytest.fixture(scope="module")
def plan() -> StudyPlan:
    return build_small()


def test_this_plan_stays_what_it_was_in_every_version_of_the_program(plan: StudyPlan) -> None:
    # If it changes, study files that are out there no longer say how their study was planned.
    assert hash_arrangement(plan) == GOLDEN


def test_plans_are_stored_and_read_as_they_were(plan: StudyPlan) -> None:
    stored = msgspec.json.decode(encode_plan(plan), type=StudyPlan)
    assert stored == plan
    assert hash_plan(stored) == hash_plan(plan)


def test_a_written_file_is_readable_and_reads_as_the_same_plan(plan: StudyPlan, tmp_path: Path) -> None:
    path = write_study_file(plan, tmp_path / "study.json")
    assert read_study_file(path) == plan
    told = json.loads(path.read_text())
    assert list(told) == [
        *("format", "version", "plan_hash", "arrangement_hash", "design", "notes", "people", "checks", "seats")
    ]
    assert (told["plan_hash"], told["version"]) == (hash_plan(plan), 1)
    assert {"image", "dataset", "annotation", "fits"} <= told["people"][0].keys()
    trials = sum(map(len, plan.seats))
    assert trials + len(plan.people) + len(plan.checks) < len(path.read_text().splitlines()) < trials + 200
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # as some editors leave it
    assert read_study_file(path) == plan


def test_a_study_that_is_not_open_has_a_file_of_its_design(tmp_path: Path) -> None:
    bare = StudyPlan(design=build_design(), people=(), checks=(), seats=())
    assert read_study_file(write_study_file(bare, tmp_path / "study.json")) == bare
    assert list_people(bare) == bare.design


def test_another_process_with_other_hashes_of_text_plans_the_same(plan: StudyPlan, tmp_path: Path) -> None:
    path = write_study_file(plan, tmp_path / "study.json")
    answer = subprocess.run(
        [sys.executable, "-c", _BUILD_AGAIN, str(path)],
        env={**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == hash_plan(plan)


def test_people_with_other_ids_among_more_people_get_the_same_arrangement(plan: StudyPlan) -> None:
    design = msgspec.structs.replace(list_people(plan), name="again")
    drawn = draw_people(design, build_candidates(60, METHODS, first_id=900)[::-1])
    again = build_plan(design, drawn.people, drawn.checks)
    assert hash_arrangement(again) == hash_arrangement(plan)
    assert hash_plan(again) != hash_plan(plan)
    assert hash_arrangement(build_small(count=31)) != hash_arrangement(plan)


def test_other_fits_make_another_plan_of_the_same_arrangement(plan: StudyPlan) -> None:
    refitted = build_small()
    people = tuple(
        msgspec.structs.replace(one, fits={name: fit + 1 for name, fit in one.fits.items()}) for one in refitted.people
    )
    refitted = msgspec.structs.replace(refitted, people=people)
    assert hash_plan(refitted) != hash_plan(plan)
    assert hash_arrangement(refitted) == hash_arrangement(plan)


def _change(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def apply(content: bytes) -> bytes:
        told = json.loads(content)
        change(told)
        return json.dumps(told).encode()

    return apply


HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "no study file"),
    "no JSON": (lambda _: b"\x89PNG\r\n", "no study file"),
    "no text": (lambda _: b'{"format":"\xff"}', "no study file"),
    "half": (lambda content: content[: len(content) // 2], "no study file"),
    "deep": (lambda _: b"[" * 200_000, "no study file"),
    "deep object": (lambda _: b'{"design":' * 200_000, "no study file"),
    "a list": (lambda _: b"[]", "no study file"),
    "another format": (_change(lambda told: told.update(format="coco")), "its format is 'coco'"),
    "the future": (_change(lambda told: told.update(version=2, design=None)), "newer program"),
    "a version beyond numbers": (_change(lambda told: told.update(version=10**400)), "no study file"),
    "unknown fields": (_change(lambda told: told.update(extra=1)), "unknown field"),
    "unknown field of the design": (_change(lambda told: told["design"].update(extra=1)), "unknown field"),
    "no design": (_change(lambda told: told.pop("design")), "missing required field"),
    "NaN": (_change(lambda told: told["design"].update(confidence=float("nan"))), "no study file"),
    "wrong kind": (_change(lambda told: told.update(people={})), "no study file"),
    "a wrong person": (_change(lambda told: told["people"][0].pop("image")), "no study file"),
    "somebody unknown": (_change(lambda told: told["seats"][0][-1].update(person=10**6)), "does not list"),
    "a check in the wrong place": (
        _change(lambda told: told["seats"][0][-1].update(kind="main", person=told["checks"][0]["person"])),
        "does not list",
    ),
    "sides exchanged": (_change(lambda told: told["seats"].reverse()), "changed after it was written"),
    "another question": (_change(lambda told: told["design"].update(question="Which?")), "changed after"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_one_sentence(plan: StudyPlan, name: str, tmp_path: Path) -> None:
    spoil, words = HOSTILE[name]
    path = tmp_path / "study.json"
    path.write_bytes(spoil(encode_study_file(plan)))
    with pytest.raises(StudyError, match=words) as caught:
        read_study_file(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_bytes_never_end_in_anything_else(plan: StudyPlan, data: st.DataObject) -> None:
    content = bytearray(encode_study_file(plan))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = decode_study_file(bytes(content), "the file")
    except StudyError:
        return
    assert read == plan  # only hashes' own or blank bytes were hit


def test_what_is_no_file_is_refused(plan: StudyPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudyError, match="does not exist"):
        read_study_file(tmp_path / "none.json")
    with pytest.raises(StudyError, match="is no file"):
        read_study_file(tmp_path)
    with pytest.raises(StudyError, match="is a folder"):
        write_study_file(plan, tmp_path)
    with pytest.raises(StudyError, match="could not be written"):
        write_study_file(plan, tmp_path / "none" / "study.json")
    monkeypatch.setattr("app.study.files._LARGEST", 100)
    with pytest.raises(StudyError, match="too large"):
        read_study_file(write_study_file(plan, tmp_path / "study.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["study.json"]
