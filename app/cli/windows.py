"""The windows that commands may open at their end; commands know no window, so whoever runs them brings these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Windows:
    """Each opens a window, runs until it is closed and gives the exit code.

    Attributes:
        project: On a project folder.
        session: A rater's: on a package, for a pseudonym if there is one, and on the full screen or not.
    """

    project: Callable[[Path], int]
    session: Callable[[Path, str | None, bool], int]
