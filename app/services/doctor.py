"""What this machine has, what is missing, and the cure of each."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.fitting import new_job_id
from fitting.spec import Job, WarmUpJob, WarmUpResult
from resources import default_body, default_regressor

Health: TypeAlias = Literal["ok", "missing", "optional"]

SYSTEM_LIBRARIES = (
    "libegl1 libgl1 libgl1-mesa-dri libgles2 libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-render-util0 libdbus-1-3 fonts-dejavu-core"
)
_PACKAGES = ("torch", "smplx", "pyrender", "PySide6-Essentials", "SQLAlchemy", "numpy")
_FREE_BYTES = 2 * 10**9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and what to do if it is not as it should be."""

    name: str
    health: Health
    found: str
    cure: str = ""


def examine(make_runner: RunnerFactory, folder: Path) -> list[Finding]:
    """Look at everything; drawing and fitting are really tried, in a worker as always.

    Args:
        make_runner: Runner for the trials.
        folder: Whose disk is looked at.
    """
    return [*look_around(folder), *_iter_trials(make_runner)]


def look_around(folder: Path) -> list[Finding]:
    """What can be told without trying anything: versions, disk, display."""
    return list(_iter_static(folder))


def _iter_static(folder: Path) -> Iterator[Finding]:
    version = platform.python_version()
    enough = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if enough else "missing", version, "" if enough else "install Python 3.11 or newer")
    for package in _PACKAGES:
        try:
            yield Finding(package, "ok", importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(package, "missing", "not installed", "run 'make setup'")
    yield Finding("SQLite", "ok", sqlite3.sqlite_version)
    free = shutil.disk_usage(folder).free
    yield Finding(
        "Free disk",
        "ok" if free > _FREE_BYTES else "missing",
        f"{free / 1e9:.1f} GB",
        "" if free > _FREE_BYTES else "free 2 GB",
    )
    if sys.platform == "linux":
        shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        yield Finding(
            "Display",
            "ok" if shown else "optional",
            shown or "none",
            "" if shown else "the window needs one (a desktop, or Xvfb); every command works without",
        )


def _iter_trials(make_runner: RunnerFactory) -> Iterator[Finding]:
    for path, title, cure in (
        (default_body(), "Mannequin", "run 'python main.py body build'"),
        (default_regressor(), "Open regressor", "check the files out again"),
    ):
        there = path.is_file()
        yield Finding(title, "ok" if there else "missing", str(path) if there else "no file", "" if there else cure)
    body = default_body()
    yield _try(
        make_runner,
        "Fitting (torch)",
        WarmUpJob(new_job_id(), body, regressor=default_regressor()),
        "run 'make setup' again",
    )
    yield _try(
        make_runner,
        "Drawing (EGL)",
        WarmUpJob(new_job_id(), body, renderer=True),
        f"on Debian or Ubuntu: sudo apt-get install {SYSTEM_LIBRARIES}",
    )


def _try(make_runner: RunnerFactory, title: str, job: Job, cure: str) -> Finding:
    try:
        with BlockingJobs(make_runner) as jobs:
            result = jobs.run(job, WarmUpResult)
    except ServiceError as error:
        return Finding(title, "missing", str(error), cure)
    return Finding(title, "ok", f"works; loaded in {result.seconds:.1f} s")
