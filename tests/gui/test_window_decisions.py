"""Stories of deciding: reopening, history, comments, two reviewers who do not know of each other, adjudication."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services import review
from app.ui.annotator_dialog import AnnotatorDialog
from app.ui.review.adjudication import Adjudication
from app.ui.review.annotator_desk import AnnotatorDesk
from app.ui.review.comment_desk import CommentDesk
from app.ui.review.history_panel import HistoryPanel
from app.ui.reviewers_dialog import ReviewersDialog
from db.records import PersonId
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.canvas_hands import ALT, move, press, release, screen_point
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """Anna, at a project of three people with a fit each."""
    project = build_project(tmp_path, people=3)
    project.work_as("Anna")
    for person_id in people_of(project):
        add_fit(project, person_id)
    project.store.forget_steps()
    with annotator_at(qtbot, tmp_path, project, live_refit=False) as annotator:
        yield annotator


def comments_of(annotator: Annotator) -> CommentDesk:
    desk = annotator.page.findChild(CommentDesk)
    assert isinstance(desk, CommentDesk)
    return desk


def history_of(annotator: Annotator) -> str:
    panel = annotator.page.findChild(HistoryPanel)
    assert isinstance(panel, HistoryPanel)
    return panel.list.toPlainText().replace("\xa0", " ")


def dispute_of(annotator: Annotator) -> Adjudication:
    part = annotator.page.findChild(Adjudication)
    assert isinstance(part, Adjudication)
    return part


def go_to(annotator: Annotator, person_id: PersonId) -> None:
    annotator.until_settled()  # a decision on its way would go on to the next person
    annotator.page.context.set_person(person_id)
    annotator.until_shows(person_id)
    annotator.until_settled()


def work_as(annotator: Annotator, name: str) -> None:
    """Take over the desk, by the menu."""
    annotator.window.actions_table["project.work_as"].trigger()
    annotator.until(lambda: isinstance(QApplication.activeModalWidget(), AnnotatorDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, AnnotatorDialog)
    dialog.box.setCurrentText(name)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    annotator.take_place()
    annotator.until(lambda: annotator.project.annotator_name == " ".join(name.split()))
    annotator.until_settled()


def review_by(annotator: Annotator, reviewers: int) -> None:
    annotator.window.actions_table["project.reviewers"].trigger()
    annotator.until(lambda: isinstance(QApplication.activeModalWidget(), ReviewersDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ReviewersDialog)
    (dialog.two if reviewers == 2 else dialog.one).setChecked(True)
    dialog.take.click()
    annotator.take_place()
    annotator.until_settled()
    assert review.reviews_per_person(annotator.project) == reviewers


def reject(annotator: Annotator, digit: Qt.Key, comment: str = "") -> None:
    annotator.press("X")
    dialog = annotator.reject_dialog()
    dialog.comment.setText(comment)
    annotator.answer(dialog, digit)


# ---- one reviewer


def test_a_decision_is_changed_twice_and_every_row_is_kept(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    go_to(annotator, first)
    reject(annotator, Qt.Key.Key_2)
    annotator.until(lambda: annotator.stored_state(first) == "rejected")
    go_to(annotator, first)
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    with annotator.project.store.read() as reader:
        history = reader.decisions.history(first)
    assert [row.verdict for row in history] == ["accept", "reject", "accept"]
    assert all(row.annotator_id == annotator.project.annotator_id and row.fit_id is not None for row in history)


def test_reopen_is_one_key_and_a_row_of_its_own_and_undo_takes_it_back(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    go_to(annotator, first)
    annotator.press("Shift+X")
    annotator.until(lambda: annotator.state == "fitted")
    assert annotator.person_id == first
    with annotator.project.store.read() as reader:
        assert [row.verdict for row in reader.decisions.history(first)] == ["accept", "reopen"]
    annotator.press("Ctrl+Z")
    annotator.until(lambda: annotator.state == "accepted")
    annotator.press("Ctrl+Y")
    annotator.until(lambda: annotator.state == "fitted")
    annotator.press("Shift+X")
    annotator.until(lambda: "nothing to reopen" in annotator.window.messages.text)


def test_the_history_tells_edits_fits_and_decisions_in_one_line_of_time(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.until(lambda: "Import" in history_of(annotator))
    annotator.drag_joint("left_wrist", by=(20, 10))
    annotator.until(lambda: "Move left wrist" in history_of(annotator))
    annotator.press("R")
    annotator.until(lambda: annotator.state == "fitted")
    reject(annotator, Qt.Key.Key_2, "the arm <goes> back")
    annotator.until(lambda: annotator.stored_state(first) == "rejected")
    go_to(annotator, first)
    annotator.until(lambda: "Rejected" in history_of(annotator))
    told = history_of(annotator)
    line = next(line for line in told.splitlines() if "Wrong in depth" in line)
    assert "“the arm <goes> back”" in line
    assert "fit 2 (EFT)" in line
    assert "no longer counts" not in line
    assert "Anna" in told
    places = [told.index(word) for word in ("Rejected", "Fit 2 (EFT)", "Move left wrist", "Fit 1 (EFT)", "Import")]
    assert places == sorted(places)
    annotator.press("Shift+X")
    annotator.until(lambda: "Reopened" in history_of(annotator))
    assert "no longer counts" in history_of(annotator)


# ---- comments


def test_a_comment_is_pinned_at_a_joint_answered_resolved_and_reopened(annotator: Annotator) -> None:
    first = annotator.person_id
    desk = comments_of(annotator)
    assert "No comments" in desk.list.notice()
    annotator.page.select_joint(annotator.joint("left_wrist"))
    annotator.press("K")
    annotator.until(desk.list.entry.hasFocus)
    assert "left wrist" in desk.list.entry.placeholderText()
    annotator.type("is this the sleeve?")
    annotator.press("Return")
    annotator.until(lambda: desk.pins.numbers() == (1,))
    assert annotator.page.canvas.hasFocus()
    assert annotator.stored_state(first) == "fitted"  # Enter in the line decided nothing
    with annotator.project.store.read() as reader:
        (row,) = reader.comments.history(first)
        assert (row.joint, row.text, row.annotator_id) == (
            "left_wrist",
            "is this the sleeve?",
            annotator.project.annotator_id,
        )
        assert reader.queue.get_head(first).open_comments == 1
        assert [found.open_comments for found in reader.queue.summaries(reader.queue.ids())] == [1, 0, 0]
    x, y = annotator.place_of("left_wrist")
    joint_at = annotator.page.canvas.viewport_map().to_screen(x, y)
    middle = desk.pins.center_of(1)
    assert middle is not None
    assert abs(middle.x() - joint_at[0]) < 30
    assert abs(middle.y() - joint_at[1]) < 30

    annotator.page.select_joint(None)
    annotator.page.column.tabs.setCurrentIndex(0)
    QTest.mouseClick(
        annotator.page.canvas.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(round(middle.x()), round(middle.y())),
    )
    assert annotator.page.column.tabs.currentWidget() is desk.list
    assert desk.list.marked() == row.id

    card = desk.list._cards[row.id]
    card.answer.click()
    annotator.type("yes")
    annotator.press("Return")
    annotator.until(lambda: "Anna: yes" in desk.list.texts()[0])
    desk.list._cards[row.id].settle.click()
    annotator.until(lambda: "(resolved)" in desk.list.texts()[0])
    with annotator.project.store.read() as reader:
        assert reader.queue.get_head(first).open_comments == 0
    assert annotator.page.column.tabs.tabText(annotator.page.column.tabs.indexOf(desk.list)) == "Comments"
    desk.list._cards[row.id].settle.click()
    annotator.until(lambda: "(resolved)" not in desk.list.texts()[0])
    annotator.press("Ctrl+Z", "Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    annotator.until(lambda: desk.pins.numbers() == ())
    annotator.until_settled()
    assert "No comments" in desk.list.notice()
    assert annotator.project.store.verify_heads() == ()


def test_the_marks_follow_the_joint_and_go_while_h_is_held(annotator: Annotator) -> None:
    desk = comments_of(annotator)
    annotator.page.select_joint(annotator.joint("nose"))
    annotator.press("K")
    annotator.type("look")
    annotator.press("Return")
    annotator.until(lambda: desk.pins.numbers() == (1,))
    before = desk.pins.center_of(1)
    assert before is not None
    annotator.drag_joint("nose", by=(30, 0))
    annotator.until(lambda: annotator.state == "stale")
    annotator.until_settled()
    after = desk.pins.center_of(1)
    assert after is not None
    assert after.x() - before.x() == pytest.approx(30, abs=2)
    QTest.keyPress(annotator.page.canvas, Qt.Key.Key_H)
    assert desk.pins.numbers() == ()
    QTest.keyRelease(annotator.page.canvas, Qt.Key.Key_H)
    assert desk.pins.numbers() == (1,)


def test_the_marks_go_with_the_whole_body_and_come_back_when_the_drag_is_given_up(annotator: Annotator) -> None:
    desk, canvas = comments_of(annotator), annotator.page.canvas
    annotator.page.select_joint(annotator.joint("nose"))
    annotator.press("K")
    annotator.type("look")
    annotator.press("Return")
    annotator.until(lambda: desk.pins.numbers() == (1,))
    before = desk.pins.center_of(1)
    assert before is not None

    def moved_px() -> float:
        now = desk.pins.center_of(1)
        assert now is not None
        return now.x() - before.x()

    start = screen_point(canvas, *annotator.place_of("left_hip"))
    press(canvas, start, ALT)
    move(canvas, start + QPoint(20, 0))
    move(canvas, start + QPoint(40, 0))
    annotator.until(lambda: moved_px() == pytest.approx(40, abs=2))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    annotator.until(lambda: moved_px() == pytest.approx(0, abs=0.5))
    release(canvas, start + QPoint(40, 0))
    assert annotator.state == "fitted"


# ---- who is at the desk


def test_every_change_carries_who_is_at_the_desk_and_undo_stops_there(annotator: Annotator) -> None:
    first = annotator.person_id
    annotator.drag_joint("left_wrist", by=(20, 10))
    annotator.until(lambda: annotator.state == "stale")
    work_as(annotator, "  Bob   Miller ")
    assert annotator.project.annotator_name == "Bob Miller"
    assert annotator.window.status.saved_text == ""
    desk = annotator.page.findChild(AnnotatorDesk)
    assert isinstance(desk, AnnotatorDesk)
    assert desk.button.text() == "Working as Bob Miller"
    annotator.press("Ctrl+Z")
    annotator.until(lambda: "nothing to undo" in annotator.window.messages.text)
    annotator.drag_joint("nose", by=(5, 5))
    annotator.until(lambda: annotator.window.status.saved_text.endswith("Move nose"))
    with annotator.project.store.read() as reader:
        names = {record.id: record.name for record in reader.annotators.list_all()}
        revisions = reader.keypoints.history(first)
    assert [names.get(revision.annotator_id) for revision in revisions[1:]] == ["Anna", "Bob Miller"]  # type: ignore[arg-type]
    remembered = annotator.window.context
    assert remembered is not None
    assert remembered.settings.values.annotators == {str(annotator.project.folder): "Bob Miller"}


# ---- two reviewers


def test_two_reviewers_agree_without_knowing_of_each_other(annotator: Annotator) -> None:
    first, second, third = people_of(annotator.project)
    review_by(annotator, 2)
    annotator.accept()
    annotator.until_shows(second)
    assert annotator.stored_state(first) == "in_review"
    for person in (second, third):
        go_to(annotator, person)
        reject(annotator, Qt.Key.Key_2, "leans back")
        annotator.until(lambda person=person: annotator.stored_state(person) == "in_review")
    annotator.press("Shift+D")  # her own are not offered to her again
    annotator.until(lambda: "Nobody else waits for a decision" in annotator.window.messages.text)

    work_as(annotator, "Bob")
    go_to(annotator, second)
    annotator.until(lambda: "Another reviewer has decided" in history_of(annotator))
    assert annotator.page.view is not None
    assert annotator.page.view.decision is None
    shown = " ".join((history_of(annotator), annotator.page.header.note, annotator.page.people_column._count.text()))
    for secret in ("Rejected", "leans back", "depth", "Anna"):
        assert secret not in shown
    annotator.press("Shift+A")
    annotator.until_shows(first)
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    annotator.until_shows(second)
    reject(annotator, Qt.Key.Key_4)
    annotator.until(lambda: annotator.stored_state(second) == "rejected")
    go_to(annotator, second)
    annotator.until(lambda: "leans back" in history_of(annotator))
    assert "Wrong in depth" in annotator.page.header.note
    assert "Does not lie" in annotator.page.header.note
    assert annotator.stored_state(third) == "in_review"
    assert annotator.project.store.verify_heads() == ()


def test_two_reviewers_disagree_and_an_adjudicator_rules(annotator: Annotator) -> None:
    first, second, _third = people_of(annotator.project)
    review_by(annotator, 2)
    annotator.accept()
    annotator.until_shows(second)
    work_as(annotator, "Bob")
    go_to(annotator, first)
    reject(annotator, Qt.Key.Key_5, "look at the feet")
    annotator.until(lambda: annotator.stored_state(first) == "disputed")
    work_as(annotator, "Clara")
    go_to(annotator, second)
    panel = dispute_of(annotator).panel
    assert not panel.isVisible()
    annotator.press("Y")
    annotator.until_shows(first)
    annotator.until(panel.isVisible)
    for told in ("Anna", "accepted", "Bob", "rejected", "Left and right are swapped", "look at the feet"):
        assert told in panel.text
    annotator.until(lambda: "1 disputed" in annotator.window.status.progress_text)
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    decision = annotator.decision(first)
    assert decision is not None
    assert decision.role == "adjudication"
    go_to(annotator, first)
    annotator.until(lambda: "Accepted as adjudicator" in history_of(annotator))
    assert not panel.isVisible()
    annotator.press("Ctrl+Z")
    annotator.until(lambda: annotator.state == "disputed")
    annotator.until(panel.isVisible)
    assert annotator.project.store.verify_heads() == ()


def test_a_fit_after_the_first_decision_asks_both_again(annotator: Annotator) -> None:
    first = annotator.person_id
    review_by(annotator, 2)
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "in_review")
    go_to(annotator, first)
    annotator.press("R")
    annotator.until(lambda: len(annotator.fits_of(first)) == 2 and annotator.state == "fitted")
    annotator.drag_joint("left_wrist", by=(10, 10))
    annotator.until(lambda: annotator.state == "stale")


def test_the_second_reviewer_is_not_offered_what_the_first_has_said(annotator: Annotator) -> None:
    first = annotator.person_id
    review_by(annotator, 2)
    annotator.press("K")
    annotator.type("clearly wrong")
    annotator.press("Return")
    desk = comments_of(annotator)
    annotator.until(lambda: desk.pins.numbers() == (1,))
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "in_review")
    work_as(annotator, "Bob")
    go_to(annotator, first)
    annotator.until(lambda: "shown once you have decided: 1" in desk.list.notice())
    assert desk.pins.numbers() == ()
    assert desk.list.texts() == []
    annotator.accept()
    annotator.until(lambda: annotator.stored_state(first) == "accepted")
    go_to(annotator, first)
    annotator.until(lambda: desk.pins.numbers() == (1,))
