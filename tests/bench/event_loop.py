"""The window while it re-fits: a heartbeat of 5 ms on the event loop of the real window, fits in the real workers.

Prints one JSON object: seconds from the key to the stored fit on screen, seconds from the key to the first new
overlay, and the gaps between beats while the fits ran.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from fitting.spec import ByteImage, Window
from tests.bench.windows import Stopwatch, open_window, print_figures, run_until

FITS = 5


def measure(folder: Path) -> dict[str, float]:
    """Open the window on two people and re-fit one of them a few times."""
    opened = open_window(folder, people=2)
    window, page = opened.window, opened.page
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
    return print_figures(measure)


if __name__ == "__main__":
    sys.exit(main())
