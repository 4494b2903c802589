"""The study of depth hints: its table by hand, and a file that goes on or is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from fitting.errors import AssetError
from fitting.evaluation.hints import HintedLimb, build_plan, build_table, read_study, run_study, try_hints
from fitting.evaluation.run import read_set
from resources import held_out_people

LIMB = HintedLimb(7, "left_forearm", True, 5, 1, 80.0, 60.0, 2e-5, 1e-5, 25)


def test_a_table_counts_limbs_of_both_sides_together() -> None:
    limbs = [
        LIMB,
        dataclasses.replace(LIMB, limb="right_forearm", repaired=False, broken=0, pa_after_mm=90.0),
        dataclasses.replace(LIMB, limb="left_thigh", broken=0, pa_after_mm=70.0),
    ]
    _, _, everybody, forearm, thigh = build_table(limbs)
    assert everybody.startswith("| all | 3 | 2 (66.7%) | 1 of 15 (6.7%) | 80.0 | 73.3 | -6.7 (")
    assert forearm.startswith("| forearm | 2 | 1 (50.0%) | 1 of 10 (10.0%) | 80.0 | 75.0 | -5.0 (")
    assert thigh.startswith("| thigh | 1 | 1 (100.0%) | 0 of 5 (0.0%) |")


def test_a_study_goes_on_where_it_was_and_refuses_another(tmp_path: Path) -> None:
    rows, job = tmp_path / "rows.jsonl", build_plan("smplify", held_out_people())
    run_study(job, rows, people=0, seed=3)
    about, seen, hinted = read_study(rows)
    assert (about["seed"], about["method"], seen, hinted) == (3, "smplify", 0, [])
    row = {"person": 7, "hints": [dataclasses.asdict(LIMB)]}
    rows.write_text(rows.read_text() + json.dumps(row) + "\n")
    run_study(job, rows, people=1, seed=3)  # that one is there
    assert read_study(rows)[1:] == (1, [LIMB])
    with pytest.raises(AssetError, match="of other weights, options or code"):
        run_study(job, rows, people=1, seed=4)
    rows.write_text("{")
    with pytest.raises(AssetError, match="holds no study of hints"):
        run_study(job, rows, people=1, seed=3)


def test_only_people_with_a_wrong_way_limb_are_hinted_and_smplify_repairs_it() -> None:
    job = build_plan("smplify", held_out_people())
    people = {person.person_id: person for person in read_set(job).people}
    (found,) = try_hints(job, [people[120]])
    assert isinstance(found, list)
    assert [limb.limb for limb in found] == ["right_upper_arm", "right_lower_leg"]
    assert all(limb.repaired for limb in found)
