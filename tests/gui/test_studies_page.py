"""The Studies page in the real window: from the empty page to a design, raters, votes, results and the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from app.services.project import Project
from app.services.study.designing import new_study
from app.services.study.records import get_study, package_of
from app.study.design import CatchRule, PeopleRule, StimulusRule, StudyDesign
from app.study.files import encode_plan, hash_plan
from app.study.planning import build_plan
from app.study.simulation import make_people
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.study.collect_dialog import CollectDialog
from app.ui.study.confirm_dialog import ConfirmDialog
from app.ui.study.hand_out_dialog import HandOutDialog
from app.ui.study.open_dialog import OpenStudyDialog
from app.ui.study.report_dialog import ReportDialog
from app.ui.study.studies_desk import StudiesDesk
from app.ui.study.studies_page import StudiesPage
from db.rater_package.package import RaterPackage
from fitting.runners import ProcessRunner
from tests.gui.test_comfort import find_clipped, is_inside_a_control
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.opened_studies import NAME, add_study, build_votes
from tests.helpers.study_projects import build_duel
from tests.helpers.ui_stories import Annotator, annotator_at

METHODS = ("eft", "smplify")
UID = "a1b2c3d4e5f6"


def build_compared(folder: Path, people: int = 9) -> Project:
    """A project in which everybody but the last two has a fit by two methods."""
    project = build_project(folder, people)
    for number, person in enumerate(people_of(project)):
        add_fit(project, person)
        if number < people - 2:
            add_fit(project, person, method="smplify")
    return project


def build_design(**changes: object) -> StudyDesign:
    """A sound small design."""
    rest: dict[str, object] = {
        "name": "small",
        "methods": METHODS,
        "primary": METHODS,
        "people": PeopleRule(count=4, seed=5, exclude_suspected_swaps=False),
        "stimuli": StimulusRule(size_px=128, views=("overlay",)),
        "raters": 3,
        "raters_per_item": 1,
        "practice": 0,
        "catches": CatchRule(count=0, pass_at_least=0),
        "repeat_share": 0.0,
        "same_person_gap": 1,
    }
    return StudyDesign(**(rest | changes))  # type: ignore[arg-type]


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project with fits to compare and no study."""
    with annotator_at(qtbot, tmp_path / "home", build_compared(tmp_path)) as annotator:
        yield annotator


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project with a study that is open, of four seats with six trials each."""
    project = build_compared(tmp_path, 3)
    add_study(project, 4, 6, UID)
    with annotator_at(qtbot, tmp_path / "home", project) as annotator:
        yield annotator


def desk_of(annotator: Annotator) -> StudiesDesk:
    desk = annotator.page.findChild(StudiesDesk)
    assert isinstance(desk, StudiesDesk)
    return desk


def open_studies(annotator: Annotator) -> StudiesPage:
    annotator.press("Ctrl+T")
    page = desk_of(annotator).page
    assert page is not None
    annotator.until(lambda: page.is_empty or page.studies.current is not None)
    return page


def is_reviewing(annotator: Annotator) -> bool:
    stack = annotator.page.parentWidget()
    assert isinstance(stack, QStackedWidget)
    return stack.currentWidget() is annotator.page


def click(widget: QWidget) -> None:
    assert widget.isEnabled(), widget.accessibleName()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def newest(kind: type[QWidget]) -> QWidget:
    found = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()]
    assert len(found) == 1
    return found[0]


def confirm() -> None:
    dialog = newest(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    click(dialog.take)


def dialog_at(annotator: Annotator, kind: type[WorkDialog]) -> WorkDialog:
    annotator.until(lambda: isinstance(desk_of(annotator).dialog, kind))
    dialog = desk_of(annotator).dialog
    assert dialog is not None
    return dialog


def until_found(annotator: Annotator, page: StudiesPage) -> None:
    """Everything asked about the design on show is answered."""
    parts = desk_of(annotator).parts
    assert parts is not None
    annotator.until(lambda: not parts.design.checks.busy)


def vote_at(project: Project, seats: int, choice: str = "left") -> None:
    """Raters vote in the study's own package, everything there is."""
    with RaterPackage.open(package_of(project, get_study(project, NAME))) as package:
        for number in range(seats):
            place = package.sit_down(f"rater{number}")
            while (trial := package.next_trial(place)) is not None:
                vote = build_votes(0, "", [0])[0]
                package.vote(
                    place, trial, choice, response_s=2.5, focus_losses=0, enlarged_s=0.0, shown_at=vote.shown_at
                )  # type: ignore[arg-type]
            package.stand_up(place)


def test_the_page_opens_and_goes_back(annotator: Annotator) -> None:
    person = annotator.person_id
    page = open_studies(annotator)
    assert page.is_empty
    assert not is_reviewing(annotator)
    annotator.press("Return", "X", "R", "D")
    annotator.until_settled()
    assert annotator.person_id == person
    for key in ("Esc", "Ctrl+T"):
        annotator.press(key)
        assert is_reviewing(annotator)
        assert annotator.page.canvas.hasFocus()
        assert annotator.window.actions_table["person.next"].isEnabled()
        annotator.press("Ctrl+T")
        assert not is_reviewing(annotator)
    annotator.press("Ctrl+P", "Ctrl+T", "Esc")
    assert is_reviewing(annotator)
    assert annotator.window.actions_table["person.next"].isEnabled()


def test_a_study_is_designed_saved_and_copied(annotator: Annotator) -> None:
    page = open_studies(annotator)
    click(page.first)
    until_found(annotator, page)
    form = page.form
    assert form.compared.methods.chosen() == METHODS
    assert "7 people can take part, 2 are left out: 2 without a fit by smplify" in form.note("people.where").note.text()
    assert form.power.sums is not None
    assert form.note("catches").note.text() == "A random clicker passes with a chance of 1.1 %."
    form.compared.name.setFocus()
    form.compared.name.selectAll()
    annotator.type("Outdoors")
    form.compared.question.setFocus()
    form.compared.question.selectAll()
    annotator.type("Is EFT better?")
    until_found(annotator, page)
    assert "names the method 'eft'" in form.note("question").fault.text()
    assert not form.save.isEnabled()
    form.compared.question.selectAll()
    annotator.type("Which is better?")
    form.whom.count.setValue(6)
    form.raters.raters.setValue(5)
    until_found(annotator, page)
    assert form.note("raters").warning.text().startswith("With 5 raters")
    click(form.save)
    annotator.until(lambda: page.studies.current is not None)
    stored = get_study(annotator.project, "Outdoors")
    assert stored.design["people"]["count"] == 6
    assert stored.design["question"] == "Which is better?"
    annotator.until(form.go_on.isEnabled)
    form.raters.raters.setValue(8)
    assert form.discard.isEnabled()
    click(form.discard)
    assert form.raters.raters.value() == 5
    form.raters.raters.setValue(9)
    until_found(annotator, page)
    click(form.save)
    annotator.until(lambda: get_study(annotator.project, "Outdoors").design["raters"] == 9)


def test_what_is_edited_stays_until_it_is_saved(annotator: Annotator) -> None:
    new_study(annotator.project, build_design(name="one"))
    new_study(annotator.project, build_design(name="two"))
    page = open_studies(annotator)
    annotator.until(lambda: page.form.compared.name.text() == "two")
    page.form.raters.raters.setValue(4)
    click(page.studies.new)
    page.studies.list.setCurrentRow(1)
    annotator.until(lambda: page.form.compared.name.text() == "one")
    assert page.form.raters.raters.value() == 3
    annotator.press("Esc", "Ctrl+T")
    page.studies.list.setCurrentRow(0)
    annotator.until(lambda: page.form.compared.name.text() == "two")
    assert page.form.raters.raters.value() == 4
    assert "rater" not in get_study(annotator.project, "two").name
    folder = annotator.project.folder
    annotator.window.close_project()
    with Project.open(folder) as project:
        assert get_study(project, "two").design["raters"] == 4
        assert get_study(project, "one").design["raters"] == 3


def test_closing_never_changes_a_study_that_is_open(annotator: Annotator) -> None:
    project, design = annotator.project, build_design()
    plan = build_plan(design, *make_people(design))
    study = new_study(project, design)
    with project.store.change("Open", undoable=False) as change:
        change.studies.set_plan(study, encode_plan(plan), hash_plan(plan))
    page = open_studies(annotator)
    annotator.until(lambda: page.form.compared.name.text() == "small")
    page.form.raters.practice.setValue(7)
    annotator.until(page.form.save.isEnabled)
    folder = project.folder
    annotator.window.close_project()
    with Project.open(folder) as again:
        assert get_study(again, "small").plan_hash == hash_plan(plan)


def test_the_keyboard_goes_through_the_form_from_above_to_below(annotator: Annotator) -> None:
    page = open_studies(annotator)
    click(page.first)
    until_found(annotator, page)
    form = page.form
    sections = (form.compared, form.whom, form.raters, form.shown, form.reported)
    met: list[QWidget] = []
    form.compared.name.setFocus()
    for _ in range(60):
        widget = QApplication.focusWidget()
        assert widget is not None
        if any(section.isAncestorOf(widget) for section in sections):
            met.append(widget)
        if widget is form.reported.by_difficulty:
            break
        annotator.press("Tab")
    assert met[-1] is form.reported.by_difficulty
    for section in sections:
        inside = [widget for widget in met if section.isAncestorOf(widget)]
        tops = [widget.mapTo(section, QPoint()).y() for widget in inside]
        assert all(later > earlier - 40 for earlier, later in pairwise(tops))
    assert [section for section in sections if any(section.isAncestorOf(widget) for widget in met)] == list(sections)


def test_presets_and_a_filter_that_is_not_understood(annotator: Annotator) -> None:
    page = open_studies(annotator)
    click(page.first)
    form = page.form
    place = form.preset.findData("paper")
    form.preset.setCurrentIndex(place)
    form.preset.activated.emit(place)
    assert form.whom.count.value() == 500
    assert form.preset.currentIndex() == 0
    form.whom.where.setText("rms<<3")
    until_found(annotator, page)
    assert "rms<<3" in form.note("people.where").fault.text()
    assert not form.save.isEnabled()
    form.whom.where.setText("")
    until_found(annotator, page)
    assert form.note("people.where").fault.text() == ""
    assert form.note("people.count").note.text().startswith("Fewer can take part")


@pytest.fixture
def drawable(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project whose fits lie on their keypoints, with a study that can be opened."""
    project, _ = build_duel(tmp_path, 5)
    new_study(project, build_design())
    with annotator_at(qtbot, tmp_path / "home", project) as annotator:
        # A renderer belongs to the thread that made it; the window's own draws on this one here.
        annotator.page.context.make_runner = ProcessRunner
        yield annotator


def test_opening_draws_pictures_and_can_be_cancelled(drawable: Annotator) -> None:
    annotator, project = drawable, drawable.project
    page = open_studies(annotator)
    annotator.until(page.form.go_on.isEnabled)
    click(page.form.go_on)
    dialog = dialog_at(annotator, OpenStudyDialog)
    assert isinstance(dialog, OpenStudyDialog)
    assert "4 people are drawn" in dialog.preview.text()
    click(dialog.start_button)
    dialog.work.cancel()
    annotator.until(lambda: not dialog.work.busy and dialog.start_button.isEnabled())
    assert "cancelled" in dialog.problem.text()
    assert get_study(project, "small").plan is None
    click(dialog.start_button)
    annotator.until(lambda: dialog.shows_outcome or bool(dialog.problem.text()))
    assert dialog.problem.text() == ""
    assert "is open: 4 people" in dialog.outcome.headline.text()
    click(dialog.close_button)
    annotator.until(lambda: page.raters.state is not None)
    assert page.tabs.currentWidget() is page.raters
    assert page.raters.state is not None
    assert page.raters.state.package == package_of(project, get_study(project, "small"))
    assert [row.cells[0].split()[-1] for row in page.raters.table.rows] == ["free"] * 3
    page.show_part(page.form)
    until_found(annotator, page)
    page.form.raters.raters.setValue(4)
    until_found(annotator, page)
    click(page.form.save)
    confirm()
    annotator.until(lambda: get_study(project, "small").plan is None)
    annotator.until(lambda: not page.tabs.isTabEnabled(1))


def test_raters_are_watched_and_their_votes_collected(opened: Annotator, tmp_path: Path) -> None:
    page = open_studies(opened)
    opened.until(lambda: page.raters.state is not None)
    page.show_part(page.raters)
    assert page.results.message.startswith("No vote has been collected")
    click(page.raters.hand_out)
    dialog = dialog_at(opened, HandOutDialog)
    assert isinstance(dialog, HandOutDialog)
    assert Path(dialog.folder.text()).name == "study-seats-1"  # raters see it, so it says nothing of the study
    dialog.folder.setText(str(tmp_path / "away"))
    click(dialog.start_button)
    opened.until(lambda: dialog.shows_outcome)
    click(dialog.close_button)
    opened.until(lambda: page.raters.table.rows[0].cells[3] == "away: away")
    with RaterPackage.open(tmp_path / "away") as package:
        place = package.sit_down("far")
        trial = package.next_trial(place)
        assert trial is not None
        shown = build_votes(0, "", [0])[0].shown_at
        package.vote(place, trial, "left", response_s=2.5, focus_losses=0, enlarged_s=0.0, shown_at=shown)
        package.stand_up(place)
    vote_at(opened.project, 2)
    opened.until(lambda: page.raters.finished.value == "2")
    opened.until(lambda: page.raters.votes.value == "12")  # those given here come in by themselves
    drop_on(page.raters, tmp_path / "away")
    collect = dialog_at(opened, CollectDialog)
    assert isinstance(collect, CollectDialog)
    assert collect.sources == (tmp_path / "away",)
    click(collect.start_button)
    opened.until(lambda: collect.shows_outcome)
    assert collect.outcome.headline.text().startswith("1 new vote was taken in")
    click(collect.close_button)
    opened.until(lambda: page.raters.votes.value == "13")
    assert page.form.is_frozen
    assert "Frozen since" in page.form.notice.text()
    seat = next(row for row, cells in enumerate(page.raters.table.rows) if cells.cells[0].endswith("rater0"))
    page.raters.table.setCurrentCell(seat, 0)
    click(page.raters.free)
    confirm()
    opened.until(lambda: page.raters.table.rows[seat].cells[0].endswith("free"))


def drop_on(target: QWidget, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(5, 5), actions, mime, buttons, Qt.KeyboardModifier.NoModifier)
    target.dropEvent(event)


def test_results_wait_for_a_decision_and_the_report_is_written(opened: Annotator, tmp_path: Path) -> None:
    page = open_studies(opened)
    vote_at(opened.project, 3)
    opened.until(lambda: page.raters.state is not None)
    click_tab(page, page.raters)
    click(page.raters.collect)
    collect = dialog_at(opened, CollectDialog)
    click(collect.start_button)
    opened.until(lambda: collect.shows_outcome)
    click(collect.close_button)
    opened.until(lambda: page.results.message.startswith("18 of 24 votes"))
    click_tab(page, page.results)
    assert page.results.results is None
    click(page.results.look)
    opened.until(lambda: page.results.results is not None)
    assert page.results.standing.text().startswith("Interim report: 15 of 20 votes")
    click_tab(page, page.raters)
    click(page.raters.close_study)
    confirm()
    opened.until(lambda: desk_of(opened).page is page and page.studies.studies[0].state == "closed")
    click_tab(page, page.results)
    opened.until(lambda: page.results.results is not None and not page.results.standing.text())
    assert not page.raters.rate.isEnabled()
    click(page.results.save)
    dialog = dialog_at(opened, ReportDialog)
    assert isinstance(dialog, ReportDialog)
    dialog.folder.setText(str(tmp_path / "report"))
    click(dialog.start_button)
    opened.until(lambda: dialog.shows_outcome)
    assert (tmp_path / "report" / "report.html").is_file()
    assert dialog.show_page.isVisible()


def click_tab(page: StudiesPage, widget: QWidget) -> None:
    bar = page.tabs.tabBar()
    place = page.tabs.indexOf(widget)
    assert page.tabs.isTabEnabled(place)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    assert page.tabs.currentWidget() is widget


def test_rating_here_opens_the_rater_s_window(opened: Annotator) -> None:
    page = open_studies(opened)
    opened.until(lambda: page.raters.state is not None)
    page.show_part(page.raters)
    parts = desk_of(opened).parts
    assert parts is not None
    click(page.raters.rate)
    opened.until(lambda: parts.run.session is not None)
    session = parts.run.session
    assert session is not None
    assert session.isVisible()
    session.close()
    opened.until(lambda: parts.run.session is None)


def test_a_package_that_is_gone_is_told_in_the_page(opened: Annotator) -> None:
    project = opened.project
    package_of(project, get_study(project, NAME)).rename(project.folder / "elsewhere")
    page = open_studies(opened)
    page.show_part(page.raters)
    opened.until(lambda: bool(page.raters.problem))
    assert "package" in page.raters.problem


def scenes(annotator: Annotator) -> Iterator[tuple[str, QWidget]]:
    """Every part of the page in turn, on screen."""
    page = open_studies(annotator)
    window = annotator.window
    annotator.until(lambda: page.raters.state is not None)
    for name, widget in (("design", page.form), ("raters", page.raters), ("results", page.results)):
        page.show_part(widget)
        annotator.until_settled()
        until_found(annotator, page)
        yield name, window
    for kind, button in ((HandOutDialog, page.raters.hand_out), (CollectDialog, page.raters.collect)):
        page.show_part(page.raters)
        click(button)
        dialog = dialog_at(annotator, kind)
        yield kind.__name__, dialog
        click(dialog.close_button)
    click(page.studies.new)
    until_found(annotator, page)
    yield "new", window
    page.show_empty()
    yield "empty", window


@pytest.mark.parametrize(("size", "theme"), [((800, 500), "dark"), ((1280, 720), "light")], ids=["200 %", "1280x720"])
def test_every_control_has_a_name_and_no_text_is_cut_off(opened: Annotator, size: tuple[int, int], theme: str) -> None:
    opened.window.actions_table[f"theme.{theme}"].trigger()
    opened.window.resize(*size)
    QApplication.processEvents()
    faults = []
    for name, scene in scenes(opened):
        for _ in range(3):  # what was told last is laid out in a later round
            QApplication.processEvents()
        assert scene.width() <= size[0]
        assert scene.height() <= size[1]
        faults += [f"{name}: {text}" for text in find_clipped(scene)]
        for widget in scene.findChildren(QWidget):
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(scene):
                continue
            text = getattr(widget, "text", str)()
            if not (widget.accessibleName() or text or is_inside_a_control(widget)):
                faults.append(f"{name}: {type(widget).__name__} {widget.objectName()} has no name")
    assert faults == []
