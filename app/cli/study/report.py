"""``study report`` and ``study results``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, report_result
from app.cli.study.handing_out import StudyName
from app.services.project import Project
from app.services.study.reporting import encode_results, load_results, report_study

Collect = Annotated[
    bool, typer.Option("--collect/--no-collect", help="Take in the votes of the study's own package first.")
]


def report(
    name: StudyName,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write, new or empty.")],
    project: ProjectOption,
    collect: Collect = True,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier report in the folder.")] = False,
    as_json: AsJson = False,
) -> int:
    """Write the report: HTML, PDF, every single vote as CSV, all numbers and the study as JSON."""
    with Project.open(project, with_files=False) as opened:
        written = report_study(opened, name, out, collect=collect, replace=force)
    words = [f"Wrote {written.html}, and beside it the PDF, the votes, the results and the study file.", ""]
    words += [*written.answer, *(f"  not taken in: {problem}" for problem in written.problems)]
    report_result(written.as_dict(), as_json, "\n".join(words))
    return 1 if written.problems else 0


def results(name: StudyName, project: ProjectOption, collect: Collect = True, as_json: AsJson = False) -> None:
    """Say what came out so far; with --json every number."""
    from app.study.report.answer import answer_in_words, interim_in_words

    with Project.open(project, with_files=False) as opened:
        found, facts = load_results(opened, name, collect=collect)
    if as_json:
        print(encode_results(found, facts).decode(), end="")
        return
    print("\n".join(filter(None, (interim_in_words(found, facts), *answer_in_words(found, facts)))))
