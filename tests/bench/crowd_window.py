"""The window on a hundred thousand people: opening, filters, orders, going on, memory after two thousand people.

Prints one JSON object: milliseconds and megabytes by name. Run by ``make bench`` in a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from tests.bench.crowd import PEOPLE, prepare_crowd
from tests.bench.windows import Stopwatch, run_until

if TYPE_CHECKING:
    from app.ui.pages.annotate import AnnotatePage
    from db.records import PersonId

FILTERS = ("state:fitted,stale", "rms>10 beta>2", "suspicion>0.7", "reason:swap", "by:anna", "dataset:coco", "000123")
ORDERS = ("suspicion", "rms", "l2d", "newest", "random")
CHANGES = 2000
_WARM, _STEPS = 3, 60


class CrowdBench:
    """The window, and what is measured at it."""

    def __init__(self, page: AnnotatePage) -> None:
        self.page = page
        self.figures: dict[str, float] = {}

    def note(self, name: str, taken: list[float]) -> None:
        """Keep median and 95th percentile of some milliseconds."""
        self.figures[f"{name}_ms"] = float(np.median(taken))
        self.figures[f"{name}_p95_ms"] = float(np.percentile(taken, 95))

    def until_idle(self) -> None:
        """Wait until nothing is read, written or drawn, people who will be wanted next included."""
        context = self.page.context
        run_until(lambda: not self.page._prefetch_pause.isActive() and not context.reads.busy)
        run_until(lambda: not context.renders.busy and not context.thumbnails.busy)

    def shows(self, person_id: PersonId) -> bool:
        """Whether a person is painted."""
        view = self.page.view
        return view is not None and view.person.id == person_id and self.page.clock.seconds > 0

    def measure_lists(self) -> None:
        """Each filter and each order, from asking to the list on screen."""
        column, model = self.page.people_column, self.page.people
        answered: list[float] = []
        model.filtered.connect(lambda: answered.append(time.perf_counter()))

        def ask(work: Callable[[], None]) -> float:
            answered.clear()
            started = time.perf_counter()
            work()
            run_until(lambda: bool(answered))
            return 1000 * (answered[-1] - started)

        taken = []
        for text in FILTERS * 3:
            taken.append(ask(lambda text=text: column.set_filter_text(text)))  # type: ignore[misc]
            self.until_idle()
            ask(lambda: column.set_filter_text(""))
            self.until_idle()
        self.note("filter", taken)
        taken = []
        for order in ORDERS * 3:
            column.order_box.setCurrentIndex(column.order_box.findData(order))
            taken.append(ask(column._choose_order))
            self.until_idle()
        column.order_box.setCurrentIndex(0)
        ask(column._choose_order)
        self.note("order", taken)

    def measure_steps(self) -> None:
        """From one person to the next, from key to paint: read ahead, and cold."""
        navigator, context = self.page.navigator, self.page.context
        ids = self.page.people.ids
        ahead, undecided, cold = [], [], []
        for step in range(_WARM + _STEPS):
            self.until_idle()
            ahead.append(self._go(lambda: navigator.step(1)))
            self.until_idle()
            undecided.append(self._go(lambda: navigator.jump_undecided(1)))
            self.until_idle()
            far = ids[(step * 7919 + 13) % len(ids)]
            cold.append(self._go(lambda far=far: context.set_person(far)))  # type: ignore[misc]
        for name, taken in (("next", ahead), ("next_undecided", undecided), ("cold", cold)):
            self.note(name, taken[_WARM:])

    def measure_last_undecided(self) -> None:
        """The search for the one person who waits, in a list that is ordered and filtered."""
        column = self.page.people_column
        column.set_filter_text("state:accepted,stale")
        run_until(lambda: len(self.page.people.filter.conditions) == 1 and not self.page.context.reads.busy)
        taken = []
        for direction in (1, -1) * 10:
            search = self.page.people.build_undecided_search(self.page.people.ids[0], direction)
            # On the reading thread as in the window; on this one it would count as a gap of the event loop.
            found: list[PersonId | None] = []
            started = time.perf_counter()
            self.page.context.reads.run(search, found.append)
            run_until(lambda found=found: bool(found), poll_ms=1)  # type: ignore[misc]
            taken.append(1000 * (time.perf_counter() - started))
        self.note("undecided_search", taken)
        column.set_filter_text("")
        self.until_idle()

    def measure_memory(self) -> None:
        """Megabytes of this process while it goes through two thousand people."""
        process = psutil.Process()
        for change in range(CHANGES + 1):
            if change in (0, 500, 1000, 2000):
                self.until_idle()
                self.figures[f"memory_{change}_mb"] = process.memory_info().rss / 1e6
            if change < CHANGES:
                self._go(lambda: self.page.navigator.step(1))

    def _go(self, work: Callable[[], None]) -> float:
        """Milliseconds from asking for another person until that one is painted."""
        before = self.page.context.person_id
        painted: list[float] = []
        started = time.perf_counter()
        work()

        def seen() -> bool:
            person_id = self.page.context.person_id
            if person_id is not None and person_id != before and self.shows(person_id):
                painted.append(time.perf_counter())
                return True
            return False

        run_until(seen, poll_ms=1)
        return 1000 * (painted[0] - started)


def measure(people: int, folder: Path) -> dict[str, float]:
    """Open the window on the crowd and measure everything."""
    from app.services.project import Project
    from app.settings import SettingsFile
    from app.ui.crash import CrashReporter
    from app.ui.main_window import MainWindow
    from app.ui.run import build_application
    from app.ui.theme import ThemeKeeper
    from fitting.runners import ProcessRunner

    place = prepare_crowd(people)
    app = build_application()
    themes = ThemeKeeper(app)
    themes.choose("dark")
    window = MainWindow(SettingsFile(folder / "settings.json"), themes, CrashReporter(None), ProcessRunner)
    window.resize(1600, 1000)
    window.show()
    started = time.perf_counter()
    window.show_project(Project.open(place))
    page = window.page
    assert page is not None
    bench = CrowdBench(page)
    run_until(lambda: page.view is not None and page.clock.seconds > 0, poll_ms=1)
    bench.figures["open_ms"] = 1000 * (time.perf_counter() - started)
    bench.until_idle()
    stopwatch = Stopwatch()
    stopwatch.start()
    bench.measure_lists()
    bench.measure_steps()
    bench.measure_last_undecided()
    stopwatch.stop()
    bench.figures["longest_gap_ms"] = max(stopwatch.gaps_ms)
    bench.figures["p99_gap_ms"] = float(np.percentile(stopwatch.gaps_ms, 99))
    bench.figures["longest_busy_ms"] = max(stopwatch.busy_ms)
    bench.figures["p99_busy_ms"] = float(np.percentile(stopwatch.busy_ms, 99))
    bench.measure_memory()
    window.close()
    return bench.figures


def main() -> int:
    """Print the figures."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(people, Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
