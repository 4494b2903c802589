"""Depth hints, pins and ignored joints by key, in the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.person_view import load_person_view
from db.records import Guidance
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    project = build_project(tmp_path, 2)
    for person_id in people_of(project):
        add_fit(project, person_id)
    with annotator_at(qtbot, tmp_path, project) as somebody:
        yield somebody


def guidance_of(annotator: Annotator) -> Guidance | None:
    return load_person_view(annotator.project, annotator.person_id).guidance


def select(annotator: Annotator, *joints: str) -> None:
    annotator.page.select_joints([annotator.joint(name) for name in joints])


def test_a_hint_is_given_turned_taken_back_and_undone(annotator: Annotator) -> None:
    select(annotator, "left_wrist")
    seen = []
    for key in ("T", "Shift+T", "Shift+T", "Ctrl+Z"):
        annotator.press(key)
        annotator.until_settled()
        known = guidance_of(annotator)
        assert known is not None
        seen.append(dict(known.depth_hints))
    forearm = "left_forearm"
    assert seen == [{forearm: "toward"}, {forearm: "away"}, {}, {forearm: "away"}]
    assert annotator.state == "fitted"  # a hint makes no fit stale


def test_the_header_asks_for_a_fit_with_the_new_hint(annotator: Annotator) -> None:
    select(annotator, "right_knee")
    annotator.press("T")
    annotator.until(lambda: annotator.page.view is not None and annotator.page.view.guidance_differs)
    assert "re-fit" in annotator.page.header.note
    annotator.press("Ctrl+Z")
    annotator.until(lambda: annotator.page.view is not None and not annotator.page.view.guidance_differs)
    assert "re-fit" not in annotator.page.header.note


def test_a_joint_that_ends_no_limb_gets_a_sentence(annotator: Annotator) -> None:
    said: list[str] = []
    annotator.page.message.connect(lambda text, _severity: said.append(text))
    select(annotator, "nose")
    annotator.press("T")
    annotator.until_settled()
    assert guidance_of(annotator) is None
    assert said == ["Select the end of the limb first: an elbow, a wrist, a knee or an ankle."]


def test_several_joints_are_pinned_or_ignored_in_one_step(annotator: Annotator) -> None:
    select(annotator, "left_wrist", "right_wrist")
    annotator.press("P")
    annotator.until_settled()
    known = guidance_of(annotator)
    assert known is not None
    assert known.joint_weights == {"left_wrist": 10.0, "right_wrist": 10.0}
    assert annotator.project.store.undo_label == "Pin 2 joints"
    select(annotator, "left_wrist")
    annotator.press("I")
    annotator.until_settled()
    known = guidance_of(annotator)
    assert known is not None
    assert known.joint_weights == {"left_wrist": 0.0, "right_wrist": 10.0}
    annotator.press("I")
    annotator.until_settled()
    annotator.press("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    annotator.until(lambda: guidance_of(annotator) is None)


def test_a_joint_without_a_place_cannot_be_pinned(annotator: Annotator) -> None:
    said: list[str] = []
    annotator.page.message.connect(lambda text, _severity: said.append(text))
    select(annotator, "left_wrist", "right_wrist")
    annotator.press("P")
    select(annotator, "left_wrist")
    annotator.press("Del")
    annotator.until(lambda: annotator.place_of("left_wrist") == (0.0, 0.0))
    annotator.until_settled()
    for key in ("P", "P", "I"):  # the pin it had goes, another one is refused
        annotator.press(key)
        annotator.until_settled()
    known = guidance_of(annotator)
    assert known is not None
    assert known.joint_weights == {"right_wrist": 10.0}
    assert said[-2:] == ["The left wrist is not labelled; place it first."] * 2


def test_guidance_is_drawn_and_leaves_with_the_person(annotator: Annotator) -> None:
    canvas = annotator.page.canvas
    select(annotator, "left_wrist")
    before = canvas.grab().toImage()
    annotator.press("T", "P")
    annotator.until(lambda: annotator.page.view is not None and annotator.page.view.guidance is not None)
    annotator.until_settled()
    assert canvas.grab().toImage() != before
    first = annotator.person_id
    annotator.press("D")
    annotator.until(lambda: annotator.page.view is not None and annotator.person_id != first)
    assert not canvas.depth_hints()


def test_a_limb_without_its_end_takes_no_hint(annotator: Annotator) -> None:
    select(annotator, "right_elbow")
    annotator.press("O")
    annotator.until_settled()
    select(annotator, "right_elbow")
    annotator.press("T")
    annotator.until_settled()
    assert guidance_of(annotator) is None
    assert annotator.window.messages.text == "The right elbow is not labelled; place it first."
