"""What computed a study's numbers, for its report."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Final

_LIBRARIES: Final = ("evalica", "numpy", "pandas", "scipy", "statsmodels")


def find_versions() -> dict[str, str]:
    """Python and the libraries behind the statistics."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in _LIBRARIES}
