"""Measuring: repeat, drop the warm-up, report median and 95th percentile."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: milliseconds unless the name says otherwise."""

    name: str
    median: float
    p95: float
    target: str = ""


def time_ms(name: str, work: Callable[[], object], runs: int = 20, warm_up: int = 3, target: str = "") -> Figure:
    """Time a piece of work, milliseconds a run."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - started))
    return Figure(name, float(np.median(taken)), float(np.percentile(taken, 95)), target)


def peak_megabytes() -> float:
    """Largest resident size of this process. Linux hands ``ru_maxrss`` down to children, so it is not asked there."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
