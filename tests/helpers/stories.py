"""Stories through the real ``main()``: here, or in a process of their own that may be killed or be another user."""

from __future__ import annotations

import importlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qt_compat import qt_api
from pytestqt.qtbot import QtBot

from app.paths import HOME_VARIABLE
from app.ui.crash import CrashReporter
from app.ui.main_window import MainWindow
from main import main
from tests.helpers.ui_stories import Annotator

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def program_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and log in a folder of their own; what ``main()`` hooks into the process is taken back."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def run_story(qtbot: QtBot, arguments: list[str], story: Callable[[Annotator], None]) -> int:
    """Run ``main()`` and, once its window is there, the story in its event loop; the exit code."""
    wrong: list[BaseException] = []

    def tell() -> None:
        window = next(
            widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow) and widget.isVisible()
        )
        try:
            annotator = Annotator(qtbot, window, CrashReporter(None))
            annotator.take_place()
            story(annotator)
        except BaseException as error:  # noqa: BLE001 - raised below, outside Qt's event loop
            wrong.append(error)
        finally:
            window.close()

    QTimer.singleShot(0, tell)
    code = main(arguments)
    if wrong:
        raise wrong[0]
    return code


def start_story(name: str, folder: Path, home: Path, prefix: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Begin a story in a process of its own; its prints can be read, and it can be killed.

    Args:
        name: ``package.module:function`` of the story, which takes an :class:`Annotator`.
        folder: Project to open.
        home: Folder of the settings.
        prefix: Command that starts the process, by default none.
    """
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), HOME_VARIABLE: str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "tests.helpers.stories", name, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=_ROOT,
        env=environment,
    )


def read_until(process: subprocess.Popen[str], word: str) -> None:
    """Read what a story prints up to a line; fails with all of it when the story ends before."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if line.strip() == word:
            return
        said.append(line)
    pytest.fail(f"the story ended without {word}: {''.join(said)}")


def _tell_in_this_process(name: str, folder: str) -> int:
    module, _, function = name.partition(":")
    story = getattr(importlib.import_module(module), function)
    qt_api.set_qt_api("pyside6")  # which pytest would have done
    return run_story(QtBot(None), [folder], story)


if __name__ == "__main__":
    sys.exit(_tell_in_this_process(*sys.argv[1:]))
