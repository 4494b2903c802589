"""Raters: a vote is one committed transaction; the next trial; opening a package as large as studies get."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from db.rater_package.package import RaterPackage
from tests.bench.measure import Figure, time_ms
from tests.helpers.rater_packages import SHOWN, build_package


def measure_voting() -> Iterator[Figure]:
    """Rows about a package of 20 seats with 500 trials each."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "package"
        with build_package(folder, seats=20, trials=500) as package:
            place = package.sit_down("Ann")
            trials = iter([package.peek(place, position) for position in range(500)])

            def vote() -> None:
                trial = next(trials)
                assert trial is not None
                package.vote(place, trial, "left", response_s=2.0, focus_losses=0, enlarged_s=0.0, shown_at=SHOWN)

            yield time_ms("study: vote, committed", vote, runs=300, target="p95 <= 5")
            yield time_ms("study: next trial", lambda: package.next_trial(place), runs=200)
            yield time_ms("study: raters' progress", package.status, runs=50)
        yield time_ms("study: open a package of 10,000 trials", lambda: RaterPackage.open(folder).close(), runs=20)
