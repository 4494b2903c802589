"""The dialogs of imports, exports, bundles, restoring and checks: what they ask, what they say before, what is done."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.services.exporting import export_fits
from app.services.project import holds_project
from app.services.review import accept
from app.ui.exchange.bundle_dialog import BundleDialog
from app.ui.exchange.check_dialog import CheckDialog
from app.ui.exchange.export_dialog import ExportDialog
from app.ui.exchange.fault_list import FaultList
from app.ui.exchange.import_dialog import ImportDialog
from app.ui.exchange.long_work import LongWork, Meter, WorkCancelledError, WorkProgress
from app.ui.exchange.restore_dialog import RestoreDialog
from app.ui.exchange.work_dialog import WorkDialog
from tests.helpers.builders import add_fit, build_project, people_of, write_picture
from tests.helpers.ui_stories import Annotator, annotator_at
from tests.unit.app.test_arriving import write_coco

Kind = TypeVar("Kind", bound=WorkDialog)


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a project of three people with fits; one is accepted."""
    project = build_project(tmp_path, 3)
    for person in people_of(project):
        fit = add_fit(project, person)
    accept(project, person, fit.id, 2.0)
    with annotator_at(qtbot, tmp_path / "home", project) as annotator:
        annotator.until(lambda: annotator.page.view is not None)
        yield annotator


def dialog_of(annotator: Annotator, action: str, kind: type[Kind]) -> Kind:
    """Open a dialog by its action."""
    annotator.window.actions_table[action].trigger()
    dialog = annotator.window.exchanges.dialog
    assert isinstance(dialog, kind)
    return dialog


def finish(annotator: Annotator, dialog: WorkDialog) -> None:
    """Wait until work has ended and is shown."""
    annotator.until(lambda: dialog.shows_outcome and not dialog.work.busy)


def counts(dialog: WorkDialog) -> dict[str, str]:
    """What the table of counts says, by the name for screen readers."""
    found = {}
    for child in dialog.outcome.findChildren(QWidget):
        if ": " in child.accessibleName():
            name, _, count = child.accessibleName().partition(": ")
            found[name] = count
    return found


def move_nose(source: Path, annotation: int) -> None:
    """Another set of keypoints for one person of a COCO file."""
    document = json.loads(source.read_text(encoding="utf-8"))
    document["annotations"][annotation]["keypoints"][0] += 9
    source.write_text(json.dumps(document), encoding="utf-8")


def keypoints_of(annotator: Annotator, place: int) -> np.ndarray:
    with annotator.project.store.read() as reader:
        revision = reader.keypoints.current(reader.queue.ids()[place])
    assert revision is not None
    return revision.keypoints


def test_an_import_is_previewed_conflicts_are_kept_or_taken(annotator: Annotator, tmp_path: Path) -> None:
    names = ["a.jpg", "b.jpg", "gone.jpg"]
    source = write_coco(tmp_path / "more" / "people.json", names)
    for name in names[:2]:
        write_picture(tmp_path / "more" / "images" / name)
    dialog = dialog_of(annotator, "project.import", ImportDialog)
    dialog.fill(source, tmp_path / "more" / "images")
    annotator.until(dialog.start_button.isEnabled)
    assert dialog.format_box.currentText() == "Found by itself: COCO person keypoints  ·  people"
    assert dialog.preview_button is not None
    dialog.preview_button.click()
    finish(annotator, dialog)
    assert dialog.outcome.headline.text().startswith("Would import 2 people in 2 images")
    assert (counts(dialog)["People, new"], counts(dialog)["People, left out"]) == ("2", "1")
    assert any("gone.jpg" in " ".join(row) for row in dialog.outcome.faults.shown_rows())
    assert len(people_of(annotator.project)) == 3  # nothing was stored
    page = annotator.page
    dialog.start_button.click()
    annotator.until(lambda: annotator.window.page not in (None, page))
    assert len(people_of(annotator.project)) == 5

    move_nose(source, 0)
    dialog.back_button.click()
    assert dialog.keep.isChecked()
    before = keypoints_of(annotator, 3)
    dialog.start_button.click()
    finish(annotator, dialog)
    assert counts(dialog)["People, different"] == "1"
    assert any("keeps its own" in row[2] for row in dialog.outcome.faults.shown_rows())
    assert np.array_equal(keypoints_of(annotator, 3), before)

    dialog.back_button.click()
    dialog.take.setChecked(True)
    page = annotator.page
    dialog.start_button.click()
    annotator.until(lambda: annotator.window.page not in (None, page))
    assert keypoints_of(annotator, 3)[0, 0] == before[0, 0] + 9


def test_a_preview_into_a_new_project_makes_none(annotator: Annotator, tmp_path: Path) -> None:
    source = write_coco(tmp_path / "more" / "people.json", ["a.jpg"])
    write_picture(tmp_path / "more" / "a.jpg")
    dialog = dialog_of(annotator, "project.import", ImportDialog)
    dialog.fill(source, source.parent)
    dialog.into_open.setChecked(False)
    annotator.until(dialog.start_button.isEnabled)
    assert dialog.preview_button is not None
    dialog.preview_button.click()
    finish(annotator, dialog)
    assert "Would import 1 people" in dialog.outcome.headline.text()
    assert not Path(dialog.folder.text()).exists()
    dialog.folder.setText(str(annotator.project.folder))
    dialog.back_button.click()
    assert "holds a project already" in dialog.missing()
    assert not dialog.start_button.isEnabled()


def test_what_is_in_no_known_format_is_said_and_another_can_be_chosen(annotator: Annotator, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("milk", encoding="utf-8")
    dialog = dialog_of(annotator, "project.import", ImportDialog)
    dialog.source.setText(str(tmp_path / "list.txt"))
    dialog.source.editingFinished.emit()
    annotator.until(lambda: "is in no format that is known" in dialog.problem.text())
    dialog.format_box.setCurrentIndex(dialog.format_box.findText("COCO person keypoints  ·  people"))
    dialog.images.setText(str(tmp_path))
    dialog.start_button.click()
    annotator.until(lambda: "list.txt" in dialog.problem.text())
    assert not dialog.shows_outcome
    assert dialog.start_button.isEnabled()


def test_fits_come_in_under_a_label(annotator: Annotator, tmp_path: Path) -> None:
    export_fits(annotator.project, "eft-json", tmp_path / "fits.json", decision="any")
    dialog = dialog_of(annotator, "project.import", ImportDialog)
    dialog.fill(tmp_path / "fits.json", None)
    annotator.until(dialog.label.isVisible)
    assert not dialog.keep.isVisible()
    assert not dialog.start_button.isEnabled()
    dialog.label.setText("EFT!")
    assert "no label for fits" in dialog.problem.text()
    dialog.label.setText("paper")
    assert dialog.preview_button is not None
    dialog.preview_button.click()
    finish(annotator, dialog)
    assert dialog.outcome.headline.text() == "Would import 2 fits as 'paper'."
    assert counts(dialog)["Fits, decided on"] == "1"
    assert "decided on" in dialog.outcome.faults.shown_rows()[0][0]
    dialog.back_button.click()
    dialog.replace_decided.setChecked(True)
    page = annotator.page
    dialog.start_button.click()
    annotator.until(lambda: annotator.window.page not in (None, page))
    with annotator.project.store.read() as reader:
        assert reader.methods.counts() == {"eft": 3, "paper": 3}


def test_an_export_has_what_was_counted(annotator: Annotator, tmp_path: Path) -> None:
    dialog = dialog_of(annotator, "project.export", ExportDialog)
    assert (dialog.format_box.currentData(), dialog.decision_box.currentText()) == ("coco", "Everybody")
    annotator.until(lambda: dialog.count.text().startswith("3 people will be written."))
    dialog.format_box.setCurrentIndex(dialog.format_box.findData("eft-json"))
    annotator.until(lambda: dialog.count.text().startswith("1 fits will be written."))
    assert "2 to review" in dialog.count.text()
    dialog.decision_box.setCurrentIndex(dialog.decision_box.findData("rejected"))
    annotator.until(lambda: "nothing to write" in dialog.problem.text())
    assert not dialog.start_button.isEnabled()
    dialog.decision_box.setCurrentIndex(dialog.decision_box.findData("any"))
    annotator.until(lambda: dialog.count.text().startswith("3 fits will be written."))
    dialog.where.setText("state:")
    assert not dialog.start_button.isEnabled()
    dialog.where.setText("state:fitted")
    annotator.until(lambda: dialog.counted is not None and dialog.counted.items == 2)
    dialog.out.setText(str(tmp_path / "out.json"))
    dialog.start_button.click()
    finish(annotator, dialog)
    assert dialog.outcome.headline.text().startswith("Wrote 2 fits to ")
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["data"]) == 2


@pytest.mark.parametrize("format_name", ["decisions-csv", "contact-sheet"])
def test_tables_and_sheets_are_counted_too(annotator: Annotator, tmp_path: Path, format_name: str) -> None:
    dialog = dialog_of(annotator, "project.export", ExportDialog)
    dialog.format_box.setCurrentIndex(dialog.format_box.findData(format_name))
    assert dialog.decision_box.currentData() == "any"
    annotator.until(lambda: dialog.counted is not None)
    assert dialog.counted is not None
    count = dialog.counted.items
    out = tmp_path / f"out{Path(dialog.out.text()).suffix}"
    dialog.out.setText(str(out))
    dialog.start_button.click()
    finish(annotator, dialog)
    assert dialog.outcome.headline.text().startswith(f"Wrote {count} ")
    assert count == (1 if format_name == "decisions-csv" else 3)
    assert out.is_file()


def test_a_bundle_is_written_and_not_replaced_unasked(annotator: Annotator, tmp_path: Path) -> None:
    dialog = dialog_of(annotator, "project.bundle", BundleDialog)
    out = Path(dialog.out.text())
    assert out == tmp_path / "project.exemplar"
    assert not dialog.replace.isVisible()
    dialog.start_button.click()
    finish(annotator, dialog)
    assert "3 people in 3 images" in dialog.outcome.headline.text()
    assert "take them along" in dialog.outcome.notes.text()
    dialog.close()
    dialog = dialog_of(annotator, "project.bundle", BundleDialog)
    assert dialog.replace.isVisible()
    assert not dialog.start_button.isEnabled()
    dialog.replace.setChecked(True)
    dialog.start_button.click()
    finish(annotator, dialog)
    (tmp_path / "thesis.txt").write_text("years", encoding="utf-8")
    dialog.close()
    dialog = dialog_of(annotator, "project.bundle", BundleDialog)
    dialog.out.setText(str(tmp_path / "thesis.txt"))
    dialog.replace.setChecked(True)
    dialog.start_button.click()
    annotator.until(lambda: "is no bundle" in dialog.problem.text())


def test_a_bundle_is_restored_and_opened(annotator: Annotator, tmp_path: Path) -> None:
    bundle = dialog_of(annotator, "project.bundle", BundleDialog)
    bundle.start_button.click()
    finish(annotator, bundle)
    (tmp_path / "new").mkdir()
    shutil.move(tmp_path / "pictures" / "001.jpg", tmp_path / "new" / "renamed.jpg")
    shutil.move(tmp_path / "pictures" / "002.jpg", tmp_path / "new" / "002.jpg")
    (tmp_path / "pictures" / "003.jpg").unlink()
    dialog = dialog_of(annotator, "project.restore", RestoreDialog)
    assert annotator.window.exchanges.dialog is dialog
    dialog.fill(tmp_path / "project.exemplar")
    assert dialog.folder.text() == str(tmp_path / "project 2")
    dialog.images.setText(str(tmp_path / "new"))
    page = annotator.page
    dialog.start_button.click()
    finish(annotator, dialog)
    annotator.until(lambda: annotator.window.page not in (None, page))
    assert annotator.project.folder == tmp_path / "project 2"
    assert len(people_of(annotator.project)) == 3
    listed = {row[:2] for row in dialog.outcome.faults.shown_rows()}
    assert listed == {("not found", "003.jpg"), ("renamed", "001.jpg")}
    damaged = tmp_path / "damaged.exemplar"
    damaged.write_bytes((tmp_path / "project.exemplar").read_bytes()[:-40])
    dialog.close()
    dialog = dialog_of(annotator, "project.restore", RestoreDialog)
    dialog.fill(damaged)
    dialog.start_button.click()
    annotator.until(lambda: "cut short or damaged" in dialog.problem.text())
    assert not holds_project(Path(dialog.folder.text()))


def test_a_check_lists_faults_to_search_and_copy(annotator: Annotator, tmp_path: Path) -> None:
    dialog = dialog_of(annotator, "project.check", CheckDialog)
    dialog.start_button.click()
    finish(annotator, dialog)
    assert dialog.outcome.headline.text() == "The project is sound."
    assert counts(dialog)["Looked at, pictures"] == "3"
    assert not dialog.outcome.faults.isVisible()
    with closing(sqlite3.connect(tmp_path / "project" / "project.db")) as database:
        database.execute("UPDATE fits SET betas = zeroblob(3)")
        database.commit()
    (tmp_path / "pictures" / "001.jpg").unlink()
    dialog.back_button.click()
    dialog.start_button.click()
    finish(annotator, dialog)
    assert dialog.outcome.headline.text() == "4 faults were found."
    faults = dialog.outcome.faults
    faults.search.setText("001.JPG")
    assert len(faults.shown_rows()) == 1
    faults.copy_button.click()
    copied = QGuiApplication.clipboard().text().split("\t")
    assert len(copied) == 3
    assert "relink" in copied[2]


def test_one_dialog_at_a_time_and_none_over_work_that_goes_on(annotator: Annotator) -> None:
    check = dialog_of(annotator, "project.check", CheckDialog)
    dialog_of(annotator, "project.bundle", BundleDialog)
    bundle = annotator.window.exchanges.dialog
    assert bundle is not None and bundle is not check
    bundle.start_button.click()
    assert bundle.work.busy
    annotator.window.actions_table["project.check"].trigger()
    assert annotator.window.exchanges.dialog is bundle
    bundle.reject()  # Esc stops the work and leaves the dialog
    annotator.until(lambda: not bundle.work.busy)
    assert annotator.window.exchanges.dialog is bundle


def test_dialogs_that_are_closed_while_they_look_hear_no_more(annotator: Annotator, tmp_path: Path) -> None:
    source = write_coco(tmp_path / "more" / "people.json", ["a.jpg"])
    dialog_of(annotator, "project.export", ExportDialog).close()
    dialog = dialog_of(annotator, "project.import", ImportDialog)
    dialog.fill(source, None)
    dialog.close()
    annotator.until(lambda: annotator.window.exchanges.dialog is None and not annotator.window.tasks.busy)


def test_thousands_of_lines_are_searched_and_told_in_full(qtbot: QtBot) -> None:
    faults = FaultList("faults")
    qtbot.addWidget(faults)
    rows = [
        ("left out", f"annotation {number}", f"reason {number % 7} " + "and so on " * 30) for number in range(10_000)
    ]
    faults.show_rows(("What", "Item", "Why"), rows)
    assert len(faults.shown_rows()) == 10_000
    faults.search.setText("Annotation 999")
    assert len(faults.shown_rows()) == 11
    faults.table.selectRow(0)
    assert faults.detail.text().endswith("and so on ")
    faults.search.setText("nowhere")
    assert faults.shown_rows() == []
    assert not faults.copy_button.isEnabled()


def test_work_says_how_fast_it_is_and_can_be_stopped(qtbot: QtBot) -> None:
    now = 0.0
    told: list[WorkProgress] = []
    meter = Meter(told.append, lambda: now)
    meter.show("Reading", 0, 100)
    now = 2.0
    meter.show("Reading", 50, 100)
    assert (told[-1].rate, told[-1].left_s, told[-1].share) == (25.0, 2.0, 0.5)
    meter.show("Writing", 1, 0)
    assert (told[-1].stage, told[-1].total, told[-1].rate) == ("Writing", None, None)
    meter.stop()
    with pytest.raises(WorkCancelledError):
        meter.show("Writing", 2, 0)
    work = LongWork("work")
    try:
        with qtbot.waitSignal(work.failed) as failed:
            work.run(lambda meter: _go_on(work, meter))
        assert "cancelled" in failed.args[0]
        with qtbot.waitSignal(work.crashed) as crashed:
            work.run(lambda meter: 1 / 0)
        assert isinstance(crashed.args[0], ZeroDivisionError)
    finally:
        work.close()


def _go_on(work: LongWork, meter: Meter) -> None:
    work.cancel()
    meter.show("Going on", 1, 2)


def test_project_actions_are_off_without_a_project(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path / "home", None) as annotator:
        table = annotator.window.actions_table
        assert not any(table[f"project.{name}"].isEnabled() for name in ("export", "bundle", "check"))
        assert all(table[f"project.{name}"].isEnabled() for name in ("import", "restore"))
