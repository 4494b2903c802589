"""Published bodies and priors become files of plain arrays; nothing in them runs, and what is missing is said."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitting.body.assets import BodyAsset, load_body_asset
from fitting.body.pose_prior import load_prior_asset
from fitting.convert import run_convert_job
from fitting.errors import AssetError
from fitting.spec import AssetKind, ConvertJob, ConvertResult, JobId
from resources import default_body
from resources.plain_npz import read_plain_npz
from tests.helpers.published import (
    VERTICES,
    pickle_by_python2,
    pickle_smpl,
    prior_arrays,
    smpl_arrays,
    stand_in,
    with_state,
    write_companions,
)

Arrays = dict[str, np.ndarray]


class Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    return smpl_arrays(betas=12)


@pytest.fixture(scope="module")
def pickled(arrays: Arrays) -> bytes:
    return pickle_smpl(arrays)


def convert(
    source: Path, target: Path | None = None, kind: AssetKind = "body", *, replace: bool = False
) -> ConvertResult:
    return run_convert_job(ConvertJob(JobId("convert"), kind, source, target, replace=replace))


def assert_same(asset: BodyAsset, arrays: Arrays) -> None:
    for key in ("v_template", "posedirs", "J_regressor", "weights"):
        np.testing.assert_allclose(getattr(asset, key), arrays[key], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(asset.shapedirs, arrays["shapedirs"][..., :10], rtol=1e-6, atol=1e-9)
    assert np.array_equal(asset.faces, arrays["f"])
    assert asset.parents.tolist() == [-1, *arrays["kintree_table"][0][1:].tolist()]


def test_the_published_pickle_becomes_a_body(arrays: Arrays, pickled: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "SMPL_NEUTRAL.pkl", tmp_path / "out" / "body.npz"
    source.write_bytes(pickled)
    regressors = write_companions(tmp_path)
    result = convert(source, target)
    assert (result.kind, result.target, result.notes) == ("body", target, ())
    assert result.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert "SMPL neutral" in result.summary
    asset = load_body_asset(target)
    assert_same(asset, arrays)
    assert asset.sha256 == result.sha256
    assert (asset.name, asset.licence[:4]) == ("SMPL neutral", "SMPL")
    assert asset.landmark_vertices[:5].tolist() == [332, 6260, 2800, 4071, 583]
    assert asset.landmark_vertices[-1] == 6133
    np.testing.assert_allclose(asset.J_regressor_extra, regressors["J_regressor_extra"], rtol=1e-6)
    assert asset.J_regressor_h36m is not None
    np.testing.assert_allclose(asset.J_regressor_h36m, regressors["J_regressor_h36m"], rtol=1e-6)
    plain = read_plain_npz(target)
    assert plain["kintree_table"][0, 0] == -1


def test_the_pickle_loads_directly_too(arrays: Arrays, pickled: bytes, tmp_path: Path) -> None:
    source = tmp_path / "basicmodel_m_lbs_10_207_0_v1.1.0.pkl"
    source.write_bytes(pickled)
    write_companions(tmp_path)
    asset = load_body_asset(source)
    assert_same(asset, arrays)
    assert asset.name == "SMPL male"


@pytest.mark.parametrize("module", ["scipy.sparse._csc", "scipy.sparse.csc"])
def test_scipy_old_and_new(module: str, tmp_path: Path) -> None:
    small = smpl_arrays(vertices=300)
    content = pickle_smpl({**small, "landmark_vertices": np.arange(21)}, module)
    assert module.encode() in content
    (tmp_path / "small.pkl").write_bytes(content)
    convert(tmp_path / "small.pkl", tmp_path / "small.npz")
    np.testing.assert_allclose(read_plain_npz(tmp_path / "small.npz")["J_regressor"], small["J_regressor"], rtol=1e-6)


def test_scipys_own_matrices_are_read(tmp_path: Path) -> None:
    from scipy import sparse

    small = {**smpl_arrays(vertices=300), "landmark_vertices": np.arange(21)}
    for kind in (sparse.csc_matrix, sparse.csr_matrix, sparse.csc_array):
        held = {**small, "J_regressor": kind(small["J_regressor"])}
        (tmp_path / "small.pkl").write_bytes(pickle.dumps(held))
        convert(tmp_path / "small.pkl", tmp_path / "small.npz")
        stored = read_plain_npz(tmp_path / "small.npz")["J_regressor"]
        np.testing.assert_allclose(stored, small["J_regressor"], rtol=1e-6)


def test_the_same_source_gives_the_same_bytes(pickled: bytes, tmp_path: Path) -> None:
    source = tmp_path / "SMPL_FEMALE.pkl"
    source.write_bytes(pickled)
    convert(source, tmp_path / "a.npz")
    convert(source, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_without_the_extra_regressor_it_converts_and_says_what_that_locks(pickled: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "SMPL_NEUTRAL.pkl", tmp_path / "body.npz"
    source.write_bytes(pickled)
    result = convert(source, target)
    assert [note.split(" ")[0] for note in result.notes] == ["J_regressor_extra.npy", "J_regressor_h36m.npy"]
    with pytest.raises(AssetError, match=r"body\.npz has no array 'J_regressor_extra'.*SPIN"):
        load_body_asset(target)
    regressors = write_companions(tmp_path)
    asset = load_body_asset(target)  # found beside it now
    np.testing.assert_allclose(asset.J_regressor_extra, regressors["J_regressor_extra"], rtol=1e-6)
    assert asset.sha256 != result.sha256


def test_the_hash_follows_the_regressors_beside_the_body(tmp_path: Path) -> None:
    small = {**smpl_arrays(vertices=300), "landmark_vertices": np.arange(21)}
    hashes = []
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "small.pkl").write_bytes(pickle_smpl(small))
        write_companions(folder, 300, seed)
        hashes.append(load_body_asset(folder / "small.pkl").sha256)
    assert hashes[0] != hashes[1]


def test_a_published_npz_loads_directly_and_converts(arrays: Arrays, tmp_path: Path) -> None:
    source = tmp_path / "SMPL_MALE.npz"
    np.savez(source, **arrays, joint2num=np.array({"Pelvis": 0}, dtype=object), gender="male")
    write_companions(tmp_path)
    assert_same(load_body_asset(source), arrays)
    result = convert(source, tmp_path / "body.npz")
    assert "SMPL male" in result.summary
    assert set(read_plain_npz(tmp_path / "body.npz")) >= {"landmark_vertices", "J_regressor_extra", "gender"}


def test_the_mannequin_converts_to_itself(tmp_path: Path) -> None:
    result = convert(default_body(), tmp_path / "again.npz")
    assert result.notes == ()
    one, other = load_body_asset(default_body()), load_body_asset(tmp_path / "again.npz")
    assert (one.name, one.licence) == (other.name, other.licence)
    assert np.array_equal(one.posedirs, other.posedirs)


def small_body() -> Arrays:
    return {**smpl_arrays(vertices=300), "landmark_vertices": np.arange(21)}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a.pop("landmark_vertices"), "300 vertices and no array 'landmark_vertices'"),
        (lambda a: a.pop("weights"), "no array 'weights'"),
        (lambda a: a.update(v_template=np.zeros(())), "shape"),
        (lambda a: a.update(posedirs=a["posedirs"][..., :10]), "posedirs"),
        (lambda a: a.update(v_template=a["v_template"] * np.nan), "NaN"),
        (lambda a: a.update(v_template=a["v_template"] + 1e300), "beyond 1e\\+06"),
        (lambda a: a.update(landmark_vertices=a["landmark_vertices"] + 0.5), "holds a fraction"),
        (lambda a: a.update(shapedirs=a["shapedirs"][..., :3]), "3 shape directions"),
        (lambda a: a["kintree_table"].__setitem__(1, a["kintree_table"][1][::-1].copy()), "numbers its joints"),
        (lambda a: a.update(weights=np.array(["a", "b"], dtype=object)), "objects"),
        (lambda a: a.update(kintree_table=np.zeros((2, 52), int)), "kintree_table"),
    ],
)
def test_a_body_that_is_none_is_refused(change: Any, says: str, tmp_path: Path) -> None:
    held = small_body()
    change(held)
    (tmp_path / "odd.pkl").write_bytes(pickle.dumps(held))
    with pytest.raises(AssetError, match=says) as caught:
        convert(tmp_path / "odd.pkl", tmp_path / "out.npz")
    assert "odd.pkl" in str(caught.value)
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize(
    "state",
    [
        {"data": np.ones(2), "indices": np.array([0, 5]), "indptr": np.array([0, 1, 2]), "_shape": (2, 2)},
        {"data": np.ones(2), "indices": np.array([0, -1]), "indptr": np.array([0, 1, 2]), "_shape": (2, 2)},
        {"data": np.ones(2), "indices": np.array([0, 1]), "indptr": np.array([0, 5, 2]), "_shape": (2, 2)},
        {"data": np.ones(2), "indices": np.array([0, 1]), "indptr": np.array([0, 1]), "_shape": (2, 2)},
        {"data": np.ones(2), "indices": np.array([0, 1]), "indptr": np.array([0, 1, 2])},
        {"data": np.ones(2), "indices": np.array([0.0, 1]), "indptr": np.array([0, 1, 2]), "_shape": (2, 2)},
        {"data": np.ones(0), "indices": np.zeros(0, int), "indptr": np.zeros(3, int), "_shape": (10**12, 2)},
    ],
)
def test_a_sparse_matrix_that_is_none_is_refused(state: dict[str, object], tmp_path: Path) -> None:
    with stand_in("scipy.sparse.csc", "csc_matrix") as kind:
        content = pickle.dumps({**small_body(), "J_regressor": with_state(kind, **state)})
    (tmp_path / "odd.pkl").write_bytes(content)
    with pytest.raises(AssetError, match=r"odd\.pkl"):
        convert(tmp_path / "odd.pkl")


def test_no_pickle_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "sprung"
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps({**small_body(), "J": Trap(mark)}))
    np.savez(tmp_path / "bad.npz", **small_body(), J=np.array([Trap(mark)], dtype=object))
    with stand_in("chumpy.ch", "Ch") as ch:
        (tmp_path / "chumpy.pkl").write_bytes(pickle.dumps({"v_template": with_state(ch, x=Trap(mark))}))
    for name in ("bad.pkl", "bad.npz", "chumpy.pkl"):
        for read in (convert, load_body_asset):
            with pytest.raises(AssetError, match=rf"{name}.*os\.mkdir"):
                read(tmp_path / name)
    assert not mark.exists()


def test_a_class_of_chumpy_that_is_not_foreseen_is_refused_by_name(tmp_path: Path) -> None:
    with stand_in("chumpy.ch_ops", "add") as odd:
        (tmp_path / "odd.pkl").write_bytes(pickle.dumps({"v_template": with_state(odd, a=1)}))
    with pytest.raises(AssetError, match=r"chumpy\.ch_ops\.add"):
        convert(tmp_path / "odd.pkl")


def test_a_regressor_of_another_body_beside_it_is_refused(pickled: bytes, tmp_path: Path) -> None:
    (tmp_path / "SMPL_NEUTRAL.pkl").write_bytes(pickled)
    write_companions(tmp_path, VERTICES - 1)
    with pytest.raises(AssetError, match=r"J_regressor_extra\.npy has the shape \(9, 6889\)"):
        convert(tmp_path / "SMPL_NEUTRAL.pkl")
    (tmp_path / "J_regressor_extra.npy").write_bytes(b"hello")
    with pytest.raises(AssetError, match=r"J_regressor_extra\.npy is no readable"):
        convert(tmp_path / "SMPL_NEUTRAL.pkl")


def test_the_published_prior_becomes_arrays(tmp_path: Path) -> None:
    arrays = prior_arrays()
    (tmp_path / "gmm_08.pkl").write_bytes(pickle_by_python2(arrays))
    for kind in ("prior", "body"):  # recognised when it is given as a body
        result = convert(tmp_path / "gmm_08.pkl", tmp_path / f"{kind}.npz", kind)  # type: ignore[arg-type]
        assert result.kind == "prior"
        prior = load_prior_asset(tmp_path / f"{kind}.npz")
        np.testing.assert_allclose(prior.means, arrays["means"], atol=1e-12)
        np.testing.assert_allclose(prior.covars, arrays["covars"], atol=1e-12)
        assert "SMPLify" in prior.licence


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a.pop("weights"), "weights"),
        (lambda a: a.update(weights=a["weights"] * 2), "sum"),
        (lambda a: a.update(covars=-a["covars"]), "positive definite"),
        (lambda a: a.update(means=a["means"][:, :60]), "means"),
        (lambda a: a.update(means=a["means"] * np.inf), "no number"),
        (lambda a: a.update(means=a["means"] + 1e300), "beyond 1e\\+06"),
    ],
)
def test_a_prior_that_is_none_is_refused(change: Any, says: str, tmp_path: Path) -> None:
    arrays = prior_arrays()
    change(arrays)
    (tmp_path / "odd.pkl").write_bytes(pickle.dumps(arrays))
    with pytest.raises(AssetError, match=says) as caught:
        convert(tmp_path / "odd.pkl", tmp_path / "out.npz", "prior")
    assert "odd.pkl" in str(caught.value)
    assert not (tmp_path / "out.npz").exists()


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    source, target = tmp_path / "gmm_08.pkl", tmp_path / "gmm_08.npz"
    source.write_bytes(pickle.dumps(prior_arrays()))
    target.write_bytes(b"precious")
    with pytest.raises(AssetError, match=r"gmm_08\.npz is there already"):
        convert(source, target)
    assert target.read_bytes() == b"precious"
    convert(source, target, replace=True)
    written = target.read_bytes()
    convert(source, target)  # the same content is fine
    assert target.read_bytes() == written
    with pytest.raises(AssetError, match="source itself"):
        convert(source, source, replace=True)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["gmm_08.npz", "gmm_08.pkl"]


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "gmm_08.pkl").write_bytes(pickle.dumps(prior_arrays()))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AssetError, match="cannot be written"):
        convert(tmp_path / "gmm_08.pkl", tmp_path / "file" / "out.npz")
    with pytest.raises(AssetError, match=r"lost\.pkl is missing"):
        convert(tmp_path / "lost.pkl")
    (tmp_path / "list.pkl").write_bytes(pickle.dumps([1]))
    with pytest.raises(AssetError, match="holds a list"):
        convert(tmp_path / "list.pkl")
