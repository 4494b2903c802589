"""Tables of decisions: which rows, which cells, and that they read back with libraries that know nothing of us."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from app.services import annotation, review
from app.services.errors import ServiceError
from app.services.exporting_decisions import export_decisions
from app.services.exports import export_project
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection
from db.formats import FORMATS
from db.formats.errors import FormatError
from db.formats.parts.decision_table import COLUMNS
from db.records import PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of

TABLES = [row.name for row in FORMATS.values() if row.exports_decisions]
COMMENT = '=HYPERLINK("http://x"), "left"\r\narm — 日'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 3) as made:
        for person in people_of(made):
            add_fit(made, person)
        yield made


def accept(project: Project, person: PersonId, seconds: float = 1.5) -> None:
    view = load_person_view(project, person)
    assert view.fit is not None
    review.accept(project, person, view.fit.id, seconds)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_parquet(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def test_each_decision_is_a_row_with_person_fit_and_who(project: Project, tmp_path: Path) -> None:
    first, second, _ = people_of(project)
    fit = add_fit(project, first, l2d=2e-4, flags={"too_large": 1.5, "trunk_tilted": 9.0})
    review.reject(project, first, ["wrong_pose", "other"], COMMENT, 12.25)
    accept(project, first)
    accept(project, second)
    for name in TABLES:
        report = export_project(project, name, tmp_path / f"{name}{FORMATS[name].suffix}")
        assert (report.samples, report.left_out) == (3, {})
        manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
        assert manifest["sha256"] == report.sha256 == hashlib.sha256(report.path.read_bytes()).hexdigest()
        assert [column["name"] for column in manifest["conventions"]["columns"]] == [one.name for one in COLUMNS]
        assert (manifest["samples"], manifest["filters"]) == (3, {"decision": "any"})
        assert "body" not in manifest
    rejected, *others = read_parquet(tmp_path / "decisions-parquet.parquet")
    view = load_person_view(project, first)
    assert rejected | {"decided_at": None, "decision_id": None} == {
        "decision_id": None,
        "person_id": first,
        "annotation_id": "1000",
        "image": "001.jpg",
        "dataset": "test",
        "bbox_x": view.person.bbox_xywh[0],
        "bbox_y": view.person.bbox_xywh[1],
        "bbox_width": view.person.bbox_xywh[2],
        "bbox_height": view.person.bbox_xywh[3],
        "verdict": "reject",
        "reasons": ["wrong_pose", "other"],
        "comment": COMMENT,
        "annotator": project.annotator_name,
        "role": "review",
        "seconds_spent": 12.25,
        "decided_at": None,
        "is_current": False,
        "fit_id": fit.id,
        "method": "eft",
        "l2d": 2e-4,
        "rms_px": 2.0,
        "max_abs_beta": fit.max_abs_beta,
        "flags": ["too_large", "trunk_tilted"],
        "code_version": "0.1.0",
        "body_hash": fit.body_hash,
    }
    assert [row["is_current"] for row in others] == [True, True]
    with project.store.read() as reader:
        stored = {row.id: row.created_at for row in reader.decisions.iter_all()}
    assert {row["decision_id"]: row["decided_at"].astimezone(UTC) for row in (rejected, *others)} == stored
    schema = pq.read_schema(tmp_path / "decisions-parquet.parquet")
    assert [(field.name, field.nullable) for field in schema] == [(one.name, one.nullable) for one in COLUMNS]
    assert str(schema.field("decided_at").type) == "timestamp[us, tz=UTC]"


def test_csv_holds_the_same_cells_and_no_formula(project: Project, tmp_path: Path) -> None:
    first, second, _ = people_of(project)
    review.reject(project, first, ["wrong_pose", "other"], COMMENT, 12.25)
    review.second_look(project, second, "'quoted", 1)
    export_decisions(project, "decisions-csv", tmp_path / "out.csv")
    export_decisions(project, "decisions-parquet", tmp_path / "same.parquet")
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"decision_id,person_id,annotation_id,image,dataset,bbox_x,")
    assert content.endswith(b"\r\n")
    assert not content.startswith(b"\xef\xbb\xbf")
    texts, values = read_csv(tmp_path / "out.csv"), read_parquet(tmp_path / "same.parquet")
    for text, value in zip(texts, values, strict=True):
        for column in COLUMNS:
            cell, held = text[column.name], value[column.name]
            match column.type:
                case "double":
                    assert (float(cell) if cell else None) == held
                case "int64":
                    assert (int(cell) if cell else None) == held
                case "bool":
                    assert cell == str(held).lower()
                case "list<string>":
                    assert cell.split() == held
                case "timestamp[us, UTC]":
                    assert datetime.fromisoformat(cell) == held
                case _:
                    assert cell[:1] not in tuple("=+-@") or not cell
                    assert cell.removeprefix("'") == (held or "") or cell == held.removeprefix("'")
    assert [row["comment"] for row in texts] == ["'" + COMMENT, "''quoted"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1"])
def test_no_text_becomes_a_formula_and_each_comes_back(project: Project, tmp_path: Path, text: str) -> None:
    from db.formats.parts.csv_cells import guard_text

    assert guard_text(text) == "'" + text
    assert guard_text(f"a{text}") == f"a{text}"


def test_what_was_taken_back_or_is_secret_is_counted_and_left_out(project: Project, tmp_path: Path) -> None:
    first, second, third = people_of(project)
    review.set_reviews_per_person(project, 2)
    accept(project, first)
    accept(project, second)
    project.work_as("second reviewer")
    accept(project, first)
    review.reject(project, third, ["other"], "no", 1)
    project.store.undo()
    report = export_decisions(project, "decisions-csv", tmp_path / "out.csv")
    rows = read_csv(report.path)
    assert [row["person_id"] for row in rows] == [str(first), str(first)]
    assert {row["is_current"] for row in rows} == {"true"}
    assert report.left_out == {"second reviewer has yet to decide": 1, "taken back": 1}
    counts = json.loads(report.manifest.read_text(encoding="utf-8"))["counts"]
    assert (counts["exported"], counts["left out: taken back"], counts["people in_review"]) == (2, 1, 1)


def test_the_state_of_a_stale_or_reopened_person_rests_on_nothing(project: Project, tmp_path: Path) -> None:
    first, second, _ = people_of(project)
    for person in (first, second):
        accept(project, person)
    revision = load_person_view(project, first).revision
    edit = annotation.move_joints(revision, get_skeleton("coco17"), {9: (1.0, 2.0)})
    assert edit is not None
    annotation.apply_edit(project, first, revision.id, edit)
    review.reopen(project, second, 1)
    report = export_decisions(project, "decisions-parquet", tmp_path / "out.parquet")
    assert [(row["verdict"], row["is_current"]) for row in read_parquet(report.path)] == [
        ("accept", False), ("accept", False), ("reopen", False)
    ]  # fmt: skip


def test_the_selection_takes_rows_by_person_verdict_method_and_limit(project: Project, tmp_path: Path) -> None:
    first, second, third = people_of(project)
    accept(project, first)
    add_fit(project, second, method="smplify", l2d=1e-2)
    accept(project, second)
    review.reject(project, third, ["wrong_pose"], "", 1)

    def people(selection: Selection = EVERYTHING, decision: Any = "any") -> list[int]:
        report = export_decisions(project, "decisions-csv", tmp_path / "out.csv", selection, decision=decision)
        assert report.samples + sum(report.left_out.values()) == 3
        return [int(row["person_id"]) for row in read_csv(report.path)]

    assert people() == [first, second, third]
    assert people(decision="accepted") == [first, second]
    assert people(decision="rejected") == [third]
    assert people(Selection("smplify")) == [second]
    assert people(Selection(where="state:rejected")) == [third]
    assert people(Selection(max_l2d=1e-3)) == [first, third]
    with pytest.raises(ServiceError, match="no fits by 'nobody'"):
        people(Selection("nobody"))


def test_decisions_about_nobody_fitted_have_no_fit_and_no_limit(tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        (person,) = people_of(project)
        review.reject(project, person, ["not_a_person"], "", 2)
        (row,) = read_parquet(export_decisions(project, "decisions-parquet", tmp_path / "out.parquet").path)
        assert (row["fit_id"], row["method"], row["l2d"], row["flags"]) == (None, None, None, [])
        assert row["is_current"]
        report = export_decisions(project, "decisions-csv", tmp_path / "limited.csv", Selection(max_l2d=1.0))
        assert (report.samples, report.left_out) == (0, {"no fit": 1})
        assert len(report.path.read_bytes().splitlines()) == 1


@pytest.mark.parametrize("name", TABLES)
def test_an_older_table_stays_when_the_disk_forgets(
    name: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / f"out{FORMATS[name].suffix}"
    export_decisions(project, name, out)
    before = out.read_bytes()
    accept(project, people_of(project)[0])
    monkeypatch.setattr(f"{FORMATS[name].module}._iter_rows", lambda path: iter(()))
    with pytest.raises(FormatError, match="did not read back as it was written"):
        export_decisions(project, name, out)
    assert out.read_bytes() == before


def test_words_that_name_no_table_are_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="decisions cannot be exported as 'obj'; formats that can be are decisions-"):
        export_decisions(project, "obj", tmp_path / "out")
    with pytest.raises(ServiceError, match="is the project itself"):
        export_decisions(project, "decisions-csv", project.folder / "project.db")
