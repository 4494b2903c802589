"""Drawing people: the order of the joints, the sketch, and what is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services import drawing, review
from app.services.annotation import apply_edit, move_joints
from app.services.batch import fit_people
from app.services.drawing import Sketch, clip_box, placing_order
from app.services.errors import ServiceError
from app.services.exporting_decisions import export_decisions
from app.services.exporting_people import export_people
from app.services.fitting import build_fit_job
from app.services.person_history import load_history
from app.services.person_view import load_person_view
from app.services.project import Project
from app.settings import Settings, setting_rows
from db.errors import NotFoundError, StoreError
from db.formats.parts.boxes import coco_box
from db.records import ImageId
from fitting.runners import InlineRunner
from resources.skeleton import get_skeleton
from tests.helpers.builders import build_project, people_of, person_keypoints
from tests.helpers.drawing import add_pictures

BOX = (200.0, 60.0, 220.0, 400.0)
COCO = get_skeleton("coco17")
SKELETONS = next(row.values for row in setting_rows() if row.name == "draw_skeleton")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    Project.create(tmp_path / "project").close()
    with Project.open(tmp_path / "project", annotator="Ann") as project:
        yield project


@pytest.fixture
def image(project: Project, tmp_path: Path) -> ImageId:
    return add_pictures(project, tmp_path / "pictures", 1)[0]


def test_joints_are_asked_for_from_head_to_foot_limb_by_limb() -> None:
    assert [COCO.titles[joint] for joint in placing_order(COCO)] == [
        "nose",
        "left eye",
        "right eye",
        "left ear",
        "right ear",
        "left shoulder",
        "left elbow",
        "left wrist",
        "right shoulder",
        "right elbow",
        "right wrist",
        "left hip",
        "left knee",
        "left ankle",
        "right hip",
        "right knee",
        "right ankle",
    ]


@pytest.mark.parametrize("name", SKELETONS)
def test_every_joint_of_every_layout_is_asked_for_once(name: str) -> None:
    skeleton = get_skeleton(name)
    order = placing_order(skeleton)
    assert sorted(order) == list(range(len(skeleton)))
    for side in ("left", "right"):  # outwards along a limb
        limb = [joint for joint in order if skeleton.side(joint) == side]
        parts = [skeleton.part(joint) for joint in limb]
        assert parts.index("shoulder") + 1 == parts.index("elbow") == parts.index("wrist") - 1
        assert parts.index("hip") + 1 == parts.index("knee") == parts.index("ankle") - 1


def test_the_layout_is_cocos_unless_another_is_chosen() -> None:
    assert Settings().draw_skeleton == "coco17"


def test_a_sketch_goes_forward_skips_and_goes_back() -> None:
    sketch = Sketch(COCO, BOX)
    assert not sketch.take_back()
    sketch.place(300.0, 80.0)
    sketch.skip()
    sketch.place(290.0, 75.0, occluded=True)
    assert (sketch.asked, sketch.placed) == (3, 2)
    assert sketch.keypoints[COCO.index("right_eye")].tolist() == [290.0, 75.0, 1.0]
    assert not sketch.keypoints[COCO.index("left_eye")].any()
    assert sketch.take_back()
    assert sketch.joint == COCO.index("right_eye")
    assert sketch.placed == 1
    assert sketch.take_back()
    sketch.place(310.0, 76.0)
    assert sketch.keypoints[COCO.index("left_eye"), 2] == 2
    for _ in range(20):
        sketch.skip()
    assert sketch.joint is None
    sketch.place(1.0, 1.0)
    assert sketch.placed == 2


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        ((10.0, 20.0, 30.0, 40.0), (10.0, 20.0, 30.0, 40.0)),
        ((-10.0, -5.0, 30.0, 40.0), (0.0, 0.0, 20.0, 35.0)),
        ((600.0, 400.0, 500.0, 500.0), (600.0, 400.0, 40.0, 80.0)),
        ((10.0, 20.0, 3.0, 40.0), None),
        ((700.0, 20.0, 30.0, 40.0), None),
        ((-50.0, 20.0, 52.0, 40.0), None),
    ],
)
def test_a_box_ends_where_the_picture_ends(
    box: tuple[float, float, float, float], clipped: tuple[float, float, float, float] | None
) -> None:
    assert clip_box(box, 640, 480) == clipped


def test_a_drawn_person_is_an_ordinary_one(project: Project, image: ImageId) -> None:
    keypoints = person_keypoints(0)
    keypoints[4] = 0.0
    keypoints[7, 2] = 1.0
    drawn = drawing.draw_person(project, image, BOX, "coco17", keypoints)
    view = load_person_view(project, drawn.person_id)
    assert drawn.changeset.label == "Draw person"
    assert drawn.changeset.touched_people == {drawn.person_id}
    assert np.array_equal(view.revision.keypoints, keypoints)
    assert set(view.revision.sources) == {"human"}
    assert view.person.bbox_xywh == BOX
    assert (view.person.box_center_px, view.person.box_scale) == coco_box(BOX)
    assert drawing.is_drawn(view.person)
    assert view.image.exif_honoured
    assert view.state == "unfitted"
    assert [(event.title, event.who) for event in load_history(project, drawn.person_id)] == [("Draw person", "Ann")]
    edit = move_joints(view.revision, COCO, {0: (5.0, 6.0)})
    assert edit is not None
    apply_edit(project, drawn.person_id, view.revision.id, edit)
    result = fit_people(project, [drawn.person_id], InlineRunner)
    assert result.fitted == [drawn.person_id]
    assert load_person_view(project, drawn.person_id).state == "fitted"


def test_a_person_may_be_no_more_than_a_box(project: Project, image: ImageId) -> None:
    drawn = drawing.draw_person(project, image, (-50.0, 60.0, 220.0, 900.0), "mpii16", np.zeros((16, 3)))
    view = load_person_view(project, drawn.person_id)
    assert view.person.bbox_xywh == (0.0, 60.0, 170.0, 420.0)
    assert (view.state, view.skeleton.name) == ("unfittable", "mpii16")
    with pytest.raises(ServiceError, match="at least 6 labelled"):
        build_fit_job(project, drawn.person_id)


def test_a_box_beside_the_picture_is_refused(project: Project, image: ImageId) -> None:
    with pytest.raises(ServiceError, match=r"outside 001\.jpg or is too small; drag it"):
        drawing.draw_person(project, image, (700.0, 0.0, 50.0, 50.0), "coco17", np.zeros((17, 3)))
    with pytest.raises(NotFoundError, match="no image 99"):
        drawing.draw_person(project, ImageId(99), BOX, "coco17", np.zeros((17, 3)))
    assert people_of(project) == []


def test_a_drawn_person_is_removed_and_comes_back_with_everything(project: Project, image: ImageId) -> None:
    first = drawing.draw_person(project, image, BOX, "coco17", person_keypoints(0)).person_id
    second = drawing.draw_person(project, image, BOX, "coco17", person_keypoints(1)).person_id
    fit_people(project, [first], InlineRunner)
    changeset = drawing.remove_person(project, first)
    assert changeset.label == "Remove person"
    assert people_of(project) == [second]
    assert [person.id for person in drawing.load_image_view(project, image).people] == [second]
    place = drawing.find_whereabouts(project, first)
    assert place == drawing.Whereabouts(image, is_there=False)
    with pytest.raises(NotFoundError):
        drawing.remove_person(project, first)
    with pytest.raises(NotFoundError):
        build_fit_job(project, first)
    project.store.undo()
    assert load_person_view(project, first).state == "fitted"
    assert drawing.find_whereabouts(project, first) == drawing.Whereabouts(image, is_there=True)
    assert drawing.find_whereabouts(project, 99) is None  # type: ignore[arg-type]


def test_drawn_people_are_exported_and_removed_ones_are_not(project: Project, image: ImageId, tmp_path: Path) -> None:
    kept = person_keypoints(1)
    removed = drawing.draw_person(project, image, BOX, "coco17", person_keypoints(0)).person_id
    drawing.draw_person(project, image, BOX, "coco17", kept)
    review.second_look(project, removed, "", 1.0)
    drawing.remove_person(project, removed)
    report = export_people(project, "coco", tmp_path / "people.json")
    document = json.loads((tmp_path / "people.json").read_text(encoding="utf-8"))
    (entry,) = document["annotations"]
    assert report.samples == 1
    assert entry["bbox"] == list(BOX)
    assert np.allclose(np.reshape(entry["keypoints"], (17, 3)), kept)
    assert [picture["file_name"] for picture in document["images"]] == ["001.jpg"]
    export_decisions(project, "decisions-csv", tmp_path / "decisions.csv")
    assert len((tmp_path / "decisions.csv").read_text(encoding="utf-8").splitlines()) == 1  # the names of the columns


def test_an_imported_person_is_never_removed(tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        (person_id,) = people_of(project)
        assert not drawing.is_drawn(load_person_view(project, person_id).person)
        with pytest.raises(StoreError, match=r"came with test\.json and cannot be removed; reject"):
            drawing.remove_person(project, person_id)
        assert people_of(project) == [person_id]
