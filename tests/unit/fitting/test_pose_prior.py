"""The pose prior: values by hand, the mannequin's own, and files that are none (eft_method.md section 7)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fitting.body.build_prior import fit_mixture, sample_pose_vectors, write_prior
from fitting.body.pose_prior import PosePrior, PriorAsset, build_prior_asset, load_prior, load_prior_asset
from fitting.errors import AssetError
from resources import default_prior
from tests.helpers.published import pickle_by_python2

HERE = Path("prior.npz")


def random_arrays(components: int = 3, std: float = 0.3, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    mixing = np.eye(69) + 0.05 * random.standard_normal((components, 69, 69))
    weights = random.uniform(0.5, 1.5, components)
    return {
        "means": 0.5 * random.standard_normal((components, 69)),
        "covars": std**2 * mixing @ mixing.swapaxes(1, 2),
        "weights": weights / weights.sum(),
    }


def asset_of(arrays: dict[str, Any]) -> PriorAsset:
    return build_prior_asset(arrays, HERE, "0" * 64)


def double_prior(arrays: dict[str, np.ndarray]) -> PosePrior:
    return PosePrior(asset_of(arrays), torch.float64)


def poses(count: int = 5, seed: int = 1) -> Tensor:
    return 0.5 * torch.randn(count, 69, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def energy_by_formula(arrays: dict[str, np.ndarray], pose: np.ndarray) -> float:
    """The formula of eft_method.md section 7 as it stands there, with inverses and determinants."""
    roots = np.sqrt(np.linalg.det(arrays["covars"]))
    values = []
    for mean, covariance, weight, root in zip(arrays["means"], arrays["covars"], arrays["weights"], roots, strict=True):
        difference = pose - mean
        quadratic = 0.5 * difference @ np.linalg.inv(covariance) @ difference
        values.append(quadratic - math.log(weight / ((2 * math.pi) ** (69 / 2) * root / roots.min())))
    return min(values)


def log_likelihood(asset: PriorAsset, vectors: np.ndarray) -> float:
    """Mean over poses of the mixture's log density, from its components' energies."""
    energies = PosePrior(asset, torch.float64).component_energies(torch.tensor(vectors))
    smallest = 0.5 * np.linalg.slogdet(asset.covars)[1].min()
    return float(torch.logsumexp(-energies, 1).mean()) - float(smallest)


def test_the_energy_is_the_formula() -> None:
    arrays = random_arrays()
    expected = [energy_by_formula(arrays, pose) for pose in poses().numpy()]
    assert double_prior(arrays)(poses()).tolist() == pytest.approx(expected, rel=1e-12)


def test_the_likeliest_component_speaks() -> None:
    arrays = random_arrays()
    prior = double_prior(arrays)
    at_means = prior.component_energies(torch.tensor(arrays["means"]))
    assert at_means.argmin(1).tolist() == [0, 1, 2]
    assert torch.equal(prior(torch.tensor(arrays["means"])), at_means.diagonal())


def test_determinants_beyond_any_double_are_no_trouble() -> None:
    arrays = random_arrays(std=1e-4)
    assert np.linalg.det(arrays["covars"]).max() == 0  # what the formula as it stands would divide by
    arrays["covars"][1] *= 4
    energies = double_prior(arrays).component_energies(torch.tensor(arrays["means"]))
    # Standard deviations twice as large make the determinant's root 2^69 times as large.
    gap = 69 * math.log(2) - math.log(arrays["weights"][1] / arrays["weights"][0])
    even = double_prior({**arrays, "covars": np.stack([arrays["covars"][0]] * 3)})
    flat = even.component_energies(torch.tensor(arrays["means"]))
    assert torch.isfinite(energies).all()
    same_shape = double_prior({**arrays, "covars": np.stack([arrays["covars"][0], 4 * arrays["covars"][0]] * 2)[:3]})
    at_means = same_shape.component_energies(torch.tensor(arrays["means"]))
    assert (at_means[1, 1] - flat[0, 0]).item() == pytest.approx(gap)


def test_gradients() -> None:
    prior = double_prior(random_arrays())
    assert torch.autograd.gradcheck(prior, (poses(3).requires_grad_(),))


def test_no_force_at_the_mean_of_a_component() -> None:
    arrays = random_arrays(1)
    pose = torch.tensor(arrays["means"]).requires_grad_()
    double_prior(arrays)(pose).sum().backward()
    assert pose.grad is not None
    assert pose.grad.abs().max() == 0


def test_single_precision_is_close() -> None:
    arrays = random_arrays(std=0.05)
    single = PosePrior(asset_of(arrays))(poses().float())
    assert torch.allclose(single.double(), double_prior(arrays)(poses()), rtol=1e-4)


class TestMannequin:
    """The shipped prior, against poses it was not fitted to."""

    held_out = sample_pose_vectors(2000, seed=3)

    def test_is_well_conditioned(self) -> None:
        asset = load_prior_asset(default_prior())
        assert asset.means.shape == (8, 69)
        assert asset.licence == "Apache-2.0"
        assert np.linalg.cond(asset.covars).max() < 1000

    def test_knows_the_poses_better_than_one_gaussian(self) -> None:
        seen = sample_pose_vectors(20_000, seed=4)
        covariance = np.cov(seen.T) + 0.05**2 * np.eye(69)
        single = asset_of({"means": seen.mean(0)[None], "covars": covariance[None], "weights": np.ones(1)})
        mixture = load_prior_asset(default_prior())
        assert log_likelihood(mixture, self.held_out) > log_likelihood(single, self.held_out) + 3

    def test_likes_natural_poses_better_than_random_angles(self) -> None:
        prior = load_prior(default_prior())
        natural = prior(torch.tensor(self.held_out, dtype=torch.float32))
        random = np.random.default_rng(0)
        # Each number drawn from the natural ones by itself: every angle is possible, their company is not.
        mixed = np.stack([random.permutation(column) for column in self.held_out.T], 1)
        anything = random.uniform(-1, 1, (500, 69))
        mixed_energy = prior(torch.tensor(mixed, dtype=torch.float32))
        assert (natural.median() < mixed_energy).float().mean() > 0.85
        assert natural.max() < prior(torch.tensor(anything, dtype=torch.float32)).median()


class TestBuilding:
    def test_the_same_seed_gives_the_same_mixture(self, tmp_path: Path) -> None:
        vectors = sample_pose_vectors(1500, seed=1)
        assert np.array_equal(vectors, sample_pose_vectors(1500, seed=1))
        assert not np.array_equal(vectors, sample_pose_vectors(1500, seed=2))
        first, second = (fit_mixture(vectors, components=2, seed=5) for _ in range(2))
        assert all(np.array_equal(first[key], second[key]) for key in first)
        for name in ("first.npz", "second.npz"):
            write_prior(tmp_path / name, first)
        assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()

    def test_a_written_prior_is_read_back(self, tmp_path: Path) -> None:
        mixture = fit_mixture(sample_pose_vectors(2000, seed=1), components=2, seed=5)
        write_prior(tmp_path / "prior.npz", mixture)
        asset = load_prior_asset(tmp_path / "prior.npz")
        assert np.allclose(asset.means, mixture["means"], atol=1e-6)
        assert np.allclose(asset.covars, mixture["covars"], atol=1e-6)
        assert np.linalg.eigvalsh(asset.covars).min() >= 0.99 * 0.05**2
        assert asset.weights[0] >= asset.weights[1]


def broken(**changes: Any) -> dict[str, Any]:
    return {**random_arrays(), **changes}


class TestBadFiles:
    @pytest.mark.parametrize(
        ("arrays", "reason"),
        [
            ({"means": np.zeros((3, 69)), "weights": np.ones(3) / 3}, "no array 'covars'"),
            (broken(means=np.zeros((3, 72))), "'means' has shape .*expected 3 x 69"),
            (broken(covars=np.zeros((8, 69, 69))), "expected 3 x 69 x 69"),
            (broken(weights=np.zeros((3, 1))), "'weights' has shape .*expected any"),
            (broken(weights=np.zeros(0)), "sum 1"),
            (broken(weights=np.array([0.5, 0.4, 0.3])), "sum 1"),
            (broken(weights=np.array([1.5, -0.25, -0.25])), "not positive"),
            (broken(means=np.full((3, 69), np.nan)), "no number"),
            (broken(means=np.full((3, 69), "a")), "no number"),
            (broken(covars=np.triu(random_arrays()["covars"])), "not symmetric"),
            (broken(covars=np.stack([np.diag([*[1.0] * 68, 0.0])] * 3)), "not positive definite"),
        ],
    )
    def test_what_is_no_mixture_is_refused(self, arrays: dict[str, Any], reason: str, tmp_path: Path) -> None:
        path = tmp_path / "prior.npz"
        np.savez(path, **arrays)
        with pytest.raises(AssetError, match=rf"prior\.npz is no mixture .*{reason}.*build it again"):
            load_prior_asset(path)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(AssetError, match=r"No such file.*take the mannequin's"):
            load_prior(tmp_path / "nothing.npz")

    def test_a_file_that_wants_to_run_something(self, tmp_path: Path) -> None:
        path = tmp_path / "gmm_08.pkl"
        path.write_bytes(b"\x80\x02cos\nsystem\n.")
        with pytest.raises(AssetError, match=r"gmm_08\.pkl is refused: .*os\.system.*; a pose prior is gmm_08\.pkl or"):
            load_prior(path)

    def test_the_published_pickle_is_read_as_it_is(self, tmp_path: Path) -> None:
        arrays = random_arrays()
        (tmp_path / "gmm_08.pkl").write_bytes(pickle_by_python2(arrays))
        asset = load_prior_asset(tmp_path / "gmm_08.pkl")
        assert asset.name == "gmm_08"
        np.testing.assert_array_equal(asset.means, arrays["means"])
