"""People of training files with 3D truth: joints by their lists, boxes, ids, pictures, and what is no such thing."""

from __future__ import annotations

import contextlib
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from db.formats import get_reader, sniff_people
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem
from db.formats.errors import FormatError
from db.formats.spin_npz import read as read_spin
from tests.helpers.builders import write_picture
from tests.helpers.odd_values import ONE_FOLDER
from tests.helpers.people_examples.truth import SIZE, SLOTS_17, spin_columns

NAME = "S1/Seq1/imageFrames/video_0/frame_000001.jpg"


def write(folder: Path, name: str = NAME, **changes: Any) -> Path:
    """Two people of MPI-INF-3DHP with columns changed, or left out where None."""
    write_picture(folder / name, 1, SIZE)
    columns = {**spin_columns(name), **changes}
    path = folder / "people.npz"
    np.savez(path, **{key: column for key, column in columns.items() if column is not None})
    return path


def read(path: Path, images: Path, name: str = "mpi-inf-3dhp") -> tuple[list[ImportedPerson], list[str]]:
    records = list(get_reader(name)(path, images))
    people = [record for record in records if isinstance(record, ImportedPerson)]
    return people, [str(record) for record in records if isinstance(record, ImportProblem)]


def test_a_row_becomes_a_person(tmp_path: Path) -> None:
    (first, second), problems = read(write(tmp_path), tmp_path)
    columns = spin_columns(NAME)
    assert problems == []
    assert (first.image_path, first.external_id, first.ordinal, second.ordinal) == (NAME, "0", 0, 1)
    assert (first.box_center_px, first.box_scale) == ((60, 50), 0.4)
    assert first.skeleton == "spin24"
    assert first.confidence is None
    part = columns["part"][0]
    assert np.array_equal(first.keypoints, np.column_stack((part[:, :2], 2 * part[:, 2])))
    left, top, width, height = first.bbox_xywh
    assert (left, top) == tuple(part[SLOTS_17, :2].min(0))
    assert (left + width, top + height) == pytest.approx(part[SLOTS_17, :2].max(0))


def test_truth_comes_with_the_person(tmp_path: Path) -> None:
    (first, second), _ = read(write(tmp_path), tmp_path)
    columns = spin_columns(NAME)
    assert first.truth is not None
    assert second.truth is not None
    assert (first.truth.skeleton, first.truth.gender, second.truth.gender) == ("spin24", "male", "female")
    assert np.array_equal(first.truth.joints_m, columns["S"][0])
    assert first.truth.rotations is not None
    vectors = Rotation.from_matrix(first.truth.rotations).as_rotvec().reshape(72)
    assert np.allclose(vectors, columns["pose"][0])
    assert np.array_equal(first.truth.betas, columns["shape"][0])
    assert second.truth.rotations is None  # has_smpl is 0
    assert second.truth.betas is None


def test_poses_without_joints_and_gender_are_fits(tmp_path: Path) -> None:
    source = write(tmp_path, "a.jpg", S=None, gender=None)
    assert all(person.truth is None for person in read(source, tmp_path, "spin-npz")[0])
    first, second = read(source, tmp_path, "3dpw")[0]
    assert first.truth is not None
    assert not first.truth.joints_m.any()
    assert second.truth is None


def test_poses_that_this_program_wrote_are_fits(tmp_path: Path) -> None:
    source = write(tmp_path, parm_cam=np.zeros((2, 3)))
    for name in ("mpi-inf-3dhp", "spin-npz"):
        people, problems = read(source, tmp_path, name)
        assert [person.truth for person in people] == [None, None]
        assert problems == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (np.array(["m", "F"]), ("male", "female")),
        (np.array([b"male", b"n"]), ("male", "neutral")),
        (np.array([0, 1]), ("male", "female")),
        (np.array([-1, 1.0]), (None, "female")),
        (np.array(["", "female"], dtype=object), (None, "female")),
    ],
)
def test_genders_as_files_write_them(tmp_path: Path, said: Any, meant: tuple[str | None, ...]) -> None:
    people, problems = read(write(tmp_path, gender=said), tmp_path)
    assert tuple(person.truth.gender for person in people if person.truth) == meant
    assert problems == []


PICKS_28 = [4, 18, 19, 20, 23, 24, 25, 3, 5, 6, 7, 9, 10, 11, 14, 15, 16]
PICKS_32 = [11, 6, 7, 8, 1, 2, 3, 12, 24, 14, 15, 17, 18, 19, 25, 26, 27]
PICKS_CAPTURE = [0, 4, 5, 6, 1, 2, 3, *range(7, 17)]
PICKS_TEST = [14, 11, 12, 13, 8, 9, 10, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]


@pytest.mark.parametrize("millimetres", [False, True])
@pytest.mark.parametrize(
    ("count", "picks"),
    [(17, list(range(17))), (17, PICKS_CAPTURE), (28, PICKS_28), (32, PICKS_32), (17, PICKS_TEST)],
)
def test_published_lists_of_joints_fall_into_place(
    tmp_path: Path, count: int, picks: list[int], millimetres: bool
) -> None:
    expected = spin_columns(NAME)["S"]
    expected[:, [2, 3], :3] = expected[:, [8, 9], :3] * 0.5  # hips lie as shoulders do, by which legs are told
    listed = np.random.default_rng(3).normal(0, 0.3, (2, count, 3))
    listed[:, picks] = expected[:, SLOTS_17, :3]
    people, problems = read(write(tmp_path, S=listed * (1000 if millimetres else 1)), tmp_path)
    assert problems == []
    for person, joints in zip(people, expected, strict=True):
        assert person.truth is not None
        assert np.allclose(person.truth.joints_m, joints)


def test_detections_keep_their_confidence(tmp_path: Path) -> None:
    openpose = np.zeros((2, 25, 3))
    openpose[0, :, :2], openpose[0, :, 2], openpose[0, 3] = 50, 0.5, (0, 0, 0)
    (first, second), _ = read(write(tmp_path, openpose=openpose), tmp_path)
    assert (first.skeleton, second.skeleton) == ("spin49", "spin24")
    assert first.confidence is not None
    assert set(first.confidence[:25]) == {0.0, 0.5}
    assert set(first.confidence[25:]) == {0.0, 1.0}
    assert np.count_nonzero(first.keypoints[:, 2]) == 24 + 17
    (first, _), _ = read(write(tmp_path, openpose=openpose, part=None), tmp_path)
    assert (first.skeleton, len(first.keypoints)) == ("openpose25", 25)


@pytest.mark.parametrize(("name", "margin"), [("h36m", 0.9), ("mpi-inf-3dhp", 1.2)])
def test_without_keypoints_the_crop_gives_the_rectangle(tmp_path: Path, name: str, margin: float) -> None:
    (first, _), _ = read(write(tmp_path, part=None), tmp_path, name)
    side = 200 * 0.4 / margin
    assert first.bbox_xywh == pytest.approx((60 - side / 2, 50 - side / 2, side, side))
    assert not first.keypoints.any()


def test_vibes_keys_are_understood(tmp_path: Path) -> None:
    columns = spin_columns(NAME, body=False)
    keypoints, joints = np.zeros((2, 49, 3)), np.zeros((2, 49, 3))
    keypoints[:, 25:], joints[:, 25:] = columns["part"], columns["S"][..., :3]
    write_picture(tmp_path / NAME, 1, SIZE)
    rows = [
        {"img_name": NAME, "joints2D": keypoints[row], "joints3D": joints[row], "bbox": np.array([60.0, 50, 80, 80])}
        for row in range(2)
    ]
    path = tmp_path / "mpii3d_val_db.pt"
    for content in (rows, {key: [row[key] for row in rows] for key in rows[0]}):
        path.write_bytes(pickle.dumps(content))
        people, problems = read(path, tmp_path)
        assert problems == []
        assert [person.box_scale for person in people] == [0.4, 0.4]
        assert people[0].truth is not None
        assert np.allclose(people[0].truth.joints_m[:, :3], columns["S"][0, :, :3])
        assert people[0].keypoints.shape == (24, 3)


@pytest.mark.parametrize(
    ("said", "there", "images"),
    [
        ("/ps/project/3dpw/imageFiles/a/image_00001.jpg", "imageFiles/a/image_00001.jpg", ""),
        ("imageFiles/a/image_00001.jpg", "imageFiles/a/image_00001.jpg", "imageFiles"),
        ("imageFiles/a/image_00001.jpg", "3DPW/imageFiles/a/image_00001.jpg", ""),
        (r"D:\data\imageFiles\a\image_00001.jpg", "imageFiles/a/image_00001.jpg", ""),
        ("images/S9_Eating_2.60457274_000001.jpg", "h36m/S9_Eating_2.60457274_000001.jpg", ""),
        ("train2014/COCO_train2014_000000000042.jpg", "train2017/000000000042.jpg", ""),
        ("000000000042.jpg", "COCO_val2014_000000000042.jpg", ""),
    ],
)
def test_pictures_are_found_where_releases_were_unpacked(tmp_path: Path, said: str, there: str, images: str) -> None:
    source = write(tmp_path / "files", there, imgname=np.array([said] * 2))
    people, problems = read(source, tmp_path / "files" / images, "spin-npz")
    assert problems == []
    assert {person.image_path for person in people} == {there.removeprefix(f"{images}/")}


@pytest.mark.parametrize("said", ["S2/Seq1/imageFrames/video_0/frame_000001.jpg", "imageFiles/b/frame_000001.jpg"])
def test_a_frame_of_another_sequence_is_not_taken(tmp_path: Path, said: str) -> None:
    people, problems = read(write(tmp_path, imgname=np.array([said] * 2)), tmp_path)
    assert people == []
    assert len(problems) == 1
    assert "only a picture of that name in another folder" in problems[0]


def test_two_subjects_are_not_one_picture(tmp_path: Path) -> None:
    names = np.array([NAME, NAME.replace("S1", "S2")])
    people, problems = read(write(tmp_path, imgname=names), tmp_path / "S1")
    assert [person.external_id for person in people] == ["0"]
    assert len(problems) == 1
    assert "the only picture it fits, Seq1/imageFrames/video_0/frame_000001.jpg, is that of S1/" in problems[0]


def changed(column: str, place: Any, value: Any) -> Callable[[], dict[str, Any]]:
    def build() -> dict[str, Any]:
        array = spin_columns(NAME)[column]
        array[place] = value
        return {column: array}

    return build


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed("center", (0, 0), np.nan), "its box has the centre (nan, 50) and the scale 0.4"),
        (changed("scale", 0, 0), "its box has the centre (60, 50) and the scale 0"),
        (changed("scale", 0, 1e300), "and the scale 1e+300"),
        (changed("part", (0, 0, 0), np.inf), "the place or confidence of its right ankle is no number"),
        (changed("part", (0, 1, 2), np.nan), "the place or confidence of its right knee is no number"),
        (changed("imgname", 0, "../secret.jpg"), "'../secret.jpg' does not lead into the folder of images"),
        (changed("imgname", 0, "a\nb.jpg"), "is no file name"),
        (changed("imgname", 0, ""), "imgname is no text"),
        (lambda: {"annotIds": np.array([1.5, 2])}, "annotIds is 1.5, expected a whole number"),
        (lambda: {"annotIds": np.array([np.nan, 2])}, "annotIds is nan"),
    ],
)
def test_a_faulty_row_spares_the_others(tmp_path: Path, change: Callable[[], dict[str, Any]], says: str) -> None:
    people, problems = read(write(tmp_path, **change()), tmp_path)
    assert len(people) == 1
    (problem,) = problems
    assert problem.startswith("person 0 of people.npz: ")
    assert says in problem


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed("S", (0, 14, 0), np.nan), "its 3D joints have a value that is not a finite number"),
        (changed("S", (0, 14, 3), np.nan), "its 3D joints have a value that is not a finite number"),
        (changed("S", (0, 14, 0), 1e300), "its 3D joints have a coordinate beyond 1e+07"),
        (changed("pose", (0, 3), np.nan), "pose has a value that is not a finite number"),
        (changed("pose", (0, 3), 1e9), "the pose has an angle of 1e+09; expected radians"),
        (changed("shape", (0, 3), 1e9), "shape has a coefficient beyond 100"),
        (changed("gender", 0, "x"), "gender is 'x', expected m, f or neutral"),
        (lambda: {"S": np.zeros((2, 19, 3))}, "it has 19 3D joints, known lists have 17, 24, 28, 32 or 49"),
        (lambda: {"pose": None}, "it has only one of pose and shape"),
    ],
)
def test_faulty_truth_spares_the_person(tmp_path: Path, change: Callable[[], dict[str, Any]], says: str) -> None:
    people, problems = read(write(tmp_path, **change()), tmp_path)
    assert len(people) == 2
    assert people[0].truth is None
    assert problems[0].startswith("person 0 of people.npz: ")
    assert problems[0].endswith(f"{says}; imported without 3D truth")


def test_rows_that_occur_twice_are_told(tmp_path: Path) -> None:
    twice = {key: np.concatenate((column, column)) for key, column in spin_columns(NAME).items()}
    people, problems = read(write(tmp_path, **twice), tmp_path)
    assert [person.external_id for person in people] == ["0", "1"]
    assert problems == [
        f"person 2 of people.npz: it says the same as person 0 of {NAME}; that one was taken",
        f"person 3 of people.npz: it says the same as person 1 of {NAME}; that one was taken",
    ]
    people, problems = read(write(tmp_path, annotIds=np.array([7, 7])), tmp_path)
    assert [person.external_id for person in people] == ["7"]
    assert problems == [f"person 1 of people.npz: the id 7 occurs twice in {NAME}; the first was taken"]


@pytest.mark.parametrize("none", [0, -1])
def test_rows_without_an_id_have_their_place_for_one(tmp_path: Path, none: int) -> None:
    people, _ = read(write(tmp_path, annotIds=np.array([none, 44])), tmp_path)
    assert [person.external_id for person in people] == ["0", "44"]


def test_pictures_come_before_their_people_and_once(tmp_path: Path) -> None:
    records = list(get_reader("mpi-inf-3dhp")(write(tmp_path), tmp_path))
    assert [type(record) for record in records] == [ImportedImage, ImportedPerson, ImportedPerson]


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("boom",))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"imgname": None}, "it has no 'imgname'"),
        ({"center": None, "scale": None, "part": None}, "has neither 'center' and 'scale' nor keypoints"),
        ({"center": np.zeros((2, 3))}, r"'center' has the shape \(2, 3\), expected \(2, 2\)"),
        ({"scale": np.zeros(3)}, r"'scale' has the shape \(3,\), expected \(2,\)"),
        ({"part": np.zeros((2, 24))}, r"'part' has the shape \(2, 24\)"),
        ({"scale": np.array(["a", "b"])}, "'scale' is no array of numbers"),
        ({"S": np.zeros((2, 2000, 4))}, "far more numbers a person than it should"),
        ({"imgname": np.array([["a"], ["b"]])}, "'imgname' has the shape"),
        ({"imgname": np.array("a")}, "'imgname' has the shape"),
        ({"gender": np.array([Bomb(), "m"], dtype=object)}, "refused: only numbers, text, containers"),
    ],
)
def test_what_is_no_such_file_is_refused(
    tmp_path: Path, changes: dict[str, Any], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path, **changes)
    with pytest.raises(FormatError, match=says) as caught:
        read(source, tmp_path)
    assert "people.npz" in str(caught.value)
    assert "boom" not in capsys.readouterr().out


def test_objects_of_other_columns_are_not_looked_at(tmp_path: Path) -> None:
    people, problems = read(write(tmp_path, multibbox=np.array([Bomb(), {}], dtype=object)), tmp_path)
    assert (len(people), problems) == (2, [])


def write_zip(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    header = npy(np.zeros((0, 2)))
    huge = header.replace(b"(0, 2)", b"(99999999, 2)")[: len(header)] + b"\0" * 10**7
    names = npy(np.array(["a.jpg"]))
    for content in (huge, huge[:200]):
        path = write_zip(tmp_path / "people.npz", {"imgname.npy": names, "center.npy": content, "scale.npy": names})
        with pytest.raises(FormatError, match=r"people\.npz"):
            read(path, tmp_path)
    path = write_zip(tmp_path / "people.npz", {"imgname.npy": names, "scale.npy": b"x" * 1000}, zipfile.ZIP_LZMA)
    with pytest.raises(FormatError, match="compressed in a way that numpy does not use"):
        read(path, tmp_path)


def test_more_people_than_a_file_can_hold_are_not_listed(tmp_path: Path) -> None:
    path, count = tmp_path / "people.npz", 10**6
    np.savez_compressed(
        path, imgname=np.full(count, "a"), center=np.zeros((count, 2), np.int8), scale=np.ones(count, bool)
    )
    with pytest.raises(FormatError, match=r"people\.npz claims 1,000,000 people in \d+,\d+ bytes"):
        read(path, tmp_path)
    path = tmp_path / "people.pkl"
    one = spin_columns(NAME)["part"][0]
    path.write_bytes(pickle.dumps({"imgname": ["a"] * 10**5, "part": [one] * 10**5}))
    with pytest.raises(FormatError, match=r"people\.pkl claims 100,000 people"):
        read(path, tmp_path, "spin-npz")


@ONE_FOLDER
@given(data=st.data())
def test_any_array_in_any_column(tmp_path: Path, data: st.DataObject) -> None:
    columns = spin_columns(NAME, openpose=True)
    key = data.draw(st.sampled_from([*columns, "annotIds", "bbox", "joints2D", "joints3D"]))
    shape = data.draw(
        st.sampled_from([(), (0,), (2,), (2, 2), (2, 3), (2, 24, 3), (2, 17, 4), (2, 1), (3,), (2, 49, 3)])
    )
    kind = data.draw(st.sampled_from(["f8", "f2", "i8", "u1", "?", "c16", "U5", "S3", "O"]))
    value = data.draw(st.sampled_from([0, 1, -1, 5e9, np.nan, np.inf, -np.inf, "x", "../x", None]))
    with np.errstate(all="ignore"), contextlib.suppress(ValueError, TypeError, OverflowError):
        columns[key] = np.full(shape, value).astype(kind)
    path = write(tmp_path, **columns)
    try:
        people, problems = read(path, tmp_path, data.draw(st.sampled_from(["spin-npz", "3dpw"])))
    except FormatError as error:
        assert "people.npz" in str(error)
    else:
        assert len(people) + len([problem for problem in problems if "without 3D truth" not in problem]) >= 1
        for person in people:
            assert np.isfinite((*person.bbox_xywh, *person.box_center_px, person.box_scale)).all()
            assert np.isfinite(person.keypoints).all()
            assert person.truth is None or np.isfinite(person.truth.joints_m).all()


def test_a_damaged_column_is_known_before_the_first_row(tmp_path: Path) -> None:
    source = write(tmp_path)
    content = bytearray(source.read_bytes())
    place = content.index(b"part.npy") + 600
    content[place] ^= 255
    source.write_bytes(content)
    with pytest.raises(FormatError, match=r"people\.npz is no readable \.npz"):
        read_spin(source, tmp_path)


@pytest.mark.parametrize("objects", [False, True])
def test_what_joblib_stored_is_read(tmp_path: Path, objects: bool) -> None:
    """VIBE's ``3dpw_test_db.pt`` and the like."""
    columns = {**spin_columns(NAME), "features": np.zeros((2, 2048), dtype=np.float32)}
    columns["S"] = np.asfortranarray(columns["S"])
    columns["imgname"] = columns["imgname"].astype(object if objects else np.str_)
    write_picture(tmp_path / NAME, 1, SIZE)
    path = tmp_path / "3dhp_db.pt"
    joblib.dump(columns, path)
    people, problems = read(path, tmp_path)
    assert problems == []
    for row, person in enumerate(people):
        assert person.truth is not None
        assert np.array_equal(person.truth.joints_m, columns["S"][row])
    assert len(people) == 2
    joblib.dump(columns, path, compress=3)
    with pytest.raises(FormatError, match="is compressed, as joblib does when asked to; store it plain"):
        read(path, tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (7, "holds a int"),
        ([], "holds a list"),
        ({"imgname": "a.jpg"}, "'imgname' is no list"),
        ({"imgname": ["a.jpg"], "scale": [1, 2]}, "'scale' has 2 entries and 'imgname' 1"),
        ({"imgname": ["a.jpg"]}, "has neither"),
        ({"scale": [1]}, "it has no 'imgname'"),
    ],
)
def test_other_pickles_are_refused(tmp_path: Path, content: Any, says: str) -> None:
    path = tmp_path / "people.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(FormatError, match=says):
        read(path, tmp_path, "spin-npz")


@pytest.mark.parametrize("value", [None, "text", [1, [2]], {"a": 1}, np.zeros((3, 3)), 10**400])
def test_odd_entries_of_pickles_are_faults_of_their_rows(tmp_path: Path, value: Any) -> None:
    write_picture(tmp_path / NAME, 1, SIZE)
    columns: dict[str, Any] = {key: list(column) for key, column in spin_columns(NAME).items()}
    columns["imgname"] = [NAME, NAME]
    for key in columns.keys() - ({"imgname"} if isinstance(value, str) else set()):
        odd = {**columns, key: [value, columns[key][1]]}
        path = tmp_path / "people.pkl"
        path.write_bytes(pickle.dumps(odd))
        people, problems = read(path, tmp_path, "spin-npz")
        assert 1 <= len(people) <= 2
        assert all(problem.startswith("person 0 of people.pkl: ") for problem in problems)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("images/S11_WalkDog 1.54138969_000006.jpg", "h36m"),
        ("S1/S1_Directions_1.54138969/S1_Directions_1.54138969_000001.jpg", "h36m"),
        (NAME, "mpi-inf-3dhp"),
        ("mpi_inf_3dhp_test_set/TS6/imageSequence/img_000001.jpg", "mpi-inf-3dhp"),
        ("imageFiles/downtown_bar_00/image_00100.jpg", "3dpw"),
        ("images/015601864.jpg", "spin-npz"),
        ("COCO_train2014_000000044474.jpg", "spin-npz"),
    ],
)
def test_the_dataset_is_told_by_the_names_of_its_pictures(tmp_path: Path, name: str, expected: str) -> None:
    assert sniff_people(write(tmp_path, name)) == expected
