"""Starting the window: the Qt application, what happens on a crash and on Ctrl-C, the main loop."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from app.logs import start_logging
from app.paths import settings_file
from app.services.errors import ServiceError
from app.services.project import check_project
from app.settings import SettingsFile
from app.ui.crash import CrashReporter
from app.ui.main_window import APP_TITLE, MainWindow
from app.ui.session.window import SessionWindow
from app.ui.theme import ThemeKeeper
from db.rater_package.package import RaterPackage
from fitting.runners import ProcessRunner

_INTERRUPTED = 130
_SIGNAL_POLL_MS = 200
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""Any of them names a place for windows, the last one also ``offscreen``."""


def run_window(project_folder: Path | None = None, annotator: str | None = None) -> int:
    """Open the window and return when it is closed.

    Args:
        project_folder: Project to open; None opens the last one, or the welcome page.
        annotator: Name of whoever works; None takes the one remembered for the project, or the system's.

    Returns:
        Exit status: 0 closed, 130 interrupted.

    Raises:
        ServiceError: The folder holds no project, or there is no screen for a window.
    """
    if project_folder is not None:
        check_project(project_folder)
    app, settings, themes, crashes = _prepare()
    window = MainWindow(settings, themes, crashes, ProcessRunner, annotator)
    folder = project_folder or _last_project(settings)

    def begin() -> None:
        window.show()
        if folder is not None:
            window.open_folder(folder)

    return _run(app, window, begin)


def run_session(package_folder: Path, rater: str | None = None, *, full_screen: bool = False) -> int:
    """Open a rater's window on a package and return when it is closed.

    Args:
        package_folder: A rater package; no project is needed.
        rater: Pseudonym to begin with; None takes the one remembered for the package, or suggests one.
        full_screen: Begin with the whole screen.

    Returns:
        Exit status: 0 closed, 130 interrupted.

    Raises:
        StoreError: The folder is no package that can be opened.
        ServiceError: There is no screen for a window.
    """
    _check_display()
    package = RaterPackage.open(package_folder)
    app, settings, _themes, crashes = _prepare()
    window = SessionWindow(package, settings, rater)
    window.crashed.connect(crashes.report)
    crashes.list_actions = window.actions_table.latest
    return _run(app, window, window.showFullScreen if full_screen else window.show)


def _prepare() -> tuple[QApplication, SettingsFile, ThemeKeeper, CrashReporter]:
    """What any window of this program needs."""
    _check_display()
    log_path = start_logging()
    app = build_application()
    settings = SettingsFile(settings_file())
    themes = ThemeKeeper(app)
    themes.choose(settings.values.theme)
    crashes = CrashReporter(log_path, app)
    crashes.install()
    return app, settings, themes, crashes


def _run(app: QApplication, window: QMainWindow, begin: Callable[[], None]) -> int:
    """Show a window and run the event loop until it is closed."""
    interrupted = _close_on_interrupt(window)
    begin()
    code = app.exec()
    return _INTERRUPTED if interrupted else code


def build_application() -> QApplication:
    """The Qt application of this process, made on the first call."""
    # opencv-python points these at its own copy of Qt's plug-ins, which do not fit ours.
    for variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(variable, None)
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # What is imported stays: a full collection that walks it stops the window for 100 to 300 ms.
    gc.freeze()
    app = QApplication(sys.argv[:1])
    app.setApplicationName(APP_TITLE)
    QGuiApplication.setApplicationDisplayName(APP_TITLE)
    app.setStyle("Fusion")
    return app


def _check_display() -> None:
    """Say in a sentence what Qt would say by aborting the process."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _DISPLAYS):
        raise ServiceError(
            "There is no display to open a window on; use a desktop session, or a command: python main.py --help."
        )


def _last_project(settings: SettingsFile) -> Path | None:
    if not settings.values.reopen_last:
        return None
    recent = settings.values.recent_projects
    folder = Path(recent[0]) if recent else None
    return folder if folder is not None and folder.is_dir() else None


def _close_on_interrupt(window: QMainWindow) -> list[int]:
    """Close the window properly on Ctrl-C; the list then holds the signal."""
    received: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        received.append(number)
        window.close()

    signal.signal(signal.SIGINT, on_signal)
    # Python runs its signal handlers only between bytecodes; without a tick an idle event loop never gets there.
    tick = QTimer(window)
    tick.setInterval(_SIGNAL_POLL_MS)
    tick.timeout.connect(lambda: None)
    tick.start()
    return received
