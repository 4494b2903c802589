"""The report of an evaluation: ``report.json``, ``report.md`` and the plots, from files of results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fitting.errors import AssetError
from fitting.evaluation import testset
from fitting.evaluation.numbers import read_numbers
from fitting.evaluation.plots import write_plots
from fitting.evaluation.summary import MAIN_GROUPS, METHODS, summarise
from fitting.regressor.card import write_whole
from fitting.spec import EvaluationReportJob, EvaluationReportResult

_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "mpjpe_mm": ("MPJPE", ".1f"),
    "pa_mm": ("PA-MPJPE", ".1f"),
    "pve_mm": ("PVE", ".1f"),
    "pa_pve_mm": ("PA-PVE", ".1f"),
    "pa_lsp_mm": ("PA, LSP-14", ".1f"),
    "wrong_limbs": ("wrong-way limbs", ".2f"),
    "wrong_limbs_beyond": ("beyond 5 cm", ".2f"),
    "error_px": ("2D error, px", ".1f"),
    "error_box": ("2D error / box", ".4f"),
    "pck_10": ("PCK@0.1", ".3f"),
    "pck_10_joints": ("PCK@0.1, all joints", ".3f"),
    "pck_05": ("PCK@0.05", ".3f"),
    "l2d_start": ("L2d before, median", ".1e"),
    "l2d": ("L2d after, median", ".1e"),
    "seconds": ("s / person", ".3f"),
}
_THREE_D: Final = ("mpjpe_mm", "pa_mm", "pve_mm", "pa_pve_mm", "pa_lsp_mm", "wrong_limbs", "wrong_limbs_beyond")
_TWO_D: Final = ("error_px", "pck_10", "pck_10_joints", "pck_05", "l2d_start", "l2d", "seconds")
_LEVEL: Final = ("mpjpe_mm", "pa_mm", "pve_mm", "wrong_limbs", "pck_10", "l2d")
_COMPARED: Final = ("pa_mm", "mpjpe_mm", "pve_mm", "wrong_limbs", "error_box", "pck_10")
_LEGEND: Final = """\
Millimetres unless said; 95 % bootstrap intervals over people in brackets. MPJPE and PA-MPJPE: 14 joints of H36M's
regressor, centred on its pelvis, PA after a similarity transform. PVE: vertices, centred on the hips. Wrong-way limbs:
of 8 limbs a person (upper and lower arms and legs) those whose true depth difference exceeds 5 cm and whose predicted
one has the other sign; *beyond 5 cm*: the predicted one exceeds 5 cm too. 2D errors are over all labelled keypoints;
PCK's threshold is a share of the longer side of the annotated box; it is a mean over people, and beside it the share of
all joints. L2d as in EFT's loss. `smplify` starts from the regressor's prediction, `smplify-mean` from the mean pose,
facing four ways. Differences are paired: both methods on the same people."""


def run_report_job(job: EvaluationReportJob) -> EvaluationReportResult:
    """Read the results, write tables and plots.

    Raises:
        AssetError: Results cannot be read, do not belong together, or the report cannot be written.
    """
    files = [read_numbers(path).first(job.limit) for path in job.numbers]
    report = summarise(files, job.seed) | {"numbers": [path.name for path in job.numbers], "limit": job.limit}
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        plots = write_plots(job.folder, report, files)
        report["plots"] = [path.name for path in plots]
        document, words = job.folder / "report.json", job.folder / "report.md"
        write_whole(document, json.dumps(report, indent=1, allow_nan=False).encode() + b"\n")
        write_whole(words, write_markdown(report).encode())
    except OSError as error:
        raise AssetError(
            f"The report cannot be written to {job.folder} ({error.strerror}); free space or name another folder."
        ) from error
    return EvaluationReportResult(job.job_id, words, document, plots, report)


def read_report(path: Path) -> dict[str, Any]:
    """A report as :func:`run_report_job` has written it.

    Raises:
        AssetError: It is none.
    """
    try:
        report = json.loads(path.read_bytes())
        if "sets" not in report or not str(report["format"]).startswith("exemplar-evaluation-report"):
            raise ValueError("no report")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise AssetError(f"{path} is no report of an evaluation ({error}); name a report.json.") from error
    return dict(report)


def write_markdown(report: Mapping[str, Any]) -> str:
    """The report in words: who was measured on what, the differences, then every table."""
    lines = ["# Evaluation", "", *_provenance(report), "", _LEGEND, ""]
    for name, told in report["sets"].items():
        if not name.startswith(f"{testset.NAME} level"):
            lines += [f"## {name.capitalize()}: {told['people']} people", "", *_set_tables(told)]
    lines += _level_tables(report)
    lines += _failures(report)
    lines += [f"![{Path(name).stem.replace('_', ' ')}]({name})\n" for name in report.get("plots", ())]
    return "\n".join(lines).rstrip() + "\n"


def _provenance(report: Mapping[str, Any]) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    yield f"| regressor | {report['regressor']}, `{report['regressor_sha256'][:16]}` |"
    yield f"| body | {report['body']}, `{report['body_sha256'][:16]}` |"
    for name, told in report["sets"].items():
        if not name.startswith(f"{testset.NAME} level"):
            yield f"| {name} | {told['people']} people, `{told['sha256'][:16]}` |"
    yield f"| code | {report['code_version']}, `{report['code_sha256'][:16]}`, seed of the intervals {report['seed']} |"


def _set_tables(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _not_run(told)
    for group in (name for name in MAIN_GROUPS if name in told["groups"]):
        found = told["groups"][group]
        if group != "all" and found["people"] == told["people"]:
            continue
        yield f"### {group.capitalize()} ({found['people']})"
        yield ""
        known = {figure for figures in found["methods"].values() for figure in figures}
        for figures in (_THREE_D, _TWO_D):
            shown = [figure for figure in figures if figure in known]
            if shown:
                yield from _method_table(found["methods"], shown)
        if found["differences"]:
            yield from _difference_table(found["differences"])


def _not_run(told: Mapping[str, Any]) -> Iterator[str]:
    few = {name: method["too_few_keypoints"] for name, method in told["methods"].items()}
    if any(few.values()):
        counts = ", ".join(f"{name} {count}" for name, count in few.items())
        yield f"People a method was not run for, because next to nothing of them is labelled: {counts}."
        yield ""


def _method_table(methods: Mapping[str, Any], figures: Sequence[str]) -> Iterator[str]:
    yield "| method | people | " + " | ".join(_TITLES[figure][0] for figure in figures) + " |"
    yield "|---" * (2 + len(figures)) + "|"
    for method in (name for name in METHODS if name in methods):
        cells = [_cell(methods[method].get(figure), _TITLES[figure][1]) for figure in figures]
        count = max((told["count"] for told in methods[method].values()), default=0)
        yield f"| {method} | {count} | " + " | ".join(cells) + " |"
    yield ""


def _difference_table(differences: Mapping[str, Any]) -> Iterator[str]:
    figures = [figure for figure in _COMPARED if any(figure in told for told in differences.values())]
    yield "| paired difference | people | " + " | ".join(_TITLES[figure][0] for figure in figures) + " |"
    yield "|---" * (2 + len(figures)) + "|"
    for pair, told in differences.items():
        cells = [_cell(told.get(figure), "+" + _TITLES[figure][1]) for figure in figures]
        count = max((each["count"] for each in told.values()), default=0)
        yield f"| {pair} | {count} | " + " | ".join(cells) + " |"
    yield ""


def _level_tables(report: Mapping[str, Any]) -> list[str]:
    levels = {name: told for name, told in report["sets"].items() if name.startswith(f"{testset.NAME} level")}
    lines: list[str] = ["## Truncated to levels (0 head, 7 whole body)", ""] if levels else []
    for name, told in levels.items():
        lines += [f"### {name.removeprefix(testset.NAME).strip().capitalize()}", "", *_not_run(told)]
        lines += [*_method_table(told["groups"]["all"]["methods"], _LEVEL)]
        if told["groups"]["all"]["differences"]:
            lines += [*_difference_table(told["groups"]["all"]["differences"])]
    return lines


def _failures(report: Mapping[str, Any]) -> Iterator[str]:
    yield "## Failures"
    yield ""
    found = [
        f"- {name}, {method}: {failure['reason']}"
        for name, told in report["sets"].items()
        for method, described in told["methods"].items()
        for failure in described["failed"]
    ]
    yield from found or ["None."]
    yield ""


def _cell(told: Mapping[str, Any] | None, form: str) -> str:
    if told is None or told["value"] is None:
        return "-"
    value = format(told["value"], form)
    if told["low"] is None:
        return value
    return f"{value} ({format(told['low'], form)} to {format(told['high'], form)})"
