"""Logging: one rotating file for what went wrong, stderr for what a person at the terminal should see."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.paths import log_file

_FILE_BYTES = 1_000_000
_OLD_FILES = 3
_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"


def start_logging(*, verbose: bool = False) -> Path | None:
    """Send the program's log to a file, and warnings to stderr.

    A folder that cannot be written is no reason not to start: the log then goes to stderr alone.

    Returns:
        The log file, or None when there is none.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    _add_stderr(root, logging.INFO if verbose else logging.WARNING)
    path = log_file()
    if any(isinstance(handler, RotatingFileHandler) for handler in root.handlers):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
    except OSError as error:
        root.warning("no log file: %s cannot be written (%s)", path, error.strerror or error)
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
    return path


def _add_stderr(root: logging.Logger, level: int) -> None:
    for handler in root.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setLevel(level)
            return
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    root.addHandler(handler)
