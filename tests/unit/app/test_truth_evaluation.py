"""Fits against the truth that came with a dataset: protocols, genders, and whom not to measure."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.services.errors import ServiceError
from app.services.gendered_bodies import find_gendered_bodies
from app.services.importing import import_dataset
from app.services.importing_fits import import_fits
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection
from app.services.truth_evaluation import evaluate_on_truth
from db.records import TruthRecord
from fitting.body.model import load_body
from fitting.runners import InlineRunner
from fitting.spec import BodyFit
from resources import default_body, held_out_people
from tests.helpers.builders import add_fit, people_of
from tests.helpers.known_people import PEOPLE, SLOTS, distance_mm, list_poses, pa_mm, read_truth, regress, write_dataset


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project") as made:
        yield made


def import_people(project: Project, source: Path, name: str = "h36m") -> None:
    report = import_dataset(project, name, source, held_out_people())
    assert (report.people.new, report.problem_count) == (PEOPLE, 0)


def add_fits(project: Project, turn: float = 0.2) -> list[tuple[np.ndarray, np.ndarray]]:
    """A fit of everybody, their true pose with a knee bent further."""
    truth, made = read_truth(), []
    for person, rotations, betas in zip(people_of(project), truth["rotations"], truth["betas"], strict=True):
        bent = rotations.astype(np.float64)
        bent[4] = bent[4] @ [[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]]
        fit = add_fit(project, person, rotations=bent, betas=betas.astype(np.float64))
        made.append((fit.rotations, fit.betas))
    return made


def evaluate(project: Project, folder: Path, method: str | None = None, **options: Any) -> dict[str, Any]:
    selection = EVERYTHING if method is None else Selection(method=method)
    return dict(evaluate_on_truth(project, folder, selection, make_runner=InlineRunner, **options).content)


def test_a_true_body_needs_one_of_its_gender(project: Project, tmp_path: Path) -> None:
    changes = {
        "S": None,
        "pose": list_poses(),
        "shape": read_truth()["betas"],
        "gender": np.array(["m", "f", "f", "n"]),
    }
    import_people(project, write_dataset(tmp_path / "pw.npz", **changes), "3dpw")
    fits = add_fits(project)
    told = evaluate(project, tmp_path / "out")
    assert told["measured"] == told["datasets"]["pw.npz"]["mesh"]["people"] == 1
    assert told["left_out"] == {
        "its true mesh is that of a male body, which is not at hand; nothing stood in for it": 1,
        "its true mesh is that of a female body, which is not at hand; nothing stood in for it": 2,
    }
    told = evaluate(project, tmp_path / "out", male=default_body(), female=default_body())
    figures = told["datasets"]["pw.npz"]["mesh"]
    truth = read_truth()
    errors = [
        pa_mm(regress(rotations, betas)[:14], regress(true, truth["betas"][row])[:14])
        for row, ((rotations, betas), true) in enumerate(zip(fits, truth["rotations"], strict=True))
    ]
    assert (figures["people"], told["left_out"]) == (PEOPLE, {})
    assert figures["pa_mm"]["value"] == pytest.approx(np.mean(errors), abs=1e-3)
    assert min(errors) > 1


def test_joints_of_the_skeleton_stand_in_for_a_body_that_is_not_at_hand(project: Project, tmp_path: Path) -> None:
    import_people(project, write_dataset(tmp_path / "people.npz", S=None, pose=None), "spin-npz")
    fits, joints = add_fits(project), np.zeros((24, 4))
    truth = read_truth()
    joints[:, :3] = smpl_joints(truth["rotations"][0], truth["betas"][0]) + np.array([1.0, 2.0, 3.0])
    joints[:, 3] = 1
    record = TruthRecord(
        people_of(project)[0], "pw.pkl", "smpl24", joints, truth["rotations"][0].astype(float), np.ones(10), "female"
    )
    with project.store.change("Truth", undoable=False) as change:
        change.truth.add_many([record])
    told = evaluate(project, tmp_path / "out")
    figures = told["datasets"]["pw.pkl"]["smpl-joints"]
    fourteen = [0, 1, 2, 4, 5, 7, 8, 12, 16, 17, 18, 19, 20, 21]
    found = smpl_joints(*fits[0])
    expected = distance_mm((found - found[0])[fourteen], (joints[:, :3] - joints[0, :3])[fourteen])
    assert figures["mpjpe_mm"]["value"] == pytest.approx(expected, abs=1e-3)
    assert list(told["notes"]) == [
        "its true mesh is that of a female body, which is not at hand; its joints stood in for it"
    ]


def smpl_joints(rotations: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Joints of the skeleton, chained by hand."""
    with np.load(default_body()) as body:
        shaped = body["v_template"].astype(float) + body["shapedirs"].astype(float) @ np.asarray(betas, dtype=float)
        rest = body["J_regressor"].astype(float) @ shaped
        parents = body["kintree_table"][0]
    turned, placed = [np.asarray(rotations[0], dtype=float)], [rest[0]]
    for joint in range(1, 24):
        parent = int(parents[joint])
        placed.append(placed[parent] + turned[parent] @ (rest[joint] - rest[parent]))
        turned.append(turned[parent] @ rotations[joint])
    return np.array(placed)


def test_a_body_without_the_regressor_is_measured_by_its_own_joints(project: Project, tmp_path: Path) -> None:
    with np.load(default_body()) as arrays:
        bare = {key: arrays[key] for key in arrays.files if key != "J_regressor_h36m"}
    np.savez(tmp_path / "bare.npz", **bare)
    project.body = tmp_path / "bare.npz"
    import_people(project, write_dataset(tmp_path / "h36m.npz"))
    (rotations, betas), *_ = add_fits(project)
    told = evaluate(project, tmp_path / "out")
    assert list(told["datasets"]["h36m.npz"]) == ["body-joints"]
    assert "for want of J_regressor_h36m" in told["protocols"]["body-joints"]
    joints = load_body(default_body()).joints_of(BodyFit(rotations, betas, np.zeros(3))).astype(float)[25:][SLOTS]
    true = regress(read_truth()["rotations"][0], read_truth()["betas"][0])
    with (tmp_path / "out" / "truth.csv").open() as file:
        row = next(csv.DictReader(file))
    assert float(row["pa_mm"]) == pytest.approx(pa_mm(joints[:14], true[:14]), abs=1e-3)


@pytest.mark.parametrize("unknown", [[14], [13, 18, 6], [14, 2, 3]])
def test_some_joints_are_measured_apart(project: Project, tmp_path: Path, unknown: list[int]) -> None:
    joints = np.zeros((PEOPLE, 24, 4))
    for row in range(PEOPLE):
        joints[row, SLOTS, :3] = regress(read_truth()["rotations"][row], read_truth()["betas"][row])
        joints[row, SLOTS, 2] += 4
    joints[:, SLOTS, 3] = 1
    joints[:, unknown, 3] = 0
    import_people(project, write_dataset(tmp_path / "h36m.npz", S=joints))
    (rotations, betas), *_ = add_fits(project)
    told = evaluate(project, tmp_path / "out")
    assert list(told["datasets"]["h36m.npz"]) == ["some-joints"]
    known = [place for place, slot in enumerate(SLOTS) if slot not in unknown]
    found, true = regress(rotations, betas), joints[0, SLOTS, :3]
    root = [14] if 14 not in unknown else [2, 3] if 2 not in unknown else known
    expected = distance_mm((found - found[root].mean(0))[known], (true - true[root].mean(0))[known])
    with (tmp_path / "out" / "truth.csv").open() as file:
        row = next(csv.DictReader(file))
    assert (int(row["joints"]), float(row["mpjpe_mm"])) == (len(known), pytest.approx(expected, abs=1e-3))


def test_nobody_is_measured_by_what_the_fit_came_from(project: Project, tmp_path: Path) -> None:
    poses, betas = list_poses(), read_truth()["betas"]
    source = write_dataset(tmp_path / "all.npz", pose=poses, shape=betas)
    import_people(project, source)
    other = write_dataset(tmp_path / "other.npz", pose=poses, shape=betas)
    for file, label, reason in (
        (source, "same file", "the fit came from the file of the truth"),
        (other, "same body", "the fit is the truth"),
    ):
        assert import_fits(project, "spin-npz", file, method=label, make_runner=InlineRunner).fits["new"] == PEOPLE
        told = evaluate(project, tmp_path / "out", label)
        assert (told["measured"], told["left_out"], told["datasets"]) == (0, {reason: PEOPLE}, {})
    poses[:, 3:6] += 0.3
    moved = write_dataset(tmp_path / "moved.npz", pose=poses, shape=betas)
    import_fits(project, "spin-npz", moved, method="moved", make_runner=InlineRunner)
    told = evaluate(project, tmp_path / "out", "moved")
    assert (told["measured"], told["left_out"]) == (PEOPLE, {})


def test_people_without_a_fit_are_counted(project: Project, tmp_path: Path) -> None:
    import_people(project, write_dataset(tmp_path / "h36m.npz"))
    add_fit(project, people_of(project)[2])
    told = evaluate(project, tmp_path / "out")
    assert (told["people_with_truth"], told["measured"]) == (PEOPLE, 1)
    assert told["left_out"] == {"no such fit": PEOPLE - 1}
    figures = told["datasets"]["h36m.npz"]["joints"]["pa_mm"]
    assert (figures["count"], figures["low"]) == (1, None)


def test_a_project_without_truth_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="Nobody in this project has 3D truth; import a dataset that brings it"):
        evaluate(project, tmp_path / "out")


def test_bodies_beside_the_projects_own_are_found(tmp_path: Path) -> None:
    body = tmp_path / "SMPL_NEUTRAL.npz"
    for name in ("SMPL_MALE.pkl", "SMPL_MALE.npz", "basicModel_f_lbs_10_207_0_v1.0.0.pkl", "SMPL_NEUTRAL.npz"):
        shutil.copy(default_body(), tmp_path / name)
    assert find_gendered_bodies(body) == {
        "male": tmp_path / "SMPL_MALE.npz",
        "female": tmp_path / "basicModel_f_lbs_10_207_0_v1.0.0.pkl",
    }
    assert find_gendered_bodies(body, male=default_body())["male"] == default_body()
    assert find_gendered_bodies(default_body()) == {}
