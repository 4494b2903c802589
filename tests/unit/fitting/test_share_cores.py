"""How many threads a worker takes."""

from __future__ import annotations

import pytest

from fitting.runners.process import share_cores


@pytest.mark.parametrize(("wanted", "threads"), [("1", 1), ("3", 3)])
def test_the_environment_decides(wanted: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)
    assert share_cores(1) == share_cores(4) == threads


@pytest.mark.parametrize("wanted", ["", "0", "many", "2,1"])
def test_otherwise_the_cores_of_this_process_are_shared_out(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", wanted)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(6)), raising=False)
    assert [share_cores(workers) for workers in (1, 2, 4, 9)] == [6, 3, 1, 1]
