"""What an import has done or would do, to be read in the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.services.fit_import.report import FitImportReport, FitOutcome
from app.ui.exchange.import_work import ImportResult
from app.ui.exchange.outcome_panel import Outcome
from db.formats.base import ImportReport

_FIT_TITLES: tuple[tuple[FitOutcome, str], ...] = (
    ("new", "new"),
    ("same", "there already"),
    ("decided", "decided on"),
    ("ambiguous", "of several"),
    ("unmatched", "of nobody"),
    ("skipped", "left out"),
)


def describe_import(result: ImportResult) -> Outcome:
    """The report of an import for people to read."""
    if result.people is not None:
        return _describe_people(result.people)
    assert result.fits is not None
    return _describe_fits(result.fits)


def is_clean(result: ImportResult) -> bool:
    """Whether there is nothing in the report that anybody has to read."""
    if result.people is not None:
        report = result.people
        return not (report.problem_count or report.people.conflicting or report.cancelled)
    return result.fits is not None and not result.fits.listed


def _tr(text: str) -> str:
    return QCoreApplication.translate("Import", text)


def _describe_people(report: ImportReport) -> Outcome:
    people, images = report.people, report.images
    verb = _tr("Would import {0} people in {1} images") if report.dry_run else _tr("Imported {0} people in {1} images")
    parts = [verb.format(f"{people.new:,}", f"{images.new:,}")]
    taken = report.updated or 0
    for count, words in (
        (people.same, _tr("{0} were there already")),
        (taken, _tr("{0} would take the file's keypoints") if report.dry_run else _tr("{0} took the file's keypoints")),
        (people.conflicting - taken, _tr("{0} differ from what is stored and were left alone")),
        (people.skipped, _tr("{0} were skipped")),
    ):
        if count > 0:
            parts.append(words.format(f"{count:,}"))
    notes = [_tr("{0} labelled joints.").format(f"{report.labelled_joints:,}")]
    notes += [
        f"{count:,} {reason.replace(': ', _tr(' left out: '), 1)}." for reason, count in report.skip_reasons.items()
    ]
    if report.cancelled:
        notes.insert(0, _tr("Stopped; what was stored stays, and importing again goes on from there."))
    listed = [(_tr("left out"), problem.item, problem.reason) for problem in report.problems]
    state = _tr("takes the file's") if report.updated else _tr("keeps its own")
    listed += [
        (_tr("differs"), item, _tr("its keypoints are others than the project's; it {0}").format(state))
        for item in report.conflicts
    ]
    if report.problem_count > len(report.problems):
        notes.append(
            _tr("The list has the first {0} of {1} problems.").format(
                f"{len(report.problems):,}", f"{report.problem_count:,}"
            )
        )
    return Outcome(
        headline="; ".join(parts) + ".",
        columns=(_tr("new"), _tr("the same"), _tr("different"), _tr("left out")),
        rows=(
            (_tr("People"), (people.new, people.same, people.conflicting, people.skipped)),
            (_tr("Images"), (images.new, images.same, images.conflicting, images.skipped)),
        ),
        notes=tuple(notes),
        fault_titles=(_tr("What"), _tr("Item"), _tr("Why")),
        faults=listed,
    )


def _describe_fits(report: FitImportReport) -> Outcome:
    verb = _tr("Would import {0} fits as '{1}'.") if report.dry_run else _tr("Imported {0} fits as '{1}'.")
    notes = []
    if report.new_people:
        notes.append(
            _tr("{0} people in {1} images came with them.").format(f"{report.new_people:,}", f"{report.new_images:,}")
        )
    if report.solved_cameras:
        notes.append(
            _tr("{0} have no camera of their own; it was solved by least squares.").format(f"{report.solved_cameras:,}")
        )
    if report.fits["decided"]:
        notes.append(_tr("People who have been decided on keep their fit, unless it is asked for."))
    titles = dict(_FIT_TITLES)
    return Outcome(
        headline=verb.format(f"{report.fits['new']:,}", report.method),
        columns=tuple(_tr(title) for _, title in _FIT_TITLES),
        rows=((_tr("Fits"), tuple(report.fits[outcome] for outcome, _ in _FIT_TITLES)),),
        notes=tuple(notes),
        fault_titles=(_tr("What"), _tr("Item"), _tr("Why")),
        faults=[(_tr(titles[item.outcome]), item.item, item.reason) for item in report.listed],
    )
