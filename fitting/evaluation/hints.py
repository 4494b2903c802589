"""What one depth hint does: ``python -m fitting.evaluation.hints --rows ROWS.jsonl``.

Held-out people whose body is known are fitted without a hint. Each limb that then points the wrong way (where truth
says so by more than 5 cm, :mod:`fitting.evaluation.metrics`) is hinted alone, as an annotator would who looks at the
side view, and the person is fitted again. Asked is whether that limb is repaired, how many of the *other* limbs that
pointed the right way no longer do, and what becomes of the pose as a whole.

A row of the file is one person, written as soon as it is known: a run that was interrupted goes on where it was, and a
file of other weights, options or code is refused.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch

from fitting.body.model import BodyModel, load_body
from fitting.errors import AssetError, JobError
from fitting.evaluation.methods import GROUP, build_job
from fitting.evaluation.metrics import wrong_way_limbs
from fitting.evaluation.people_sets import EvaluatedPerson
from fitting.evaluation.run import describe, read_set
from fitting.evaluation.scores import score
from fitting.evaluation.statistics import estimate, paired_difference
from fitting.fit import run_fit_job, run_fit_many_job
from fitting.guidance import limb_depths
from fitting.spec import (
    BodyFit,
    DepthHint,
    EvaluateJob,
    FitJob,
    FitManyJob,
    FitResult,
    FloatArray,
    JobId,
    SyntheticSource,
    choose_smplify,
)
from resources import default_body, default_regressor, held_out_people
from resources.limbs import LIMB_NAMES

HintedMethod = Literal["eft", "smplify"]
METHODS: Final[tuple[HintedMethod, ...]] = ("eft", "smplify")


@dataclass(frozen=True, slots=True)
class HintedLimb:
    """What one hint did.

    Attributes:
        person_id: Whose limb.
        limb: Its name.
        repaired: It points the right way now.
        others: Other limbs that pointed the right way before.
        broken: How many of them no longer do.
        pa_before_mm: PA-MPJPE without the hint.
        pa_after_mm: And with it.
        l2d_before: L2d without the hint.
        l2d_after: And with it.
        iterations: Recorded iterations of the hinted fit.
    """

    person_id: int
    limb: str
    repaired: bool
    others: int
    broken: int
    pa_before_mm: float
    pa_after_mm: float
    l2d_before: float
    l2d_after: float
    iterations: int


def try_hints(job: EvaluateJob, people: Sequence[EvaluatedPerson]) -> list[list[HintedLimb] | str]:
    """Hint each wrong-way limb of some people alone; for each of them what came of it, or why there is no fit."""
    found: list[list[HintedLimb] | str] = [[] for _ in people]
    plain: dict[int, FitJob] = {}
    for place, person in enumerate(people):
        try:
            plain[place] = build_job(job, person)
        except JobError as error:
            found[place] = str(error)
    before = dict(zip(plain, _fit_all(list(plain.values())), strict=True))
    body = load_body(job.body)
    hinted: list[tuple[int, int, FitJob]] = []
    for place, outcome in before.items():
        if isinstance(outcome, str):
            found[place] = outcome
            continue
        truth = _true_joints(body, people[place])
        depths = limb_depths(torch.as_tensor(truth))[0].tolist()
        for limb in np.flatnonzero(wrong_way_limbs(_joints(body, outcome.final), truth).wrong[0]).tolist():
            hint: DepthHint = "away" if depths[limb] > 0 else "toward"
            hinted.append((place, limb, dataclasses.replace(plain[place], depth_hints={LIMB_NAMES[limb]: hint})))
    for (place, limb, _), after in zip(hinted, _fit_all([each for _, _, each in hinted]), strict=True):
        first, told = before[place], found[place]
        if isinstance(first, FitResult) and isinstance(after, FitResult) and isinstance(told, list):
            told.append(_compare(body, people[place], limb, first, after))
    return found


def _compare(body: BodyModel, person: EvaluatedPerson, limb: int, before: FitResult, after: FitResult) -> HintedLimb:
    truth = _true_joints(body, person)
    first, second = (wrong_way_limbs(_joints(body, fit.final), truth) for fit in (before, after))
    right = first.judged[0] & ~first.wrong[0]
    pa_before, pa_after = (float(score([person], [fit], body)["pa_mm"][0]) for fit in (before, after))
    return HintedLimb(
        person_id=person.person_id,
        limb=LIMB_NAMES[limb],
        repaired=not bool(second.wrong[0, limb]),
        others=int(right.sum()),
        broken=int((right & second.wrong[0]).sum()),
        pa_before_mm=pa_before,
        pa_after_mm=pa_after,
        l2d_before=before.final_losses.l2d,
        l2d_after=after.final_losses.l2d,
        iterations=len(after.trace),
    )


def _fit_all(jobs: Sequence[FitJob]) -> list[FitResult | str]:
    """SMPLify takes people together, which costs little more than one; EFT takes them in turn."""
    if jobs and jobs[0].method == "smplify":
        return list(run_fit_many_job(FitManyJob(JobId("hints"), tuple(jobs))).results)
    outcomes: list[FitResult | str] = []
    for each in jobs:
        try:
            outcomes.append(run_fit_job(each))
        except JobError as error:
            outcomes.append(str(error))
    return outcomes


def _true_joints(body: BodyModel, person: EvaluatedPerson) -> FloatArray:
    assert person.truth is not None
    return _joints(body, person.truth)


def _joints(body: BodyModel, fit: BodyFit) -> FloatArray:
    joints: FloatArray = body.joints_of(fit)[None].astype(np.float64)
    return joints


def build_plan(method: HintedMethod, folder: Path) -> EvaluateJob:
    """The open regressor and the mannequin, as users' fits have them."""
    return EvaluateJob(
        JobId("hints"),
        SyntheticSource(folder),
        method,
        folder,
        default_body(),
        default_regressor(),
        smplify=choose_smplify(None),
    )


def run_study(job: EvaluateJob, rows: Path, people: int, seed: int) -> None:
    """Try hints on people in an order drawn by a seed, until so many of them are in the file.

    Raises:
        AssetError: Set, body or regressor cannot be read, or the file is of another study.
    """
    people_set = read_set(job)
    about = json.loads(json.dumps(describe(job, people_set) | {"seed": seed}))
    done = _read_done(rows, about)
    order = np.random.default_rng(seed).permutation(len(people_set.people))
    group = GROUP if job.method == "smplify" else 1
    waiting = order[len(done) : people]
    for start in range(0, len(waiting), group):
        some = [people_set.people[place] for place in waiting[start : start + group]]
        with rows.open("a", encoding="utf-8") as file:
            for person, told in zip(some, try_hints(job, some), strict=True):
                row: dict[str, Any] = {"person": person.person_id}
                row |= (
                    {"failure": told}
                    if isinstance(told, str)
                    else {"hints": [dataclasses.asdict(each) for each in told]}
                )
                file.write(json.dumps(row) + "\n")


def read_study(rows: Path) -> tuple[dict[str, Any], int, list[HintedLimb]]:
    """What a study was of, how many people it has seen, and its hinted limbs."""
    lines = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    hinted = [HintedLimb(**each) for line in lines[1:] for each in line.get("hints", ())]
    return lines[0], len(lines) - 1, hinted


def build_table(hinted: Sequence[HintedLimb], seed: int = 0) -> list[str]:
    """A Markdown table: all limbs, then each kind of limb, whose two sides are taken together."""
    lines = [
        "| hinted | limbs | repaired | other limbs broken | PA-MPJPE before, mm | after, mm | change, mm (95 %) |",
        "|---|---|---|---|---|---|---|",
    ]
    kinds = {"all": list(hinted)}
    for limb in hinted:
        kinds.setdefault(limb.limb.split("_", 1)[1].replace("_", " "), []).append(limb)
    for name, limbs in kinds.items():
        before, after = (np.array([getattr(limb, f"pa_{when}_mm") for limb in limbs]) for when in ("before", "after"))
        change = paired_difference(after, before, seed).mean
        others, broken = sum(limb.others for limb in limbs), sum(limb.broken for limb in limbs)
        repaired = sum(limb.repaired for limb in limbs)
        lines.append(
            f"| {name} | {len(limbs)} | {repaired} ({repaired / len(limbs):.1%}) | {broken} of {others}"
            f" ({broken / max(others, 1):.1%}) | {estimate(before).value:.1f} | {estimate(after).value:.1f} |"
            f" {change.value:+.1f} ({change.low:+.1f} to {change.high:+.1f}) |"
        )
    return lines


def _read_done(rows: Path, about: dict[str, Any]) -> list[dict[str, Any]]:
    if not rows.exists():
        rows.parent.mkdir(parents=True, exist_ok=True)
        rows.write_text(json.dumps(about) + "\n", encoding="utf-8")
        return []
    try:
        first, *done = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    except ValueError as error:
        raise AssetError(f"{rows} holds no study of hints ({error}); name another file.") from error
    if first != about:
        raise AssetError(f"{rows} is of other weights, options or code; name another file, or remove it.")
    return done


def main(arguments: Sequence[str] | None = None) -> None:
    """Run or continue a study, then print its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=Path, required=True, help="file of the study, one JSON line a person")
    parser.add_argument("--folder", type=Path, default=held_out_people(), help="held-out people of 'main.py synth'")
    parser.add_argument("--method", choices=METHODS, default="eft")
    parser.add_argument("--people", type=int, default=500, help="people to look at, in an order drawn by the seed")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args(arguments)
    run_study(build_plan(wanted.method, wanted.folder), wanted.rows, wanted.people, wanted.seed)
    about, people, hinted = read_study(wanted.rows)
    print(f"{about['method']}, {people} people, seed {about['seed']}, code {about['code_sha256'][:12]}")
    print("\n".join(build_table(hinted)) if hinted else "No limb pointed the wrong way.")


if __name__ == "__main__":
    main()
