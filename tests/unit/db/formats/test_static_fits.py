"""SPIN's static fits: rows without names, and the npz that must belong to them."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.static_fits import iter_fits, iter_fits_of, write_fits
from tests.helpers.fit_records import make_sample, only_samples
from tests.helpers.fit_samples import CONTEXT, Bomb


def save_published(folder: Path, rows: int = 3, names: int = 3) -> tuple[Path, np.ndarray]:
    """A pair as SPIN ships it: fits, and a data set of its own."""
    random = np.random.default_rng(0)
    fits = random.normal(0, 0.5, (rows, 82)).astype(np.float32)
    np.save(folder / "coco_fits.npy", fits)
    np.savez(
        folder / "coco.npz",
        imgname=np.array([f"train2014/{row}.jpg" for row in range(names)]),
        center=random.uniform(0, 400, (names, 2)),
        scale=random.uniform(0.5, 2, names),
        part=random.uniform(0, 400, (names, 24, 3)),
    )
    return folder / "coco_fits.npy", fits


def test_published_fits_take_their_names_from_the_npz(tmp_path: Path) -> None:
    path, fits = save_published(tmp_path)
    found = only_samples(iter_fits(path))
    assert [sample.image_name for sample in found] == ["train2014/0.jpg", "train2014/1.jpg", "train2014/2.jpg"]
    for sample, row in zip(found, fits.astype(np.float64), strict=True):
        rotations = Rotation.from_rotvec(row[:72].reshape(24, 3)).as_matrix()
        np.testing.assert_allclose(sample.rotations, rotations, atol=1e-12)
        np.testing.assert_array_equal(sample.betas, row[72:])
        assert sample.keypoints_px[25:].all()
        assert sample.camera is None


def test_rows_without_a_fit_are_named(tmp_path: Path) -> None:
    path, fits = save_published(tmp_path)
    fits[1] = 0
    fits[2, 5] = np.nan
    np.save(path, fits)
    _, empty, broken = iter_fits(path)
    assert isinstance(empty, ImportProblem)
    assert str(empty) == "person 1 of coco.npz: its numbers are all zero: the row has no fit"
    assert str(broken) == "person 2 of coco.npz: the pose has a value that is not a finite number"


def test_an_npz_that_was_filtered_since_is_refused(tmp_path: Path) -> None:
    path, _ = save_published(tmp_path, rows=3, names=2)
    with pytest.raises(FormatError, match=r"coco_fits\.npy has 3 rows and coco\.npz 2: they do not belong together"):
        iter_fits(path)


def test_the_npz_may_lie_elsewhere(tmp_path: Path) -> None:
    path, _ = save_published(tmp_path)
    elsewhere = (tmp_path / "coco.npz").rename(tmp_path / "coco_2014_12kp.npz")
    with pytest.raises(FormatError, match=r"has no names of its own, and .*coco\.npz is not there"):
        iter_fits(path)
    assert len(only_samples(iter_fits_of(path, elsewhere))) == 3


def test_other_arrays_and_objects_are_refused(tmp_path: Path) -> None:
    path, _ = save_published(tmp_path)
    marker = tmp_path / "marker"
    bomb = np.empty((3, 82), dtype=object)
    bomb[0, 0] = Bomb(f"touch '{marker}'")
    for array, message in (
        (np.zeros((3, 72)), r"expected numbers in the shape \(N, 82\)"),
        (np.zeros((3, 82), dtype="U3"), "is no array of static fits"),
        (bomb, "is no readable .npy of a plain array"),
    ):
        np.save(path, array)
        with pytest.raises(FormatError, match=message):
            iter_fits(path)
    assert not marker.exists()
    for content in (b"", b"\x93NUMPY", b"garbage"):
        path.write_bytes(content)
        with pytest.raises(FormatError, match=r"coco_fits\.npy is no readable \.npy"):
            iter_fits(path)
    with pytest.raises(FormatError, match=r"is no name for static fits; name a file like coco_fits\.npy"):
        iter_fits(tmp_path / "coco.npz")


def test_an_export_of_ours_knows_its_partner(tmp_path: Path) -> None:
    """Same number of rows, other people: SPIN's own pair would be taken for one."""
    write_fits(tmp_path / "one_fits.npy", [make_sample(0), make_sample(1)], CONTEXT)
    write_fits(tmp_path / "two_fits.npy", [make_sample(2), make_sample(3)], CONTEXT)
    assert len(only_samples(iter_fits(tmp_path / "one_fits.npy"))) == 2
    with pytest.raises(FormatError, match=r"two\.npz was written with other fits than one_fits\.npy"):
        iter_fits_of(tmp_path / "one_fits.npy", tmp_path / "two.npz")


def test_the_columns_are_pose_then_shape(tmp_path: Path) -> None:
    sample = make_sample(0)
    write_fits(tmp_path / "coco_fits.npy", [sample], CONTEXT)
    (row,) = np.load(tmp_path / "coco_fits.npy", allow_pickle=False)
    np.testing.assert_allclose(Rotation.from_rotvec(row[:72].reshape(24, 3)).as_matrix(), sample.rotations, atol=1e-12)
    np.testing.assert_array_equal(row[72:], sample.betas)
    with np.load(tmp_path / "coco.npz", allow_pickle=False) as names:
        assert names["imgname"].tolist() == [sample.image_name]
        assert "pose" not in names


def test_a_data_set_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    path, _ = save_published(tmp_path)
    before = (tmp_path / "coco.npz").read_bytes()
    with pytest.raises(FormatError, match=r"coco\.npz is there already and no export of ours; name another file"):
        write_fits(path, [make_sample(0)], CONTEXT)
    assert (tmp_path / "coco.npz").read_bytes() == before
    assert len(only_samples(iter_fits(path))) == 3


def test_a_failure_leaves_both_older_files(tmp_path: Path) -> None:
    path = tmp_path / "coco_fits.npy"
    write_fits(path, [make_sample(0)], CONTEXT)
    resting = np.tile(np.eye(3), (24, 1, 1))
    for sample, reason in (
        (make_sample(1, rotations=resting, betas=np.zeros(10)), "all zeros mean that there is no fit"),
        (make_sample(1, box_scale=None), "it has no box"),
    ):
        with pytest.raises(FormatError, match=rf"annotation 2 of 000000000001\.jpg cannot be exported: {reason}"):
            write_fits(path, [make_sample(2), sample], CONTEXT)
        assert [found.annotation_id for found in only_samples(iter_fits(path))] == [1]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["coco.npz", "coco_fits.npy"]


def test_the_npz_is_named_with_its_hash(tmp_path: Path) -> None:
    written = write_fits(tmp_path / "street_fits.npy", [make_sample(0)], CONTEXT)
    assert written.others == {"street.npz": hashlib.sha256((tmp_path / "street.npz").read_bytes()).hexdigest()}
    with np.load(tmp_path / "street.npz") as rows:
        np.testing.assert_array_equal(rows["parm_cam"][0], make_sample(0).camera)
