"""``doctor``: what this machine has and what is missing, with the cure."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.paths import models_dir
from app.services.doctor import Finding, examine
from app.services.model_files import ModelFile, find_model_files
from fitting.runners import ProcessRunner

_LICENCES = (
    "Licences: the program, the mannequin and the open regressor are Apache-2.0. The library smplx and any SMPL file "
    "you add are licensed by their makers for non-commercial research only; their use is your choice."
)
_MARKS = {"ok": "ok      ", "missing": "MISSING ", "optional": "optional"}
_FILE_MARKS = {"there": "there   ", "missing": "not here", "broken": "BROKEN  "}


def doctor(
    models: Annotated[
        Path | None, typer.Option(help="Folder with your SMPL files, prior and checkpoints instead of EXEMPLAR_MODELS.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Tell what this machine has, what is missing, and how to get it."""
    folder = models or models_dir()
    findings = examine(ProcessRunner, Path.cwd())
    files = find_model_files(folder, ProcessRunner)
    healthy = all(finding.health != "missing" for finding in findings)
    result = {
        "healthy": healthy,
        "findings": [dataclasses.asdict(finding) for finding in findings],
        "models": {"folder": str(folder), "files": [dataclasses.asdict(file) for file in files]},
        "licences": _LICENCES,
    }
    report_result(result, as_json, "\n".join([*_in_words(findings, files, folder), _LICENCES]))
    return 0 if healthy else 1


def _in_words(findings: list[Finding], files: list[ModelFile], folder: Path) -> list[str]:
    lines = [
        f"{_MARKS[finding.health]} {finding.name}: {finding.found}" + (f" -> {finding.cure}" if finding.cure else "")
        for finding in findings
    ]
    lines.append(f"Your own files in {folder}, all optional (another folder: --models or EXEMPLAR_MODELS):")
    for file in files:
        lines.append(f"{_FILE_MARKS[file.state]} {file.title}" + (f", {file.path.name}" if file.path else ""))
        if file.path:
            lines.append(f"         {file.found}")
        lines.append(f"         unlocks {file.unlocks}")
        if file.state != "there":
            lines.append(f"         from {file.source}")
    return lines
