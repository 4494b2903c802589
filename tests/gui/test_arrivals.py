"""Dropping on the window, importing, images that are missing."""

from __future__ import annotations

import builtins
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.services.project import Project, holds_project
from app.ui.exchange.import_dialog import ImportDialog
from app.ui.review.relinking import MissingPlate, RelinkDesk
from tests.helpers.builders import build_project, people_of, write_picture
from tests.helpers.ui_stories import Annotator, annotator_at
from tests.unit.app.test_arriving import write_coco


@pytest.fixture
def newcomer(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At the welcome page."""
    with annotator_at(qtbot, tmp_path / "home", None) as annotator:
        yield annotator


def drop(annotator: Annotator, path: Path) -> None:
    """Drag something over the window and let it go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    window, copy = annotator.window, Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, mime, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), copy, mime, left, none))


def import_dialog(annotator: Annotator) -> ImportDialog:
    annotator.until(lambda: annotator.window.exchanges.dialog is not None)
    dialog = annotator.window.exchanges.dialog
    assert isinstance(dialog, ImportDialog)
    return dialog


def missing_plate(annotator: Annotator) -> MissingPlate:
    plate = annotator.page.canvas.findChild(MissingPlate)
    assert isinstance(plate, MissingPlate)
    return plate


def test_a_dropped_coco_file_becomes_a_project(newcomer: Annotator, tmp_path: Path) -> None:
    source = write_coco(tmp_path / "data" / "person_keypoints_val2017.json", ["a.jpg", "b.jpg"])
    for name in ("a.jpg", "b.jpg"):
        write_picture(tmp_path / "data" / "val2017" / name)
    drop(newcomer, source)
    dialog = import_dialog(newcomer)
    assert dialog.images.text() == str(tmp_path / "data" / "val2017")
    assert dialog.folder.text() == str(tmp_path / "data" / "val2017 project")
    dialog.start_button.click()
    newcomer.until(lambda: newcomer.window.page is not None)
    newcomer.until(lambda: newcomer.page.clock.seconds > 0)
    assert len(people_of(newcomer.project)) == 2
    assert newcomer.window.messages.text == "Imported 2 people in 2 images."
    assert newcomer.window.exchanges.dialog is None


def test_a_coco_file_without_its_pictures_asks_for_their_folder(newcomer: Annotator, tmp_path: Path) -> None:
    source = write_coco(tmp_path / "people.json", ["a.jpg"])
    write_picture(tmp_path / "far" / "away" / "a.jpg")
    drop(newcomer, source)
    dialog = import_dialog(newcomer)
    assert "name the folder they lie in" in dialog.problem.text()
    assert not dialog.start_button.isEnabled()
    (tmp_path / "empty").mkdir()
    dialog.images.setText(str(tmp_path / "empty"))
    dialog.start_button.click()
    newcomer.until(lambda: "nothing was imported" in dialog.problem.text())
    assert not holds_project(Path(dialog.folder.text()))
    assert not Path(dialog.folder.text()).exists()
    dialog.images.setText(str(tmp_path / "far" / "away"))
    dialog.start_button.click()
    newcomer.until(lambda: newcomer.window.page is not None)


def test_an_import_that_is_stopped_goes_on_from_there(newcomer: Annotator, tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(900)]
    source = write_coco(tmp_path / "people.json", names)
    (tmp_path / "images").mkdir()
    write_picture(tmp_path / "images" / "0.jpg")
    for name in names[1:]:
        os.link(tmp_path / "images" / "0.jpg", tmp_path / "images" / name)
    drop(newcomer, source)
    dialog = import_dialog(newcomer)
    dialog.start()
    dialog.cancel_button.click()
    newcomer.until(lambda: dialog.shows_outcome)
    assert "importing again goes on from there" in dialog.outcome.notes.text()
    newcomer.until(lambda: newcomer.window.page is not None)
    stored = len(people_of(newcomer.project))
    assert stored < len(names)
    before = newcomer.page
    dialog.back_button.click()
    dialog.start_button.click()
    newcomer.until(lambda: newcomer.window.page not in (None, before))
    assert len(people_of(newcomer.project)) == len(names)
    assert f"Imported {900 - stored} people" in newcomer.window.messages.text


def test_people_are_added_to_the_open_project(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path / "home", build_project(tmp_path, 2)) as annotator:
        annotator.press("End")
        annotator.until(
            lambda: annotator.page.view is not None and annotator.person_id != people_of(annotator.project)[0]
        )
        last = annotator.person_id
        source = write_coco(tmp_path / "more" / "people.json", ["x.jpg"])
        write_picture(tmp_path / "more" / "x.jpg")
        annotator.press("Ctrl+I")
        dialog = import_dialog(annotator)
        assert dialog.into_open.isChecked()
        dialog.fill(source, source.parent)
        before = annotator.page
        annotator.until(dialog.start_button.isEnabled)  # the format is found
        dialog.start_button.click()
        annotator.until(lambda: annotator.window.page not in (None, before))
        annotator.until_shows(last)
        assert len(people_of(annotator.project)) == 3


def test_a_dropped_project_opens_and_anything_else_gets_a_sentence(newcomer: Annotator, tmp_path: Path) -> None:
    write_picture(tmp_path / "holiday" / "a.jpg")
    drop(newcomer, tmp_path / "holiday" / "a.jpg")
    newcomer.until(lambda: "a picture without keypoints" in newcomer.window.messages.text)
    drop(newcomer, tmp_path / "nothing")
    newcomer.until(lambda: "does not exist" in newcomer.window.messages.text)
    build_project(tmp_path, 1).close()
    drop(newcomer, tmp_path / "project")
    newcomer.until(lambda: newcomer.window.page is not None)


def test_missing_images_are_found_in_another_folder(qtbot: QtBot, tmp_path: Path) -> None:
    build_project(tmp_path, 2).close()
    old, new = tmp_path / "pictures", tmp_path / "moved"
    shutil.move(old, new)
    with annotator_at(qtbot, tmp_path / "home", Project.open(tmp_path / "project")) as annotator:
        plate = missing_plate(annotator)
        annotator.until(plate.isVisible)
        assert plate.text == f"Images are missing from {old}"
        desk = annotator.page.findChild(RelinkDesk)
        assert isinstance(desk, RelinkDesk)
        desk.look(str(old), tmp_path)
        annotator.until(lambda: "0 of 2 images" in annotator.window.messages.text)
        (new / "002.jpg").rename(tmp_path / "002.jpg")
        desk.look(str(old), new)
        annotator.until(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox))
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert box.defaultButton().text() == "Cancel"
        box.defaultButton().click()
        assert plate.isVisible()
        (tmp_path / "002.jpg").rename(new / "002.jpg")
        desk.look(str(old), new)
        annotator.until(lambda: annotator.page.has_picture)
        assert not plate.isVisible()
        assert annotator.window.messages.text == f"2 of 2 images are in {new}."


def test_nothing_in_the_folder_of_images_is_opened_for_writing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day's work with every way to write below the images barred, as on a read-only disk (root may write anyway)."""
    project = build_project(tmp_path, 2)
    images = tmp_path / "pictures"
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in images.iterdir()}
    real_open = builtins.open

    def guarded(file: object, mode: str = "r", *args: object, **options: object) -> object:
        inside = isinstance(file, str | Path) and str(file).startswith(str(images))
        if inside and set(mode) & set("wax+"):
            raise PermissionError(30, "Read-only file system", str(file))
        return real_open(file, mode, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(builtins, "open", guarded)
    images.chmod(0o555)
    try:
        with annotator_at(qtbot, tmp_path / "home", project) as annotator:
            person = annotator.person_id
            annotator.drag_joint("left_wrist", (25, 10))
            annotator.until_settled()
            annotator.press("R")
            annotator.until(lambda: annotator.page.view is not None and annotator.state == "fitted")
            annotator.accept()
            annotator.until(lambda: annotator.stored_state(person) == "accepted")
    finally:
        images.chmod(0o755)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in images.iterdir()} == before
