"""How far a fit is from the truth of its dataset, in the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.services.importing import import_dataset
from app.services.project import Project
from app.services.selecting import EVERYTHING
from app.services.truth_evaluation import evaluate_on_truth
from app.ui.widgets.fit_panel import FitPanel
from fitting.runners import InlineRunner
from resources import held_out_people
from tests.helpers.builders import add_fit, people_of
from tests.helpers.known_people import list_poses, read_truth, write_dataset
from tests.helpers.ui_stories import annotator_at


def test_the_error_of_the_fit_on_screen_is_the_evaluations(qtbot: QtBot, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "project")
    source = write_dataset(tmp_path / "h.npz", pose=list_poses(), shape=read_truth()["betas"])
    import_dataset(project, "h36m", source, held_out_people())
    first, second, third, _ = people_of(project)
    add_fit(project, first)
    add_fit(project, second, rotations=read_truth()["rotations"][1].astype(float))
    told = evaluate_on_truth(project, tmp_path / "out", EVERYTHING, make_runner=InlineRunner).content
    expected = told["datasets"]["h.npz"]["joints"]["pa_mm"]["value"]
    assert told["measured"] == 1
    with annotator_at(qtbot, tmp_path, project) as annotator:
        panel = annotator.page.column.numbers
        annotator.until_shows(first)
        annotator.until(lambda: panel.truth_text() == f"{expected:.1f} mm to the truth")
        annotator.page.context.set_person(second)
        annotator.until(lambda: panel.truth_text() == "–")
        assert any("the fit is the truth" in label.toolTip() for label in panel.findChildren(QLabel))
        annotator.page.context.set_person(third)
        annotator.until_shows(third)
        annotator.until(lambda: panel.truth_text() == "")


def test_the_row_is_there_only_with_truth(qtbot: QtBot) -> None:
    panel = FitPanel()
    qtbot.addWidget(panel)
    panel.show()
    height = panel.sizeHint().height()
    assert panel.truth_text() == ""
    panel.set_truth("48.2 mm to the truth", "Mean distance")
    assert panel.truth_text() == "48.2 mm to the truth"
    assert panel.sizeHint().height() > height
    panel.set_numbers(None)
    assert panel.truth_text() == ""
    assert panel.sizeHint().height() == height
