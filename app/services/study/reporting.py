"""The report of a study: its results, and the folder of files that can be attached to a paper.

Nothing in the folder tells the clock or the place it was made: the same project gives the same bytes.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from app.services.errors import ServiceError
from app.services.places import resolve_place, usable
from app.services.project import Project
from app.services.study.collecting import collect_votes
from app.services.study.records import get_study, package_of, plan_of
from app.study.errors import StudyError
from app.study.files import write_study_file
from app.study.report.facts import StudyFacts
from app.study.report.vote_rows import COLUMNS, iter_vote_rows
from app.study.results import StudyResults
from db.formats.parts.csv_cells import to_csv_cell
from db.formats.parts.files import check_replaceable, replacing_folder
from fitting import CODE_VERSION

HTML, PDF, VOTES, RESULTS, STUDY = "report.html", "report.pdf", "votes.csv", "results.json", "study.json"
FORMAT: Final = "exemplar-study-results"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What a report wrote.

    Attributes:
        html: The report as one page.
        pdf: The same for print.
        votes_csv: Every single vote.
        results_json: Every number.
        study_json: The study file: design, people, plan.
        answer: The answer in plain words.
        problems: Votes that were not taken in, in sentences.
    """

    html: Path
    pdf: Path
    votes_csv: Path
    results_json: Path
    study_json: Path
    answer: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return dataclasses.asdict(self)


def load_results(project: Project, name: str, *, collect: bool = True) -> tuple[StudyResults, StudyFacts]:
    """The results of a study so far, and the facts a report tells beside them.

    Args:
        project: Open project.
        name: Of the study.
        collect: Take in the votes of the study's own package first, unless the study is closed.

    Raises:
        ServiceError: There is no such study, it is not open, nobody has voted, or its package cannot be read.
    """
    return _load(project, name, collect)[:2]


def report_study(
    project: Project, name: str, folder: Path, *, collect: bool = True, replace: bool = False
) -> ReportFiles:
    """Write the report of a study into a folder, whole or not at all.

    Args:
        project: Open project.
        name: Of the study.
        folder: A new or empty one.
        collect: As for :func:`load_results`.
        replace: An earlier report in the folder may be replaced; a folder with anything else never is.

    Raises:
        ServiceError: As for :func:`load_results`; or there is a report in the folder already.
        FormatError: There is something else in the folder, or the disk refuses.
    """
    from app.study.report.answer import answer_in_words, interim_in_words
    from app.study.report.building import build_report
    from app.study.report.html import render_html
    from app.study.report.pdf import render_pdf

    folder = resolve_place(folder)
    _check_place(folder, replace)
    results, facts, problems = _load(project, name, collect)
    report = build_report(results, facts)
    contents = {
        HTML: render_html(report).encode(),
        PDF: render_pdf(report),
        VOTES: _build_table(results, facts).encode(),
        RESULTS: encode_results(results, facts),
    }
    with usable(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with usable(folder), replacing_folder(folder) as made:
        for file, content in contents.items():
            (made / file).write_bytes(content)
        with _told():
            write_study_file(facts.plan, made / STUDY)
    answer = tuple(filter(None, (interim_in_words(results, facts), *answer_in_words(results, facts))))
    html, pdf, table, numbers, plan = (folder / file for file in (HTML, PDF, VOTES, RESULTS, STUDY))
    return ReportFiles(html, pdf, table, numbers, plan, answer, problems)


def encode_results(results: StudyResults, facts: StudyFacts) -> bytes:
    """Every number with what it is about, as readable JSON."""
    document = {
        "format": FORMAT,
        "version": 1,
        "study": facts.design.name,
        "question": facts.design.question,
        "plan_hash": facts.plan_hash,
        "newest_vote_at": facts.newest_vote_at,
        "interim": facts.is_interim(results),
        "program": f"Exemplar {facts.tool_version}",
        "results": results,
    }
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2) + b"\n"


def _load(project: Project, name: str, collect: bool) -> tuple[StudyResults, StudyFacts, tuple[str, ...]]:
    from app.study.analysis import analyse_study
    from app.study.matching import match_votes

    plan = plan_of(get_study(project, name))
    problems = _collect(project, name) if collect else ()
    study = get_study(project, name)  # again: collecting may have frozen it
    with project.store.read() as reader:
        votes = tuple(reader.studies.votes_of(study.id))
    if not votes:
        raise ServiceError(
            f"The study '{study.name}' has no votes yet; let raters vote with 'study rate', or take in their files with"
            f" 'study collect {study.name} FILE'."
        )
    facts = StudyFacts(
        plan, study.plan_hash, votes, study.opened_at, study.frozen_at, study.closed_at, tool_version=CODE_VERSION
    )
    return analyse_study(match_votes(plan, votes), plan.design), facts, problems


def _collect(project: Project, name: str) -> tuple[str, ...]:
    study = get_study(project, name)
    if study.closed_at is not None:
        return ()  # closing has collected, and nothing can come in
    report = collect_votes(project, name)
    unread = report.sources[0].problem
    if unread and package_of(project, study).exists():
        raise ServiceError(
            f"{unread} To report what was collected before, say --no-collect: votes in the package are then missing."
        )
    return tuple(report.problems)


def _check_place(folder: Path, replace: bool) -> None:
    with usable(folder):
        if folder.is_dir() and (folder / HTML).exists() and not replace:
            raise ServiceError(f"{folder} has a report already; name another folder, or replace it with --force.")
    check_replaceable(folder)


def _build_table(results: StudyResults, facts: StudyFacts) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([to_csv_cell(cell) for cell in row] for row in iter_vote_rows(results, facts))
    return text.getvalue()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StudyError as error:
        raise ServiceError(str(error)) from error
