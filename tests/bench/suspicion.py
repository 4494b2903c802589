"""Of a thousand synthetic people, fifty with swapped sides: how many are among the most suspect hundred?

``python -m tests.bench.suspicion [--method eft]``: the held-out five hundred and five hundred more that are drawn
(seed 101), plain predictions by default. Swaps are planted in people with enough labelled keypoints whose exchanged
joints lie apart (``--everybody`` plants them anywhere). The figures stand in docs/suspicion.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from db.suspicion import Evidence, judge
from fitting.body.assets import load_body_asset
from fitting.evaluation.people_sets import EvaluatedPerson, coco_to_spin49
from fitting.evaluation.testset import read_synthetic
from fitting.fit import run_fit_job
from fitting.spec import FitJob, FitResult, FloatArray, JobId, MethodName
from fitting.swaps import GROUPS, SwapGroup
from resources import default_body, default_regressor, held_out_people
from resources.skeleton import get_skeleton

PLANTED: Final = 50
TOP: Final = 100
LEAST_LABELLED: Final = 12
LEAST_APART: Final = 0.1
"""Median distance of the joints that change places, half sides of the box: what people could see."""
NOISE_PX: Final = 1.5
_COCO = get_skeleton("coco17")


@dataclass(frozen=True, slots=True)
class Judged:
    """One person: what was planted, how suspect it is, and the doubts named."""

    planted: SwapGroup | None
    suspicion: float
    suspects: tuple[str, ...]


def plant_swaps(
    people: Sequence[EvaluatedPerson], rng: np.random.Generator, planted: int, *, everybody: bool = False
) -> dict[int, SwapGroup]:
    """Whom to swap, and what: body, arms and legs in turn."""
    chosen: dict[int, SwapGroup] = {}
    for place in rng.permutation(len(people)):
        group = GROUPS[len(chosen) % len(GROUPS)]
        person = people[place]
        apart = _distance_apart(person, group)
        if apart is not None and (everybody or (person.labelled >= LEAST_LABELLED and apart >= LEAST_APART)):
            chosen[int(place)] = group
        if len(chosen) == planted:
            break
    return chosen


def judge_people(
    people: Sequence[EvaluatedPerson],
    swaps: dict[int, SwapGroup],
    rng: np.random.Generator,
    method: MethodName = "regressor",
    noise_px: float = NOISE_PX,
) -> Iterator[Judged]:
    """Fit everybody and judge the fits as the store does."""
    for place, person in enumerate(people):
        keypoints = person.keypoints_px.copy()
        keypoints[:, :2] += rng.normal(0, noise_px, (len(keypoints), 2)) * (keypoints[:, 2:] > 0)
        group = swaps.get(place)
        if group is not None:
            keypoints = keypoints[list(_COCO.swap_permutation(group))]
        result = run_fit_job(_build_job(person, keypoints, method))
        yield _judge(result, group)


def summarise(judged: Sequence[Judged], top: int = TOP) -> dict[str, object]:
    """Share of the planted among the most suspect, by group, and the rates at three limits."""
    order = sorted(range(len(judged)), key=lambda place: -judged[place].suspicion)
    first = set(order[:top])
    planted = [place for place, person in enumerate(judged) if person.planted]
    sound = [person for person in judged if person.planted is None]
    by_group = {
        group: _share([place in first for place in planted if judged[place].planted == group]) for group in GROUPS
    }
    rates = {
        str(limit): {
            "planted": _share([judged[place].suspicion > limit for place in planted]),
            "sound": _share([person.suspicion > limit for person in sound]),
        }
        for limit in (0.3, 0.5, 0.7, 0.9)
    }
    named = _share([any(name.startswith("swap") for name in judged[place].suspects) for place in planted])
    wrongly = _share([any(name.startswith("swap") for name in person.suspects) for person in sound])
    return {
        "people": len(judged), "planted": len(planted), "top": top,
        "found": _share([place in first for place in planted]), "found_by_group": by_group, "above": rates,
        "named_a_swap": {"planted": named, "sound": wrongly},
    }  # fmt: skip


def read_people(drawn: Path) -> list[EvaluatedPerson]:
    """The held-out people, and as many that are drawn into a folder once."""
    if not (drawn / "manifest.json").is_file():
        command = [sys.executable, "main.py", "synth", str(drawn), "--people", "500", "--seed", "101"]
        subprocess.run([*command, "--least-keypoints", "6"], check=True, stdout=subprocess.DEVNULL)
    body = load_body_asset(default_body()).sha256
    return [person for folder in (held_out_people(), drawn) for person in read_synthetic(folder, body).people]


def _distance_apart(person: EvaluatedPerson, group: SwapGroup) -> float | None:
    """Median distance between labelled joints that would change places, half sides of the box; None below two pairs."""
    order = _COCO.swap_permutation(group)
    points = person.keypoints_px
    pairs = [(a, b) for a, b in enumerate(order) if a < b and points[a, 2] > 0 and points[b, 2] > 0]
    if len(pairs) < 2:
        return None
    spans = [np.linalg.norm(points[a, :2] - points[b, :2]) for a, b in pairs]
    return float(np.median(spans)) / (100 * person.box.scale)


def _build_job(person: EvaluatedPerson, keypoints: FloatArray, method: MethodName) -> FitJob:
    with Image.open(person.picture) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return FitJob(
        JobId(person.label), method, coco_to_spin49(keypoints), person.box, default_body(), default_regressor(),
        image_size_px=person.picture_size_px, picture_rgb=pixels, label=person.label,
    )  # fmt: skip


def _judge(result: FitResult, planted: SwapGroup | None) -> Judged:
    betas = float(np.abs(result.final.betas).max())
    signs, flags = dict(result.signs.items()), dict(result.flags.items())
    verdict = judge(Evidence(signs, result.rms_px, result.box.scale, betas, flags))
    return Judged(planted, verdict.value, tuple(name for name, _ in verdict.suspects))


def _share(answers: Sequence[bool]) -> float:
    return round(float(np.mean(answers)), 3) if answers else 0.0


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", choices=["regressor", "eft", "smplify"], default="regressor")
    parser.add_argument("--everybody", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    people = read_people(Path(__file__).parents[2] / ".bench" / "suspicion_people")
    rng = np.random.default_rng(arguments.seed)
    swaps = plant_swaps(people, rng, PLANTED, everybody=arguments.everybody)
    judged = list(judge_people(people, swaps, rng, arguments.method))
    print(json.dumps(summarise(judged), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
