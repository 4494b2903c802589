"""Exemplar: photographs with 2D keypoints become trusted 3D body annotations.

The first word decides: a command runs in the terminal (``python main.py --help``), anything else opens the window.
Nothing heavy is imported up here: worker processes import this module too.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the command or the window the arguments ask for; the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words and _is_command(words[0]):
            from app.cli.program import run_program

            return run_program(words, _open_window)
        return _open_window_or_say_why(Path(words[0]) if words else None)
    except KeyboardInterrupt:  # while the libraries are still being imported
        return 130


def _open_window(folder: Path | None) -> int:
    from app.ui.run import run_window

    return run_window(folder)


def _open_window_or_say_why(folder: Path | None) -> int:
    from app.cli.output import report_error
    from app.services.errors import ServiceError

    try:
        return _open_window(folder)
    except ServiceError as error:
        report_error(str(error), as_json=False)
        return 2


def _is_command(word: str) -> bool:
    from app.cli import COMMANDS

    return word.startswith("-") or word in COMMANDS


if __name__ == "__main__":
    sys.exit(main())
