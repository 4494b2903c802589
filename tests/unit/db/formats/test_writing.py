"""A file that says something else afterwards is found out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitSample
from db.formats.parts.writing import check_read_back, find_difference
from tests.helpers.fit_records import make_sample

HELD = [name for name in FitSample.__dataclass_fields__ if name != "item"]
SAMPLE = make_sample(0)
START = SAMPLE.initial
assert START is not None


def test_what_agrees_to_a_millionth_is_the_same() -> None:
    near = replace(SAMPLE, betas=SAMPLE.betas + 5e-7, item="elsewhere")
    check_read_back(Path("fits"), [SAMPLE], [near], HELD)
    check_read_back(Path("fits"), [replace(SAMPLE, annotation_id=0)], [replace(SAMPLE, annotation_id=None)], HELD)
    assert find_difference(SAMPLE, replace(SAMPLE, betas=SAMPLE.betas + 2e-6), ["betas"]) == "betas"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"image_name": "2.jpg"}, "image_name"),
        ({"camera": None}, "camera"),
        ({"keypoints_px": np.zeros((49, 3))}, "keypoints_px"),
        ({"keypoints_px": np.full((49, 3), np.nan)}, "keypoints_px"),
        ({"gender": "male"}, "gender"),
        ({"l2d": 0.5}, "l2d"),
        ({"iterations": 8}, "iterations"),
        ({"image_size_px": (480, 640)}, "image_size_px"),
        ({"initial": None}, "initial"),
        ({"initial": replace(START, l2d=0.5)}, "initial"),
    ],
)
def test_another_field_is_named(changes: dict[str, Any], field: str) -> None:
    message = rf"out/fits did not read back as it was written \(annotation 1 of 0+\.jpg: {field} is another\)"
    with pytest.raises(FormatError, match=message):
        check_read_back(Path("out/fits"), [SAMPLE], [replace(SAMPLE, **changes)], HELD)


def test_problems_and_counts_are_told() -> None:
    with pytest.raises(FormatError, match=r"\(row 3: broken\); check the disk and export again"):
        check_read_back(Path("fits"), [SAMPLE], [ImportProblem("row 3", "broken")], HELD)
    for read in ([], [SAMPLE, SAMPLE]):
        with pytest.raises(FormatError, match="the number of fits is another"):
            check_read_back(Path("fits"), [SAMPLE], read, HELD)
