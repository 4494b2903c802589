"""Find EFT's settings for a regressor: learning rates on frozen people (3D truth) and on annotated photographs (L2d).

    python -m fitting.training.sweep WEIGHTS --people tests/data/frozen_people.npz --coco annotations.json

L2d alone would choose too large a step: it goes on falling while the 3D gets worse (docs/open_regressor.md).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fitting.body.assets import load_body_asset
from fitting.body.kinematics import Kinematics
from fitting.eft import ExemplarFineTuner, Tuning
from fitting.errors import AssetError, FittingError
from fitting.evaluation.people_sets import coco_to_spin49
from fitting.evaluation.protocols import MANY_KEYPOINTS, joint_errors_mm
from fitting.geometry.boxes import box_around_rectangle
from fitting.losses import FitTargets, active_confidence
from fitting.preprocess import Exemplar, build_exemplar
from fitting.regressor.base import Regressor, RegressorInput
from fitting.regressor.loading import load_regressor
from fitting.spec import BodyFit, EftOptions, FitJob, FloatArray, JobId
from fitting.training.frozen import FrozenPeople, read_frozen_people
from resources import default_body, default_regressor

RATES = (1e-5, 3e-5, 6e-5, 1e-4)
LEAST_KEYPOINTS = 6
"""Annotated people with fewer labelled keypoints are left out."""


@dataclass(frozen=True, slots=True)
class SyntheticRow:
    """EFT on frozen people: errors of the kept iterates, mm, means; ``*_many`` with many keypoints."""

    mpjpe_mm: float
    pa_mm: float
    mpjpe_mm_many: float
    pa_mm_many: float
    l2d_median: float


@dataclass(frozen=True, slots=True)
class PhotographRow:
    """EFT on annotated photographs: L2d before and after, and shares of people."""

    l2d_median_before: float
    l2d_median: float
    l2d_worst: float
    below_5e5: float
    below_5e4: float
    improved: float


def sweep_frozen(
    regressor: Regressor, kinematics: Kinematics, people: FrozenPeople, options: EftOptions
) -> SyntheticRow:
    """Fit every frozen person and compare with the truth."""
    tunings = tune_all(regressor, kinematics, frozen_exemplars(people, options), options)
    fits = [tuning.steps[tuning.kept].fit for tuning in tunings]
    joints_cam = kinematics(_stack(fits, "rotations"), _stack(fits, "betas")).numpy()
    mpjpe, pa = joint_errors_mm(joints_cam, kinematics(people.rotations, people.betas).numpy())
    many = (people.visible() >= MANY_KEYPOINTS).numpy()
    return SyntheticRow(
        float(mpjpe.mean()),
        float(pa.mean()),
        float(mpjpe[many].mean()),
        float(pa[many].mean()),
        float(np.median(_final_l2d(tunings))),
    )


def sweep_photographs(
    regressor: Regressor, kinematics: Kinematics, exemplars: Sequence[Exemplar], options: EftOptions
) -> PhotographRow:
    """Fit every annotated person and tell how L2d fell."""
    tunings = tune_all(regressor, kinematics, exemplars, options)
    before = np.array([tuning.steps[0].losses.l2d for tuning in tunings])
    after = _final_l2d(tunings)
    return PhotographRow(
        float(np.median(before)),
        float(np.median(after)),
        float(after.max()),
        float((after < 5e-5).mean()),
        float((after < 5e-4).mean()),
        float((after < before).mean()),
    )


def tune_all(
    regressor: Regressor, kinematics: Kinematics, exemplars: Sequence[Exemplar], options: EftOptions
) -> list[Tuning]:
    """EFT on each exemplar, one after the other."""
    tuner = ExemplarFineTuner(regressor, kinematics)
    resolved = tuner.resolve(options)
    return [tuner.tune(exemplar, resolved) for exemplar in exemplars]


def frozen_exemplars(people: FrozenPeople, options: EftOptions) -> list[Exemplar]:
    """One exemplar for each frozen person."""
    exemplars = []
    for keypoints in people.keypoints[:, None]:
        confidence = keypoints[..., 2]
        targets = FitTargets(keypoints[..., :2], confidence, active_confidence(confidence, options))
        exemplars.append(Exemplar(RegressorInput(keypoints, None), targets))
    return exemplars


def read_coco_exemplars(path: Path, body: Path, regressor: Path, options: EftOptions) -> list[Exemplar]:
    """People of a COCO keypoint file with enough keypoints, boxed by eft_method.md 6.2.

    Raises:
        AssetError: The file is not a COCO keypoint file.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
        people = [p for p in document["annotations"] if p.get("num_keypoints", 0) >= LEAST_KEYPOINTS]
        jobs = [
            FitJob(
                job_id=JobId(str(person["id"])),
                method="eft",
                keypoints_px=coco_to_spin49(np.array(person["keypoints"], dtype=float).reshape(17, 3)),
                box=box_around_rectangle(*person["bbox"]),
                body=body,
                regressor=regressor,
                options=options,
                image_size_px=sizes[person["image_id"]],
            )
            for person in people
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssetError(f"{path} is not a COCO keypoint file ({error!r}); choose another file.") from error
    return [build_exemplar(job, options) for job in jobs]


def _stack(fits: Sequence[BodyFit], name: str) -> torch.Tensor:
    return torch.as_tensor(np.stack([getattr(fit, name) for fit in fits]))


def _final_l2d(tunings: Sequence[Tuning]) -> FloatArray:
    return np.array([tuning.steps[tuning.kept].losses.l2d for tuning in tunings])


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 done, 2 bad input."""
    parser = argparse.ArgumentParser(prog="python -m fitting.training.sweep", description="Learning rates of EFT.")
    parser.add_argument("weights", type=Path, nargs="?", default=default_regressor())
    parser.add_argument("--people", type=Path, help="frozen people")
    parser.add_argument("--count", type=int, default=100, help="how many of them")
    parser.add_argument("--coco", type=Path, help="COCO keypoint annotations")
    parser.add_argument("--rates", type=float, nargs="+", default=list(RATES))
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--stop", type=float, default=5e-5, help="stop below this L2d")
    parser.add_argument("--all-joints", action="store_true", help="hips and ankles count too")
    parser.add_argument("--body", type=Path, default=default_body())
    choice = parser.parse_args(arguments)
    try:
        regressor, kinematics = load_regressor(choice.weights), Kinematics(load_body_asset(choice.body))
        people = _first(read_frozen_people(choice.people), choice.count) if choice.people else None
        for rate in choice.rates:
            options = EftOptions(
                rate, choice.iterations, choice.stop, use_hips=choice.all_joints, use_ankles=choice.all_joints
            )
            if people:
                print(f"{rate:g}", sweep_frozen(regressor, kinematics, people, options), flush=True)
            if choice.coco:
                exemplars = read_coco_exemplars(choice.coco, choice.body, choice.weights, options)
                print(f"{rate:g}", sweep_photographs(regressor, kinematics, exemplars, options), flush=True)
    except FittingError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _first(people: FrozenPeople, count: int) -> FrozenPeople:
    return FrozenPeople(people.keypoints[:count], people.rotations[:count], people.betas[:count])


if __name__ == "__main__":
    sys.exit(main())
