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
from fitting.errors import AssetError, FittingError
from fitting.evaluation.methods import build_job
from fitting.evaluation.metrics import wrong_way_limbs
from fitting.evaluation.people_sets import LEAST_KEYPOINTS, EvaluatedPerson
from fitting.evaluation.run import describe, read_set
from fitting.evaluation.scores import score
from fitting.evaluation.statistics import estimate, paired_difference
from fitting.fit import run_fit_job
from fitting.guidance import limb_depths
from fitting.spec import BodyFit, DepthHint, EvaluateJob, FloatArray, JobId, SyntheticSource, choose_smplify
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


def try_hints(job: EvaluateJob, person: EvaluatedPerson) -> list[HintedLimb]:
    """Hint each of a person's wrong-way limbs alone; empty where every limb points the right way.

    Raises:
        JobError: The person cannot be fitted.
    """
    assert person.truth is not None
    body, plain = load_body(job.body), build_job(job, person)
    truth = _joints(body, person.truth)
    depths = limb_depths(torch.as_tensor(truth))[0].tolist()
    before = run_fit_job(plain)
    first = wrong_way_limbs(_joints(body, before.final), truth)
    right = first.judged[0] & ~first.wrong[0]
    found = []
    for row in np.flatnonzero(first.wrong[0]).tolist():
        hint: DepthHint = "away" if depths[row] > 0 else "toward"
        after = run_fit_job(dataclasses.replace(plain, depth_hints={LIMB_NAMES[row]: hint}))
        second = wrong_way_limbs(_joints(body, after.final), truth)
        pa_before, pa_after = (float(score([person], [fit], body)["pa_mm"][0]) for fit in (before, after))
        found.append(
            HintedLimb(
                person_id=person.person_id,
                limb=LIMB_NAMES[row],
                repaired=not bool(second.wrong[0, row]),
                others=int(right.sum()),
                broken=int((right & second.wrong[0]).sum()),
                pa_before_mm=pa_before,
                pa_after_mm=pa_after,
                l2d_before=before.final_losses.l2d,
                l2d_after=after.final_losses.l2d,
                iterations=len(after.trace),
            )
        )
    return found


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
    for place in order[len(done) : people]:
        person = people_set.people[place]
        row: dict[str, Any] = {"person": person.person_id}
        if person.labelled >= LEAST_KEYPOINTS:
            try:
                row["hints"] = [dataclasses.asdict(hinted) for hinted in try_hints(job, person)]
            except FittingError as error:
                row["failure"] = str(error)
        with rows.open("a", encoding="utf-8") as file:
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
