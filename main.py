"""Exemplar: photographs with 2D keypoints become trusted 3D body annotations.

The first word decides: a command runs in the terminal (``python main.py --help``), anything else opens the window.
Nothing heavy is imported up here: worker processes import this module too.
"""

from __future__ import annotations

import sys
from pathlib import Path

WORK_AS = "--as"
"""Before the name of whoever works at the window."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command or the window the arguments ask for; the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words and _is_command(words[0]):
            from app.cli.program import run_program
            from app.cli.windows import Windows

            return run_program(words, Windows(_open_window, _open_session))
        return _open_window_or_say_why(words)
    except KeyboardInterrupt:  # while the libraries are still being imported
        return 130


def _open_window(folder: Path | None, annotator: str | None = None) -> int:
    from app.ui.run import run_window

    return run_window(folder, annotator)


def _open_session(package: Path, rater: str | None, full_screen: bool) -> int:
    from app.ui.run import run_session

    return run_session(package, rater, full_screen=full_screen)


def _open_window_or_say_why(words: list[str]) -> int:
    from app.cli.output import report_error
    from app.services.errors import ServiceError
    from app.services.project import check_annotator_name

    try:
        folders, name = _split_name(words)
        annotator = None if name is None else check_annotator_name(name)
        return _open_window(Path(folders[0]) if folders else None, annotator)
    except ServiceError as error:
        report_error(str(error), as_json=False)
        return 2


def _split_name(words: list[str]) -> tuple[list[str], str | None]:
    """The words of the window without ``--as NAME``, and that name."""
    if WORK_AS not in words:
        return words, None
    place = words.index(WORK_AS)
    return [*words[:place], *words[place + 2 :]], " ".join(words[place + 1 : place + 2])


def _is_command(word: str) -> bool:
    from app.cli import COMMANDS

    return (word.startswith("-") and word != WORK_AS) or word in COMMANDS


if __name__ == "__main__":
    sys.exit(main())
