"""The window while it re-fits: a heartbeat of 5 ms on the event loop of the real window, fits in the real workers.

Prints one JSON object: seconds from the key to the stored fit on screen, seconds from the key to the first new
overlay, and the gaps between beats while the fits ran.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fitting.spec import ByteImage, Window

PATIENCE_S = 180.0
FITS = 5
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


def measure(folder: Path) -> dict[str, float]:
    """Open the window on two people and re-fit one of them a few times."""
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
    window.show_project(build_project(folder, people=2))
    page = window.page
    assert page is not None
    run_until(lambda: page.view is not None and not page.context.fits.busy and not page.context.renders.busy)
    layers: list[float] = []
    show_layer = page.canvas.set_overlay

    def note_layer(rgba: ByteImage | None, window: Window | None = None) -> None:
        if rgba is not None:
            layers.append(time.perf_counter())
        show_layer(rgba, window)

    page.canvas.set_overlay = note_layer  # type: ignore[method-assign]
    stopwatch = Stopwatch()
    refits, firsts = [], []
    stopwatch.start()
    for number in range(1, FITS + 1):
        before = len(layers)
        pressed = time.perf_counter()
        window.actions_table["fit.refit"].trigger()
        run_until(lambda number=number: page.view is not None and len(page.view.fits) == number)
        refits.append(time.perf_counter() - pressed)
        run_until(lambda: not page.context.renders.busy)
        firsts.append(layers[before] - pressed)
    stopwatch.stop()
    window.close()
    return {
        "refit_seconds": float(np.median(refits)),
        "first_overlay_seconds": float(np.median(firsts)),
        "longest_gap_ms": max(stopwatch.gaps_ms),
        "p99_gap_ms": float(np.percentile(stopwatch.gaps_ms, 99)),
    }


def main() -> int:
    """Print the figures."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
