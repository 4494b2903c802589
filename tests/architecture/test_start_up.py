"""What a static rule cannot see: the window and the commands start without the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "smplx", "pyrender", "cv2", "scipy.optimize", "app.ui.pages.progress")


@pytest.mark.parametrize("module", ["main", "app.cli.program", "app.ui.main_window", "fitting.runners", "db.store"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_main_imports_only_the_standard_library() -> None:
    code = "import sys; before = set(sys.modules); import main; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours_and_heavy = {name.partition(".")[0] for name in done.stdout.split()} - set(sys.stdlib_module_names)
    assert ours_and_heavy == {"main"}
