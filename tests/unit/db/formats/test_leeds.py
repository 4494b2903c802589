"""LSP and LSPet: the same name, other axes, and a flag that means the opposite."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from db.formats import lsp, lspet, sniff_people
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord, Reader
from db.formats.errors import FormatError
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.matlab import SIZE, some_joints


def write(folder: Path, flags: np.ndarray, digits: int, *, lsp_axes: bool, count: int = 2) -> Path:
    """``joints.mat`` with the same flags for everybody, and the pictures."""
    people = np.stack([np.column_stack((some_joints(14, number), flags)) for number in range(count)])
    for number in range(count):
        write_picture(folder / f"im{number + 1:0{digits}d}.jpg", number, SIZE)
    savemat(folder / "joints.mat", {"joints": people.transpose(2, 1, 0) if lsp_axes else people.transpose(1, 2, 0)})
    return folder / "joints.mat"


def people_of(records: list[ImportRecord]) -> list[ImportedPerson]:
    return [record for record in records if isinstance(record, ImportedPerson)]


@pytest.fixture
def flags() -> np.ndarray:
    return np.array([0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1.0])


@pytest.mark.parametrize("lsp_axes", [True, False])
@pytest.mark.parametrize(
    ("read", "digits", "unset", "set_"), [(lsp.read, 4, 2, 1), (lspet.read, 5, 0, 2)], ids=["lsp", "lspet"]
)
def test_either_order_of_axes_and_the_flag_as_each_means_it(
    tmp_path: Path, flags: np.ndarray, read: Reader, digits: int, unset: int, set_: int, lsp_axes: bool
) -> None:
    people = people_of(list(read(write(tmp_path, flags, digits, lsp_axes=lsp_axes), tmp_path)))
    assert [person.external_id for person in people] == ["1", "2"]
    for number, person in enumerate(people):
        assert person.skeleton == "lsp14"
        labelled = person.keypoints[:, 2] > 0
        assert person.keypoints[:, 2].tolist() == [set_ if flag else unset for flag in flags]
        assert np.allclose(person.keypoints[labelled, :2], some_joints(14, number)[labelled])
        assert not person.keypoints[~labelled].any()


def test_the_box_is_that_of_the_labelled_joints(tmp_path: Path) -> None:
    path = write(tmp_path, np.ones(14), 5, lsp_axes=False)
    first = people_of(list(lspet.read(path, tmp_path)))[0]
    assert first.bbox_xywh == pytest.approx((30, 20, 120, 120))
    assert first.box_center_px == pytest.approx((90, 80))
    assert first.box_scale == pytest.approx(1.2 * 120 / 200)


def test_one_person_alone(tmp_path: Path) -> None:
    path = write(tmp_path, np.zeros(14), 4, lsp_axes=True, count=1)
    assert len(people_of(list(lsp.read(path, tmp_path)))) == 1


def test_the_axes_tell_one_from_the_other(tmp_path: Path) -> None:
    (tmp_path / "lsp").mkdir()
    (tmp_path / "lspet").mkdir()
    assert sniff_people(write(tmp_path / "lsp", np.zeros(14), 4, lsp_axes=True)) == "lsp"
    assert sniff_people(write(tmp_path / "lspet", np.zeros(14), 5, lsp_axes=False)) == "lspet"


def test_high_resolution_pictures_with_gaps_go_by_their_order(tmp_path: Path) -> None:
    joints = np.stack([np.column_stack((some_joints(14, number), np.ones(14))) for number in range(3)], axis=2)
    savemat(tmp_path / "joints.mat", {"joints": joints})
    for number in (2, 5, 9):
        write_picture(tmp_path / f"im{number:05d}.png", number, SIZE)
    records = list(lspet.read(tmp_path / "joints.mat", tmp_path))
    images = [record.path for record in records if isinstance(record, ImportedImage)]
    assert images == ["im00002.png", "im00005.png", "im00009.png"]
    assert people_of(records)[2].keypoints[0, 0] == pytest.approx(some_joints(14, 2)[0, 0])


def test_a_missing_picture_takes_its_person_with_it(tmp_path: Path) -> None:
    path = write(tmp_path, np.zeros(14), 4, lsp_axes=True, count=3)
    (tmp_path / "im0002.jpg").unlink()
    records = list(lsp.read(path, tmp_path))
    (problem,) = [record for record in records if isinstance(record, ImportProblem)]
    assert (problem.skipped, problem.people) == ("images", 1)
    assert str(problem).startswith("picture 2 in joints.mat: im0002.jpg is not in ")
    assert [person.external_id for person in people_of(records)] == ["1", "3"]


def test_a_flag_that_is_none_and_a_person_of_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, np.full(14, 3.0), 4, lsp_axes=True, count=1)
    (problem,) = [record for record in lsp.read(path, tmp_path) if isinstance(record, ImportProblem)]
    assert problem.reason == "the flag of right_ankle is 3, expected 0 or 1"
    path = write(tmp_path, np.zeros(14), 5, lsp_axes=False, count=1)
    (problem,) = [record for record in lspet.read(path, tmp_path) if isinstance(record, ImportProblem)]
    assert "too few joints are labelled" in problem.reason


def test_other_shapes_are_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "joints.mat", {"joints": np.zeros((3, 16, 5))})
    with pytest.raises(FormatError, match="joints is 3 x 16 x 5, expected 3 x 14 x N or 14 x 3 x N"):
        lsp.read(tmp_path / "joints.mat", tmp_path)
