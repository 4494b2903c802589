"""Stories of comparing: fits by several methods on one person, looked at, chosen, taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.services.project import Project
from app.ui.widgets.canvas_notices import StaleRibbon
from db.records import FitId, FitRecord
from fitting.spec import EftOptions
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two people; the first with fits by EFT, by an imported method, and by SMPLify, which is current."""
    project = build_project(tmp_path, people=2)
    first, second = people_of(project)
    add_fit(project, first, 1e-4, joints_px=np.full((49, 2), 210.0), rms_px=1.5)
    add_fit(
        project, first, 2e-3, method="spin fits", stop_reason="imported", seconds=0.0, options={"source": "spin.npz"}
    )
    add_fit(project, first, 4e-4, method="smplify", rms_px=None)
    add_fit(project, second)
    return project


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path, project: Project) -> Iterator[Annotator]:
    with annotator_at(qtbot, tmp_path, project, live_refit=False) as annotator:
        annotator.until(lambda: annotator.page.find_obstacle() is None)
        yield annotator


def shown(annotator: Annotator) -> FitRecord:
    looked_at = annotator.page.history.shown
    assert looked_at is not None
    return looked_at.fit


def listed(annotator: Annotator) -> list[str]:
    box = annotator.page.column.fits.box
    return [box.itemText(place) for place in range(box.count())]


def current_id(annotator: Annotator) -> FitId | None:
    with annotator.project.store.read() as reader:
        return reader.queue.get_head(annotator.person_id).fit_id


def test_every_fit_is_listed_newest_first_with_method_and_quality(annotator: Annotator) -> None:
    smplify, spin, eft = listed(annotator)
    assert smplify.startswith("SMPLify  ·  L2d 4.0e-04  ·  current")
    assert spin.startswith("spin fits  ·  2.0 px")
    assert eft.startswith("EFT  ·  1.5 px")
    assert annotator.page.column.fits.notice == "Current fit"


def test_looking_at_another_fit_changes_what_is_seen_and_nothing_else(annotator: Annotator) -> None:
    before, page = current_id(annotator), annotator.page
    annotator.press("Shift+B")
    assert shown(annotator).method == "spin fits"
    assert page.column.numbers.text("l2d") == "2.00e-03"
    assert page.column.numbers.text("seconds") == "–"
    assert page.column.numbers.chips.text("export") == "✕ export"
    assert page.column.plot.values() == ()
    assert page.column.fits.notice == "Not the current fit"
    assert page.canvas.notice().startswith("Not the current fit: spin fits")
    assert not annotator.window.toolbar.accept.isEnabled()
    assert "not the current fit" in annotator.window.toolbar.accept.toolTip()
    annotator.press("Return")
    annotator.until_settled()
    assert "not the current fit" in annotator.window.messages.text
    assert annotator.decision(annotator.person_id) is None
    assert current_id(annotator) == before


def test_residuals_are_those_of_the_fit_looked_at(annotator: Annotator) -> None:
    annotator.press("Shift+B", "Shift+B")
    x, y = annotator.place_of("nose")
    assert shown(annotator).method == "eft"
    residual = annotator.page.column.joints.findChild(type(annotator.page.column.joints.focusProxy())).model()
    assert residual.data(residual.index(0, residual.columnCount() - 1)) == f"{np.hypot(x - 210, y - 210):.1f} px"


def test_b_goes_to_and_fro_between_the_current_fit_and_the_one_looked_at(annotator: Annotator) -> None:
    annotator.press("B")
    assert shown(annotator).method == "spin fits"
    annotator.press("B")
    assert shown(annotator).method == "smplify"
    annotator.press("Shift+B", "Shift+B")
    assert shown(annotator).method == "eft"
    methods = []
    for _ in range(4):
        annotator.press("B")
        methods.append(shown(annotator).method)
    assert methods == ["smplify", "eft", "smplify", "eft"]
    annotator.press("Shift+B")
    assert annotator.page.canvas.notice() == ""  # from the oldest round to the current one
    annotator.until(annotator.window.toolbar.accept.isEnabled)


def test_esc_and_the_next_person_return_to_the_current_fit(annotator: Annotator) -> None:
    first, second = people_of(annotator.project)
    annotator.press("Tab", "B", "Esc")
    assert shown(annotator).method == "smplify"
    assert annotator.page.canvas.selected_joint() is not None
    annotator.press("B", "D")
    annotator.until_shows(second)
    assert annotator.page.canvas.notice() == ""
    annotator.press("B")
    assert "one fit only" in annotator.window.messages.text
    annotator.press("A")
    annotator.until_shows(first)
    assert shown(annotator).method == "smplify"


def test_a_fit_chosen_from_the_list_is_used_and_undone(annotator: Annotator) -> None:
    first, second = people_of(annotator.project)
    column = annotator.page.column
    eft = shown_id = column.fits.box.itemData(2)
    column.fits.box.activated.emit(2)
    assert shown(annotator).id == shown_id
    annotator.until(column.fits.use.isEnabled)
    column.fits.use.click()
    annotator.until(lambda: len(annotator.fits_of(first)) == 4)
    annotator.until(lambda: column.fits.notice == "Current fit")
    newest = annotator.fits_of(first)[-1]
    assert (newest.method, newest.options["restored_from"]) == ("eft", eft)
    assert listed(annotator)[0].startswith("EFT  ·  1.5 px  ·  current")
    assert listed(annotator)[0].endswith("restored")
    assert annotator.window.status.saved_text.endswith("Use fit by EFT")
    annotator.press("Ctrl+Z")
    annotator.until(lambda: len(annotator.fits_of(first)) == 3)
    annotator.until(lambda: shown(annotator).method == "smplify")
    assert annotator.window.messages.text == "Undone: use fit by EFT."
    assert annotator.person_id != second


def test_u_on_the_current_fit_says_so(annotator: Annotator) -> None:
    annotator.press("U")
    annotator.until(lambda: "current fit already" in annotator.window.messages.text)
    assert len(annotator.fits_of(annotator.person_id)) == 3


def test_after_an_edit_every_fit_is_of_older_keypoints(annotator: Annotator) -> None:
    annotator.drag_joint("right_ankle", by=(14, 6))
    annotator.until(lambda: annotator.state == "stale")
    annotator.until(lambda: all("older keypoints" in line for line in listed(annotator)))
    ribbon = annotator.page.canvas.findChild(StaleRibbon)
    assert ribbon.isVisible()
    annotator.press("B")
    assert not ribbon.isVisible()  # the notice says it
    assert "to older keypoints" in annotator.page.canvas.notice()
    assert annotator.page.column.numbers.chips.text("strict") == "– strict"
    assert not annotator.page.column.fits.use.isEnabled()
    annotator.press("U")
    annotator.until(lambda: "earlier keypoints" in annotator.window.messages.text)


def test_a_fit_stays_on_screen_while_the_keypoints_are_edited(annotator: Annotator) -> None:
    annotator.press("B")
    annotator.drag_joint("right_ankle", by=(14, 6))
    annotator.until(lambda: annotator.state == "stale")
    assert shown(annotator).method == "spin fits"


def test_the_method_chosen_is_named_remembered_and_used(qtbot: QtBot, tmp_path: Path, project: Project) -> None:
    folder = project.folder
    with annotator_at(qtbot, tmp_path, project) as annotator:
        actions = annotator.window.actions_table
        assert actions["fit.refit"].text() == "Re-fit with EFT"
        actions["fit_with.regressor"].trigger()
        assert actions["fit.refit"].text() == "Re-fit with plain regressor"
        assert "plain regressor" in actions["fit.refit"].iconText()
        assert "Plain regressor" in actions["fit.refit"].toolTip()
        button = annotator.window.toolbar.findChild(QToolButton, "refit")
        assert button.text() == "Re-fit: plain regressor"
        annotator.press("B", "R")
        assert annotator.page.canvas.notice() == ""  # what is fitted is seen, not what was compared
        annotator.press("B")
        assert "A fit is running" in annotator.window.messages.text or not annotator.page.fitting
        annotator.until(lambda: len(annotator.fits_of(annotator.person_id)) == 4)
        annotator.until(lambda: shown(annotator).method == "regressor")
        assert annotator.page.column.numbers.text("iterations") == "none: the plain prediction"
    with annotator_at(qtbot, tmp_path, Project.open(folder)) as annotator:
        assert annotator.window.actions_table["fit_with.regressor"].isChecked()
        assert annotator.page.desk.recipe.method == "regressor"


def test_the_fast_mode_is_offered_where_the_regressor_has_one(qtbot: QtBot, tmp_path: Path, project: Project) -> None:
    folder = project.folder
    with annotator_at(qtbot, tmp_path, project) as annotator:
        annotator.until_settled()
        actions = annotator.window.actions_table
        assert not actions["fit_with.eft_fast"].isEnabled()
        weights = tmp_path / "own.safetensors"
        shutil.copy(project.regressor, weights)
        card = json.loads(project.regressor.with_suffix(".json").read_text(encoding="utf-8"))
        fast = {"layers": "late", "learning_rate": 1e-4, "max_iterations": 8}
        weights.with_suffix(".json").write_text(json.dumps(card | {"fast": fast}), encoding="utf-8")
        project.use_file("regressor", weights)
    with annotator_at(qtbot, tmp_path, Project.open(folder)) as annotator:
        actions = annotator.window.actions_table
        annotator.until(actions["fit_with.eft_fast"].isEnabled)
        actions["fit_with.eft_fast"].trigger()
        assert annotator.page.desk.recipe.options == EftOptions(mode="fast")
    with annotator_at(qtbot, tmp_path, build_project(tmp_path / "other", people=1)) as annotator:
        actions = annotator.window.actions_table
        annotator.until(actions["fit_with.eft"].isChecked)  # no fast mode here; the choice is kept for where there is
        assert annotator.page.desk.recipe.options.mode == "exact"
        assert annotator.page.context.settings.values.refit_with == "eft_fast"
