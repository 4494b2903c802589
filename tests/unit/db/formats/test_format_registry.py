"""Finding a format by name, and counting an import."""

import json
import tomllib
from pathlib import Path

import pytest

from db.formats import (
    FORMATS,
    decisions_csv,
    eft_json,
    get_conventions,
    get_decision_writer,
    get_export_format,
    get_fit_reader,
    get_fit_writer,
    get_format,
    get_reader,
)
from db.formats.base import FAULTY, NO_FILE, ImportProblem, ImportTally
from db.formats.coco import read
from db.formats.errors import FormatError


def test_formats_are_found_by_name() -> None:
    assert get_reader("coco") is read
    assert get_format("eft-json").exports
    with pytest.raises(FormatError, match=r"no format named 'voc'; known are .*coco, eft-json"):
        get_format("voc")
    with pytest.raises(FormatError, match=r"people cannot be imported from 'eft-json'; formats that can be are .*coco"):
        get_reader("eft-json")
    assert all(name == row.name for name, row in FORMATS.items())


def test_fits_go_in_and_out_by_name() -> None:
    assert get_fit_reader("eft-json") is eft_json.iter_fits
    assert get_fit_writer("eft-json") is eft_json.write_fits
    assert get_conventions("eft-json") is eft_json.CONVENTIONS
    with pytest.raises(FormatError, match="fits cannot be imported from 'coco'; formats that can be are eft-json, "):
        get_fit_reader("coco")
    with pytest.raises(
        FormatError, match="fits cannot be exported as 'decisions-csv'; formats that can be are eft-json"
    ):
        get_fit_writer("decisions-csv")


def test_only_what_can_be_written_is_an_export() -> None:
    assert get_export_format("decisions-csv").exports_decisions
    assert get_decision_writer("decisions-csv") is decisions_csv.write_decisions
    with pytest.raises(FormatError, match="decisions cannot be exported as 'obj'; formats that can be are decisions-"):
        get_decision_writer("obj")
    imports_alone = next(row.name for row in FORMATS.values() if not row.can_be_written)
    for get in (get_export_format, get_conventions):
        with pytest.raises(
            FormatError, match=f"nothing can be exported as '{imports_alone}'; formats that can be are "
        ):
            get(imports_alone)


def test_a_report_counts_and_lists() -> None:
    tally = ImportTally("people.json", "coco", dry_run=True)
    tally.add("people", "new", 2)
    tally.add("people", "same")
    tally.add_conflict("annotation 4 of 1.jpg")
    tally.add("images", "new")
    tally.add_problem(ImportProblem("annotation 5", "no keypoints", "people"))
    tally.add_problem(ImportProblem("2.jpg", "it is not there", "images", kind=NO_FILE, people=3))
    report = tally.build_report()
    assert (report.people.new, report.people.same, report.people.conflicting, report.people.skipped) == (2, 1, 1, 4)
    assert json.loads(json.dumps(report.as_dict())) == {
        "source": "people.json",
        "format": "coco",
        "dry_run": True,
        "cancelled": False,
        "images": {"new": 1, "same": 0, "conflicting": 0, "skipped": 1},
        "people": {"new": 2, "same": 1, "conflicting": 1, "skipped": 4},
        "labelled_joints": 0,
        "updated": 0,
        "skip_reasons": {f"people: {FAULTY}": 1, f"images: {NO_FILE}": 1, f"people: {NO_FILE}": 3},
        "problems": [
            {
                "item": "annotation 5",
                "reason": "no keypoints",
                "skipped": "people",
                "count": 1,
                "kind": FAULTY,
                "people": 0,
            },
            {
                "item": "2.jpg",
                "reason": "it is not there",
                "skipped": "images",
                "count": 1,
                "kind": NO_FILE,
                "people": 3,
            },
        ],
        "problem_count": 2,
        "conflicts": ["annotation 4 of 1.jpg"],
    }


def test_no_format_knows_another() -> None:
    """The contract that import-linter checks names every module of the registry."""
    project = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = [row for row in contracts if row["name"] == "formats do not know each other"]
    assert set(contract["modules"]) == {row.module for row in FORMATS.values()}
