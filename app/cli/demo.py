"""``demo``: see it work, with nothing downloaded and nothing to sign."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app.cli.output import AsJson, report_result
from app.cli.windows import Windows
from app.services.demo import make_demo
from app.services.exporting import export_fits
from app.services.sheets import render_people
from fitting.runners import ProcessRunner


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder of the demo project; made if absent.")] = Path("demo"),
    no_window: Annotated[bool, typer.Option("--no-window", help="Do the work and leave files, open nothing.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = max(1, (os.cpu_count() or 1) // 2),
    as_json: AsJson = False,
) -> int:
    """Make a project of 24 synthetic people, fit them with EFT, and open it.

    Without a display it leaves a contact sheet and an EFT JSON instead.
    """
    windowed = not no_window and has_display()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, TaskID] = {}

        def on_stage(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(stage, total=total)
            progress.update(bars[stage], completed=done)

        project, report = make_demo(folder, partial(ProcessRunner, workers=workers), on_stage)
    with project:
        if report.batch.cancelled:
            return 130
        result: dict[str, object] = {
            "project": str(project.folder),
            "people": report.people,
            "with_planted_faults": report.faults,
            "fitted": len(report.batch.fitted),
            "failed": [failure.reason for failure in report.batch.failed],
        }
        if not windowed:
            sheets = render_people(project, project.folder / "sheets", ProcessRunner).sheets
            export = export_fits(project, "eft-json", project.folder / "fits_eft.json", decision="any")
            result |= {"contact_sheets": [str(path) for path in sheets], "eft_json": str(export.path)}
    words = [f"The demo project with {report.people} people is in {result['project']}."]
    if not windowed:
        words.append(f"Contact sheet: {', '.join(map(str, sheets))}")
        words.append(f"EFT JSON: {export.path}")
        words.append(f"Open it on a machine with a display: python main.py {result['project']}")
    report_result(result, as_json, "\n".join(words))
    if windowed:
        windows: Windows = context.obj
        return windows.project(project.folder)
    return 1 if report.batch.failed else 0


def has_display() -> bool:
    """Whether a window could be seen."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
