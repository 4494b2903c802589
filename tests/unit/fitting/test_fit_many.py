"""People fitted at once: each as alone, and one person's trouble is no other's."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fitting.errors import JobError
from fitting.fit import run_fit_job, run_fit_many_job
from fitting.spec import FitJob, FitManyJob, FitResult, JobId, SmplifyOptions
from tests.helpers.fits import coco_keypoints, fit_job, standing_body

SHORT = SmplifyOptions(camera_iterations=15, body_iterations=15)


def person(seed: int) -> FitJob:
    return fit_job(coco_keypoints(standing_body(seed)), method="smplify", smplify=SHORT)


def test_each_is_fitted_as_alone() -> None:
    jobs = tuple(person(seed) for seed in range(3))
    together = run_fit_many_job(FitManyJob(JobId("all"), jobs)).results
    for job, result in zip(jobs, together, strict=True):
        alone = run_fit_job(job)
        assert isinstance(result, FitResult)
        assert result.job_id == job.job_id
        assert len(result.trace) == len(alone.trace)
        np.testing.assert_allclose(result.final.rotations, alone.final.rotations, atol=2e-3)
        assert result.final_losses.l2d == pytest.approx(alone.final_losses.l2d, rel=2e-2)
        assert result.options == SHORT


def test_one_persons_trouble_is_told_in_its_place() -> None:
    broken = dataclasses.replace(person(1), keypoints_px=np.full((49, 3), np.nan), label="person 2 of test.jpg")
    first, second, third = run_fit_many_job(FitManyJob(JobId("all"), (person(0), broken, person(2)))).results
    assert isinstance(first, FitResult)
    assert isinstance(third, FitResult)
    assert isinstance(second, str)
    assert second.startswith("person 2 of test.jpg: ")


def test_people_who_share_too_little_are_refused() -> None:
    other = dataclasses.replace(person(1), smplify=SmplifyOptions())
    for jobs in ((person(0), other), (fit_job(),), ()):
        with pytest.raises(JobError, match="at once"):
            run_fit_many_job(FitManyJob(JobId("all"), jobs))
