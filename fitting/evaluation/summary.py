"""From each person's figures to means, medians and paired differences of groups of people: the report as plain data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from fitting.evaluation.numbers import PersonNumbers
from fitting.evaluation.protocols import MANY_KEYPOINTS
from fitting.evaluation.scores import THREE_D
from fitting.evaluation.statistics import (
    CONFIDENCE,
    RESAMPLES,
    Difference,
    Estimate,
    Statistic,
    estimate,
    paired_difference,
)

FORMAT: Final = "exemplar-evaluation-report 1"
METHODS: Final = ("regressor", "eft", "smplify", "smplify-mean")
"""In the order of tables."""
FIGURES: Final[Mapping[str, Statistic]] = {
    **dict.fromkeys((*THREE_D, "error_px", "error_box", "pck_05", "pck_10"), "mean"),
    **dict.fromkeys(("l2d_start", "l2d"), "median"),
    "seconds": "mean",
}
"""What is told of a group: a mean, or a median where a few people would rule the mean."""
COMPARED: Final = ("mpjpe_mm", "pa_mm", "pve_mm", "pa_lsp_mm", "wrong_limbs", "error_box", "pck_10", "l2d")
PAIRS: Final = (("eft", "regressor"), ("eft", "smplify"), ("eft", "smplify-mean"), ("smplify", "regressor"))
KEYPOINT_BINS: Final = ((3, 5), (6, 8), (9, 11), (12, 14), (15, 17))
"""Numbers of labelled keypoints that are told apart in the plot."""

_Mask = NDArray[np.bool_]
_GROUPS: Final[Mapping[str, Callable[[PersonNumbers], _Mask]]] = {
    "all": lambda numbers: np.ones(len(numbers), dtype=bool),
    f"at least {MANY_KEYPOINTS} of 17 keypoints": lambda numbers: _labelled(numbers) >= MANY_KEYPOINTS,
    f"fewer than {MANY_KEYPOINTS} keypoints": lambda numbers: _labelled(numbers) < MANY_KEYPOINTS,
    "occluded": lambda numbers: _tagged(numbers, "occluded"),
    "truncated": lambda numbers: _tagged(numbers, "truncated"),
    "rare poses": lambda numbers: _tagged(numbers, "rare"),
    **{
        f"{low} to {high} keypoints": lambda numbers, low=low, high=high: (  # type: ignore[misc]
            (_labelled(numbers) >= low) & (_labelled(numbers) <= high)
        )
        for low, high in KEYPOINT_BINS
    },
}
MAIN_GROUPS: Final = tuple(_GROUPS)[:6]


def summarise(files: Sequence[PersonNumbers], seed: int) -> dict[str, Any]:
    """The report of some files of results, which are of the same body and regressor.

    Raises:
        AssetError: They are not.
    """
    if not files:
        raise AssetError("There are no results to report; evaluate at least one method.")
    first = files[0].about
    shared = ("code_version", "code_sha256", "body", "body_sha256", "regressor", "regressor_sha256")
    for numbers in files:
        different = [key for key in shared if numbers.about[key] != first[key]]
        if different:
            raise AssetError(f"Results of different kinds ({different[0]}) cannot be reported together; choose others.")
    names = list(dict.fromkeys(numbers.about["set"] for numbers in files))
    return {
        "format": FORMAT,
        "confidence": CONFIDENCE,
        "resamples": RESAMPLES,
        "seed": seed,
        **{key: first[key] for key in shared},
        "sets": {name: _summarise_set([each for each in files if each.about["set"] == name], seed) for name in names},
    }


def _summarise_set(files: Sequence[PersonNumbers], seed: int) -> dict[str, Any]:
    if len({numbers.about["set_sha256"] for numbers in files}) > 1:
        raise AssetError(f"Results on different sets are both named '{files[0].about['set']}'; choose those of one.")
    methods = {name: numbers for name in METHODS for numbers in files if numbers.about["method"] == name}
    groups = {}
    for group, choose in _GROUPS.items():
        masks = {name: choose(numbers) for name, numbers in methods.items()}
        people = max(int(mask.sum()) for mask in masks.values())
        if people:
            groups[group] = {"people": people} | _summarise_group(methods, masks, seed)
    return {
        "sha256": files[0].about["set_sha256"],
        "people": max(len(numbers) for numbers in files),
        "methods": {name: _describe(numbers) for name, numbers in methods.items()},
        "groups": groups,
    }


def _describe(numbers: PersonNumbers) -> dict[str, Any]:
    options = {key: numbers.about[key] for key in ("eft", "smplify", "prior_sha256", "yaws") if key in numbers.about}
    return {
        "people": len(numbers),
        "fitted": int((numbers.people["failure"] == "").sum()),
        "too_few_keypoints": numbers.too_few,
        "failed": [{"person": label, "reason": why} for label, why in numbers.failures],
        "options": options,
    }


def _summarise_group(methods: Mapping[str, PersonNumbers], masks: Mapping[str, _Mask], seed: int) -> dict[str, Any]:
    told: dict[str, Any] = {"methods": {}, "differences": {}}
    for name, numbers in methods.items():
        figures = {
            figure: estimate(numbers.columns[figure][masks[name]], statistic, seed)
            for figure, statistic in FIGURES.items()
        }
        figures["pck_10_joints"] = _pooled(numbers, "pck_10", masks[name])
        told["methods"][name] = {figure: _plain(found) for figure, found in figures.items() if found.count}
    for first, second in PAIRS:
        if first in methods and second in methods:
            found = dict(_compare(methods, masks, first, second, seed))
            told["differences"][f"{first} - {second}"] = {
                figure: _plain(difference.mean) | {"first_smaller": difference.first_smaller}
                for figure, difference in found.items()
                if difference.mean.count
            }
    return told


def _pooled(numbers: PersonNumbers, figure: str, mask: _Mask) -> Estimate:
    """A share of labelled joints over all people together, which counts people by their joints; no interval."""
    shares, joints = numbers.columns[figure][mask], _labelled(numbers)[mask]
    known = np.isfinite(shares)
    if not known.any():
        return Estimate(math.nan, math.nan, math.nan, 0)
    value = float(np.average(shares[known], weights=joints[known]))
    return Estimate(value, math.nan, math.nan, int(known.sum()))


def _compare(
    methods: Mapping[str, PersonNumbers], masks: Mapping[str, _Mask], first: str, second: str, seed: int
) -> Iterator[tuple[str, Difference]]:
    """Differences on the people both methods have; a run with a limit has fewer than a whole one."""
    count = min(len(methods[first]), len(methods[second]))
    if not (methods[first].people["id"][:count] == methods[second].people["id"][:count]).all():
        raise AssetError(f"The results of {first} and {second} are of different people; evaluate both again.")
    rows = masks[first][:count]
    for figure in COMPARED:
        left, right = (methods[name].columns[figure][:count][rows] for name in (first, second))
        yield figure, paired_difference(left, right, seed)


def _plain(found: Estimate) -> dict[str, float | int | None]:
    """As JSON has it: what is not known is null."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in dataclasses.asdict(found).items()
    }


def _labelled(numbers: PersonNumbers) -> NDArray[np.int64]:
    labelled: NDArray[np.int64] = numbers.people["labelled"]
    return labelled


def _tagged(numbers: PersonNumbers, tag: str) -> _Mask:
    return np.array([tag in str(tags).split() for tags in numbers.people["tags"]], dtype=bool)
