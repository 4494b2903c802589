"""Compare ways of tuning a picture regressor on frozen pictured people: exact EFT against subsets of layers.

    python -m fitting.training.picture_compare WEIGHTS --people eval_people.npz \\
        --way all,5e-6,20 --way layer4+head,2e-5,20
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.eft import ExemplarFineTuner, Tuning
from fitting.errors import FittingError
from fitting.evaluation.protocols import joint_errors_mm
from fitting.losses import FitTargets, active_confidence
from fitting.preprocess import Exemplar
from fitting.regressor.base import Regressor, RegressorInput
from fitting.regressor.hmr import PICTURE_SIDE
from fitting.regressor.loading import load_regressor
from fitting.spec import BodyFit, EftOptions
from fitting.training.picture_augmentation import resize, to_input
from fitting.training.picture_frozen import FrozenPictures, read_frozen_pictures
from resources import default_body


@dataclass(frozen=True, slots=True)
class Way:
    """A way of tuning: layers (:attr:`fitting.regressor.base.Regressor.layer_subsets`), step size, iterations."""

    layers: str
    learning_rate: float
    iterations: int

    def options(self, stop_l2d: float) -> EftOptions:
        """The same as EFT's options."""
        return EftOptions(
            layers=self.layers, learning_rate=self.learning_rate, max_iterations=self.iterations, stop_l2d=stop_l2d
        )


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of everybody: plain and tuned L2d, errors in mm ``(N,)``, and times.

    ``mean_ms`` counts from the picture to the last iterate; ``iterations`` is the mean number of forward passes.
    """

    plain_l2d: list[float]
    l2d: list[float]
    mpjpe_mm: list[float]
    pa_mm: list[float]
    iterations: float
    mean_ms: float

    def sentence(self) -> str:
        """One row for people."""
        return (
            f"L2d {statistics.fmean(self.l2d):.3e} mean {statistics.median(self.l2d):.3e} median"
            f"  MPJPE {statistics.fmean(self.mpjpe_mm):6.2f} mm  PA {statistics.fmean(self.pa_mm):6.2f} mm"
            f"  {self.iterations:4.1f} iterations  {self.mean_ms:7.1f} ms"
        )


def compare(
    regressor: Regressor, kinematics: Kinematics, frozen: FrozenPictures, options: EftOptions, side: int = PICTURE_SIDE
) -> Outcome:
    """Tune on each person, one after the other, from pictures of ``side`` pixels, and compare with the truth."""
    tuner = ExemplarFineTuner(regressor, kinematics)
    resolved = tuner.resolve(options)
    tunings: list[Tuning] = []
    seconds: list[float] = []
    for exemplar in pictured_exemplars(frozen, options, side):
        started = time.perf_counter()
        tunings.append(tuner.tune(exemplar, resolved))
        seconds.append(time.perf_counter() - started)
    fits = [tuning.steps[tuning.kept].fit for tuning in tunings]
    mpjpe, pa = _errors_mm(fits, frozen, kinematics)
    return Outcome(
        [tuning.steps[0].losses.l2d for tuning in tunings],
        [tuning.steps[tuning.kept].losses.l2d for tuning in tunings],
        mpjpe,
        pa,
        statistics.fmean(len(tuning.steps) for tuning in tunings),
        1e3 * statistics.fmean(seconds),
    )


def pictured_exemplars(frozen: FrozenPictures, options: EftOptions, side: int = PICTURE_SIDE) -> list[Exemplar]:
    """One exemplar for each frozen person."""
    exemplars = []
    pictures = resize(frozen.people.pictures, side)
    for picture, keypoints in zip(pictures[:, None], frozen.keypoints[:, None], strict=True):
        confidence = keypoints[..., 2]
        targets = FitTargets(keypoints[..., :2], confidence, active_confidence(confidence, options))
        exemplars.append(Exemplar(RegressorInput(keypoints, to_input(picture)), targets))
    return exemplars


def _errors_mm(fits: list[BodyFit], frozen: FrozenPictures, kinematics: Kinematics) -> tuple[list[float], list[float]]:
    rotations = torch.as_tensor(np.stack([fit.rotations for fit in fits]), dtype=torch.float32)
    betas = torch.as_tensor(np.stack([fit.betas for fit in fits]), dtype=torch.float32)
    truth = kinematics(frozen.people.rotations, frozen.people.betas)
    mpjpe, pa = joint_errors_mm(kinematics(rotations, betas).numpy(), truth.numpy())
    return mpjpe.tolist(), pa.tolist()


def _read_way(text: str) -> Way:
    layers, rate, iterations = text.split(",")
    return Way(layers, float(rate), int(iterations))


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 done, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m fitting.training.picture_compare", description="Compare ways of tuning on pictured people."
    )
    parser.add_argument("weights", type=Path)
    parser.add_argument("--people", type=Path, required=True, help="file of fitting.training.picture_frozen")
    parser.add_argument("--way", type=_read_way, action="append", required=True, help="layers,learning rate,iterations")
    parser.add_argument("--stop", type=float, default=0.0, help="L2d below which a fit stops")
    parser.add_argument("--side", type=int, default=PICTURE_SIDE, help="pixels of the pictures")
    parser.add_argument("--first", type=int, help="only the first people of the file")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--body", type=Path, default=default_body())
    choice = parser.parse_args(arguments)
    torch.set_num_threads(choice.threads)
    try:
        regressor = load_regressor(choice.weights)
        kinematics = Kinematics(load_body_asset(choice.body))
        frozen = read_frozen_pictures(choice.people).first(choice.first)
        for way in choice.way:
            outcome = compare(regressor, kinematics, frozen, way.options(choice.stop), choice.side)
            print(f"{way.layers:>16} {way.learning_rate:7.1e} {outcome.sentence()}", flush=True)
    except FittingError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
