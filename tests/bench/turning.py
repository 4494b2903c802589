"""The body on screen: turned by hand, and following a running fit; the real window with the real workers.

Prints one JSON object: milliseconds between two painted frames while the camera orbits (one pane, and two compared),
and while iterations of a fit are shown 25 times a second and EFT keeps the other worker busy; and milliseconds from
the request of such a picture to its paint.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fitting.spec import BodyFit
from tests.bench.windows import open_window, print_figures, run_until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.ui.pages.annotate import AnnotatePage
    from fitting.spec import JobResult

FRAMES = 150
_MOUSE_MS = 8
_STEPS_MS = 40


def _watch_paints(widget: QWidget, name_of_update: str, owner: object) -> list[float]:
    """Moments at which a widget was painted for the first time after it had got something new."""
    from PySide6.QtCore import QEvent, QObject

    painted: list[float] = []
    fresh = [False]
    update = getattr(owner, name_of_update)

    def note(*arguments: object) -> None:
        fresh[0] = True
        update(*arguments)

    class Watcher(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
            if event.type() == QEvent.Type.Paint and fresh[0]:
                fresh[0] = False
                painted.append(time.perf_counter())
            return False

    setattr(owner, name_of_update, note)
    widget.installEventFilter(Watcher(widget))
    return painted


def _orbit(page: AnnotatePage, panel: QWidget) -> list[float]:
    """Milliseconds between frames while a hand moves the camera at the pace of a mouse."""
    from PySide6.QtCore import Qt, QTimer

    painted = _watch_paints(panel, "show_body", panel)
    hand = QTimer()
    hand.setTimerType(Qt.TimerType.PreciseTimer)
    hand.timeout.connect(lambda: page.camera.orbit(1.1, 0.3 * np.sin(time.perf_counter())))
    hand.start(_MOUSE_MS)
    run_until(lambda: len(painted) >= FRAMES)
    hand.stop()
    page.camera.rest()
    run_until(lambda: not page.context.renders.busy)
    return (1000 * np.diff(painted[10:FRAMES])).tolist()


def _follow_a_fit(page: AnnotatePage) -> tuple[list[float], list[float]]:
    """Milliseconds between painted iterations, and from request to paint, while EFT runs in the other worker."""
    from PySide6.QtCore import Qt, QTimer

    from app.services.fitting import build_fit_job, new_job_id
    from app.ui.jobs import JobHandlers

    view = page.view
    assert view is not None
    assert view.fit is not None
    job = build_fit_job(page.context.project, view.person.id).job
    running = [True]

    def keep_busy(_result: JobResult | None = None) -> None:
        if running[0]:
            handlers = JobHandlers(on_finished=keep_busy, on_failed=lambda _failure: None)
            page.context.fits.submit(dataclasses.replace(job, job_id=new_job_id()), handlers)

    keep_busy()
    overlays = _watch_paints(page.canvas.viewport(), "set_overlay", page.canvas)
    panel = page.column.side_view.panel
    views = _watch_paints(panel, "show_body", panel)
    asked: list[float] = []
    fit = view.fit

    def step() -> None:
        angle = 0.03 * len(asked)
        bend = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        rotations = fit.rotations.copy()
        rotations[18] = rotations[18] @ bend
        asked.append(time.perf_counter())
        page.display.preview(view, BodyFit(rotations, fit.betas, fit.camera))

    iterations = QTimer()
    iterations.setTimerType(Qt.TimerType.PreciseTimer)
    iterations.timeout.connect(step)
    iterations.start(_STEPS_MS)
    run_until(lambda: min(len(overlays), len(views)) >= FRAMES)
    iterations.stop()
    running[0] = False
    page.display.show(view, page.history.shown)
    run_until(lambda: not page.context.fits.busy and not page.context.renders.busy)
    # The newest wins: a paint shows at best the last request before it, and at worst one of its age plus a frame.
    waited = [1000 * (moment - max(a for a in asked if a < moment)) for moment in views[10:FRAMES]]
    return (1000 * np.diff(views[10:FRAMES])).tolist(), waited


def measure(folder: Path) -> dict[str, list[float]]:
    """Open the window on two fitted people and look at one of them."""
    opened = open_window(folder, people=2)
    window, page = opened.window, opened.page
    idle: Callable[[], bool] = lambda: not page.context.fits.busy and not page.context.renders.busy  # noqa: E731
    for count, method in enumerate(("smplify", "eft"), start=1):  # something to compare
        window.actions_table[f"fit_with.{method}"].trigger()
        window.actions_table["fit.refit"].trigger()
        run_until(
            lambda count=count: (
                page.view is not None and len(page.view.fits) == count and page.display.is_drawn and idle()
            )
        )
    result = {"small": _orbit(page, page.column.side_view.panel)}
    result["preview"], result["preview_wait"] = _follow_a_fit(page)
    window.actions_table["view.body_large"].trigger()
    run_until(lambda: page.large_view.left.panel.has_layer() and idle())
    result["large"] = _orbit(page, page.large_view.left.panel)
    window.actions_table["compare.side_by_side"].trigger()
    run_until(lambda: page.large_view.right.panel.has_layer() and idle())
    result["pair"] = _orbit(page, page.large_view.right.panel)
    window.close()
    return result


def main() -> int:
    """Print the figures."""
    return print_figures(measure)


if __name__ == "__main__":
    sys.exit(main())
