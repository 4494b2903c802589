"""What a reader of fits yields, looked at in tests; and fits of the kind that EFT's formats hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from db.formats.base import ImportProblem
from db.formats.fits import FitRecord, FitSample
from tests.helpers.fit_samples import make_fit_sample


def make_sample(seed: int = 0, **changes: Any) -> FitSample:
    """A neutral body in a picture without folders: ``annotation 4 of 000000000003.jpg`` for seed 3."""
    of_eft = {"image_name": f"{seed:012d}.jpg", "annotation_id": seed + 1, "subject_id": None, "gender": "neutral"}
    return make_fit_sample(seed, **(of_eft | changes))


def only_samples(records: Iterable[FitRecord]) -> list[FitSample]:
    """The samples of a reader that has nothing to complain about."""
    found = list(records)
    assert not [str(record) for record in found if isinstance(record, ImportProblem)]
    return [record for record in found if isinstance(record, FitSample)]


def only_problem(records: Iterable[FitRecord]) -> str:
    """The one problem of a reader that finds nothing else."""
    (problem,) = records
    assert isinstance(problem, ImportProblem), problem
    return str(problem)
