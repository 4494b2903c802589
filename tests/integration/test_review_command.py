"""``review`` and ``--as`` through the real ``main()``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.services import review
from app.services.project import Project
from main import main
from tests.helpers.builders import add_fit, build_project, people_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of two people, one of whom is accepted."""
    with build_project(tmp_path, 2) as project:
        for person in people_of(project):
            fit = add_fit(project, person)
        review.accept(project, person, fit.id, 1)
        return project.folder


def test_two_reviewers_and_back(folder: Path, capsys: Capture) -> None:
    def states(*words: str) -> dict[str, int]:
        assert main([*words, "--project", str(folder), "--json"]) == 0
        found: dict[str, int] = json.loads(capsys.readouterr().out)["states"]
        return {state: people for state, people in found.items() if people}

    assert states("review") == {"fitted": 1, "accepted": 1}
    assert states("review", "--reviewers", "2") == {"fitted": 1, "in_review": 1}
    assert states("status") == {"fitted": 1, "in_review": 1}
    with Project.open(folder) as project:
        assert review.reviews_per_person(project) == 2
        assert project.store.verify_heads() == ()
    assert main(["review", "--project", str(folder)]) == 0
    words = capsys.readouterr().out
    assert "reviewed by two people" in words
    assert "1 in review" in words
    assert states("review", "--reviewers", "1") == {"fitted": 1, "accepted": 1}


def test_another_number_is_refused_in_a_sentence(folder: Path, capsys: Capture) -> None:
    assert main(["review", "--project", str(folder), "--reviewers", "3"]) == 2
    assert "3" in capsys.readouterr().err
    with Project.open(folder) as project:
        assert review.reviews_per_person(project) == 1


@pytest.mark.parametrize("words", [["--as"], ["--as", " "], ["--as", "x" * 81]])
def test_a_name_that_is_none_ends_with_a_sentence(folder: Path, words: list[str], capsys: Capture) -> None:
    assert main([str(folder), *words]) == 2
    assert "An annotator's name has 1 to 80 characters" in capsys.readouterr().err


def test_a_project_is_opened_under_a_name(folder: Path) -> None:
    with Project.open(folder, annotator=" Anna  Berg ") as project:
        assert project.annotator_name == "Anna Berg"
        with project.store.read() as reader:
            assert reader.annotators.get(project.annotator_id).name == "Anna Berg"
