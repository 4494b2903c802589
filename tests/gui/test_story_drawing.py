"""A folder of pictures through the real ``main()``: draw somebody, fit, accept; then export from the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services.drawing import is_drawn, placing_order
from app.services.person_view import load_person_view
from app.services.project import Project
from main import main
from resources.skeleton import get_skeleton
from tests.helpers.builders import people_of, person_keypoints, write_picture
from tests.helpers.canvas_hands import click, drag, screen_point
from tests.helpers.stories import run_story
from tests.helpers.ui_stories import Annotator

pytestmark = pytest.mark.usefixtures("program_state")

BOX = (170.0, 40.0, 300.0, 420.0)


def test_draw_a_person_fit_accept_and_export(qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keypoints = person_keypoints(0)
    folder = tmp_path / "project"
    Project.create(folder).close()
    for number in (1, 2):
        write_picture(tmp_path / "holiday" / f"{number:03d}.jpg", number)
    assert main(["import", "folder", str(tmp_path / "holiday"), "--project", str(folder)]) == 0
    with Project.open(folder) as project, project.store.read() as reader:
        first, second = reader.image_list.ids()

    def shows_image(annotator: Annotator, image_id: int) -> bool:
        image = annotator.page.image
        return image is not None and image.image.id == image_id

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until(lambda: shows_image(annotator, first))
        canvas = annotator.page.canvas
        annotator.press("Shift+N")
        at, to = screen_point(canvas, *BOX[:2]), screen_point(canvas, BOX[0] + BOX[2], BOX[1] + BOX[3])
        drag(canvas, at, (to.x() - at.x(), to.y() - at.y()))
        for joint in placing_order(get_skeleton("coco17")):
            click(canvas, screen_point(canvas, *keypoints[joint, :2]))
        annotator.until(lambda: annotator.page.view is not None)
        annotator.press("R")
        annotator.until(lambda: annotator.state == "fitted")
        person_id = annotator.person_id
        annotator.accept()
        annotator.until(lambda: shows_image(annotator, second))  # where nobody is yet
        assert annotator.stored_state(person_id) == "accepted"

    assert run_story(qtbot, [str(folder)], story) == 0
    capsys.readouterr()
    with Project.open(folder) as project:
        (person_id,) = people_of(project)
        view = load_person_view(project, person_id)
    assert is_drawn(view.person)
    assert view.state == "accepted"
    assert np.allclose(view.revision.keypoints[:, :2], keypoints[:, :2], atol=2)
    out = tmp_path / "out.json"
    assert main(["export", "eft-json", str(out), "--project", str(folder)]) == 0
    (sample,) = json.loads(out.read_text(encoding="utf-8"))["data"]
    assert sample["imageName"] == "001.jpg"
    assert np.allclose(sample["bbox_center"], [BOX[0] + BOX[2] / 2, BOX[1] + BOX[3] / 2], atol=2)
    assert sample["bbox_scale"] == pytest.approx(1.2 * BOX[3] / 200, abs=0.02)
    assert "Wrote 1 fits" in capsys.readouterr().out
    assert main(["status", "--project", str(folder), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["images"] == 2
