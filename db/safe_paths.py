"""Names from files that must stay below the folder they are relative to."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

_LONGEST = 1000


def is_safe_path(path: str) -> bool:
    """Whether a posix path is relative, in its plainest form, and stays within its folder on every system."""
    parts = path.split("/")
    return (
        0 < len(path) <= _LONGEST
        and not any(part in ("", ".", "..") for part in parts)
        and "\0" not in path
        and not PurePosixPath(path).is_absolute()
        and not PureWindowsPath(path).drive
    )
