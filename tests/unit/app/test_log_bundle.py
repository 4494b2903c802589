"""The bundle for a bug report: what it says it holds, and nothing else."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.log_bundle import CONTENTS, write_bundle


def test_it_holds_what_it_says(tmp_path: Path) -> None:
    log = tmp_path / "log" / "exemplar.log"
    log.parent.mkdir()
    log.write_text("today\n")
    log.with_name("exemplar.log.1").write_text("yesterday\n")
    (log.parent / "photograph.jpg").write_bytes(b"\xff\xd8")
    write_bundle(tmp_path / "bug.zip", "ZeroDivisionError: planted", ["12:00:00 fit.refit"], log)
    with zipfile.ZipFile(tmp_path / "bug.zip") as bundle:
        assert sorted(bundle.namelist()) == [
            "README.txt", "actions.txt", "error.txt", "log/exemplar.log", "log/exemplar.log.1", "machine.json",
        ]  # fmt: skip
        assert CONTENTS in bundle.read("README.txt").decode()
        assert bundle.read("error.txt") == b"ZeroDivisionError: planted"
        assert bundle.read("actions.txt") == b"12:00:00 fit.refit\n"
        assert bundle.read("log/exemplar.log") == b"today\n"
        names = {finding["name"] for finding in json.loads(bundle.read("machine.json"))["findings"]}
    assert {"Python", "torch", "SQLite"} <= names


def test_without_a_log_there_is_still_a_bundle(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bug.zip", "x", [], None)
    with zipfile.ZipFile(tmp_path / "bug.zip") as bundle:
        assert "error.txt" in bundle.namelist()


def test_a_place_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="cannot be used"):
        write_bundle(tmp_path / "nowhere" / "bug.zip", "x", [], None)
