"""Measuring: repeat, drop the warm-up, report median and 95th percentile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

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
