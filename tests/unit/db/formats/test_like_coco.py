"""The relatives of COCO: joints on the right places by name, visibility, boxes, ids, and what is kept of the rest."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.services import annotation as annotation_service
from app.services.exporting_people import export_people
from app.services.importing import import_dataset
from app.services.keypoint_layouts import points_to_spin49
from app.services.person_view import load_person_view
from app.services.project import Project
from db.formats import get_format, get_reader, sniff_people
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem
from db.formats.errors import FormatError
from db.formats.parts.coco_categories import find_skeleton, name_joints
from resources.skeleton import get_skeleton, skeleton_names
from tests.helpers.builders import people_of
from tests.helpers.people_examples import like_coco
from tests.helpers.people_examples.like_coco import (
    COCO_17,
    CROWDPOSE_14,
    FEET,
    OCHUMAN_19,
    POSETRACK_17,
    SIZE,
    annotation,
    category,
    numbers,
    write_document,
)

OURS = {"head": "head_top", "head_bottom": "neck", **{name: f"openpose_{name}" for name in FEET}}
"""What we call the joints that published files call otherwise."""


def read(format_name: str, source: Path, images: Path) -> list[Any]:
    return list(get_reader(format_name)(source, images))


def people_in(format_name: str, write: Callable[[Path], Path], folder: Path) -> list[ImportedPerson]:
    records = read(format_name, write(folder), folder)
    assert [str(record) for record in records if isinstance(record, ImportProblem)] == []
    return [record for record in records if isinstance(record, ImportedPerson)]


def joints_of(person: ImportedPerson) -> dict[str, list[float]]:
    return dict(zip(get_skeleton(person.skeleton).joints, person.keypoints.tolist(), strict=True))


def details_of(record: ImportedPerson | ImportedImage) -> dict[str, Any]:
    assert record.details is not None
    content: dict[str, Any] = json.loads(record.details)
    return content


@pytest.mark.parametrize(
    ("name", "write", "place", "names"),
    [
        ("coco", like_coco.write_whole_body, 0, COCO_17[:12]),
        ("coco", like_coco.write_feet, 0, (*COCO_17, *FEET)),
        ("crowdpose", like_coco.write_crowdpose, 0, CROWDPOSE_14),
        ("human-art", like_coco.write_human_art, 0, COCO_17),
        ("ochuman", like_coco.write_ochuman, 0, OCHUMAN_19),
        ("ai-challenger", like_coco.write_ai_challenger, 0, OCHUMAN_19[:13]),
    ],
)
def test_every_joint_lies_where_the_file_has_it_by_name(
    name: str, write: Callable[[Path], Path], place: int, names: tuple[str, ...], tmp_path: Path
) -> None:
    joints = joints_of(people_in(name, write, tmp_path)[place])
    for number, published in enumerate(names):
        x, y, visibility = joints[OURS.get(published, published)]
        if visibility:
            assert (x, y) == (10 + 3 * number, 20 + 2 * number), published
        else:
            assert published in COCO_17[2::3]  # Human-Art's that are not labelled


def test_posetrack_has_the_left_ear_before_the_right_one(tmp_path: Path) -> None:
    clip = like_coco.posetrack_clip("000001_mpii_test", 10)
    clip["annotations"][0]["keypoints"] = numbers(17, [1])
    source = write_document(tmp_path, "000001_mpii_test.json", clip, "images/val/000001_mpii_test/000000.jpg")
    records = read("posetrack18", source, tmp_path)
    person = next(record for record in records if isinstance(record, ImportedPerson))
    joints = joints_of(person)
    for number, published in enumerate(POSETRACK_17):
        assert joints[OURS.get(published, published)] == [10 + 3 * number, 20 + 2 * number, 2]
    assert joints["left_ear"][0] < joints["right_ear"][0]


def test_feet_come_to_the_slots_that_a_fit_has_for_them(tmp_path: Path) -> None:
    (person,) = people_in("coco", like_coco.write_feet, tmp_path)
    slots = points_to_spin49(get_skeleton("coco23"), person.keypoints, np.ones(23))
    expected = [[10 + 3 * number, 20 + 2 * number, 1] for number in range(17, 23)]
    np.testing.assert_array_equal(slots[19:25], expected)


def test_whole_body_keeps_faces_and_hands_as_details(tmp_path: Path) -> None:
    person, other = people_in("coco", like_coco.write_whole_body, tmp_path)
    assert (person.skeleton, other.skeleton) == ("coco23", "coco23")
    assert person.keypoints[17:, 2].tolist() == [2, 1, 2, 1, 2, 1]
    kept = details_of(person)
    assert (kept["keypoints"], kept["foot_kpts"], len(kept["face_kpts"]), kept["foot_valid"]) == (True, True, 204, True)
    assert not other.keypoints.any()


@pytest.mark.parametrize(
    ("name", "write", "visibilities"),
    [
        ("crowdpose", like_coco.write_crowdpose, [2, 1, 2, 1]),
        ("human-art", like_coco.write_human_art, [2, 2, 0, 2]),
        ("ochuman", like_coco.write_ochuman, [2, 1, 1, 2]),
        ("ai-challenger", like_coco.write_ai_challenger, [2, 1, 2, 1]),
        ("posetrack18", like_coco.write_posetrack, [2, 2, 2, 0]),
    ],
)
def test_visibility_becomes_that_of_coco(
    name: str, write: Callable[[Path], Path], visibilities: list[int], tmp_path: Path
) -> None:
    people = people_in(name, write, tmp_path)
    assert people[0].keypoints[:4, 2].tolist() == visibilities


def test_corners_become_boxes_and_people_without_ids_get_their_place(tmp_path: Path) -> None:
    (tmp_path / "aic").mkdir()
    (tmp_path / "oc").mkdir()
    second, first = people_in("ai-challenger", like_coco.write_ai_challenger, tmp_path / "aic")
    assert (first.bbox_xywh, first.external_id, first.ordinal) == ((10, 20, 60, 40), "human1", 1)
    assert (second.bbox_xywh, second.external_id) == ((5, 5, 55, 65), "human2")
    assert second.keypoints[13].tolist() == [0, 0, 0]  # 3: not labelled
    people = people_in("ochuman", like_coco.write_ochuman, tmp_path / "oc")
    assert [person.external_id for person in people] == ["0", "1", "2"]
    assert people[1].bbox_xywh == (12, 22, 60, 40)
    assert details_of(people[1])["segms"] == {"outer": [[1, 2, 3, 4, 5, 6]], "inner": []}


def test_posetrack_keeps_clips_and_tracks_and_frames_without_labels(tmp_path: Path) -> None:
    records = read("posetrack18", like_coco.write_posetrack(tmp_path), tmp_path)
    images = [record for record in records if isinstance(record, ImportedImage)]
    people = [record for record in records if isinstance(record, ImportedPerson)]
    assert [image.external_id for image in images[:2]] == ["10003420000", "10003420001"]
    assert (images[0].width, images[0].height) == (None, None)
    kept = details_of(images[1])
    assert (kept["is_labeled"], kept["nframes"], kept["vid_id"], kept["ignore_regions_x"]) == (
        *(False, 2, "000342"),
        [[1, 2, 3]],
    )
    assert {person.image_path for person in people} == {
        "images/val/000342_mpii_test/000000.jpg",
        "images/val/000522_mpii_test/000000.jpg",
    }
    assert (details_of(people[1])["track_id"], details_of(people[1])["bbox_head"]) == (1, [10, 5, 9, 9])


def test_a_broken_clip_spares_the_others(tmp_path: Path) -> None:
    folder = like_coco.write_posetrack(tmp_path)
    (folder / "000342_mpii_test.json").write_text('{"images": [')
    records = read("posetrack18", folder, tmp_path)
    problems = [str(record) for record in records if isinstance(record, ImportProblem)]
    assert len(problems) == 1
    assert problems[0].startswith("000342_mpii_test.json: ")
    assert sum(isinstance(record, ImportedPerson) for record in records) == 2


def test_somebody_with_a_box_alone_is_read(tmp_path: Path) -> None:
    clip = like_coco.posetrack_clip("000001_mpii_test", 10)
    clip["annotations"] = [{"id": 5, "image_id": 10, "category_id": 1, "track_id": 3, "bbox": [10, 20, 60, 40]}]
    source = write_document(tmp_path, "000001_mpii_test.json", clip, "images/val/000001_mpii_test/000000.jpg")
    records = read("posetrack18", source, tmp_path)
    (person,) = [record for record in records if isinstance(record, ImportedPerson)]
    assert (person.bbox_xywh, person.keypoints.any()) == ((10, 20, 60, 40), False)


def test_posetrack_out_of_a_project_is_a_file_that_coco_tools_read(tmp_path: Path) -> None:
    source = like_coco.write_posetrack_clip(tmp_path)
    with Project.create(tmp_path / "project") as project:
        assert import_dataset(project, "posetrack", source, tmp_path).problems == ()
        (person_id, _) = people_of(project)
        revision = load_person_view(project, person_id).revision
        hidden = annotation_service.set_visibility(revision, get_skeleton("posetrack17"), 0, 1)
        assert hidden is not None
        annotation_service.apply_edit(project, person_id, revision.id, hidden)
        export_people(project, "coco", tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    person, image = written["annotations"][0], written["images"][0]
    assert (image["width"], image["height"], image["vid_id"]) == (*SIZE, "000342")
    assert (person["track_id"], person["iscrowd"], person["num_keypoints"], person["area"]) == (0, 0, 15, 2400)
    assert set(person["keypoints"][2::3]) == {0, 1, 2}
    assert sniff_people(tmp_path / "out.json") == "coco"  # PoseTrack's reader would make the 1 a 2
    assert tuple(written["categories"][0]["keypoints"]) == POSETRACK_17


def test_the_sibling_files_of_coco_s_shape_are_coco(tmp_path: Path) -> None:
    image = {"file_name": "000001.jpg", "id": 1, "height": 80, "width": 100}
    person = annotation(1, numbers(17, [2, 1]), segmentation=[], area=2400)
    document = {"images": [image], "annotations": [person], "categories": [category(COCO_17)]}
    source = write_document(tmp_path, "ochuman_coco_format_val_range_0.00_1.00.json", document, "000001.jpg")
    assert sniff_people(source) == "coco"
    assert sum(isinstance(record, ImportedPerson) for record in read("coco", source, tmp_path)) == 1


def test_a_file_of_another_relative_is_refused_by_its_joints(tmp_path: Path) -> None:
    source = like_coco.write_crowdpose(tmp_path)
    with pytest.raises(FormatError, match=r"the keypoints of the category person are left_shoulder, .*expected nose"):
        read("posetrack18", source, tmp_path)
    with pytest.raises(FormatError, match=r"the keypoints of the category person are left_shoulder, .*expected nose"):
        read("ochuman", source, tmp_path)


@pytest.mark.parametrize(
    ("alias", "name"),
    [("aic", "ai-challenger"), ("humanart", "human-art"), ("posetrack", "posetrack18"), ("coco-wholebody", "coco")],
)
def test_aliases(alias: str, name: str) -> None:
    assert get_format(alias).name == name


@pytest.mark.parametrize("name", skeleton_names())
def test_every_layout_is_known_by_the_names_it_is_written_with(name: str) -> None:
    skeleton = get_skeleton(name)
    found = find_skeleton(name_joints(skeleton))
    assert found is not None
    assert get_skeleton(found).joints == skeleton.joints
    assert find_skeleton([title.upper().replace("_", " ") for title in skeleton.joints]) == found


@pytest.mark.parametrize(("old", "new"), [("COCO_val2014_000000000042.jpg", "000000000042.jpg")])
def test_pictures_of_both_editions_are_found(old: str, new: str, tmp_path: Path) -> None:
    for listed, there in ((old, f"val2017/{new}"), (new, f"train2014/{old}"), (f"val2017/{new}", new)):
        folder = tmp_path / there.replace("/", "_")
        image = {"file_name": listed, "id": 42, "height": 80, "width": 100}
        document = {"images": [image], "annotations": [], "categories": [category(COCO_17)]}
        source = write_document(folder, "people.json", document, there)
        (found,) = [record for record in read("coco", source, folder) if isinstance(record, ImportedImage)]
        assert found.path == there


def test_ochuman_in_coco_s_format_is_read_under_its_own_name(tmp_path: Path) -> None:
    image = {"id": 1, "file_name": "one.jpg", "width": 100, "height": 80}
    people = [like_coco.annotation(4, like_coco.numbers(17, [2, 1]))]
    document = {"categories": [like_coco.category(like_coco.COCO_17)], "images": [image], "annotations": people}
    source = like_coco.write_document(tmp_path, "ochuman_coco_format_val_range_0.00_1.00.json", document)
    records = list(get_reader("ochuman")(source, tmp_path))
    (person,) = [record for record in records if isinstance(record, ImportedPerson)]
    assert (person.skeleton, person.external_id) == ("coco17", "4")


def test_human36m_s_legs_go_by_the_bodies_and_not_by_the_names(tmp_path: Path) -> None:
    """Hips lie as shoulders do; of a file whose first leg is the left one that is said."""
    for folder, sign in ((tmp_path / "as_recorded", 1), (tmp_path / "exchanged", -1)):
        source = like_coco.write_h36m_json(folder)
        document = json.loads(source.read_text())
        joints = np.array(document["annotations"][0]["keypoints_3d"]).reshape(17, 4)
        joints[1, 0], joints[4, 0] = -0.1 * sign, 0.1 * sign
        joints[11, 0], joints[14, 0] = 0.2, -0.2
        document["annotations"][0]["keypoints_3d"] = joints.ravel().tolist()
        source.write_text(json.dumps(document))
        records = list(get_reader("h36m")(source, folder))
        (person,) = [record for record in records if isinstance(record, ImportedPerson)]
        first_leg = (10.0 + 3, 20.0 + 2, 2.0)
        side = "right" if sign == 1 else "left"
        assert tuple(person.keypoints[get_skeleton("h36m17").index(f"{side}_hip")]) == first_leg
        said = [record for record in records if isinstance(record, ImportProblem)]
        assert len(said) == (sign == -1)
