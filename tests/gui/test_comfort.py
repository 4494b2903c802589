"""Every page and dialog: no control without a name, no text cut off, small enough for 1600 x 1000 pixels at 200 %.

At 200 % the window has 800 x 500 logical pixels; the tests give it that size and, where the platform allows no
second scale in one process, a child process runs them at a scale factor of 2.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui.reject_dialog import RejectDialog
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at

DIALOGS = {
    "settings": "program.settings",
    "shortcut editor": "program.edit_shortcuts",
    "sheet": "help.shortcuts",
    "handbook": "help.handbook",
    "import": "project.import",
    "bundle": "project.bundle",
    "restore": "project.restore",
    "export": "project.export",
    "check": "project.check",
}
SMALL = (800, 500)
LARGE = (1600, 1000)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At a person with a fit."""
    project = build_project(tmp_path, 2)
    add_fit(project, people_of(project)[0])
    with annotator_at(qtbot, tmp_path / "home", project) as annotator:
        yield annotator


def every_scene(annotator: Annotator) -> Iterator[tuple[str, QWidget]]:
    """Each page and dialog in turn, on screen."""
    window = annotator.window
    yield "review", window
    for name, action_id in DIALOGS.items():
        window.actions_table[action_id].trigger()
        dialog = newest_dialog()
        yield name, dialog
        dialog.close()
    annotator.crashes.report(ZeroDivisionError("planted"))
    annotator.until(lambda: annotator.crashes.dialog is not None)
    assert annotator.crashes.dialog is not None
    yield "crash", annotator.crashes.dialog
    annotator.crashes.dialog.close()
    reject = RejectDialog("somebody", window)
    reject.open()
    yield "reject", reject
    reject.close()
    window.start_tour()
    annotator.until(lambda: window.guides.tour is not None and window.guides.tour.step == 0)
    yield "tour", window
    window.guides.close_tour()
    window.close_project()
    yield "welcome", window


def newest_dialog() -> QWidget:
    found = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog) and widget.isVisible()]
    assert len(found) == 1
    return found[0]


def test_every_control_has_a_name(annotator: Annotator) -> None:
    unnamed = []
    for name, scene in every_scene(annotator):
        for widget in scene.findChildren(QWidget):
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(scene):
                continue
            if isinstance(widget, QHeaderView) or widget.parent() is None or is_inside_a_control(widget):
                continue
            text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
            if not (widget.accessibleName() or text):
                unnamed.append(f"{name}: {type(widget).__name__} {widget.objectName()}")
    assert unnamed == []


def is_inside_a_control(widget: QWidget) -> bool:
    """Parts of Qt's own controls, which speak for themselves: the text of a spin box, the viewport of a list."""
    if widget.objectName().startswith("qt_"):
        return True
    parent = widget.parentWidget()
    return isinstance(parent, QAbstractItemView | QAbstractScrollArea) and parent.viewport() is widget


def find_clipped(scene: QWidget) -> list[str]:
    """Texts of labels and buttons that have less room than they need, scrolled out of sight or not."""
    clipped = []
    for widget in scene.findChildren(QWidget):
        if not widget.isVisibleTo(scene):
            continue
        need = needed_room(widget)
        if need is None:
            continue
        width, height = need
        if width > widget.width() + 1 or height > widget.height() + 1:
            text = widget.text()  # type: ignore[attr-defined]
            clipped.append(
                f"{type(widget).__name__} {text[:40]!r}: {widget.width()}x{widget.height()}, needs {width}x{height}"
            )
    return clipped


def needed_room(widget: QWidget) -> tuple[int, int] | None:
    """Width and height the text of a label or a button takes; None for what shows no text or cuts it with dots."""
    metrics = widget.fontMetrics()
    if isinstance(widget, QLabel) and widget.text() and type(widget) is QLabel:
        if widget.wordWrap():
            return 0, widget.heightForWidth(widget.width()) if widget.hasHeightForWidth() else metrics.height()
        if widget.sizePolicy().horizontalPolicy() == widget.sizePolicy().Policy.Ignored:
            return 0, metrics.height()
        return metrics.size(0, widget.text()).width(), metrics.height()
    if isinstance(widget, QToolButton):
        shows_text = widget.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly or widget.icon().isNull()
        return (metrics.horizontalAdvance(widget.text()), metrics.height()) if shows_text and widget.text() else None
    if isinstance(widget, QPushButton | QCheckBox) and widget.text():
        return metrics.horizontalAdvance(widget.text()), metrics.height()
    return None


@SIZES
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_text_is_cut_off(annotator: Annotator, size: tuple[int, int], theme: str) -> None:
    annotator.window.actions_table[f"theme.{theme}"].trigger()
    annotator.window.resize(*size)
    QApplication.processEvents()
    clipped = [f"{name}: {text}" for name, scene in every_scene(annotator) for text in find_clipped(scene)]
    assert clipped == []


def test_everything_fits_into_the_window_at_200_percent(annotator: Annotator) -> None:
    annotator.window.resize(*SMALL)
    QApplication.processEvents()
    assert (annotator.window.width(), annotator.window.height()) == SMALL
    too_large = [
        name for name, scene in every_scene(annotator) if scene.width() > SMALL[0] or scene.height() > SMALL[1]
    ]
    assert too_large == []


@pytest.mark.skipif(os.environ.get("QT_SCALE_FACTOR") == "2", reason="this is the child")
def test_the_same_holds_at_a_scale_factor_of_two() -> None:
    wanted: Callable[[str], str] = "{}::test_no_text_is_cut_off[light-small]".format
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", wanted(__file__)],
        env=os.environ | {"QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
