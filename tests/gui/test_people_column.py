"""The column of people at the real window: typing, chips, help, thumbnails, people of one image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.services import review
from app.settings import SettingsFile
from app.ui.models.people import BOND_ROLE, SUMMARY_ROLE, Bond
from app.ui.people_list import PeopleColumn
from app.ui.people_list.row_delegate import row_note
from db.conditions import Compare, OneOf
from db.records import PersonSummary
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    project = build_project(tmp_path, people=5, per_image=2)
    add_fit(project, people_of(project)[1], rms_px=12.0, signs={"swap_legs": 9.0})
    with annotator_at(qtbot, tmp_path, project) as annotator:
        annotator.until_settled()
        yield annotator


@pytest.fixture
def column(annotator: Annotator) -> PeopleColumn:
    return annotator.page.people_column


def listed(annotator: Annotator) -> list[int]:
    """Places of the people in the list, in order of import."""
    annotator.until_settled()
    everybody = people_of(annotator.project)
    return [everybody.index(person) for person in annotator.page.people.ids]


def test_what_is_typed_filters_and_becomes_chips(annotator: Annotator, column: PeopleColumn) -> None:
    annotator.press("Ctrl+J")
    annotator.type("rms>10 suspect:swap")
    annotator.until(lambda: len(annotator.page.people.ids) == 1)
    assert listed(annotator) == [1]
    assert annotator.page.people.filter.conditions == (Compare("rms", ">", 10.0), OneOf("suspect", ("swap",)))
    assert [chip.text() for chip in column.chips.chips] == ["rms>10  ✕", "suspect:swap  ✕"]
    assert column.count_text == "1 person in this list"
    column.chips.chips[0].setFocus()
    QTest.keyClick(column.chips.chips[0], Qt.Key.Key_Delete)
    assert column.filter_box.text() == "suspect:swap"
    QTest.keyClick(column.chips.chips[0], Qt.Key.Key_Space)
    assert column.filter_box.text() == ""
    assert listed(annotator) == [0, 1, 2, 3, 4]
    assert not column.chips.isVisible()


def test_a_word_that_is_not_understood_is_told_and_the_rest_applies(annotator: Annotator, column: PeopleColumn) -> None:
    column.set_filter_text("staet:x has:fit")
    assert listed(annotator) == [1]
    told = column.chips.problems.text
    assert "'staet:x': there is no key 'staet'; did you mean state?" in told
    assert "The rest of the filter applies." in told
    column.set_filter_text("zzz")
    annotator.until(lambda: bool(column.empty_text))
    assert "Nobody matches this filter" in column.empty_text


def test_the_box_below_writes_into_the_line(annotator: Annotator, column: PeopleColumn) -> None:
    column.set_filter_text("003")
    column.state_box.setCurrentIndex(column.state_box.findData("state:undecided"))
    column.state_box.activated.emit(column.state_box.currentIndex())
    assert column.filter_box.text() == "state:undecided 003"
    assert listed(annotator) == [3, 4]
    column.state_box.setCurrentIndex(column.state_box.findData("state:accepted"))
    column.state_box.activated.emit(column.state_box.currentIndex())
    assert column.filter_box.text() == "state:accepted 003"
    column.set_filter_text("rms>3")
    assert column.state_box.currentText() == "Everybody"
    column.set_filter_text("state:fitted,stale")
    assert column.state_box.currentIndex() == -1


def test_keys_and_values_are_completed(annotator: Annotator, column: PeopleColumn) -> None:
    annotator.press("Ctrl+J")
    annotator.type("rms>3 sus")
    assert column.filter_box.offers() == ["rms>3 suspicion>", "rms>3 suspect:"]
    annotator.type("pect:swap_l")
    assert column.filter_box.offers() == ["rms>3 suspect:swap_legs"]
    column.filter_box.completer().popup().hide()
    annotator.take_place()


def test_the_order_is_remembered(annotator: Annotator, column: PeopleColumn) -> None:
    for order, first in (("suspicion", 1), ("import", 0), ("rms", 1)):
        column.order_box.setCurrentIndex(column.order_box.findData(order))
        column.order_box.activated.emit(column.order_box.currentIndex())
        assert listed(annotator)[0] == first
    settings = annotator.page.context.settings
    settings.save()
    assert SettingsFile(settings.path).values.people_order == "rms"


def test_going_on_follows_filter_and_order(annotator: Annotator, column: PeopleColumn) -> None:
    everybody = people_of(annotator.project)
    review.second_look(annotator.project, everybody[2], "", 1.0)
    column.set_filter_text("-has:fit")
    assert listed(annotator) == [0, 2, 3, 4]
    annotator.press("Shift+D")
    annotator.until_shows(everybody[3])


def test_an_example_of_the_help_is_tried(annotator: Annotator, column: PeopleColumn) -> None:
    popup = column.show_help()
    (example,) = [button for button in popup.findChildren(QPushButton) if button.text() == "-state:accepted"]
    example.click()
    assert column.filter_box.text() == "-state:accepted"
    annotator.take_place()


def test_rows_have_thumbnails_and_a_quiet_place_where_the_picture_is_gone(
    annotator: Annotator, column: PeopleColumn, tmp_path: Path
) -> None:
    def summary(row: int) -> PersonSummary:
        found = annotator.page.people.index(row).data(SUMMARY_ROLE)
        assert isinstance(found, PersonSummary)
        return found

    annotator.until(lambda: column.thumbnails.find(summary(0), 40) is not None)
    pixmap = column.thumbnails.find(summary(0), 40)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (40, 40)
    (tmp_path / "pictures" / "003.jpg").unlink()
    column.thumbnails.forget()
    annotator.until(
        lambda: column.thumbnails.find(summary(4), 40) is None and column.thumbnails.is_missing(summary(4), 40)
    )
    assert not column.thumbnails.is_missing(summary(0), 40)


def test_rows_say_why_to_look_and_which_belong_together(annotator: Annotator) -> None:
    model = annotator.page.people
    annotator.until(lambda: model.index(4).data(SUMMARY_ROLE) is not None)
    assert [model.index(row).data(BOND_ROLE) for row in (0, 1, 4)] == [
        Bond(above=False, below=True), Bond(above=True, below=False), Bond(above=False, below=False),
    ]  # fmt: skip
    assert row_note(model.index(1).data(SUMMARY_ROLE)) == "⚑ legs swapped?  ·  RMS 12 px"
    assert row_note(model.index(0).data(SUMMARY_ROLE)) == "17 joints"


def test_people_of_one_image_are_one_key_apart(annotator: Annotator, column: PeopleColumn) -> None:
    everybody = people_of(annotator.project)
    column.set_filter_text("has:fit")  # the list leaves the other out
    for shown in (1, 0, 1):
        annotator.press("Ctrl+D")
        annotator.until_shows(everybody[shown])


def test_the_row_on_screen_is_tinted_and_not_filled(annotator: Annotator, column: PeopleColumn) -> None:
    annotator.until(lambda: column.list.currentIndex().isValid())
    row = column.list.visualRect(column.list.currentIndex())
    seen = column.list.viewport().grab().toImage()
    # Left of the tint's rounded corner there is only the ground of the list.
    assert seen.pixelColor(row.left() + 1, row.center().y()) == column.list.palette().base().color()
    assert seen.pixelColor(row.right() - 8, row.bottom() - 4) != column.list.palette().highlight().color()
