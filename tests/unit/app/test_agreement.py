"""OKS against the formula of the COCO evaluation as pycocotools writes it, PCK, kappa."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from app.services.agreement import (
    COCO,
    SIGMAS,
    correct_joints,
    find_kappa,
    find_oks,
    joint_similarities,
    to_coco,
)
from resources.skeleton import get_skeleton

# pycocotools.cocoeval.Params.setKpParams, copied by hand: twenty-sixths of a thousandth would not be noticed otherwise.
KPT_OKS_SIGMAS = [.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89]  # fmt: skip


def oks_of_pycocotools(detected: list[float], truth: list[float], area: float) -> float:
    """``COCOeval.computeOks`` for one pair, in plain Python."""
    exponents = []
    for joint, sigma in enumerate(KPT_OKS_SIGMAS):
        xg, yg, vg = truth[3 * joint : 3 * joint + 3]
        xd, yd = detected[3 * joint], detected[3 * joint + 1]
        variance = (2 * sigma / 10.0) ** 2
        if vg > 0:
            exponents.append(((xd - xg) ** 2 + (yd - yg) ** 2) / variance / (area + 2.220446049250313e-16) / 2)
    return sum(math.exp(-exponent) for exponent in exponents) / len(exponents)


def case(seed: int, spread_px: float, hidden: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    rng = np.random.default_rng(seed)
    truth = np.column_stack([rng.uniform(0, 640, (17, 2)), rng.integers(1, 3, 17)])
    truth[rng.permutation(17)[:hidden], 2] = 0
    found = truth.copy()
    found[:, :2] += rng.normal(0, spread_px, (17, 2))
    found[:, 2] = rng.integers(1, 3, 17)
    return found, truth, float(rng.uniform(400, 90_000))


CASES = [
    (0, 0.0, 0), (1, 1.0, 0), (2, 3.0, 2), (3, 10.0, 5), (4, 30.0, 0),
    (5, 100.0, 8), (6, 2.0, 16), (7, 5.0, 10), (8, 0.1, 3), (9, 500.0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "spread_px", "hidden"), CASES)
def test_oks_is_coco_s(seed: int, spread_px: float, hidden: int) -> None:
    found, truth, area = case(seed, spread_px, hidden)
    expected = oks_of_pycocotools(found.ravel().tolist(), truth.ravel().tolist(), area)
    assert find_oks(found, truth, area) == pytest.approx(expected, abs=1e-9)


def test_oks_of_a_case_worked_by_hand() -> None:
    # A wrist of sigma 0.062 that is 12.4 px off in an area of 10,000 px^2: 12.4 = 100 x 2 sigma, so exp(-1/2).
    truth = np.zeros((17, 3))
    truth[COCO.index("left_wrist")] = (50, 50, 2)
    truth[COCO.index("nose")] = (10, 10, 2)
    found = truth.copy()
    found[COCO.index("left_wrist"), 0] += 12.4
    assert find_oks(found, truth, 10_000.0) == pytest.approx((math.exp(-0.5) + 1) / 2, abs=1e-9)


def test_the_sigmas_are_coco_s() -> None:
    assert SIGMAS.tolist() == pytest.approx([sigma / 10 for sigma in KPT_OKS_SIGMAS], abs=1e-15)


def test_a_joint_left_without_a_label_is_wrong_wherever_it_lies() -> None:
    _, truth, area = case(1, 0.0, 0)
    found = truth.copy()
    found[3, 2] = 0
    assert joint_similarities(found, truth, area)[3] == 0
    assert find_oks(found, truth, area) == pytest.approx(16 / 17)
    assert correct_joints(found, truth, 100.0)[3] == 0


def test_joints_without_truth_say_nothing() -> None:
    found, truth, area = case(2, 1.0, 17)
    assert find_oks(found, truth, area) is None
    assert np.isnan(joint_similarities(found, truth, area)).all()
    assert np.isnan(correct_joints(found, truth, 100.0)).all()


def test_a_joint_is_right_up_to_its_share_of_the_box() -> None:
    truth = np.tile([100.0, 100.0, 2.0], (17, 1))
    found = truth.copy()
    found[0, 0] += 10.0
    found[1, 1] -= 10.01
    found[2, :2] += (6.0, 8.0)
    assert correct_joints(found, truth, 200.0, 0.05)[:3].tolist() == [1, 0, 1]
    assert correct_joints(found, truth, 200.0, 0.02)[:4].tolist() == [0, 0, 0, 1]


def test_other_layouts_are_compared_by_name() -> None:
    lsp = get_skeleton("lsp14")
    keypoints = np.column_stack([np.arange(28.0).reshape(14, 2), np.full(14, 2.0)])
    found = to_coco(keypoints, "lsp14")
    assert found[COCO.index("left_wrist")].tolist() == keypoints[lsp.index("left_wrist")].tolist()
    assert found[COCO.index("left_ear"), 2] == 0


@pytest.mark.parametrize(
    ("given", "expected", "kappa"),
    [
        # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: Cohen's own kind of table, 0.4 by hand.
        (["a"] * 25 + ["r"] * 25, ["a"] * 20 + ["r"] * 5 + ["a"] * 10 + ["r"] * 15, 0.4),
        (["a", "r"], ["a", "r"], 1.0),
        (["a", "r"], ["r", "a"], -1.0),
        (["a", "a"], ["a", "a"], None),
        ([], [], None),
    ],
)
def test_kappa(given: list[str], expected: list[str], kappa: float | None) -> None:
    assert find_kappa(given, expected) == (None if kappa is None else pytest.approx(kappa))
