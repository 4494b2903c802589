"""``study rate``: a rater's session."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.windows import Windows


def rate(
    context: typer.Context,
    package: Annotated[
        Path, typer.Argument(metavar="PACKAGE", help="Folder of a rater package; no project is needed.")
    ],
    rater: Annotated[
        str | None, typer.Option(help="Pseudonym to begin with; without it the window asks, and suggests one.")
    ] = None,
    full_screen: Annotated[bool, typer.Option("--full-screen", help="Begin with the whole screen (F11).")] = False,
) -> int:
    """Open the rater's window: comparisons one after the other, each answer stored at once.

    Close it whenever you like; the same pseudonym goes on where it stopped.
    """
    windows: Windows = context.obj
    return windows.session(package, rater, full_screen)
