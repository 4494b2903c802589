"""The body follows a dragged joint in the real window, and the fit of record is an ordinary one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.batch import fit_people
from app.services.person_view import load_person_view
from app.services.project import Project
from app.ui.widgets.person_canvas import PersonCanvas
from fitting.runners import InlineRunner
from fitting.spec import BodyFit
from tests.helpers.builders import build_project, people_of
from tests.helpers.runners import KeptWorkers
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = build_project(tmp_path, 2)
    fit_people(made, people_of(made), InlineRunner)
    return made


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path, project: Project, kept_workers: KeptWorkers) -> Iterator[Annotator]:
    with annotator_at(qtbot, tmp_path, project, kept_workers) as somebody:
        somebody.until(lambda: not somebody.page.context.fits.busy)  # the worker is warm
        yield somebody


class Hand:
    """A mouse that holds a joint and can be watched on its way."""

    def __init__(self, canvas: PersonCanvas, place: tuple[float, float]) -> None:
        self._canvas = canvas
        self._place = place
        QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._at(0, 0))

    def move(self, dx: float, dy: float) -> None:
        """Go to a place so many image pixels from where it began."""
        for share in (0.5, 1.0):
            QTest.mouseMove(self._canvas.viewport(), self._at(share * dx, share * dy))

    def let_go(self, dx: float, dy: float) -> None:
        """Release the joint there."""
        QTest.mouseRelease(
            self._canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._at(dx, dy)
        )

    def _at(self, dx: float, dy: float) -> QPoint:
        u, v = self._canvas.viewport_map().to_screen(self._place[0] + dx, self._place[1] + dy)
        return QPoint(round(u), round(v))


def watch_bodies(annotator: Annotator) -> list[BodyFit]:
    """Every live body that is shown from now on."""
    shown: list[BodyFit] = []
    preview = annotator.page.display.preview

    def note(view: object, fit: BodyFit) -> None:
        shown.append(fit)
        preview(view, fit)  # type: ignore[arg-type]

    annotator.page.display.preview = note  # type: ignore[method-assign]
    return shown


def test_the_body_follows_and_the_fit_of_record_is_an_ordinary_one(annotator: Annotator, tmp_path: Path) -> None:
    person_id = annotator.person_id
    bodies = watch_bodies(annotator)
    hand = Hand(annotator.page.canvas, annotator.place_of("left_wrist"))
    hand.move(30, -20)
    annotator.until(lambda: len(bodies) >= 3)
    assert not np.array_equal(bodies[0].rotations, bodies[-1].rotations)
    assert annotator.page.display.is_previewing
    assert len(annotator.fits_of(person_id)) == 1  # nothing of it is stored
    hand.let_go(30, -20)
    annotator.until(lambda: len(annotator.fits_of(person_id)) == 2 and not annotator.page.fitting)
    annotator.until(lambda: not annotator.page.display.is_previewing and annotator.page.display.is_drawn)
    assert annotator.state == "fitted"

    # The same keypoints fitted without a window, by the ordinary way.
    with Project.create(tmp_path / "other") as _other:
        pass
    recorded = load_person_view(annotator.project, person_id).fit
    fit_people(annotator.project, [person_id], InlineRunner)
    ordinary = load_person_view(annotator.project, person_id).fit
    assert recorded is not None
    assert ordinary is not None
    assert ordinary.id != recorded.id
    assert np.array_equal(recorded.rotations, ordinary.rotations)
    assert np.array_equal(recorded.betas, ordinary.betas)
    assert np.array_equal(recorded.camera, ordinary.camera)


def test_one_undo_takes_back_the_drag_and_its_fit(annotator: Annotator) -> None:
    person_id = annotator.person_id
    before = annotator.place_of("left_wrist")
    annotator.drag_joint("left_wrist", by=(30, -20))
    annotator.until(lambda: len(annotator.fits_of(person_id)) == 2 and not annotator.page.fitting)
    annotator.press("Ctrl+Z")
    annotator.until(lambda: annotator.place_of("left_wrist") == before)
    assert len(annotator.fits_of(person_id)) == 1
    annotator.until(lambda: annotator.state == "fitted")
    annotator.press("Ctrl+Y")
    annotator.until(lambda: len(annotator.fits_of(person_id)) == 2)
    assert annotator.place_of("left_wrist") != before


def test_a_drag_given_up_leaves_the_fit_as_it_was(annotator: Annotator) -> None:
    person_id = annotator.person_id
    bodies = watch_bodies(annotator)
    hand = Hand(annotator.page.canvas, annotator.place_of("right_wrist"))
    hand.move(25, 10)
    annotator.until(lambda: len(bodies) >= 1)
    QTest.keyClick(annotator.page.canvas, Qt.Key.Key_Escape)
    annotator.until(lambda: not annotator.page.display.is_previewing and annotator.page.display.is_drawn)
    hand.let_go(25, 10)
    annotator.until_settled()
    annotator.until(lambda: not annotator.page.context.fits.busy)
    assert len(annotator.fits_of(person_id)) == 1
    assert annotator.state == "fitted"


def test_switched_off_nothing_runs_until_it_is_asked_for(annotator: Annotator) -> None:
    person_id = annotator.person_id
    annotator.press("L")
    bodies = watch_bodies(annotator)
    annotator.drag_joint("left_wrist", by=(40, 0))
    annotator.until(lambda: annotator.state == "stale")
    assert not annotator.page.fitting
    assert not bodies
    assert len(annotator.fits_of(person_id)) == 1
    assert annotator.page.context.settings.values.live_refit is False


def test_drags_in_quick_succession_end_in_one_fit_of_the_last_keypoints(annotator: Annotator) -> None:
    person_id = annotator.person_id
    for name in ("left_wrist", "right_wrist", "left_elbow"):
        annotator.drag_joint(name, by=(20, 12))
        annotator.until_settled()
    annotator.until(lambda: not annotator.page.fitting and annotator.state == "fitted")
    view = load_person_view(annotator.project, person_id)
    assert view.fit is not None
    assert view.fit.revision_id == view.revision.id
