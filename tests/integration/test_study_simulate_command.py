"""``study simulate`` through the real ``main()``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.services.project import Project
from app.study.design import StudyDesign
from main import main
from tests.helpers.study_plans import make_design

Capture = pytest.CaptureFixture[str]
SMALL = ["--people", "24", "--raters", "6", "--studies", "10"]


def simulate(capsys: Capture, *words: str) -> dict[str, Any]:
    assert main(["study", "simulate", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_numbers_alone_are_a_study(capsys: Capture) -> None:
    words = ["--share", "0.7", "--side-bias", "0.6", "--lapse", "0.02", "--clickers", "1", "--seed", "5"]
    found = simulate(capsys, *SMALL, *words)
    assert found["truth"]["share"] == found["planted"] == 0.7
    assert (found["studies"], found["people"], found["raters"], found["raters_per_item"]) == (10, 24, 6, 3)
    assert 0 <= found["coverage"]["value"] <= 1
    assert found == simulate(capsys, *SMALL, *words)
    assert main(["study", "simulate", *SMALL, *words]) == 0
    told = capsys.readouterr().out
    assert "10 studies of 24 people, 3 of 6 raters each; planted share 0.700" in told
    assert "Random clickers pass" in told


def test_three_methods_and_answers_of_cannot_decide(capsys: Capture) -> None:
    found = simulate(capsys, *SMALL, "--methods", "3", "--undecided", "0.2", "--catches", "0")
    assert found["truth"]["undecided"] == 0.2
    assert found["excluded"] == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    design = make_design(people=20, raters=5)
    with Project.create(tmp_path / "project") as project:
        with project.store.change("Study", undoable=False) as change:
            change.studies.add("5eed", "which is better", msgspec.to_builtins(design, builtin_types=()))
        return project.folder


def test_a_study_of_a_project_is_simulated_as_it_is_or_with_other_numbers(folder: Path, capsys: Capture) -> None:
    words = ["which is better", "--project", str(folder), "--studies", "5"]
    found = simulate(capsys, *words)
    assert (found["people"], found["raters"]) == (20, 5)
    found = simulate(capsys, *words, "--people", "30", "--raters", "7")
    assert (found["people"], found["raters"]) == (30, 7)
    with Project.open(folder) as project, project.store.read() as reader:
        study = reader.studies.find("which is better")
        assert study is not None
        assert msgspec.convert(study.design, StudyDesign).people.count == 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--share", "1.5"], "between 0.01 and 0.99"),
        (["--clickers", "21"], "20 raters"),
        (["--raters", "2"], "raters"),
        (["which is better"], "--project"),
    ],
)
def test_bad_input_ends_with_a_sentence(words: list[str], said: str, capsys: Capture) -> None:
    assert main(["study", "simulate", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_study_that_is_not_there_ends_with_a_sentence(folder: Path, capsys: Capture) -> None:
    assert main(["study", "simulate", "nothing", "--project", str(folder)]) == 2
    assert "no study 'nothing'" in capsys.readouterr().err
    assert main(["study", "simulate", "--project", str(folder)]) == 2
    assert "Name a study" in capsys.readouterr().err
