"""Hundreds of mixed gestures at the window over five people, undone and redone completely; and what that exports."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.services.exporting import export_fits
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.store_builders import snapshot
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project of five people with a fit each."""
    project = build_project(tmp_path, people=5)
    for person_id in people_of(project):
        add_fit(project, person_id)
    project.store.forget_steps()
    with annotator_at(qtbot, tmp_path, project, live_refit=False) as annotator:
        yield annotator


def count_steps(annotator: Annotator) -> int:
    """Changes that undo can take back, since the project was made."""
    with annotator.project.store.read() as reader:
        return sum(change.kind == "do" and change.person_id is not None for change in reader.changes.iter_since())


def drag(annotator: Annotator, rng: random.Random) -> None:
    view = annotator.page.view
    assert view is not None
    labelled = [name for name, row in zip(view.skeleton.joints, view.revision.keypoints, strict=True) if row[2] > 0]
    if labelled:
        annotator.drag_joint(rng.choice(labelled), by=(rng.randint(-25, 25), rng.randint(-25, 25)))


def on_a_joint(*keys: str) -> Callable[[Annotator, random.Random], None]:
    def press(annotator: Annotator, rng: random.Random) -> None:
        assert annotator.page.view is not None
        annotator.page.select_joint(rng.randrange(len(annotator.page.view.skeleton)))
        annotator.press(*keys)

    return press


def anywhere(*keys: str) -> Callable[[Annotator, random.Random], None]:
    return lambda annotator, _rng: annotator.press(*keys)


def comment(annotator: Annotator, rng: random.Random) -> None:
    annotator.press("K")
    annotator.type(f"look {rng.randrange(100)}")
    annotator.press("Return")


def reject(annotator: Annotator, rng: random.Random) -> None:
    annotator.press("X")
    annotator.answer(annotator.reject_dialog(), rng.choice((Qt.Key.Key_1, Qt.Key.Key_5)))


def refit(annotator: Annotator, _rng: random.Random) -> None:
    annotator.press("R")
    annotator.until(lambda: not annotator.page.fitting)


GESTURES = (
    (drag, 20),
    (on_a_joint("Right", "Right", "Shift+Down"), 12),
    (on_a_joint("Q"), 8),
    (on_a_joint("O"), 5),
    (on_a_joint("Del"), 4),
    (anywhere("M"), 6),
    (anywhere("Shift+M"), 4),
    (anywhere("F"), 8),
    (anywhere("Shift+X"), 8),
    (comment, 10),
    (reject, 8),
    (anywhere("D"), 6),
    (refit, 1),
)


@pytest.mark.parametrize("wanted", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_mixed_gestures_back_and_forth(annotator: Annotator, wanted: int) -> None:
    rng = random.Random(wanted)
    people = people_of(annotator.project)
    loaded, at_first = snapshot(annotator.project.store), count_steps(annotator)
    gestures, weights = zip(*GESTURES, strict=True)
    while count_steps(annotator) - at_first < wanted:
        annotator.page.context.set_person(rng.choice(people))
        annotator.until_settled()
        annotator.until(lambda: annotator.page.view is not None)
        rng.choices(gestures, weights)[0](annotator, rng)
        annotator.page.editor.flush()
        annotator.until_settled()
    steps = count_steps(annotator) - at_first
    final = snapshot(annotator.project.store)

    def go(key: str) -> None:
        for _ in range(steps):
            annotator.press(key)
        annotator.until_settled()

    go("Ctrl+Z")
    assert annotator.project.store.undo_label is None
    assert snapshot(annotator.project.store) == loaded
    go("Ctrl+Y")
    assert annotator.project.store.redo_label is None
    assert snapshot(annotator.project.store) == final
    assert annotator.project.store.verify_heads() == ()


def test_an_edit_after_acceptance_is_not_exported_and_its_undo_is(annotator: Annotator, tmp_path: Path) -> None:
    first = annotator.person_id

    def exported(name: str) -> int:
        return export_fits(annotator.project, "eft-json", tmp_path / f"{name}.json").samples

    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    annotator.until_settled()
    assert exported("accepted") == 1
    annotator.page.context.set_person(first)
    annotator.until_shows(first)
    annotator.drag_joint("left_wrist", by=(20, 10))
    annotator.until(lambda: annotator.state == "stale")
    assert exported("edited") == 0
    annotator.press("Ctrl+Z")
    annotator.until(lambda: annotator.state == "accepted")
    assert exported("undone") == 1
    annotator.press("Ctrl+Y")
    annotator.until(lambda: annotator.state == "stale")
    annotator.press("R")
    annotator.until(lambda: annotator.state == "fitted")
    assert exported("fitted") == 0
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    assert exported("again") == 1
