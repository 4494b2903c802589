"""One method on one set, person after person, resumable: what ``EvaluateJob`` does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from fitting import CODE_VERSION
from fitting.body.assets import load_body_asset
from fitting.body.model import load_body
from fitting.body.pose_prior import load_prior_asset
from fitting.evaluation.methods import YAWS, fit_group, group_size
from fitting.evaluation.numbers import (
    FORMAT,
    PersonNumbers,
    build_numbers,
    numbers_path,
    read_numbers,
    write_numbers,
)
from fitting.evaluation.people_sets import LEAST_KEYPOINTS, EvaluatedPerson, PeopleSet
from fitting.evaluation.photographs import read_photographs
from fitting.evaluation.provenance import hash_code
from fitting.evaluation.scores import COLUMNS, Numbers, score
from fitting.evaluation.testset import read_synthetic
from fitting.evaluation.truncation import truncate
from fitting.regressor.loading import load_regressor
from fitting.spec import EvaluateJob, EvaluateResult, FitResult, SyntheticSource
from resources import default_prior

SAVED_EVERY: Final = 48
"""People between two savings: what an interruption costs at most."""


def run_evaluate_job(
    job: EvaluateJob,
    on_done: Callable[[int, int], None] = lambda done, total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> EvaluateResult:
    """Fit everybody of the set who is not in the file of results yet.

    Raises:
        AssetError: Set, body, regressor or prior cannot be read, or the results cannot be written.
        FitCancelled: ``is_cancelled`` said so; what was saved stays.
    """
    people_set = read_set(job)
    people = people_set.people[: job.limit]
    about = describe(job, people_set)
    path = numbers_path(job.folder, about)
    numbers = read_numbers(path) if path.exists() else build_numbers(about, (), (), _no_columns(0), ())
    reused = len(numbers) >= len(people)
    on_done(min(len(numbers), len(people)), len(people))
    while len(numbers) < len(people):
        batch = people[len(numbers) : len(numbers) + SAVED_EVERY]
        on_some = partial(_tell, on_done, len(numbers), len(people))
        numbers = numbers.then(_evaluate(job, about, batch, on_some, is_cancelled))
        write_numbers(path, numbers)
    return EvaluateResult(job.job_id, path, len(people), tuple(numbers.first(len(people)).failures), reused)


def _tell(on_done: Callable[[int, int], None], before: int, total: int, done: int) -> None:
    on_done(before + done, total)


def read_set(job: EvaluateJob) -> PeopleSet:
    """People of a job's source.

    Raises:
        AssetError: The set, the body or the regressor cannot be read.
    """
    uses_picture = load_regressor(job.regressor, job.camera).uses_picture
    if isinstance(job.source, SyntheticSource):
        return _read_synthetic(job.source.folder, job.source.level, job.body)
    return read_photographs(job.source.annotations, job.source.images, with_pictures=uses_picture)


def describe(job: EvaluateJob, people_set: PeopleSet) -> dict[str, Any]:
    """Everything that could change a figure, as plain data; its hash names the file of results."""
    regressor = load_regressor(job.regressor, job.camera)
    about: dict[str, Any] = {
        "format": FORMAT,
        "code_version": CODE_VERSION,
        "code_sha256": hash_code(),
        "set": people_set.name,
        "set_sha256": people_set.sha256,
        "method": job.method,
        "body": load_body_asset(job.body).name,
        "body_sha256": load_body_asset(job.body).sha256,
        "regressor": regressor.card.name,
        "regressor_sha256": regressor.sha256,
        "camera": job.camera,
        "least_keypoints": LEAST_KEYPOINTS,
        "eft": dataclasses.asdict(job.options),
    }
    if job.method == "eft":
        card = regressor.card
        about["card"] = [card.learning_rate, card.max_iterations, card.stop_l2d, card.keep, card.crop]
    if job.method.startswith("smplify"):
        about["smplify"] = dataclasses.asdict(job.smplify)
        about["prior_sha256"] = load_prior_asset(job.prior or default_prior()).sha256
    if job.method == "smplify-mean":
        about["yaws"] = list(YAWS)
    return about


def _evaluate(
    job: EvaluateJob,
    about: dict[str, Any],
    people: Sequence[EvaluatedPerson],
    on_done: Callable[[int], None],
    is_cancelled: Callable[[], bool],
) -> PersonNumbers:
    outcomes: list[FitResult | str] = []
    size = group_size(job)
    for first in range(0, len(people), size):
        outcomes += fit_group(job, people[first : first + size], is_cancelled)
        on_done(len(outcomes))
    fits = {row: outcome for row, outcome in enumerate(outcomes) if isinstance(outcome, FitResult)}
    columns = _no_columns(len(people))
    if fits:
        found = score([people[row] for row in fits], list(fits.values()), load_body(job.body))
        for name, values in found.items():
            columns[name][list(fits)] = values
    failures = [outcome if isinstance(outcome, str) else "" for outcome in outcomes]
    bodies = [outcome.final if isinstance(outcome, FitResult) else None for outcome in outcomes]
    return build_numbers(about, people, failures, columns, bodies)


def _no_columns(count: int) -> Numbers:
    return {name: np.full(count, np.nan) for name in COLUMNS}


@lru_cache(maxsize=4)
def _read_synthetic(folder: Path, level: int | None, body: Path) -> PeopleSet:
    """Hashing and projecting 500 people takes seconds, and every method of a run asks."""
    if level is not None:
        return truncate(_read_synthetic(folder, None, body), level, load_body(body))
    return read_synthetic(folder, load_body_asset(body).sha256)
