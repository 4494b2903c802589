"""A day at the desk through the real ``main()``: a repair, twenty people by keyboard, a crash, locked pictures."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.services.annotation import apply_edit, swap_sides
from app.services.batch import fit_people
from app.services.person_view import load_person_view
from app.services.project import Project
from app.ui.review.relinking import MissingPlate
from app.ui.widgets.dispute_panel import DisputePanel
from db.records import FitRecord, PersonId, PersonState
from fitting.body.model import load_body
from fitting.evaluation.hints import build_plan
from fitting.evaluation.run import read_set
from fitting.guidance import limb_depths
from fitting.runners import InlineRunner
from fitting.spec import BodyFit
from main import main
from resources import default_body, held_out_people
from resources.limbs import LIMB_NAMES
from tests.helpers.builders import build_project, people_of, person_keypoints
from tests.helpers.fits import standing_body
from tests.helpers.runners import KeptWorkers
from tests.helpers.stories import read_until, run_story, start_story
from tests.helpers.ui_stories import Annotator

pytestmark = pytest.mark.usefixtures("program_state")


@pytest.fixture(autouse=True)
def workers_that_stay(monkeypatch: pytest.MonkeyPatch, kept_workers: KeptWorkers) -> None:
    """The stories of this process hand their workers on; test_story_main starts and ends a program's own."""
    monkeypatch.setattr("app.ui.run.ProcessRunner", kept_workers)


def trunk_turn(fit: FitRecord, seed: int) -> float:
    """Degrees between the fitted and the true orientation of the body."""
    true = standing_body(seed).rotations[0].astype(float)
    cosine = (np.trace(true.T @ fit.rotations[0]) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def test_repair_a_person_whose_left_and_right_are_exchanged(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        folder, (person_id,) = project.folder, people_of(project)
        view = load_person_view(project, person_id)
        right = view.revision
        swapped = swap_sides(right, view.skeleton, "body")
        assert swapped is not None
        apply_edit(project, person_id, right.id, swapped)
        fit_people(project, [person_id], InlineRunner)
        wrong = load_person_view(project, person_id).fit
    assert wrong is not None
    assert trunk_turn(wrong, 0) > 90  # seen from behind

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until_shows(person_id)
        annotator.press("M")
        annotator.until(lambda: annotator.state == "stale")
        annotator.press("R")
        annotator.until(lambda: annotator.state == "fitted")
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(person_id) == "accepted")

    assert run_story(qtbot, [str(folder)], story) == 0
    with Project.open(folder) as project:
        view = load_person_view(project, person_id)
    assert view.revision.keypoints.tobytes() == right.keypoints.tobytes()
    assert view.fit is not None
    assert trunk_turn(view.fit, 0) < 30


FLIPPED_PERSON, FLIPPED_LIMB, ITS_END = 203, "right_forearm", "right_wrist"
"""Of the held-out people: the fit puts this forearm on the wrong side in depth, and lies well on the keypoints."""


def held_out_project(folder: Path, annotation_id: int) -> Path:
    """A project, made on the command line, of one held-out person with the picture."""
    published = held_out_people()
    coco = json.loads((published / "annotations.json").read_text(encoding="utf-8"))
    coco["annotations"] = [each for each in coco["annotations"] if each["id"] == annotation_id]
    image_id = coco["annotations"][0]["image_id"]
    coco["images"] = [each for each in coco["images"] if each["id"] == image_id]
    source = folder / "one.json"
    source.write_text(json.dumps(coco), encoding="utf-8")
    project = folder / "project"
    assert main(["new", str(project)]) == 0
    images = str(published / "images")
    assert main(["import", "coco", str(source), "--images", images, "--project", str(project)]) == 0
    return project


def forearm_depth(body: BodyFit) -> float:
    """How much deeper the far end of the limb lies than its near end, metres."""
    joints_cam = load_body(default_body()).joints_of(body)
    return float(limb_depths(torch.as_tensor(joints_cam)[None])[0, LIMB_NAMES.index(FLIPPED_LIMB)])


def test_repair_a_depth_flip_with_one_hint(qtbot: QtBot, tmp_path: Path) -> None:
    folder = held_out_project(tmp_path, FLIPPED_PERSON)
    people = read_set(build_plan("eft", held_out_people())).people
    (truth,) = (each.truth for each in people if each.person_id == FLIPPED_PERSON)
    assert truth is not None
    true_depth = forearm_depth(truth)
    assert abs(true_depth) > 0.05

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until(lambda: annotator.page.view is not None)
        annotator.press("R")
        annotator.until(lambda: annotator.state == "fitted" and not annotator.page.fitting)
        annotator.page.select_joint(annotator.joint(ITS_END))
        annotator.press("Shift+T" if true_depth > 0 else "T")
        annotator.until(lambda: annotator.page.view is not None and annotator.page.view.guidance_differs)
        annotator.press("R")
        annotator.until(lambda: len(annotator.fits_of(annotator.person_id)) == 2 and not annotator.page.fitting)
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(annotator.person_id) == "accepted")

    assert run_story(qtbot, [str(folder)], story) == 0
    with Project.open(folder) as project:
        (person_id,) = people_of(project)
        hinted, plain = load_person_view(project, person_id).fits
    before, after = (forearm_depth(BodyFit(each.rotations, each.betas, each.camera)) for each in (plain, hinted))
    assert before * true_depth < 0  # the wrong way, though every keypoint is met:
    assert plain.l2d < 5e-4
    assert after * true_depth > 0
    assert hinted.l2d < 5e-4
    assert hinted.options["guidance"] == {
        "depth_hints": {FLIPPED_LIMB: "away" if true_depth > 0 else "toward"},
    }


class MouseWatch(QObject):
    """Counts what a mouse does in the whole program."""

    def __init__(self) -> None:
        super().__init__()
        self.presses = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        self.presses += event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)
        return False


def decide_by_keyboard(annotator: Annotator, person_id: PersonId, place: int) -> PersonState:
    """Decide about the person on screen in one of the ways there are; the state the person then has."""
    match place % 5:
        case 0 | 1:
            annotator.accept()
            return "accepted"
        case 2:
            annotator.press("X")
            annotator.answer(annotator.reject_dialog(), Qt.Key.Key_2)
            return "rejected"
        case 3:
            annotator.press("F")
            return "second_look"
        case _:
            annotator.press("Tab", "Right", "Shift+Down", "R")
            annotator.until(lambda: len(annotator.fits_of(person_id)) == 2 and not annotator.page.fitting)
            annotator.accept()
            return "accepted"


def test_twenty_people_by_keyboard_alone(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 20, per_image=2) as project:
        folder, people = project.folder, people_of(project)
        fit_people(project, people, InlineRunner)
    watch = MouseWatch()
    wanted: dict[PersonId, PersonState] = {}

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        program = QApplication.instance()
        assert program is not None
        program.installEventFilter(watch)
        for place, person_id in enumerate(people):
            annotator.until_shows(person_id)
            wanted[person_id] = decide_by_keyboard(annotator, person_id, place)
        annotator.until(lambda: annotator.stored_state(people[-1]) == wanted[people[-1]])
        program.removeEventFilter(watch)

    assert run_story(qtbot, [str(folder)], story) == 0
    assert watch.presses == 0
    with Project.open(folder) as project, project.store.read() as reader:
        assert {person_id: reader.queue.get_head(person_id).state for person_id in people} == wanted


def test_the_work_is_there_after_a_crash_and_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 3) as project:
        folder, (first, second, _third) = project.folder, people_of(project)
        fit_people(project, [first], InlineRunner)
    process = start_story("tests.helpers.desk_stories:edit_fit_accept_and_wait", folder, tmp_path / "other home")
    with process:
        read_until(process, "STORED")
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until(lambda: annotator.page.view is not None)
        annotator.press("Home")
        annotator.until_shows(first)
        assert annotator.state == "accepted"
        assert annotator.place_of("nose")[0] == pytest.approx(person_keypoints(0)[0, 0] + 10)
        annotator.press("D")
        annotator.until_shows(second)
        assert annotator.page.view is not None
        assert annotator.page.view.revision.keypoints[0, 2] == 0
        annotator.press("R")
        annotator.until(lambda: annotator.state == "fitted" and not annotator.page.fitting)
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(second) == "accepted")

    assert run_story(qtbot, [str(folder)], story) == 0
    with Project.open(folder) as project:
        assert project.store.verify_heads() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="folders are locked by POSIX rights here")
def test_pictures_in_a_folder_that_may_only_be_read(tmp_path: Path) -> None:
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root writes everywhere, unless it gives up the right to
        if shutil.which("setpriv") is None:
            pytest.skip("root may write into locked folders, and setpriv, which would forbid it, is not installed")
        prefix = ("setpriv", "--bounding-set", "-dac_override,-fowner", "--inh-caps", "-dac_override,-fowner")
    with build_project(tmp_path, 2) as project:
        folder, (first, _second) = project.folder, people_of(project)
        fit_people(project, [first], InlineRunner)
    pictures = tmp_path / "pictures"
    before = _fingerprint(pictures)
    for path in pictures.iterdir():
        path.chmod(0o444)
    pictures.chmod(0o555)
    try:
        refused = subprocess.run([*prefix, "touch", str(pictures / "new")], capture_output=True, check=False)
        assert refused.returncode != 0  # the folder is locked for the story
        process = start_story("tests.helpers.desk_stories:repair_and_accept", folder, tmp_path / "other home", prefix)
        with process:
            read_until(process, "DONE")
        assert process.returncode == 0
    finally:
        pictures.chmod(0o755)
    assert _fingerprint(pictures) == before
    with Project.open(folder) as project:
        assert load_person_view(project, first).state == "accepted"


def _fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.iterdir())
    }


def test_two_reviewers_disagree_and_a_third_adjudicates(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 2) as project:
        folder, (first, second) = project.folder, people_of(project)
        fit_people(project, [first, second], InlineRunner)
    assert main(["review", "--project", str(folder), "--reviewers", "2"]) == 0

    def begin(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until(lambda: annotator.page.view is not None)
        annotator.press("Home")
        annotator.until_shows(first)

    def ann(annotator: Annotator) -> None:
        begin(annotator)
        annotator.accept()
        annotator.until_shows(second)
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(second) == "in_review")

    def ben(annotator: Annotator) -> None:
        begin(annotator)
        assert "Ann" not in annotator.page.header.note  # whoever reviews second does not know
        annotator.accept()
        annotator.until_shows(second)
        annotator.press("X")
        annotator.answer(annotator.reject_dialog(), Qt.Key.Key_2)
        annotator.until(lambda: annotator.stored_state(second) == "disputed")

    def cleo(annotator: Annotator) -> None:
        begin(annotator)
        assert annotator.state == "accepted"
        annotator.press("Y")
        annotator.until_shows(second)
        panel = annotator.page.findChild(DisputePanel)
        assert isinstance(panel, DisputePanel)
        annotator.until(panel.isVisible)
        words = " ".join(label.text() for label in panel.findChildren(QLabel))
        assert "Ann" in words
        assert "Ben" in words
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(second) == "accepted")

    for name, story in (("Ann", ann), ("Ben", ben), ("Cleo", cleo)):
        assert run_story(qtbot, [str(folder), "--as", name], story) == 0
    assert main(["export", "eft-json", str(tmp_path / "out.json"), "--project", str(folder)]) == 0
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["data"]) == 2
    with Project.open(folder) as project, project.store.read() as reader:
        ruling = reader.decisions.current(second)
    assert ruling is not None
    assert ruling.role == "adjudication"


def test_missing_images_are_linked_to_a_new_root(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with build_project(tmp_path, 2) as project:
        folder, (first, _second) = project.folder, people_of(project)
        fit_people(project, [first], InlineRunner)
    moved = tmp_path / "another disk" / "pictures"
    moved.parent.mkdir()
    shutil.move(tmp_path / "pictures", moved)
    # The system's own dialog is the one thing a script cannot work.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args, **_options: str(moved))

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until(lambda: annotator.page.view is not None)
        plate = annotator.page.canvas.findChild(MissingPlate)
        assert isinstance(plate, MissingPlate)
        annotator.until(plate.isVisible)
        assert not annotator.window.toolbar.accept.isEnabled()
        button = plate.findChild(QPushButton)
        assert isinstance(button, QPushButton)
        button.click()
        annotator.until(lambda: annotator.page.has_picture)
        assert not plate.isVisible()
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(first) == "accepted")

    assert run_story(qtbot, [str(folder)], story) == 0
    with Project.open(folder) as project, project.store.read() as reader:
        assert {image.root for image in reader.images.iter_all()} == {str(moved)}
