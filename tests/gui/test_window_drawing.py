"""Drawing people at the real window, down to the database: images without people, boxes, joints, undo, removal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.services import drawing
from app.services.drawing import placing_order
from app.services.project import Project
from app.ui.notifications import MessageBar
from db.records import ImageId, PersonId, PersonRecord
from db.store import Store
from resources.skeleton import get_skeleton
from tests.helpers.builders import SIZE, build_project, people_of, person_keypoints
from tests.helpers.canvas_hands import SHIFT, click, drag, screen_point
from tests.helpers.drawing import add_pictures
from tests.helpers.ui_stories import Annotator, annotator_at

COCO = get_skeleton("coco17")
BOX = (170.0, 40.0, 300.0, 420.0)
NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def empty(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """A project of three pictures that nobody is in."""
    project = Project.create(tmp_path / "project")
    add_pictures(project, tmp_path / "pictures", 3)
    with annotator_at(qtbot, tmp_path, None) as annotator:
        annotator.window.show_project(project)
        annotator.until(lambda: image_on_screen(annotator) == 1)
        yield annotator


@pytest.fixture
def mixed(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """An image with an imported person, and two that nobody is in."""
    project = build_project(tmp_path, 1)
    add_pictures(project, tmp_path / "walk", 2)
    with annotator_at(qtbot, tmp_path, project) as annotator:
        annotator.until_shows(people_of(project)[0])
        yield annotator


def image_on_screen(annotator: Annotator) -> ImageId | None:
    return None if annotator.page.image is None else annotator.page.image.image.id


def people(annotator: Annotator) -> list[PersonRecord]:
    annotator.until_settled()
    with annotator.project.store.read() as reader:
        return list(reader.people.iter_all())


def said(annotator: Annotator) -> str:
    annotator.until_settled()
    bar = annotator.window.findChild(MessageBar)
    assert isinstance(bar, MessageBar)
    return bar.text


def draw_box(annotator: Annotator) -> None:
    """Press the key and drag a box."""
    canvas = annotator.page.canvas
    annotator.press("Shift+N")
    annotator.until(lambda: canvas.sketch.is_active)
    at, to = screen_point(canvas, *BOX[:2]), screen_point(canvas, BOX[0] + BOX[2], BOX[1] + BOX[3])
    drag(canvas, at, (to.x() - at.x(), to.y() - at.y()))


def place(annotator: Annotator, keypoints: np.ndarray, count: int = 17) -> None:
    """Click the joints that are asked for; those that are not labelled are skipped."""
    canvas = annotator.page.canvas
    for joint in placing_order(COCO)[:count]:
        assert canvas.armed_joint() == joint
        if keypoints[joint, 2]:
            at = screen_point(canvas, *keypoints[joint, :2])
            click(canvas, at, SHIFT if keypoints[joint, 2] == 1 else NO_KEYS)
        else:
            annotator.press("Space")


def draw(annotator: Annotator, keypoints: np.ndarray) -> PersonId:
    """A whole person, who is on screen at the end."""
    before = {person.id for person in people(annotator)}
    draw_box(annotator)
    place(annotator, keypoints)
    annotator.until(lambda: annotator.page.view is not None and annotator.page.view.person.id not in before)
    return annotator.person_id


def test_a_project_without_people_opens_at_its_images(empty: Annotator) -> None:
    page = empty.page
    column = page.frame.images_column
    assert page.frame.lists.shows_images
    assert empty.window.actions_table["list.images"].isChecked()
    assert column.count_text == "3 images"
    assert empty.window.status.progress_text == "nobody is in this project yet"
    assert page.canvas.hint().startswith("Nobody is in this image yet   ·   Shift+N adds a person")
    assert page.find_obstacle() == "No person is shown."
    empty.press("D")
    empty.until(lambda: image_on_screen(empty) == 2)
    assert column.list.currentIndex().row() == 1
    empty.press("End", "D")
    empty.until(lambda: image_on_screen(empty) == 3)
    assert said(empty) == "This is the last image of the list."
    empty.press("Home")
    empty.until(lambda: image_on_screen(empty) == 1)
    empty.press("R", "X", "Return", "Tab", "Ctrl+A", "F", "M", "Shift+Del")  # nobody is there for any of them
    empty.until_settled()
    assert people(empty) == []
    assert empty.crashes.dialog is None


def test_a_person_is_drawn_undone_and_done_again(empty: Annotator) -> None:
    keypoints = person_keypoints(0)
    ear, elbow = COCO.index("left_ear"), COCO.index("right_elbow")
    keypoints[ear] = 0
    keypoints[elbow, 2] = 1
    person_id = draw(empty, keypoints)
    (person,) = people(empty)
    assert drawing.is_drawn(person)
    assert person.bbox_xywh == pytest.approx(BOX, abs=2)
    view = empty.page.view
    assert view is not None
    visibility = view.revision.keypoints[:, 2]
    assert visibility.tolist() == keypoints[:, 2].tolist()
    placed = visibility > 0
    assert np.allclose(view.revision.keypoints[placed, :2], keypoints[placed, :2], atol=1.5)
    assert set(view.revision.sources) == {"human"}
    assert (empty.state, view.people_in_image) == ("unfitted", 1)
    assert said(empty) == "Person added with 16 of 17 joints. R fits the body, Shift+N adds another person."
    assert empty.window.actions_table["edit.undo"].text() == "Undo draw person"
    assert empty.window.status.progress_text.startswith("0 of 1 decided")
    images = empty.page.images
    assert images.data(images.index(0)) == "001.jpg, 1 person, 1 undecided"
    empty.press("Ctrl+Z")
    empty.until(lambda: image_on_screen(empty) == 1)
    assert people(empty) == []
    assert empty.page.people.ids == []
    assert not empty.page.canvas.keypoints().any()
    assert images.data(images.index(0)) == "001.jpg, nobody yet"
    empty.press("Ctrl+Y")
    empty.until(lambda: empty.page.view is not None and empty.page.view.person.id == person_id)
    assert [person.id for person in people(empty)] == [person_id]
    assert list(empty.page.people.ids) == [person_id]


def test_images_without_people_are_found_by_key_and_by_filter(empty: Annotator) -> None:
    person_id = draw(empty, person_keypoints(0))
    empty.press("Shift+D")
    empty.until(lambda: image_on_screen(empty) == 2)
    empty.press("Shift+A")
    empty.until(lambda: image_on_screen(empty) == 3)  # round the ends, past the image with a person
    empty.press("D", "Home")
    empty.until(lambda: empty.page.view is not None and empty.page.view.person.id == person_id)
    column = empty.page.frame.images_column
    column.which_box.setCurrentIndex(1)
    column.which_box.activated.emit(1)
    empty.until(lambda: column.count_text == "2 images without people")
    assert column.list.currentIndex().row() == -1
    column.filter_box.setFocus()
    empty.type("003")
    empty.press("Return")
    empty.until(lambda: image_on_screen(empty) == 3)
    assert column.count_text == "1 image without people"
    empty.press("Ctrl+J")
    assert column.filter_box.hasFocus()
    column.filter_box.setText("zzz")
    column.apply_filter()
    empty.until(lambda: column.empty_text == "No image has this in its name.")


def test_the_lists_are_switched_and_agree(mixed: Annotator) -> None:
    lists = mixed.page.frame.lists
    assert not lists.shows_images
    mixed.press("Shift+I")
    mixed.until(lambda: mixed.page.frame.images_column.count_text == "3 images")
    assert mixed.page.frame.images_column.list.currentIndex().row() == 0  # that of the person on screen
    mixed.press("D")
    mixed.until(lambda: image_on_screen(mixed) == 2)
    mixed.press("Shift+I")
    assert not lists.shows_images
    mixed.press("D")  # from nobody to the first of the list
    mixed.until(lambda: mixed.page.view is not None)
    lists.switch.setCurrentIndex(1)
    assert mixed.window.actions_table["list.images"].isChecked()
    rows = mixed.page.frame.images_column.list
    rows.clicked.emit(rows.model().index(2, 0))
    mixed.until(lambda: image_on_screen(mixed) == 3)


def test_a_second_person_beside_an_imported_one(mixed: Annotator) -> None:
    (imported,) = people_of(mixed.project)
    second = draw(mixed, person_keypoints(1))
    view = mixed.page.view
    assert view is not None
    assert [person.id for person in view.people] == [imported, second]
    assert view.place == 2
    mixed.press("1")
    mixed.until_shows(imported)
    assert not mixed.window.actions_table["person.remove"].isEnabled()
    mixed.press("Ctrl+D")
    mixed.until_shows(second)
    assert mixed.window.actions_table["person.remove"].isEnabled()


def test_escape_goes_back_to_the_person_on_screen_before(mixed: Annotator) -> None:
    (imported,) = people_of(mixed.project)
    draw_box(mixed)
    place(mixed, person_keypoints(1), 3)
    mixed.press("Escape")
    mixed.until(lambda: mixed.page.view is not None and mixed.page.view.person.id == imported)
    assert people_of(mixed.project) == [imported]
    assert np.array_equal(mixed.page.canvas.keypoints(), mixed.page.view.revision.keypoints)  # type: ignore[union-attr]
    assert mixed.page.canvas.hint() == ""
    mixed.press("Shift+N")
    mixed.until(lambda: mixed.page.canvas.sketch.is_active)
    mixed.page.people_column.list.setFocus()
    mixed.press("Escape")  # wherever the focus is
    mixed.until(lambda: mixed.page.view is not None)
    assert not mixed.page.canvas.sketch.is_active


def test_undo_takes_joints_back_wherever_the_focus_is(mixed: Annotator) -> None:
    draw_box(mixed)
    place(mixed, person_keypoints(1), 3)
    mixed.page.people_column.list.setFocus()
    mixed.press("Ctrl+Z")
    sketch = mixed.page.canvas.sketch.sketch
    assert sketch is not None
    assert sketch.asked == 2
    joints = mixed.page.column.joints
    assert joints.selected_joint() == sketch.joint
    assert joints.model().rowCount() == 17


def test_a_drawing_that_is_left_is_stored_as_far_as_it_came(empty: Annotator) -> None:
    draw_box(empty)
    place(empty, person_keypoints(0), 8)
    empty.press("D")
    empty.until(lambda: image_on_screen(empty) == 2)
    (person,) = people(empty)
    assert person.image_id == 1
    assert said(empty) == "The drawing you left is stored, with 8 of 17 joints."
    draw_box(empty)
    empty.press("D")  # no joint yet: nothing to keep
    empty.until(lambda: image_on_screen(empty) == 3)
    assert len(people(empty)) == 1
    draw_box(empty)
    place(empty, person_keypoints(0), 2)
    location = empty.project.store.location
    empty.window.close_project()
    with Store.open(location) as store, store.read() as reader:
        assert [person.image_id for person in reader.people.iter_all()] == [1, 3]


def test_too_few_joints_are_told_and_can_be_placed_later(empty: Annotator) -> None:
    draw_box(empty)
    place(empty, person_keypoints(0), 2)
    empty.press("Return")
    empty.until(lambda: empty.page.view is not None)
    assert empty.state == "unfittable"
    assert said(empty) == "Person added with 2 of 17 joints; a fit needs 6. E goes on placing."
    empty.press("E")
    canvas = empty.page.canvas
    joint = canvas.armed_joint()
    assert joint is not None
    click(canvas, screen_point(canvas, 300.0, 100.0), SHIFT)
    empty.until(lambda: empty.page.view is not None and empty.page.view.revision.keypoints[joint, 2] == 1)


def test_a_drawn_person_is_removed_and_brought_back(empty: Annotator) -> None:
    first = draw(empty, person_keypoints(0))
    second = draw(empty, person_keypoints(1))
    empty.press("Shift+Del")
    empty.until(lambda: image_on_screen(empty) == 1)
    assert [person.id for person in people(empty)] == [first]
    assert said(empty) == "Person removed; Ctrl+Z brings them back."
    assert empty.page.canvas.hint() == "1 person in this image   ·   Shift+N adds a person"
    empty.press("Ctrl+Z")
    empty.until(lambda: empty.page.view is not None and empty.page.view.person.id == second)
    assert [person.id for person in people(empty)] == [first, second]


def test_a_decision_leads_to_the_others_of_the_image_then_to_an_empty_one(empty: Annotator) -> None:
    first = draw(empty, person_keypoints(0))
    draw(empty, person_keypoints(1))
    empty.press("F")
    empty.until_shows(first)
    empty.press("Ctrl+Space")  # skipped; the other one is set aside already
    empty.until(lambda: image_on_screen(empty) == 2)
    empty.press("Ctrl+Space")
    empty.until(lambda: image_on_screen(empty) == 3)
    empty.press("Home")
    empty.until_shows(first)
    empty.press("F")
    empty.until(lambda: image_on_screen(empty) == 2)


def test_an_imported_person_is_not_removed(mixed: Annotator) -> None:
    (imported,) = people_of(mixed.project)
    mixed.window.actions_table["person.remove"].setEnabled(True)
    mixed.press("Shift+Del")
    assert said(mixed) == "This person came with test.json and cannot be removed; reject them instead (X)."
    assert people_of(mixed.project) == [imported]


def test_the_layout_is_chosen_in_the_menu(empty: Annotator) -> None:
    actions = empty.window.actions_table
    assert actions["draw_with.coco17"].isChecked()
    actions["draw_with.mpii16"].trigger()
    assert empty.page.context.settings.values.draw_skeleton == "mpii16"
    empty.page.context.settings.update(draw_skeleton="lsp14")
    assert actions["draw_with.lsp14"].isChecked()
    draw_box(empty)
    assert empty.page.canvas.hint().startswith("Head top (1 of 14)")
    empty.press("Return")
    empty.until(lambda: empty.page.view is not None)
    assert empty.page.view is not None
    assert empty.page.view.skeleton.name == "lsp14"


def test_somebody_elses_work_leaves_a_drawing_alone(empty: Annotator) -> None:
    draw_box(empty)
    place(empty, person_keypoints(0), 3)
    with Project.open(empty.project.folder, annotator="Other") as other:
        drawing.draw_person(other, ImageId(1), BOX, "coco17", person_keypoints(1))
    empty.until(lambda: len(empty.page.people.ids) == 1)
    sketch = empty.page.canvas.sketch.sketch
    assert sketch is not None
    assert sketch.asked == 3
    empty.press("Return")
    empty.until(lambda: empty.page.view is not None)
    assert empty.page.view is not None
    assert empty.page.view.people_in_image == 2


def test_whoever_is_removed_elsewhere_leaves_the_screen(empty: Annotator) -> None:
    person_id = draw(empty, person_keypoints(0))
    with Project.open(empty.project.folder, annotator="Other") as other:
        drawing.remove_person(other, person_id)
    empty.until(lambda: image_on_screen(empty) == 1)
    assert people(empty) == []


def test_nobody_is_drawn_in_a_missing_image(empty: Annotator, tmp_path: Path) -> None:
    (tmp_path / "pictures" / "002.jpg").unlink()
    empty.press("D")
    empty.until(lambda: image_on_screen(empty) == 2)
    assert "002.jpg does not exist" in empty.picture_message()
    assert empty.page.canvas.hint() == ""
    empty.press("Shift+N")
    assert said(empty) == "The image is missing, so nobody can be drawn in it."
    assert not empty.page.canvas.sketch.is_active


def test_a_picture_that_lies_on_its_side_is_drawn_on_upright(empty: Annotator, tmp_path: Path) -> None:
    path = tmp_path / "pictures" / "002.jpg"
    with Image.open(path) as picture:
        exif = picture.getexif()
        exif[0x0112] = 6
        picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    empty.press("D")
    empty.until(lambda: image_on_screen(empty) == 2)
    assert empty.page.canvas.picture_size() == SIZE
    draw(empty, person_keypoints(0))
    (person,) = people(empty)
    assert person.bbox_xywh == pytest.approx(BOX, abs=2)


def test_a_fit_that_runs_ends_with_the_person(empty: Annotator) -> None:
    draw(empty, person_keypoints(0))
    empty.press("R", "Ctrl+Z")  # the undo is stored before the fit can be
    empty.until(lambda: image_on_screen(empty) == 1)
    empty.until(lambda: empty.page.desk.count == 0)
    assert people(empty) == []
    assert said(empty) == "Undone: draw person."


def test_a_whole_picture_can_be_a_box(empty: Annotator) -> None:
    canvas = empty.page.canvas
    empty.press("Shift+N")
    empty.until(lambda: canvas.sketch.is_active)
    drag(canvas, screen_point(canvas, -20, -20), (canvas.width(), canvas.height()))
    assert canvas.sketch.sketch is not None
    left, top, width, height = canvas.sketch.sketch.bbox_xywh
    assert (left, top) == (0, 0)
    assert width == SIZE[0]
    assert height <= SIZE[1]
    canvas.setFocus()
    empty.press("Escape")
    empty.until(lambda: canvas.hint().startswith("Nobody is in this image yet"))
