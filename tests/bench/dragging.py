"""The window while a joint is dragged and the body follows: real window, real workers, a heartbeat on the event loop.

A scripted hand drags one wrist of a synthetic person along a circle for some seconds, a mouse move every 16 ms. Prints
one JSON object: body updates that reached the picture and the side view each second, the gaps between beats, how far
the body's wrist is behind the hand, and seconds from letting go to the fit of record on screen.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import numpy as np

from fitting.spec import ByteImage, RenderResult, Window
from tests.bench.windows import Stopwatch, open_window, print_figures, run_until

SECONDS = 6.0
RADIUS_PX = 40.0
_MOVE_MS = 16


def measure(folder: Path) -> dict[str, float]:
    """Drag and watch."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    opened = open_window(folder, people=1)
    window, page = opened.window, opened.page
    window.actions_table["fit.refit"].trigger()
    run_until(lambda: page.view is not None and len(page.view.fits) == 1 and not page.fitting)
    run_until(lambda: page.display.is_drawn)
    view = page.view
    assert view is not None
    joint = view.skeleton.index("left_wrist")
    canvas = page.canvas
    place = view.revision.keypoints[joint, :2]
    bodies, behind = _watch(page, joint)

    def screen(x: float, y: float) -> QPoint:
        u, v = canvas.viewport_map().to_screen(x, y)
        return QPoint(round(u), round(v))

    button = Qt.MouseButton.LeftButton
    QTest.mousePress(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, screen(*place))
    stopwatch = Stopwatch()
    stopwatch.start()
    started = time.perf_counter()
    point = screen(*place)
    while (elapsed := time.perf_counter() - started) < SECONDS:
        angle = 2 * math.pi * elapsed / 3
        point = screen(place[0] + RADIUS_PX * math.sin(angle), place[1] + RADIUS_PX * (math.cos(angle) - 1))
        QTest.mouseMove(canvas.viewport(), point)
        beat = time.perf_counter()
        run_until(lambda beat=beat: time.perf_counter() - beat >= _MOVE_MS / 1000)
    first = bodies[0] - started if bodies else math.nan
    updates = len(bodies) / (SECONDS - first) if bodies else 0.0
    QTest.mouseRelease(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, point)
    released = time.perf_counter()
    run_until(lambda: page.view is not None and len(page.view.fits) == 2 and not page.fitting)
    run_until(lambda: page.display.is_drawn)
    record = time.perf_counter() - released
    stopwatch.stop()
    window.close()
    return {
        "updates_per_second": updates,
        "first_update_seconds": first,
        "longest_gap_ms": max(stopwatch.gaps_ms),
        "p99_gap_ms": float(np.percentile(stopwatch.gaps_ms, 99)),
        "behind_px": float(np.median(behind)) if behind else math.nan,
        "record_seconds": record,
    }


def _watch(page: object, joint: int) -> tuple[list[float], list[float]]:
    """Note when a live body is on the picture *and* in the view beside it, and how far its wrist is from the hand."""
    from app.ui.pages.annotate import AnnotatePage

    assert isinstance(page, AnnotatePage)
    times: list[float] = []
    behind: list[float] = []
    side = page.column.side_view
    show_overlay, show_layer = page.canvas.set_overlay, side.set_body
    show_joints = page.canvas.set_fit_joints
    fresh = {"overlay": False, "side": False}

    def note(name: str) -> None:
        fresh[name] = True
        if all(fresh.values()):
            times.append(time.perf_counter())
            fresh.update(overlay=False, side=False)

    def note_overlay(rgba: ByteImage | None, window: Window | None = None) -> None:
        show_overlay(rgba, window)
        if rgba is not None:
            note("overlay")

    def note_side(drawn: RenderResult | None) -> None:
        show_layer(drawn)
        if drawn is not None:
            note("side")

    def note_joints(joints_px: np.ndarray | None) -> None:
        show_joints(joints_px)
        if joints_px is not None:
            hand = page.canvas.live_keypoints()[joint, :2]
            behind.append(float(np.linalg.norm(joints_px[joint] - hand)))

    page.canvas.set_overlay = note_overlay  # type: ignore[method-assign]
    side.set_body = note_side  # type: ignore[method-assign]
    page.canvas.set_fit_joints = note_joints  # type: ignore[method-assign]
    return times, behind


def main() -> int:
    """Print the figures."""
    return print_figures(measure)


if __name__ == "__main__":
    sys.exit(main())
