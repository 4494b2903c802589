"""A story through the real ``main()``: people come in through the dialog, a conflict is kept, and fits go out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.project import Project
from app.services.review import accept
from app.ui.exchange.bundle_dialog import BundleDialog
from app.ui.exchange.export_dialog import ExportDialog
from app.ui.exchange.import_dialog import ImportDialog
from app.ui.exchange.work_dialog import WorkDialog
from main import main
from tests.helpers.builders import add_fit, build_project, people_of, write_picture
from tests.helpers.stories import run_story
from tests.helpers.ui_stories import Annotator
from tests.unit.app.test_arriving import write_coco

pytestmark = pytest.mark.usefixtures("program_state")


def test_import_read_the_report_keep_what_differs_export_and_move_on(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with build_project(tmp_path, 1) as project:
        (person,) = people_of(project)
        accept(project, person, add_fit(project, person).id, 2.0)
        folder = project.folder
    source = write_coco(tmp_path / "coco" / "person_keypoints_val2017.json", ["a.jpg", "b.jpg", "gone.jpg"])
    for name in ("a.jpg", "b.jpg"):
        write_picture(tmp_path / "coco" / "val2017" / name)

    changed_from = json.loads(source.read_text(encoding="utf-8"))["annotations"][0]["keypoints"][0]

    def done(annotator: Annotator, dialog: WorkDialog) -> None:
        annotator.until(lambda: dialog.shows_outcome and not dialog.work.busy)

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        table, exchanges = annotator.window.actions_table, annotator.window.exchanges
        table["project.import"].trigger()
        dialog = exchanges.dialog
        assert isinstance(dialog, ImportDialog)
        dialog.source.setText(str(source))
        dialog.source.editingFinished.emit()
        annotator.until(dialog.start_button.isEnabled)  # format and pictures are found
        assert dialog.images.text() == str(tmp_path / "coco" / "val2017")
        page = annotator.page
        dialog.start_button.click()
        done(annotator, dialog)
        annotator.until(lambda: annotator.window.page not in (None, page))
        assert any("gone.jpg" in " ".join(row) for row in dialog.outcome.faults.shown_rows())
        dialog.close()

        document = json.loads(source.read_text(encoding="utf-8"))
        document["annotations"][0]["keypoints"][0] += 9  # somebody has changed the file since
        source.write_text(json.dumps(document), encoding="utf-8")
        table["project.import"].trigger()
        dialog = exchanges.dialog
        assert isinstance(dialog, ImportDialog)
        dialog.fill(source, tmp_path / "coco" / "val2017")
        annotator.until(dialog.start_button.isEnabled)
        dialog.start_button.click()
        done(annotator, dialog)
        assert "1 differ from what is stored and were left alone" in dialog.outcome.headline.text()
        assert any("keeps its own" in row[2] for row in dialog.outcome.faults.shown_rows())
        dialog.close()

        table["project.export"].trigger()
        export = exchanges.dialog
        assert isinstance(export, ExportDialog)
        export.format_box.setCurrentIndex(export.format_box.findData("eft-json"))
        export.out.setText(str(tmp_path / "accepted.json"))
        annotator.until(lambda: export.count.text().startswith("1 fits will be written."))
        export.start_button.click()
        done(annotator, export)
        export.close()
        table["project.bundle"].trigger()
        bundle = exchanges.dialog
        assert isinstance(bundle, BundleDialog)
        bundle.start_button.click()
        done(annotator, bundle)
        bundle.close()

    assert run_story(qtbot, [str(folder)], story) == 0
    (exported,) = json.loads((tmp_path / "accepted.json").read_text(encoding="utf-8"))["data"]
    assert exported["imageName"] == "001.jpg"
    with Project.open(folder) as project, project.store.read() as reader:
        history = reader.keypoints.history(people_of(project)[1])
        assert [list(revision.keypoints[0, :1]) for revision in history] == [[changed_from]]
    copy = tmp_path / "copy"
    assert main(["restore", str(tmp_path / "project.exemplar"), str(copy)]) == 0
    assert main(["check", "--project", str(copy), "--images"]) == 0
    capsys.readouterr()
    assert main(["status", "--project", str(copy), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["states"]["accepted"] == 1
