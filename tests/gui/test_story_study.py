"""A whole study through the real ``main()``: designed, opened, rated by three people, closed, reported.

With ``EXEMPLAR_STORY_PICTURES=FOLDER`` it leaves a picture of each stage there, to be looked at.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.services.project import Project
from app.services.study.records import get_study, plan_of
from app.study.plan import GOOD
from app.ui.study.open_dialog import OpenStudyDialog
from app.ui.study.report_dialog import ReportDialog
from db.records import VoteChoice
from tests.gui.test_studies_page import click, click_tab, confirm, desk_of, dialog_at, open_studies, until_found
from tests.helpers.session_rater import rate_package
from tests.helpers.stories import run_story
from tests.helpers.study_projects import build_duel
from tests.helpers.ui_stories import Annotator

pytestmark = pytest.mark.usefixtures("program_state")
_PICTURES = os.environ.get("EXEMPLAR_STORY_PICTURES")
_NAME = "Outdoors"
_RATERS = ("quiet-otter-7", "brave-heron-12", "hasty-mole-3")
_HASTY = "hasty-mole-3"
"""Answers "left" whatever is shown."""


def keep_picture(widget: QWidget, name: str) -> None:
    if _PICTURES:
        Path(_PICTURES).mkdir(parents=True, exist_ok=True)
        widget.grab().save(str(Path(_PICTURES) / f"{name}.png"))


def answer(project: Project, rater: str, seat: int, position: int) -> VoteChoice:
    """The good body, else the first method on people with an even number; the hasty rater looks at nothing."""
    trial = plan_of(get_study(project, _NAME)).seats[seat][position]
    if rater == _HASTY:
        return "left"
    wanted = GOOD if GOOD in (trial.left, trial.right) else ("eft", "smplify")[trial.person % 2]
    return "left" if trial.left == wanted else "right"


def test_from_the_design_to_the_pdf(qtbot: QtBot, tmp_path: Path) -> None:
    project, _ = build_duel(tmp_path, 14)
    project.close()
    out = tmp_path / "report"

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.window.resize(1600, 1000)
        page = open_studies(annotator)
        keep_picture(annotator.window, "1_no_study")
        click(page.first)
        form = page.form
        form.compared.name.selectAll()
        form.compared.name.setText(_NAME)
        for field, value in (
            (form.whom.count, 6), (form.raters.raters, 3), (form.raters.per_item, 3), (form.raters.practice, 2),
            (form.raters.catches, 5), (form.raters.pass_at, 5), (form.shown.side_px, 224), (form.shown.gap, 2),
        ):  # fmt: skip
            field.setValue(value)
        form.shown.exposure.setValue(0.1)
        until_found(annotator, page)
        keep_picture(annotator.window, "2_design")
        click(form.save)
        annotator.until(form.go_on.isEnabled)
        click(form.go_on)
        dialog = dialog_at(annotator, OpenStudyDialog)
        click(dialog.start_button)
        annotator.until(lambda: dialog.shows_outcome or bool(dialog.problem.text()))
        assert dialog.problem.text() == ""
        keep_picture(dialog, "3_opened")
        click(dialog.close_button)
        annotator.until(lambda: page.raters.state is not None)
        for rater in _RATERS:
            rate(annotator, rater)
        annotator.until(lambda: page.raters.votes.value == "39")
        assert page.raters.finished.value == "3"
        annotator.until(lambda: page.studies.studies[0].state == "voting")
        keep_picture(annotator.window, "6_raters")
        click(page.raters.close_study)
        confirm()
        annotator.until(lambda: page.studies.studies[0].state == "closed")
        click_tab(page, page.results)
        annotator.until(lambda: page.results.results is not None)
        keep_picture(annotator.window, "7_results")
        click(page.results.save)
        report = dialog_at(annotator, ReportDialog)
        assert isinstance(report, ReportDialog)
        report.folder.setText(str(out))
        click(report.start_button)
        annotator.until(lambda: report.shows_outcome)
        keep_picture(report, "8_report")
        click(report.close_button)

    def rate(annotator: Annotator, rater: str) -> None:
        parts = desk_of(annotator).parts
        assert parts is not None
        click(parts.page.raters.rate)
        annotator.until(lambda: parts.run.session is not None)
        session = parts.run.session
        assert session is not None
        session.resize(1600, 1000)

        def choose(seat: int, position: int) -> VoteChoice:
            if rater == _RATERS[0] and position in (0, 4):
                keep_picture(session, f"4_trial_{position}")
            return answer(annotator.project, rater, seat, position)

        answered = rate_package(qtbot, session, choose, name=rater)
        assert answered == list(range(2 + 6 + 5))
        keep_picture(session, "5_thanks")
        session.close()
        annotator.until(lambda: parts.run.session is None)

    assert run_story(qtbot, [str(tmp_path / "project")], story) == 0
    check_report(tmp_path / "project", out)


def check_report(folder: Path, out: Path) -> None:
    """What the report says is what the three of them answered."""
    from pypdf import PdfReader

    with Project.open(folder, with_files=False) as project:
        study = get_study(project, _NAME)
        plan = plan_of(study)
        with project.store.read() as reader:
            votes = reader.studies.votes_of(study.id)
    assert study.closed_at is not None
    assert len(votes) == 3 * 13
    careful = [vote for vote in votes if vote.rater != _HASTY and plan.seats[vote.seat][vote.position].kind == "main"]
    shown = [(plan.seats[vote.seat][vote.position], vote.choice) for vote in careful]
    for_first = sum((trial.left if choice == "left" else trial.right) == "eft" for trial, choice in shown)
    even = sum(person.person % 2 == 0 for person in plan.people)
    assert for_first == 2 * even

    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    (pair,) = results["results"]["after_exclusions"]["pairs"]
    assert (pair["votes"], pair["for_first"]) == (12, for_first)
    excluded = {rater["rater"]: rater["excluded"] for rater in results["results"]["raters"]}
    assert excluded == {rater: rater == _HASTY for rater in _RATERS}
    with (out / "votes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(votes)
    assert sum(row["counted"] == "true" for row in rows) == 12
    text = "\n".join(page.extract_text() for page in PdfReader(out / "report.pdf").pages)
    assert _NAME in text
    assert f"{100 * for_first / 12:.1f}" in text
    assert _HASTY in text
