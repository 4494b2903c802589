"""The Progress page in the real window: the same numbers as the terminal, no leak of who is gold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from app.services import review
from app.services.gold import take_gold
from app.services.progress import build_progress
from app.services.project import Project
from app.ui.pages.progress import ProgressPage
from app.ui.people_list import PeopleColumn
from app.ui.widgets.bar_table import BarTable
from db.records import PersonId
from main import main
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at
from tests.helpers.worked_projects import NOW, build_worked_project, set_clock


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which people have worked, closed; for copies."""
    with build_worked_project(tmp_path_factory.mktemp("worked"), people=60, decided=45) as project:
        return project


@pytest.fixture
def worked(qtbot: QtBot, tmp_path: Path, worked_on: Project) -> Iterator[Annotator]:
    """At a project in which people have worked."""
    project = Project.open(shutil.copytree(worked_on.folder, tmp_path / "project"))
    set_clock(project, NOW)
    project.annotator_id = worked_on.annotator_id
    with annotator_at(qtbot, tmp_path / "home", project) as annotator:
        yield annotator


def open_progress(annotator: Annotator) -> ProgressPage:
    annotator.press("Ctrl+P")
    page = annotator.window.findChild(ProgressPage)
    assert isinstance(page, ProgressPage)
    annotator.until(lambda: page.report is not None)
    return page


def is_reviewing(annotator: Annotator) -> bool:
    stack = annotator.page.parentWidget()
    assert isinstance(stack, QStackedWidget)
    return stack.currentWidget() is annotator.page


def test_the_page_opens_and_goes_back(worked: Annotator) -> None:
    person = worked.person_id
    page = open_progress(worked)
    assert not is_reviewing(worked)
    assert not worked.window.toolbar.isVisible()
    worked.press("Return", "X", "R", "D", "M")
    worked.until_settled()
    assert worked.person_id == person
    assert QApplication.activeModalWidget() is None
    for key in ("Esc", "Ctrl+P"):
        worked.press(key)
        assert is_reviewing(worked)
        assert worked.window.toolbar.isVisible()
        assert worked.page.canvas.hasFocus()
        assert worked.window.actions_table["person.next"].isEnabled()
        worked.press("Ctrl+P")
        assert not is_reviewing(worked)
    QTest.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert is_reviewing(worked)
    worked.press("D")
    worked.until(lambda: worked.page.view is not None and worked.person_id != person)


def test_what_was_switched_off_stays_off(worked: Annotator) -> None:
    actions = worked.window.actions_table
    before = {name: actions[name].isEnabled() for name in actions.ids()}
    open_progress(worked)
    worked.press("Esc")
    assert {name: actions[name].isEnabled() for name in actions.ids()} == before


def test_the_page_and_the_terminal_tell_the_same(worked: Annotator, capsys: pytest.CaptureFixture[str]) -> None:
    page = open_progress(worked)
    assert main(["progress", "--project", str(worked.project.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert page.decided.value == str(told["decided"])
    assert page.accepted.value == f"{100 * told['accept_rate']:.0f} %"
    assert page.rate.value == f"{told['rate_per_hour']:.0f}"
    assert [row.cells[0] for row in page.datasets.rows] == list(told["datasets"])
    assert [row.cells[2] for row in page.reasons.rows] == [str(people) for people in told["reasons"].values()]
    assert [(row.cells[0], row.cells[2]) for row in page.annotators.rows] == [
        (row["name"], str(row["decided"])) for row in told["annotators"]
    ]
    assert list(page.l2d.histogram.counts) == told["l2d"]["counts"]
    assert page.l2d.limit_names() == ("strict", "export", "normal")


def test_the_numbers_follow_what_happens(worked: Annotator) -> None:
    page = open_progress(worked)
    before = int(page.decided.value)
    project = worked.project
    with project.store.read() as reader:
        waiting = reader.queue.ids(states=["fitted"])[0]
    # As another program does it: the window hears of it by the change log alone.
    review.reject(project, waiting, ["other"], "", 4.0)
    worked.until(lambda: int(page.decided.value) == before + 1)


def test_a_reason_opens_the_people_behind_it(worked: Annotator) -> None:
    page = open_progress(worked)
    row = page.reasons.rows[0]
    page.reasons.setFocus()
    page.reasons.setCurrentCell(0, 0)
    QTest.keyClick(page.reasons, Qt.Key.Key_Return)
    assert is_reviewing(worked)
    worked.until(lambda: len(worked.page.people.ids) == int(row.cells[2]))
    with worked.project.store.read() as reader:
        states = {reader.queue.get_head(person).state for person in worked.page.people.ids}
    assert states == {"rejected"}
    worked.until(lambda: worked.page.view is not None and worked.person_id == worked.page.people.ids[0])


def test_a_bar_opens_the_people_behind_it(worked: Annotator) -> None:
    page = open_progress(worked)
    counts = page.l2d.histogram.counts
    place = counts.index(max(counts))
    center = page.l2d.bin_center(place)
    assert page.l2d.find_bin(center) == place
    QTest.mouseClick(page.l2d.viewport(), Qt.MouseButton.LeftButton, pos=center.toPoint())
    assert is_reviewing(worked)
    worked.until(lambda: len(worked.page.people.ids) == counts[place])
    low, high = page.l2d.bounds(place)
    with worked.project.store.read() as reader:
        found = [reader.queue.get_head(person).l2d for person in worked.page.people.ids]
    assert all(l2d is not None and low <= l2d < high for l2d in found)


def test_nothing_and_little_say_what_they_mean(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path / "home", None) as annotator:
        annotator.window.show_project(Project.create(tmp_path / "empty"))
        page = open_progress(annotator)
        assert "nobody in this project yet" in page.notice.text()
        assert not page.decided.isVisible()
        annotator.window.show_project(build_project(tmp_path, 1))
        annotator.until(lambda: annotator.page.clock.seconds > 0)
        (person,) = people_of(annotator.project)
        review.accept(annotator.project, person, add_fit(annotator.project, person).id, 4.0)
        page = open_progress(annotator)
        annotator.until(lambda: page.decided.value == "1")
        assert (page.decided.note, page.accepted.value) == ("of 1, 100 %", "100 %")
        assert (page.rate.value, page.work_left.note) == ("–", "everybody is decided")
        assert (page.finish.value, page.finish.note) == ("–", "nobody is left")


def texts_of(root: QObject) -> list[str]:
    """Everything a widget tree says, to eyes, pointers and screen readers, and the names of its objects."""
    told: list[str] = []
    for widget in [root, *root.findChildren(QWidget)]:
        assert isinstance(widget, QWidget)
        told += [widget.objectName(), widget.toolTip(), widget.statusTip(), widget.whatsThis()]
        told += [widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()]
        told += [str(name.data(), "utf-8") for name in widget.dynamicPropertyNames()]
        if isinstance(widget, QLabel):
            told.append(widget.text())
    return told


def rows_of(column: PeopleColumn, annotator: Annotator) -> list[tuple[object, ...]]:
    """All that the list of people holds for each row, whatever role."""
    model = annotator.page.people
    roles = range(64)
    for row in range(model.rowCount()):
        model.data(model.index(row))
    annotator.until_settled()
    return [tuple(repr(model.data(model.index(row), role)) for role in roles) for row in range(model.rowCount())]


def tell_of_people(qtbot: QtBot, folder: Path, gold: bool) -> tuple[list[list[str]], list[tuple[object, ...]]]:
    """What the window says of each of three people, one of whom may be gold, and what their list holds."""
    with build_project(folder, 3) as project:
        people = people_of(project)
        for person in people:
            add_fit(project, person)
        if gold:
            take_gold(project, [people[1]], "accept")
    said: list[list[str]] = []
    with annotator_at(qtbot, folder / "home", Project.open(folder / "project")) as annotator:
        column = annotator.page.people_column
        for person in people:
            annotator.page.context.set_person(PersonId(person))
            annotator.until(lambda person=person: annotator.page.view is not None and annotator.person_id == person)
            annotator.until(lambda: annotator.page.find_obstacle() is None)
            annotator.until_settled()
            said.append(texts_of(annotator.window))
        return said, rows_of(column, annotator)


def test_nothing_in_the_window_tells_who_is_gold(qtbot: QtBot, tmp_path: Path) -> None:
    plain, plain_rows = tell_of_people(qtbot, tmp_path / "a", gold=False)
    golden, golden_rows = tell_of_people(qtbot, tmp_path / "b", gold=True)
    assert not [text for page in golden for text in page if "gold" in text.lower()]
    assert [len(page) for page in golden] == [len(page) for page in plain]
    assert len(golden_rows) == len(plain_rows) == 3
    assert not [row for row in golden_rows if "gold" in str(row).lower()]
    hide = {str(tmp_path / "a"): "", str(tmp_path / "b"): ""}

    def clean(text: object) -> str:
        words = str(text)
        for folder, nothing in hide.items():
            words = words.replace(folder, nothing)
        return words

    assert [[clean(cell) for cell in row] for row in golden_rows] == [
        [clean(cell) for cell in row] for row in plain_rows
    ]


def test_deciding_on_a_gold_person_changes_no_score_today(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 8) as project:
        people = people_of(project)
        take_gold(project, people)
        now = build_progress(project)
        for person in people[:7]:
            review.accept(project, person, add_fit(project, person).id, 4.0)
        (row,) = build_progress(project).annotators
        assert (now.annotators, row.decided, row.gold_score) == ((), 7, None)
        add_fit(project, people[7])
    with annotator_at(qtbot, tmp_path / "home", Project.open(tmp_path / "project")) as annotator:
        page = open_progress(annotator)
        assert page.annotators.rows[0].cells[-1] == "–"


def test_nothing_is_cut_off_at_twice_the_size(worked: Annotator) -> None:
    page = open_progress(worked)
    worked.window.resize(800, 600)
    large = QFont(page.font())
    large.setPointSizeF(2 * large.pointSizeF())
    page.setFont(large)
    worked.until(lambda: page.width() > 0)
    QApplication.processEvents()
    tables = page.findChildren(QTableWidget)
    assert len(tables) == 3
    for table in tables:
        assert isinstance(table, BarTable)
        bottom = table.visualItemRect(table.item(min(table.rowCount(), 12) - 1, 0)).bottom()
        assert bottom <= table.viewport().height()


def test_the_page_follows_the_theme_while_it_is_open(worked: Annotator) -> None:
    page = open_progress(worked)
    seen = set()
    for theme in ("light", "dark"):
        worked.window.actions_table[f"theme.{theme}"].trigger()
        palette = worked.window.palette()
        worked.until(lambda palette=palette: page.palette().text().color() == palette.text().color())
        bars, limits = page.l2d.colors()
        assert bars == palette.highlight().color()
        assert limits == palette.text().color()
        seen.add((bars.name(), limits.name()))
    assert len(seen) == 2


def test_the_status_line_tells_the_annotator_s_day(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 8) as project:
        for person in people_of(project)[:6]:
            review.reject(project, person, [], "", 30.0)
        folder = project.folder
    with annotator_at(qtbot, tmp_path / "home", Project.open(folder)) as annotator:
        annotator.window.resize(1600, 900)
        status = annotator.window.status
        annotator.until(lambda: status.pace_text.startswith("you: 6 today"))
        with annotator.project.store.read() as reader:
            assert reader.work.latest(annotator.project.annotator_id, 99).seconds.sum() == 180
        annotator.window.resize(annotator.window.minimumSizeHint().width(), 700)
        QApplication.processEvents()
        needed = sum(label.sizeHint().width() for label in status.findChildren(QLabel) if label.isVisible())
        assert needed <= status.width()
