"""Build the mannequin's pose prior: ``python -m fitting.body.build_prior``.

A mixture of eight Gaussians with full covariances, like the published one, fitted to the sampler of synthetic poses
(:mod:`fitting.synthetic.poses`) in axis-angle vectors. The sampler never bends some joints about some axes (the
hands at all, knees sideways); the smallest variance lets a fit move them a little and keeps the covariances well
conditioned.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fitting.body.pose_prior import POSE_NUMBERS
from fitting.geometry.rotations import matrix_to_axis_angle
from fitting.synthetic.poses import sample_poses
from resources import default_prior

COMPONENTS = 8
POSES = 120_000
SMALLEST_STD = 0.05
"""Radians; added in squares to every variance."""
SEED = 20_261_122
_ROUNDS = 200
_MEGABATCH = 20_000


def sample_pose_vectors(count: int, seed: int) -> NDArray[np.float64]:
    """Axis-angle vectors ``(count, 69)`` of joints 1-23, radians; the same seed gives the same poses."""
    generator = torch.Generator().manual_seed(seed)
    parts = [
        matrix_to_axis_angle(sample_poses(min(_MEGABATCH, count - start), generator).rotations[:, 1:])
        for start in range(0, count, _MEGABATCH)
    ]
    return torch.cat(parts).reshape(count, POSE_NUMBERS).double().numpy()


def fit_mixture(
    poses: NDArray[np.float64], components: int = COMPONENTS, seed: int = SEED, smallest_std: float = SMALLEST_STD
) -> dict[str, NDArray[np.float64]]:
    """Expectation-maximisation on poses ``(N, 69)``: ``means``, ``covars`` and ``weights``, heaviest first.

    Raises:
        RuntimeError: The rounds did not converge.
    """
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(
        components, covariance_type="full", reg_covar=smallest_std**2, max_iter=_ROUNDS, random_state=seed
    ).fit(poses)
    if not mixture.converged_:
        raise RuntimeError(f"the mixture did not converge in {_ROUNDS} rounds; give it more poses or fewer components")
    order = np.argsort(-mixture.weights_)
    return {
        "means": mixture.means_[order],
        "covars": mixture.covariances_[order],
        "weights": mixture.weights_[order],
    }


def write_prior(path: Path, mixture: dict[str, NDArray[np.float64]]) -> None:
    """Write a prior file in single precision, a quarter of a megabyte."""
    arrays = {key: array.astype(np.float32) for key, array in mixture.items()}
    np.savez_compressed(path, name="mannequin's poses", licence="Apache-2.0", **arrays)  # type: ignore[arg-type]


def main(arguments: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m fitting.body.build_prior", description="Build the pose prior.")
    parser.add_argument("--output", type=Path, default=default_prior())
    parser.add_argument("--poses", type=int, default=POSES)
    parser.add_argument("--components", type=int, default=COMPONENTS)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    write_prior(chosen.output, fit_mixture(sample_pose_vectors(chosen.poses, chosen.seed), chosen.components))
    print(f"{chosen.output}: {chosen.components} components from {chosen.poses} poses")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
