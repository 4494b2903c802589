"""``make bench``: measure fits, drawing, the store and the window; a table, or with --json one object."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import subprocess
import sys

from rich.console import Console
from rich.table import Table

from tests.bench.canvas import measure_canvas
from tests.bench.drawing import measure_drawing, measure_turning
from tests.bench.fits import measure_fits
from tests.bench.gallery import measure_gallery
from tests.bench.hmr import measure_hmr
from tests.bench.importing import measure_importing
from tests.bench.live import measure_live
from tests.bench.measure import Figure
from tests.bench.storing import measure_storing
from tests.bench.voting import measure_voting


def main() -> int:
    """Measure everything in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = [
        *measure_fits(),
        *measure_live(),
        *measure_hmr(),
        *measure_drawing(),
        *measure_gallery(),
        *measure_storing(),
        *measure_voting(),
        *measure_importing(),
        *measure_canvas(),
    ]
    figures += _measure_window()
    figures += _measure_dragging()
    figures += _measure_session()
    figures += _measure_crowd()
    figures += measure_turning()
    if arguments.json:
        print(json.dumps([dataclasses.asdict(figure) for figure in figures], indent=2))
        return 0
    table = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for column in ("what", "median ms", "p95 or max", "target"):
        table.add_column(column, justify="left" if column in ("what", "target") else "right")
    for figure in figures:
        table.add_row(figure.name, f"{figure.median:.2f}", f"{figure.p95:.2f}", figure.target)
    Console(width=120).print(table)
    return 0


def _measure_apart(module: str) -> dict[str, float]:
    """Figures of a window in a process of its own, which must not share ours with torch."""
    done = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _measure_dragging() -> list[Figure]:
    """A scripted hand drags a wrist and the body follows."""
    result = _measure_apart("tests.bench.dragging")
    interval, first, record = (
        1000 * seconds
        for seconds in (
            1 / result["updates_per_second"],
            result["first_update_seconds"],
            result["record_seconds"],
        )
    )
    return [
        Figure("drag: between bodies on picture and side view", interval, interval, "<= 125"),
        Figure("drag: first body after the hand sets off", first, first, ""),
        Figure(
            "drag: event-loop gaps meanwhile (p99, longest)",
            result["p99_gap_ms"],
            result["longest_gap_ms"],
            "longest <= 100, p99 <= 50",
        ),
        Figure("drag: let go to fit of record", record, record, "<= 1500"),
        Figure("drag: px between hand and the body's wrist", result["behind_px"], result["behind_px"], ""),
    ]


def _measure_window() -> list[Figure]:
    """The event loop during a re-fit."""
    result = _measure_apart("tests.bench.event_loop")
    return [
        Figure(
            "window: re-fit, key to stored", 1000 * result["refit_seconds"], 1000 * result["refit_seconds"], "<= 1500"
        ),
        Figure(
            "window: first overlay after the key",
            1000 * result["first_overlay_seconds"],
            1000 * result["first_overlay_seconds"],
            "<= 300",
        ),
        Figure(
            "window: event-loop gaps meanwhile (p99, longest)",
            result["p99_gap_ms"],
            result["longest_gap_ms"],
            "longest <= 100, p99 <= 50",
        ),
    ]


def _measure_session() -> list[Figure]:
    """A rater's window while trials change."""
    result = _measure_apart("tests.bench.session")
    return [
        Figure(
            "study: key to the next trial on screen, stored meanwhile",
            1000 * result["change_seconds"],
            1000 * result["longest_change_seconds"],
            "<= 200",
        ),
        Figure(
            "study: event-loop gaps meanwhile (p99, longest)",
            result["p99_gap_ms"],
            result["longest_gap_ms"],
            "longest <= 100, p99 <= 50",
        ),
    ]


def _measure_crowd() -> list[Figure]:
    """The window on a hundred thousand people."""
    result = _measure_apart("tests.bench.crowd_window")
    rows = (
        ("filter", "filter, asked to shown", "<= 200"),
        ("order", "order, asked to shown", "<= 200"),
        ("undecided_search", "search for the next undecided", "p95 <= 100"),
        ("next_undecided", "next undecided, read ahead", "p95 <= 100"),
        ("next", "next person, read ahead", "p95 <= 100"),
        ("cold", "any person, cold", "p95 <= 300"),
    )
    figures = [
        Figure(f"100,000 people: {title}", result[f"{name}_ms"], result[f"{name}_p95_ms"], target)
        for name, title, target in rows
    ]
    opened, memory = result["open_ms"], result["memory_2000_mb"]
    grown = memory - result["memory_500_mb"]
    return [
        Figure("100,000 people: open to first picture", opened, opened, "<= 3000"),
        *figures,
        Figure(
            "100,000 people: event-loop gaps (p99, longest)",
            result["p99_gap_ms"],
            result["longest_gap_ms"],
            "longest <= 100, p99 <= 50",
        ),
        Figure(
            "100,000 people: processor time in them (p99, longest)",
            result["p99_busy_ms"],
            result["longest_busy_ms"],
        ),
        Figure("100,000 people: MB after 2,000 people", memory, memory, "<= 1000"),
        Figure("100,000 people: MB grown since person 500", grown, grown, "< 50"),
    ]


if __name__ == "__main__":
    sys.exit(main())
