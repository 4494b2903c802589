"""The window that benches look at, as an annotator opens it; waiting for it, and printing what was measured."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.ui.main_window import MainWindow
    from app.ui.pages.annotate import AnnotatePage
    from app.ui.theme import ThemeKeeper


PATIENCE_S = 180.0
_BEAT_MS = 5


class Stopwatch:
    """Gaps between the beats of a timer on the event loop.

    Attributes:
        gaps_ms: On the clock: what people feel, and what other programs do to it.
        busy_ms: Processor time of this thread in each gap: what the window itself is to blame for.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps_ms: list[float] = []
        self.busy_ms: list[float] = []
        self._last, self._last_busy = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to listen."""
        self._last, self._last_busy = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        """Stop listening."""
        self._timer.stop()

    def _beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        self.gaps_ms.append(1000 * (now - self._last))
        self.busy_ms.append(1000 * (busy - self._last_busy))
        self._last, self._last_busy = now, busy


def run_until(seen: Callable[[], bool], poll_ms: int = _BEAT_MS) -> float:
    """Run the event loop, undisturbed, until something is seen; seconds taken.

    Raises:
        TimeoutError: It was not seen.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    loop, poll = QEventLoop(), QTimer()
    started = time.perf_counter()
    answers: list[bool] = []

    def ask() -> None:
        # Asked once a beat: what was true a moment ago may be over by now.
        if seen():
            answers.append(True)
        if answers or time.perf_counter() - started > PATIENCE_S:
            loop.quit()

    poll.timeout.connect(ask)
    poll.start(poll_ms)
    loop.exec()
    poll.stop()
    if not answers:
        raise TimeoutError(f"the window did not get there within {PATIENCE_S:.0f} s")
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class BenchWindow:
    """A window that rests on the first person; ``app`` and ``themes`` live as long as it does."""

    app: QApplication
    themes: ThemeKeeper
    window: MainWindow
    page: AnnotatePage


def open_window(folder: Path, people: int) -> BenchWindow:
    """Open a project of so many people with the real workers."""
    # Qt is imported once the platform is chosen.
    from app.settings import SettingsFile
    from app.ui.crash import CrashReporter
    from app.ui.main_window import MainWindow
    from app.ui.run import build_application
    from app.ui.theme import ThemeKeeper
    from fitting.runners import ProcessRunner
    from tests.helpers.builders import build_project

    app = build_application()
    themes = ThemeKeeper(app)
    themes.choose("dark")
    window = MainWindow(SettingsFile(folder / "settings.json"), themes, CrashReporter(None), ProcessRunner)
    window.resize(1600, 1000)
    window.show()
    window.show_project(build_project(folder, people=people))
    page = window.page
    assert page is not None
    run_until(lambda: page.view is not None and not page.context.fits.busy and not page.context.renders.busy)
    return BenchWindow(app, themes, window, page)


def print_figures(measure: Callable[[Path], Mapping[str, object]]) -> int:
    """Measure in an empty folder, without a display where there is none, and print the figures; an exit code."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder))))
    return 0
