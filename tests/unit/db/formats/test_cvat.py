"""CVAT: skeletons, points and tracks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.services.importing import import_dataset
from app.services.project import Project
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord
from db.formats.cvat import read
from db.formats.errors import FormatError
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.tools import (
    COCO,
    SIZE,
    coco_places,
    cvat_document,
    cvat_image,
    cvat_points,
    cvat_skeleton,
    write_cvat,
    write_cvat_video,
)

PLACES = np.array(list(coco_places().values()))


def people_of(records: list[ImportRecord]) -> list[ImportedPerson]:
    return [record for record in records if isinstance(record, ImportedPerson)]


def problems_of(records: list[ImportRecord]) -> list[str]:
    return [str(record) for record in records if isinstance(record, ImportProblem)]


def read_body(folder: Path, body: str) -> list[ImportRecord]:
    for name in ("0.jpg", "1.jpg"):
        write_picture(folder / name, 1, SIZE)
    (folder / "annotations.xml").write_text(cvat_document(body))
    return list(read(folder / "annotations.xml", folder))


def test_skeletons_are_people(tmp_path: Path) -> None:
    records = list(read(write_cvat(tmp_path), tmp_path))
    images = [record for record in records if isinstance(record, ImportedImage)]
    assert [(image.path, image.width, image.height) for image in images] == [
        ("images/0.jpg", *SIZE),
        ("images/1.jpg", *SIZE),
    ]
    first, second, _ = people_of(records)
    assert first.skeleton == "coco17"
    assert np.allclose(first.keypoints[:, :2], PLACES)
    assert first.bbox_xywh == pytest.approx((*PLACES.min(axis=0), *np.ptp(PLACES, axis=0)))
    assert second.keypoints[COCO.index("left_ear")].tolist() == [0, 0, 0]
    assert second.keypoints[COCO.index("left_wrist"), 2] == 1
    assert (first.external_id, second.external_id) == ("0", "1")


def test_the_folder_will_do(tmp_path: Path) -> None:
    write_cvat(tmp_path)
    assert len(people_of(list(read(tmp_path, tmp_path)))) == 3


def test_a_box_of_the_same_group_is_the_persons(tmp_path: Path) -> None:
    box = '<box label="person" occluded="0" xtl="60" ytl="8" xbr="140" ybr="158" z_order="0" group_id="3"></box>'
    other = '<box label="ball" occluded="0" xtl="1" ytl="1" xbr="20" ybr="20" z_order="0"></box>'
    records = read_body(tmp_path, cvat_image("0.jpg", other + box + cvat_skeleton(0, 'group_id="3"')))
    (person,) = people_of(records)
    assert person.bbox_xywh == (60, 8, 80, 150)
    assert problems_of(records) == []


def test_points_are_told_apart_by_group_attribute_or_box(tmp_path: Path) -> None:
    grouped = "".join(
        cvat_points(joint, place, f'occluded="0" group_id="{group}"')
        for group, shift in ((1, 0.0), (2, 30.0))
        for joint, place in coco_places(shift).items()
    )
    attributes = "".join(
        cvat_points("point", place, 'occluded="0"', f'<attribute name="joint">{joint}</attribute>')
        for joint, place in coco_places().items()
    )
    people = people_of(read_body(tmp_path, cvat_image("0.jpg", grouped) + cvat_image("1.jpg", attributes, 1)))
    assert [(person.image_path, person.external_id) for person in people] == [
        ("0.jpg", "group 1"),
        ("0.jpg", "group 2"),
        ("1.jpg", "points"),
    ]
    assert np.allclose(people[1].keypoints[:, :2], PLACES + np.array([30, 0]))
    assert np.allclose(people[2].keypoints[:, :2], PLACES)


def test_points_of_two_people_without_a_sign_are_refused(tmp_path: Path) -> None:
    shapes = "".join(cvat_points(joint, place) for shift in (0, 30) for joint, place in coco_places(shift).items())
    records = read_body(tmp_path, cvat_image("0.jpg", shapes) + cvat_image("1.jpg", cvat_skeleton(), 1))
    (problem,) = problems_of(records)
    assert problem.startswith("person points of image 0.jpg in annotations.xml: 'nose' is there twice")
    assert len(people_of(records)) == 1


def test_points_without_names_are_refused(tmp_path: Path) -> None:
    many = '<points label="person" occluded="0" points="1,2;3,4;5,6"></points>'
    (problem,) = problems_of(read_body(tmp_path, cvat_image("0.jpg", many + cvat_skeleton())))
    assert problem.startswith(
        "image 0.jpg in annotations.xml: <points> 1: its 3 points have no names; draw a skeleton "
    )


def test_names_that_are_no_joints(tmp_path: Path) -> None:
    ball = cvat_points("ball", (5, 5))
    records = read_body(tmp_path, cvat_image("0.jpg", ball) + cvat_image("1.jpg", cvat_skeleton(), 1))
    assert problems_of(records)[0].startswith("'ball' in annotations.xml: it is no joint of coco17")
    with pytest.raises(FormatError, match="its points are named 1, 2, which are no joints"):
        read_body(tmp_path, cvat_image("0.jpg", cvat_points("1", (5, 5)) + cvat_points("2", (9, 9))))


def test_keyframes_of_a_video(tmp_path: Path) -> None:
    records = list(read(write_cvat_video(tmp_path), tmp_path))
    images = [record for record in records if isinstance(record, ImportedImage)]
    assert [(image.path, image.width) for image in images] == [
        ("frame_000000.png", SIZE[0]),
        ("frame_000005.png", SIZE[0]),
    ]
    assert [(person.image_path, person.external_id) for person in people_of(records)] == [
        ("frame_000000.png", "track 0"),
        ("frame_000005.png", "track 0"),
        ("frame_000005.png", "track 1"),
    ]
    assert problems_of(records) == []


def test_what_cvat_guessed_between_keyframes_is_counted(tmp_path: Path) -> None:
    write_picture(tmp_path / "frame_000000.png", 1, SIZE)
    frames = [cvat_skeleton(0, f'frame="{frame}" keyframe="{int(frame == 0)}"') for frame in range(4)]
    records = read_body(tmp_path, f'<track id="0" label="person">{"".join(frames)}</track>')
    (problem,) = [record for record in records if isinstance(record, ImportProblem)]
    assert (problem.count, problem.skipped, problem.kind) == (3, "people", "interpolated between keyframes")
    assert len(people_of(records)) == 1


def test_points_as_tracks(tmp_path: Path) -> None:
    write_picture(tmp_path / "frame_000002.PNG", 1, SIZE)
    tracks = "".join(
        f'<track id="{number}" label="{joint}" source="manual"><points frame="2" keyframe="1" outside="0" occluded="0" '
        f'points="{x},{y}"></points></track>'
        for number, (joint, (x, y)) in enumerate(coco_places().items())
    )
    (person,) = people_of(read_body(tmp_path, tracks))
    assert np.allclose(person.keypoints[:, :2], PLACES)


def test_a_file_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    path = write_cvat(tmp_path)
    text = path.read_text()
    path.write_text(text[: text.rindex("<points")])
    records = list(read(path, tmp_path))
    assert len(people_of(records)) == 2
    (problem,) = problems_of(records)
    assert problem.startswith("annotations.xml: it breaks off (")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<annotations>", "has neither images nor tracks"),
        ("<kml></kml>", "XML of something else .<kml>."),
        ("no XML", "is not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "declares entities or a document type"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(FormatError, match=reason):
        read(tmp_path / "a.xml", tmp_path)


def test_a_picture_that_cvat_has_turned_is_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", SIZE[::-1], "grey").save(tmp_path / "0.jpg", exif=exif)  # looked at, it is 200 x 160
    (tmp_path / "annotations.xml").write_text(cvat_document(cvat_image("0.jpg", cvat_skeleton())))
    with Project.create(tmp_path / "project") as project:
        report = import_dataset(project, "auto", tmp_path / "annotations.xml", tmp_path)
        with project.store.read() as reader:
            (image,) = reader.images.find_many(str(tmp_path), ["0.jpg"]).values()
    assert report.problems == ()
    assert (image.width, image.height) == SIZE


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ('<box label="person" xtl="5" ytl="5" xbr="5" ybr="9"></box>', "<box> 1: it has no area"),
        ('<box label="person" xtl="a" ytl="5" xbr="5" ybr="9"></box>', "<box> 1: xtl is 'a', expected a number"),
        ('<points label="nose" points="1"></points>', "<points> 1: it has 1 numbers, expected x, y"),
        ('<points label="nose" points="nan,2"></points>', "<points> 1: x is not a finite number"),
    ],
)
def test_a_faulty_shape_spares_the_others(tmp_path: Path, shape: str, reason: str) -> None:
    records = read_body(tmp_path, cvat_image("0.jpg", shape + cvat_skeleton()))
    assert problems_of(records) == [f"image 0.jpg in annotations.xml: {reason}"]
    assert len(people_of(records)) == 1


def test_a_track_that_is_there_twice_in_a_frame(tmp_path: Path) -> None:
    write_picture(tmp_path / "frame_000000.png", 1, SIZE)
    skeleton = cvat_skeleton(0, 'frame="0" keyframe="1"')
    track = f'<track id="0" label="person">{skeleton}</track>'
    records = read_body(tmp_path, 2 * track)
    assert problems_of(records) == [
        "person track 0 of frame 0 in annotations.xml: its id occurs twice; the first was taken"
    ]
    assert len(people_of(records)) == 1


def test_joints_as_tracks_within_the_track_of_a_skeleton(tmp_path: Path) -> None:
    """As datumaro's test data has it: frames count on, a joint that has gone is not written any more."""
    for frame in (10, 13):
        write_picture(tmp_path / f"frame_{frame:06d}.png", 1, SIZE)
    joints = ""
    for number, (joint, (x, y)) in enumerate(coco_places().items()):
        gone = joint == "left_ear"
        joints += f'<track id="{number}" label="{joint}" source="manual">'
        for frame, keyframe in ((10, 1), (13, int(gone)), (16, 0)):
            outside = int(gone and frame == 13)
            if not (gone and frame == 16):
                joints += (
                    f'<points frame="{frame}" outside="{outside}" occluded="0" keyframe="{keyframe}" '
                    f'points="{x},{y}" z_order="0"></points>'
                )
        joints += "</track>"
    skeletons = "".join(
        f'<skeleton frame="{frame}" outside="0" occluded="0" keyframe="{int(frame == 10)}" points="1,2;3,4"></skeleton>'
        for frame in (10, 13, 16)
    )
    records = read_body(tmp_path, f'<track id="3" label="person" source="manual">{skeletons}{joints}</track>')
    first, second = people_of(records)
    assert (first.image_path, second.image_path) == ("frame_000010.png", "frame_000013.png")
    assert np.allclose(first.keypoints[:, :2], PLACES)
    assert second.keypoints[COCO.index("left_ear")].tolist() == [0, 0, 0]
    assert np.count_nonzero(second.keypoints[:, 2]) == 16
    (problem,) = [record for record in records if isinstance(record, ImportProblem)]
    assert (problem.count, problem.kind) == (1, "interpolated between keyframes")
