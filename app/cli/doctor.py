"""``doctor``: what this machine has and what is missing, with the cure."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from app.cli.output import AsJson, report_result
from app.services.doctor import examine
from fitting.runners import ProcessRunner

_LICENCES = (
    "Licences: the program, the mannequin and the open regressor are Apache-2.0. The library smplx and any SMPL file "
    "you add are licensed by their makers for non-commercial research only; their use is your choice."
)


def doctor(as_json: AsJson = False) -> int:
    """Tell what this machine has, what is missing, and how to get it."""
    findings = examine(ProcessRunner, Path.cwd())
    marks = {"ok": "ok      ", "missing": "MISSING ", "optional": "optional"}
    lines = [
        f"{marks[finding.health]} {finding.name}: {finding.found}" + (f" -> {finding.cure}" if finding.cure else "")
        for finding in findings
    ]
    healthy = all(finding.health != "missing" for finding in findings)
    result = {
        "healthy": healthy,
        "findings": [dataclasses.asdict(finding) for finding in findings],
        "licences": _LICENCES,
    }
    report_result(result, as_json, "\n".join([*lines, _LICENCES]))
    return 0 if healthy else 1
