"""Stories of an annotator at the real window, on a real project, with real fits and real pictures of bodies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.services import review
from app.services.annotation import apply_edit, move_joints
from app.services.fit_versions import use_fit
from app.services.project import Project
from app.ui.theme import DARK, LIGHT
from app.ui.widgets.tones import muted_text
from db.records import ChangeSet, PersonId
from fitting.runners import InlineRunner, ProcessRunner
from fitting.spec import Job, RenderJob, RenderManyJob, Viewpoint
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project of four people in two images, everybody with a fit."""
    project = build_project(tmp_path, people=4, per_image=2)
    for person_id in people_of(project):
        add_fit(project, person_id)
    with annotator_at(qtbot, tmp_path, project, live_refit=False) as annotator:
        yield annotator


class NeverDraws(InlineRunner):
    """A runner whose pictures are always still on the way."""

    def submit(self, job: Job) -> None:
        if not isinstance(job, RenderJob | RenderManyJob):
            super().submit(job)


def everybody(annotator: Annotator) -> list[PersonId]:
    return people_of(annotator.project)


def test_drag_a_wrist_refit_accept_and_the_next_person_comes(annotator: Annotator) -> None:
    first, second, *_ = everybody(annotator)
    before = annotator.place_of("left_wrist")
    scale = annotator.page.canvas.viewport_map().scale

    annotator.drag_joint("left_wrist", by=(24, -12))
    annotator.until(lambda: annotator.state == "stale")
    x, y = annotator.place_of("left_wrist")
    assert (x - before[0], y - before[1]) == pytest.approx((24 / scale, -12 / scale), abs=0.1)
    assert not annotator.window.toolbar.accept.isEnabled()
    assert "re-fit (R)" in annotator.window.toolbar.accept.toolTip()
    assert annotator.window.status.saved_text.endswith("Move left wrist")

    annotator.press("R")
    assert annotator.page.fitting
    annotator.until(lambda: annotator.state == "fitted")
    assert annotator.page.view is not None
    assert len(annotator.page.view.fits) == 2
    assert len(annotator.page.column.plot.values()) == len(annotator.page.view.fits[0].trace)
    annotator.until(annotator.window.toolbar.accept.isEnabled)

    annotator.accept()
    annotator.until_shows(second)
    assert annotator.stored_state(first) == "accepted"
    decision = annotator.decision(first)
    assert decision is not None
    assert decision.seconds_spent > 0
    annotator.until(lambda: annotator.window.status.progress_text.startswith("1 of 4 decided  ·  1 accepted"))


def test_a_stale_fit_is_not_accepted_and_the_reason_is_said(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.drag_joint("right_ankle", by=(10, 10))
    annotator.until(lambda: annotator.state == "stale")
    assert annotator.page.column.numbers.chips.text("export") == "– export"
    annotator.press("Return")
    assert "re-fit (R)" in annotator.window.messages.text
    annotator.until_settled()
    assert annotator.decision(first) is None
    assert annotator.person_id == first


def test_a_body_that_is_not_drawn_yet_is_not_accepted(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=1)
    (person_id,) = people_of(project)
    add_fit(project, person_id)
    with annotator_at(qtbot, tmp_path, project, NeverDraws) as annotator:
        annotator.press("Return")
        assert "still being drawn" in annotator.window.messages.text
        assert not annotator.window.toolbar.accept.isEnabled()
        annotator.until_settled()
        assert annotator.decision(person_id) is None


def test_an_edit_still_on_its_way_to_the_disk_makes_accept_fail(annotator: Annotator) -> None:
    """Accept pressed before the window has heard that the fit is stale."""
    first = annotator.person_id
    annotator.drag_joint("right_ankle", by=(10, 10))
    annotator.press("Return")
    annotator.until_settled()
    annotator.until(lambda: annotator.state == "stale")
    assert annotator.decision(first) is None


def test_reject_with_a_digit(annotator: Annotator) -> None:
    first, second, *_ = everybody(annotator)
    annotator.press("X")
    annotator.answer(annotator.reject_dialog(), Qt.Key.Key_2)
    annotator.until_shows(second)
    decision = annotator.decision(first)
    assert decision is not None
    assert (decision.verdict, decision.reasons) == ("reject", ("wrong_depth",))
    assert annotator.stored_state(first) == "rejected"


def test_reject_with_a_comment_and_no_reason(annotator: Annotator) -> None:
    first, second, *_ = everybody(annotator)
    annotator.press("X")
    dialog = annotator.reject_dialog()
    dialog.comment.setFocus()
    annotator.qtbot.keyClicks(dialog.comment, "arm 3 is odd")
    annotator.answer(dialog, Qt.Key.Key_Return)
    annotator.until_shows(second)
    decision = annotator.decision(first)
    assert decision is not None
    assert (decision.reasons, decision.comment) == ((), "arm 3 is odd")


def test_leaving_the_question_decides_nothing(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.press("X")
    annotator.answer(annotator.reject_dialog(), Qt.Key.Key_Escape)
    annotator.until_settled()
    assert annotator.decision(first) is None
    assert annotator.person_id == first


def test_undo_and_redo_go_to_the_person_concerned(annotator: Annotator) -> None:
    first, second, third, _ = everybody(annotator)
    before = annotator.place_of("left_wrist")
    annotator.drag_joint("left_wrist", by=(30, 0))
    annotator.until(lambda: annotator.state == "stale")
    moved = annotator.place_of("left_wrist")
    annotator.press("D")
    annotator.until_shows(second)
    annotator.press("F")
    annotator.until_shows(third)
    assert annotator.window.actions_table["edit.undo"].text() == "Undo needs second look"

    annotator.press("Ctrl+Z")
    annotator.until_shows(second)
    assert annotator.stored_state(second) == "fitted"
    assert annotator.window.messages.text == "Undone: needs second look."
    annotator.press("Ctrl+Z")
    annotator.until_shows(first)
    assert annotator.place_of("left_wrist") == before
    assert annotator.state == "fitted"

    annotator.press("Ctrl+Shift+Z")
    annotator.until(lambda: annotator.state == "stale")
    assert annotator.place_of("left_wrist") == moved
    annotator.press("Ctrl+Y")
    annotator.until_shows(second)
    assert annotator.stored_state(second) == "second_look"


def test_the_whole_queue_by_keyboard_alone(annotator: Annotator) -> None:
    people = everybody(annotator)
    for number, person_id in enumerate(people):
        annotator.until_shows(person_id)
        annotator.press("Tab", "Tab", "Tab")  # the right eye
        annotator.press("Right", "Right")
        annotator.press("R")
        annotator.until(lambda person_id=person_id, number=number: annotator.stored_state(person_id) == "fitted")
        annotator.until(lambda: annotator.state == "fitted" and not annotator.page.fitting)
        annotator.accept("Ctrl+Return" if number % 2 else "Return")
        annotator.until(lambda person_id=person_id: annotator.stored_state(person_id) == "accepted")
    annotator.until(lambda: annotator.window.messages.text == "Nobody else waits for a decision.")
    assert "4 of 4 decided" in annotator.window.status.progress_text


def test_a_burst_of_nudges_is_one_edit(annotator: Annotator) -> None:
    before = annotator.place_of("left_eye")
    annotator.page.select_joint(annotator.joint("left_eye"))
    annotator.press("Right", "Right", "Right", "Shift+Down", "Shift+Down", "Ctrl+Left")
    shown = annotator.page.canvas.keypoints()[annotator.joint("left_eye"), :2]
    assert tuple(shown) == pytest.approx((before[0] + 2.9, before[1] + 20))
    annotator.until(lambda: annotator.state == "stale")
    assert annotator.place_of("left_eye") == pytest.approx((before[0] + 2.9, before[1] + 20))
    annotator.press("Ctrl+Z")
    annotator.until(lambda: annotator.state == "fitted")
    assert annotator.place_of("left_eye") == before


def test_nudges_are_stored_when_the_person_is_left(annotator: Annotator) -> None:
    first, second, *_ = everybody(annotator)
    annotator.page.select_joint(annotator.joint("nose"))
    annotator.press("Right", "D")
    annotator.until_shows(second)
    annotator.until_settled()
    assert annotator.stored_state(first) == "stale"


def test_visibility_swap_and_clear_by_key(annotator: Annotator) -> None:
    left, right = annotator.joint("left_hip"), annotator.joint("right_hip")
    places = annotator.place_of("left_hip"), annotator.place_of("right_hip")
    shown = annotator.page.canvas.keypoints
    annotator.page.select_joint(left)
    annotator.press("Q")
    annotator.until(lambda: shown()[left, 2] == 1)
    annotator.press("M")
    annotator.until(lambda: shown()[right, 2] == 1)
    assert (annotator.place_of("right_hip"), annotator.place_of("left_hip")) == places
    annotator.press("Del")
    annotator.until(lambda: shown()[left, 2] == 0)


def test_two_quick_edits_both_count(annotator: Annotator) -> None:
    """The second is made on what the first has left, not on what was on screen."""
    shown = annotator.page.canvas.keypoints
    annotator.page.select_joint(annotator.joint("left_hip"))
    annotator.press("Q", "Shift+M", "M")
    annotator.until_settled()
    annotator.until(
        lambda: annotator.window.actions_table["edit.undo"].text() == "Undo swap left and right (whole body)"
    )
    assert shown()[annotator.joint("left_hip"), 2] == 1
    assert "Swap left and right" in annotator.window.status.saved_text


def test_what_somebody_else_has_edited_is_not_overwritten(annotator: Annotator) -> None:
    person_id = annotator.person_id
    with Project.open(annotator.project.folder) as theirs:
        with theirs.store.read() as reader:
            current = reader.keypoints.current(person_id)
        assert current is not None
        edit = move_joints(current, get_skeleton(current.skeleton), {0: (12.0, 34.0)})
        assert edit is not None
        apply_edit(theirs, person_id, current.id, edit)
    annotator.drag_joint("left_ankle", by=(15, 0))
    annotator.until(lambda: "Somebody else" in annotator.window.messages.text)
    annotator.until(lambda: tuple(annotator.page.canvas.keypoints()[0, :2]) == (12.0, 34.0))
    assert annotator.place_of("nose") == (12.0, 34.0)


def test_letters_are_text_in_the_filter_box(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.press("Ctrl+J")
    annotator.type("xrd2")
    annotator.until(lambda: len(annotator.page.people.ids) == 0)
    assert annotator.page.people_column.filter_box.text() == "xrd2"
    assert annotator.person_id == first
    assert annotator.decision(first) is None
    assert not annotator.page.fitting
    annotator.press("Esc")
    assert annotator.page.canvas.hasFocus()


def test_a_nudge_while_the_last_one_is_still_being_stored_counts(annotator: Annotator) -> None:
    before = annotator.place_of("left_eye")
    eye = annotator.joint("left_eye")
    annotator.page.select_joint(eye)
    for _ in range(4):
        annotator.press("Right")
        annotator.page.editor.flush()  # the pause is over, the window has not heard of the edit yet
    assert annotator.page.canvas.keypoints()[eye, 0] == pytest.approx(before[0] + 4)
    annotator.until_settled()
    annotator.until(lambda: annotator.place_of("left_eye")[0] == pytest.approx(before[0] + 4))
    annotator.until(lambda: annotator.page.canvas.keypoints()[eye, 0] == pytest.approx(before[0] + 4))


def test_the_filter_goes_to_the_first_match(annotator: Annotator) -> None:
    third = everybody(annotator)[2]
    annotator.press("Ctrl+J")
    annotator.type("002")
    annotator.press("Return")
    annotator.until_shows(third)
    assert list(annotator.page.people.ids) == everybody(annotator)[2:]
    assert annotator.page.canvas.hasFocus()


def test_undecided_people_of_a_filtered_list(annotator: Annotator) -> None:
    third, fourth = everybody(annotator)[2:]
    annotator.press("Ctrl+J")
    annotator.type("002")
    annotator.press("Return")
    annotator.until_shows(third)
    annotator.press("F")
    annotator.until_shows(fourth)
    annotator.press("F")
    annotator.until(lambda: annotator.window.messages.text == "Nobody else of this list waits for a decision.")
    assert annotator.person_id == fourth


def test_numbers_select_people_of_the_image(annotator: Annotator) -> None:
    first, second, *_ = everybody(annotator)
    annotator.press("2")
    annotator.until_shows(second)
    annotator.press("9")
    assert annotator.window.messages.text == "This image has 2 people."
    annotator.press("1")
    annotator.until_shows(first)


def test_the_theme_changes_while_the_window_is_open(annotator: Annotator) -> None:
    actions = annotator.window.actions_table
    for name, theme in (("dark", DARK), ("light", LIGHT)):
        actions[f"theme.{name}"].trigger()
        annotator.until(lambda theme=theme: annotator.window.palette().window().color().name() == theme.window)
        assert annotator.page.context.settings.values.theme == name
        panel = annotator.page.column.numbers
        names = [label for label in panel.findChildren(QLabel) if label.text() in ("L2d", "RMS", "Filters", "Time")]
        assert len(names) == 4
        annotator.until(
            lambda panel=panel, names=names: all(muted_text(panel.palette()).name() in n.styleSheet() for n in names)
        )
        shown = names[0].grab().toImage()
        colours = {shown.pixelColor(x, y).lightness() for x in range(shown.width()) for y in range(shown.height())}
        assert max(colours) - min(colours) > 90  # the text stands out from its ground


def test_holding_h_shows_the_bare_picture(annotator: Annotator) -> None:
    canvas = annotator.page.canvas
    with_marks = canvas.grab().toImage()
    annotator.qtbot.keyPress(canvas, Qt.Key.Key_H)
    bare = canvas.grab().toImage()
    assert bare != with_marks
    annotator.qtbot.keyRelease(canvas, Qt.Key.Key_H)
    assert canvas.grab().toImage() != bare


def test_views_layers_and_opacity_are_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    with annotator_at(qtbot, folder, build_project(tmp_path)) as annotator:
        annotator.press("Ctrl+3", "Alt+2")
        annotator.window.toolbar.opacity.setValue(35)
        place = annotator.project.folder
    with annotator_at(qtbot, folder, Project.open(place)) as annotator:
        assert annotator.page.column.side_view.viewpoint() == Viewpoint.of("back")
        assert not annotator.page.canvas.layers().keypoints
        assert annotator.window.toolbar.opacity.value() == 35
        assert annotator.window.actions_table["view.back"].isChecked()


def test_a_missing_picture_is_said_in_its_place(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=2)
    (tmp_path / "pictures" / "001.jpg").unlink()
    with annotator_at(qtbot, tmp_path, project) as annotator:
        first, second = everybody(annotator)
        assert annotator.person_id == first
        assert "001.jpg does not exist" in annotator.picture_message()
        annotator.press("Return")
        assert "image is missing" in annotator.window.messages.text
        annotator.until_settled()
        assert annotator.decision(first) is None
        annotator.press("D")
        annotator.until_shows(second)
        assert annotator.picture_message() == ""


def test_a_person_with_too_few_keypoints_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=[person_keypoints(labelled=3), person_keypoints(1)])
    with annotator_at(qtbot, tmp_path, project) as annotator:
        assert annotator.page.header.note == "needs 6 labelled keypoints (has 3)"
        annotator.press("R")
        annotator.until(lambda: "at least 6 labelled keypoints" in annotator.window.messages.text)
        annotator.press("Return")
        assert "cannot be fitted" in annotator.window.messages.text
        assert not annotator.page.fitting


def test_placing_a_joint_with_a_key_and_a_click(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=[person_keypoints(labelled=16)])
    with annotator_at(qtbot, tmp_path, project) as annotator:
        annotator.press("W")  # backwards from nothing: the last joint, the right ankle
        canvas = annotator.page.canvas
        middle = canvas.viewport().rect().center()
        expected = canvas.viewport_map().to_image(middle.x(), middle.y())
        annotator.qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        annotator.until_settled()
        annotator.until(lambda: canvas.keypoints()[16, 2] == 2)
        assert annotator.place_of("right_ankle") == pytest.approx(expected, abs=0.01)


def test_an_empty_project_says_what_to_do(qtbot: QtBot, tmp_path: Path) -> None:
    window_project = Project.create(tmp_path / "empty")
    with annotator_at(qtbot, tmp_path, None) as annotator:
        annotator.window.show_project(window_project)
        annotator.until(lambda: "nobody to review" in annotator.picture_message())
        annotator.press("D", "Return", "R", "X", "Tab", "Right", "M")
        annotator.until_settled()
        assert QApplication.activeModalWidget() is None


def test_a_running_fit_is_cancelled_and_the_earlier_one_stays(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=2)
    first, second = people_of(project)
    add_fit(project, first)
    with annotator_at(qtbot, tmp_path, project, ProcessRunner) as annotator:
        annotator.press("R")
        assert "A fit is running" in annotator.window.toolbar.accept.toolTip()
        assert "a fit is running" in annotator.page.header.note
        assert annotator.page.column.numbers.chips.text("export") == ""
        annotator.press("Esc")
        annotator.until(lambda: not annotator.page.fitting)
        annotator.until_settled()
        assert annotator.state == "fitted"
        assert "running" not in annotator.page.header.note
        assert annotator.page.column.numbers.chips.text("export") != ""
        annotator.press("R", "D")  # leaving while it runs: it is stored for its person all the same
        annotator.until_shows(second)
        annotator.until(lambda: len(annotator.fits_of(first)) == 2)
        annotator.press("R")
        annotator.until(lambda: annotator.page.fitting)
        # closed while a fit runs: no thread, no process, no half fit is left (tests/conftest.py looks)


def test_flagged_people_are_listed_and_the_reason_is_said(annotator: Annotator) -> None:
    first, second, *_ = everybody(annotator)
    page = annotator.page
    fit = add_fit(annotator.project, second, flags={"trunk_tilted": -31.0})
    page.context.report_change(review.second_look(annotator.project, first, "", 1.0))
    assert page.column.numbers.flags.text == ""
    box = page.people_column.state_box
    box.setCurrentIndex(box.findText("Flagged"))
    box.activated.emit(box.currentIndex())
    annotator.until(lambda: list(page.people.ids) == [second])
    annotator.press("Ctrl+J", "Return")
    annotator.until_shows(second)
    annotator.until(lambda: page.view is not None and page.view.fit is not None and page.view.fit.id == fit.id)
    assert page.column.numbers.flags.text == "⚑ Trunk leans 31° towards the camera against an upright picture"
    for name in ("dark", "light"):
        annotator.window.actions_table[f"theme.{name}"].trigger()
        assert page.column.numbers.flags.isVisible()
    page.context.report_change(use_sound(annotator.project, second))
    annotator.until(lambda: page.column.numbers.flags.text == "")


def use_sound(project: Project, person_id: PersonId) -> ChangeSet:
    """Make the person's first fit, which has no flags, current again."""
    with project.store.read() as reader:
        first = reader.fits.history(person_id)[0]
    return use_fit(project, person_id, first.id)


def test_every_press_of_next_undecided_counts(annotator: Annotator) -> None:
    people = people_of(annotator.project)
    annotator.press("Shift+D", "Shift+D", "Shift+D")  # faster than any search
    annotator.until_shows(people[3])


def test_while_a_joint_is_on_its_way_nothing_is_accepted(annotator: Annotator) -> None:
    canvas, first = annotator.page.canvas, annotator.person_id
    annotator.until(lambda: annotator.page.find_obstacle() is None)
    u, v = canvas.viewport_map().to_screen(*annotator.place_of("left_wrist"))
    start = QPoint(round(u), round(v))
    button = Qt.MouseButton.LeftButton
    QTest.mousePress(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(30, 10))
    annotator.until(lambda: not annotator.window.toolbar.accept.isEnabled())
    annotator.press("Return")
    annotator.until_settled()
    assert annotator.stored_state(first) == "fitted"
    assert "on its way" in annotator.window.messages.text
    annotator.press("Esc")
    QTest.mouseRelease(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, start + QPoint(30, 10))
    annotator.until(annotator.window.toolbar.accept.isEnabled)


def test_without_a_picture_nothing_can_be_dragged(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, 1)
    (tmp_path / "pictures" / "001.jpg").unlink()
    with annotator_at(qtbot, tmp_path, project) as annotator:
        annotator.until(lambda: annotator.picture_message() != "")
        before = annotator.place_of("left_wrist")
        annotator.drag_joint("left_wrist", (40, 20))
        annotator.until_settled()
        assert annotator.place_of("left_wrist") == before
