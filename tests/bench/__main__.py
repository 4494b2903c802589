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
from tests.bench.live import measure_live
from tests.bench.measure import Figure
from tests.bench.storing import measure_storing


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
        *measure_canvas(),
    ]
    figures += _measure_window()
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


def _measure_window() -> list[Figure]:
    """The event loop during a re-fit, in a process of its own: the window must not share ours with torch."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.event_loop"], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
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


if __name__ == "__main__":
    sys.exit(main())
