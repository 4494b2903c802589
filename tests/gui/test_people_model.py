"""The list of people: ids at once, rows when looked at, fresh after every change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.services import review
from app.settings import SettingsFile
from app.ui.context import Context
from app.ui.models.people import SUMMARY_ROLE, PeopleFilter, PeopleModel
from db.conditions import Contains, OneOf
from db.records import PersonId
from fitting.runners import InlineRunner
from tests.helpers.builders import add_fit, build_project, people_of


@pytest.fixture
def context(qtbot: QtBot, tmp_path: Path) -> Iterator[Context]:
    context = Context(build_project(tmp_path, people=4, per_image=2), SettingsFile(tmp_path / "s.json"), InlineRunner)
    yield context
    context.close()
    context.deleteLater()


@pytest.fixture
def model(context: Context, qtbot: QtBot) -> PeopleModel:
    model = PeopleModel(context, context)
    apply(model, qtbot, PeopleFilter())
    return model


def apply(model: PeopleModel, qtbot: QtBot, wanted: PeopleFilter) -> None:
    with qtbot.waitSignal(model.filtered):
        model.set_filter(wanted)


def test_rows_are_read_when_they_are_looked_at(model: PeopleModel, qtbot: QtBot) -> None:
    assert model.rowCount() == 4
    index = model.index(3)
    assert index.data(SUMMARY_ROLE) is None
    assert index.data() == "…"
    qtbot.waitUntil(lambda: index.data(SUMMARY_ROLE) is not None)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "002.jpg, person 2 of 2, not fitted"


def test_a_change_refreshes_the_rows_it_touched(model: PeopleModel, context: Context, qtbot: QtBot) -> None:
    first = model.ids[0]
    qtbot.waitUntil(lambda: model.index(0).data(SUMMARY_ROLE) is not None)
    fit = add_fit(context.project, first)
    context.report_change(review.accept(context.project, first, fit.id, 1.0))
    qtbot.waitUntil(lambda: model.index(0).data(SUMMARY_ROLE).state == "accepted")


def test_the_list_stays_until_the_filter_is_used_again(model: PeopleModel, context: Context, qtbot: QtBot) -> None:
    apply(model, qtbot, PeopleFilter((OneOf("state", ("unfitted",)),)))
    first = model.ids[0]
    context.report_change(review.reject(context.project, first, (), "", 1.0))
    assert model.find_row(first) == 0
    apply(model, qtbot, PeopleFilter((OneOf("state", ("unfitted",)),)))
    assert model.find_row(first) is None
    assert len(model.ids) == 3


def test_only_the_newest_filter_counts(model: PeopleModel, context: Context, qtbot: QtBot) -> None:
    for text in ("001", "nobody", "002"):
        model.set_filter(PeopleFilter((Contains(text),)))
    qtbot.waitUntil(lambda: not context.reads.busy)
    assert list(model.ids) == people_of(context.project)[2:]


@pytest.mark.parametrize("wanted", [PeopleFilter(), PeopleFilter((Contains(".jpg"),))], ids=["plain", "filtered"])
def test_the_next_undecided_goes_on_from_the_other_end(
    model: PeopleModel, context: Context, qtbot: QtBot, wanted: PeopleFilter
) -> None:
    apply(model, qtbot, wanted)
    first, second, third, fourth = people_of(context.project)
    review.second_look(context.project, second, "", 1.0)

    def search(after: PersonId | None, direction: int) -> PersonId | None:
        return model.build_undecided_search(after, direction)()

    assert search(first, 1) == third
    assert search(fourth, 1) == first
    assert search(third, -1) == first
    assert search(first, -1) == fourth
    assert search(None, 1) == first
    assert search(None, -1) == fourth
    for decided in (first, third):
        review.reject(context.project, decided, (), "", 1.0)
    assert search(fourth, 1) is None
