"""The tour: seven steps at the real window, done by doing them, by Enter alone, or left with Esc."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.settings import SettingsFile
from app.ui.tour import Tour, find_worst_joint
from resources.skeleton import build_mapping, get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def newcomer(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project whose second person has a wrist in the wrong place, everybody fitted."""
    faulty = person_keypoints(1)
    faulty[9, :2] += (110, -60)
    project = build_project(tmp_path, [person_keypoints(0), faulty])
    for seed, person_id in enumerate(people_of(project)):
        add_fit(project, person_id, joints_px=place_joints(seed))
    with annotator_at(qtbot, tmp_path / "home", project) as annotator:
        yield annotator


def place_joints(seed: int) -> np.ndarray:
    """Where the body of a person has spin49's joints: on the true keypoints."""
    joints = np.full((49, 2), 200.0)
    for source, target in build_mapping(get_skeleton("coco17"), get_skeleton("spin49")):
        joints[target] = person_keypoints(seed)[source, :2]
    return joints


def begin(newcomer: Annotator) -> Tour:
    newcomer.window.start_tour()
    tour = newcomer.window.guides.tour
    assert tour is not None
    newcomer.until(lambda: tour.step == 0 and newcomer.page.view is not None)
    return tour


def tick(newcomer: Annotator, tour: Tour, step: int) -> None:
    """Wait for a step; its bubble is inside the window and does not hide what it points at."""
    newcomer.until(lambda: tour.step == step)
    assert tour.bubble.isVisible()
    assert newcomer.window.rect().contains(tour.bubble.geometry())
    if tour.frame.isVisible() and step != 0:
        assert not tour.bubble.geometry().contains(tour.frame.geometry())


def test_the_worst_joint_is_found(newcomer: Annotator) -> None:
    second = people_of(newcomer.project)[1]
    assert find_worst_joint(newcomer.project) == (second, 9)


@pytest.mark.parametrize("live", [True, False])
def test_a_newcomer_gets_to_the_first_accepted_person(newcomer: Annotator, tmp_path: Path, live: bool) -> None:
    newcomer.page.context.settings.update(live_refit=live)
    tour = begin(newcomer)
    _, second = people_of(newcomer.project)
    newcomer.until_shows(second)
    tick(newcomer, tour, 0)
    newcomer.press("Return")
    tick(newcomer, tour, 1)
    newcomer.page.select_joint(newcomer.joint("left_wrist"))
    tick(newcomer, tour, 2)
    scale = newcomer.page.canvas.viewport_map().scale
    newcomer.drag_joint("left_wrist", (round(-110 * scale), round(60 * scale)))
    if not live:
        tick(newcomer, tour, 3)
        newcomer.press("R")
    tick(newcomer, tour, 4)
    newcomer.press("Return")
    tick(newcomer, tour, 5)
    assert newcomer.stored_state(second) == "fitted"  # Enter went on with the tour and decided nothing
    newcomer.accept()
    tick(newcomer, tour, 6)
    assert newcomer.stored_state(second) == "accepted"
    newcomer.press("Return")
    assert newcomer.window.guides.tour is None
    assert SettingsFile(tmp_path / "home" / "settings.json").values.tour_taken


def test_enter_alone_passes_every_step_and_the_button_accepts(newcomer: Annotator) -> None:
    tour = begin(newcomer)
    second = people_of(newcomer.project)[1]
    newcomer.until_shows(second)
    for step in range(5):
        tick(newcomer, tour, step)
        newcomer.press("Return")
    tick(newcomer, tour, 5)
    newcomer.until(lambda: newcomer.page.find_obstacle() is None)
    tour.bubble.next.click()
    tick(newcomer, tour, 6)
    assert newcomer.stored_state(second) == "accepted"


def test_esc_leaves_and_the_keys_are_as_before(newcomer: Annotator) -> None:
    begin(newcomer)
    person = people_of(newcomer.project)[1]
    newcomer.until_shows(person)
    newcomer.press("Esc")
    assert newcomer.window.guides.tour is None
    newcomer.accept()
    newcomer.until(lambda: newcomer.stored_state(person) == "accepted")


def test_closing_the_project_ends_the_tour(newcomer: Annotator) -> None:
    begin(newcomer)
    newcomer.window.close_project()
    assert newcomer.window.guides.tour is None
    QTest.keyClick(newcomer.window, Qt.Key.Key_Return)


def test_a_project_without_fits_is_told_so(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path / "home", build_project(tmp_path, 1)) as annotator:
        annotator.window.start_tour()
        annotator.until(lambda: "The tour needs a person with a fit" in annotator.window.messages.text)
        assert annotator.window.guides.tour is None
