"""Settings every test shares: a headless Qt, errors for Qt messages, no thread left behind, workers by the cores."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)  # set by `import cv2`, and then Qt finds no platform
os.environ.pop("QT_QPA_FONTDIR", None)

WORKER_MEMORY_BYTES = 3e9
"""What a worker grows to, most of it in the tests of networks."""


def _count_cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: the cores this process may use
    return len(affinity(0)) if affinity else os.cpu_count() or 1


if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the cores, and threads that wait for each other on busy cores cost more than they bring.
    _threads = str(max(1, _count_cores() // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])))
    for _variable in ("OMP_NUM_THREADS", "LP_NUM_THREADS"):  # torch and the rasteriser of a machine without a GPU
        os.environ.setdefault(_variable, _threads)

REAL_DATA = Path(os.environ.get("EXEMPLAR_REAL_DATA", Path(__file__).parents[2] / "shared" / "data" / "real"))

_LASTING_THREADS = ("pytest_timeout", "Dummy-")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: a worker a core as far as the memory reaches; none, so tests run in this process, on one core."""
    memory = psutil.virtual_memory().available
    workers = min(_count_cores(), int(memory // WORKER_MEMORY_BYTES))
    return workers if workers > 1 else 0


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """Fail a test that leaves a Python thread running, and name it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        left = [
            thread
            for thread in threading.enumerate()
            if thread not in before and thread.is_alive() and not thread.name.startswith(_LASTING_THREADS)
        ]
        if not left:
            return
        time.sleep(0.02)
    pytest.fail(f"the test left threads running: {', '.join(thread.name for thread in left)}")


@pytest.fixture(scope="session", autouse=True)
def new_projects_quickly() -> Iterator[None]:
    """The tables of new projects are copied; tests/unit/db/test_kept_schema.py compares them with the migrations'."""
    from tests.helpers.kept_schema import upgrade_quickly

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.schema._upgrade", upgrade_quickly)
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the development photographs."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"the development photographs are not at {REAL_DATA}; set EXEMPLAR_REAL_DATA to their folder")
    return REAL_DATA


@pytest.fixture(scope="session")
def published_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the published layout with random weights (108 MB, written once a session)."""
    from tests.helpers.released import random_checkpoint

    return random_checkpoint(tmp_path_factory.mktemp("checkpoint") / "2020_05_31-random.pt")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a database on a PostgreSQL server of the tests' own."""
    from tests.helpers.postgres import find_missing_program, running_server

    missing = find_missing_program()
    if missing is not None:
        pytest.skip(missing)
    with running_server() as address:
        yield address
