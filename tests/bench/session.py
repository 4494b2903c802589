"""The rater's window while trials change: a heartbeat of 5 ms on the event loop, answers by key as soon as they count.

Prints one JSON object: seconds from the key to the next trial on screen, stored meanwhile, and the gaps between beats.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bench.windows import Stopwatch, print_figures, run_until

TRIALS = 60
SIDE_PX = 448
TURN_STEPS = 12
VIEWS = ("keypoints", "overlay", "side", "turntable")


def measure(folder: Path) -> dict[str, float]:
    """Answer all trials of a package with four views on each side, one of which turns."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from app.settings import SettingsFile
    from app.ui.run import build_application
    from app.ui.session.window import SessionWindow
    from app.ui.theme import ThemeKeeper

    app = build_application()
    themes = ThemeKeeper(app)
    themes.choose("dark")
    window = SessionWindow(_make_package(folder / "package"), SettingsFile(folder / "settings.json"), "bench")
    window.resize(1600, 1000)
    window.show()
    clock = window.trial_page.clock
    window.welcome.button.click()
    run_until(lambda: clock.running)
    changes: list[float] = []
    stopwatch = Stopwatch()
    stopwatch.start()
    for position in range(TRIALS - 1):
        pressed = time.perf_counter()
        QTest.keyClick(window.trial_page, Qt.Key.Key_Left if position % 3 else Qt.Key.Key_Right)
        run_until(
            lambda position=position: (
                window.trial is not None and window.trial.position == position + 1 and clock.running
            ),
            poll_ms=1,
        )
        changes.append(time.perf_counter() - pressed)
        looked_at = time.perf_counter()
        run_until(lambda looked_at=looked_at: time.perf_counter() - looked_at > 1.0)
    stopwatch.stop()
    window.close()
    return {
        "change_seconds": float(np.median(changes)),
        "longest_change_seconds": max(changes),
        "longest_gap_ms": max(stopwatch.gaps_ms),
        "longest_busy_ms": max(stopwatch.busy_ms),
        "p99_gap_ms": float(np.percentile(stopwatch.gaps_ms, 99)),
    }


def _make_package(folder: Path) -> object:
    from db.rater_package.names import name_picture
    from db.rater_package.package import RaterPackage
    from db.rater_package.records import PackageInfo, PackageTrial

    chance = np.random.default_rng(7)
    pictures: dict[str, bytes] = {}

    def draw(steps: int) -> str:
        coarse = chance.integers(0, 255, (28, 28 * steps, 3), dtype=np.uint8)
        file = io.BytesIO()
        size = (SIDE_PX * steps, SIDE_PX)
        Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(file, "PNG", compress_level=1)
        pictures[name_picture(file.getvalue())] = file.getvalue()
        return name_picture(file.getvalue())

    turns = [draw(TURN_STEPS) for _ in range(4)]
    stills = [draw(1) for _ in range(24)]
    trials = []
    for position in range(TRIALS):
        shared = stills[position % 24]
        left, right = (
            (
                shared,
                stills[(7 * position + side) % 24],
                stills[(5 * position + side) % 24],
                turns[(position + side) % 4],
            )
            for side in (1, 2)
        )
        trials.append(PackageTrial(0, position, left, right))
    info = PackageInfo("bench", "0" * 64, "Which body fits the person better?", VIEWS, False, 0.0, 1000)
    return RaterPackage.create(folder, info, trials, list(pictures.values()))


def main() -> int:
    """Print the figures."""
    return print_figures(measure)


if __name__ == "__main__":
    sys.exit(main())
