"""``train``: the open regressor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.services.fitting import new_job_id
from app.services.places import resolve_place
from app.services.training import train_regressor
from fitting.runners import ProcessRunner
from fitting.spec import TrainJob
from resources import default_body


def train(
    out: Annotated[Path, typer.Option("--out", help="Folder of weights, card, curve and checkpoint.")],
    preset: Annotated[
        str,
        typer.Option(
            help="lifter: from keypoints alone; open: with pictures, from a lifter's weights; "
            "open_join: the join, on what the trunk sees once; "
            "lifter_restart and open_restart: once more, with a smaller step."
        ),
    ] = "open",
    pictures: Annotated[Path | None, typer.Option(help="Folder of 'synth' to learn from.")] = None,
    test: Annotated[
        Path | None,
        typer.Option(
            help="Folder of 'synth' with other people (another seed); the curve is measured on its first 500. "
            "Without it on those of --pictures, which flatters: they are trained on."
        ),
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0, max=1e6, help="Wall-clock minutes of training.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps; give these or --minutes, or both.")] = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights (.safetensors) to begin with instead of chance, with a fresh schedule.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the interrupted run in --out; give its other options again.")
    ] = False,
    body: Annotated[Path | None, typer.Option(help="Body file, by default the mannequin.")] = None,
    as_json: AsJson = False,
) -> int:
    """Train the open regressor; an interrupted run leaves a checkpoint and goes on with --resume."""

    def place(path: Path | None) -> Path | None:
        return None if path is None else resolve_place(path)

    job = TrainJob(
        new_job_id(),
        preset,
        resolve_place(out),
        resolve_place(body or default_body()),
        minutes,
        steps,
        place(pictures),
        place(test),
        place(start),
        resume,
    )
    with progress_bar("Training, thousandths of the budget", 1000) as advance:
        result = train_regressor(job, ProcessRunner, advance)
    if result is None:
        begun = any(job.folder.glob("checkpoint.*"))
        words = "Cancelled; --resume goes on with it." if begun else "Cancelled before the first step."
        report_result({"cancelled": True, "folder": str(job.folder)}, as_json, words)
        return 130
    figures = ", ".join(f"{name} {value:.4g}" for name, value in result.scores.items())
    words = f"Trained {result.steps} steps in {result.seconds / 60:.1f} min: {figures}.\nWeights: {result.weights}"
    fields = {"weights": str(result.weights), "steps": result.steps, "seconds": result.seconds}
    report_result({**fields, "scores": dict(result.scores)}, as_json, words)
    return 0
