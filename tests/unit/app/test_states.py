"""The states of people have one word each, whoever says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.services.states import STATE_TITLES
from app.ui.widgets.state_badge import state_title
from db.records import PERSON_STATES
from main import main
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints


def test_every_state_has_a_word_of_its_own_and_the_window_says_it() -> None:
    assert set(STATE_TITLES) == set(PERSON_STATES)
    assert len(set(STATE_TITLES.values())) == len(PERSON_STATES)
    assert {state: state_title(state) for state in PERSON_STATES} == dict(STATE_TITLES)


def test_the_status_command_says_the_same_words_and_keeps_the_names_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with build_project(
        tmp_path, [person_keypoints(0), person_keypoints(1), person_keypoints(2, labelled=5)]
    ) as project:
        folder = str(project.folder)
        add_fit(project, people_of(project)[0])
    assert main(["status", "--project", folder]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert [words for count, words in lines if count == "1"] == ["too few keypoints", "not fitted", "to review"]
    assert main(["status", "--project", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["states"].keys() == set(PERSON_STATES)
