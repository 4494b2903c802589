"""An evaluation's jobs in this process: progress, a cancel that loses nothing, what a job's failure becomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.evaluation import EvaluationPlan, evaluate_methods, list_sources
from fitting.runners import InlineRunner
from fitting.spec import (
    OPEN_SMPLIFY,
    OPEN_SMPLIFY_FROM_MEAN,
    EftOptions,
    EvaluateJob,
    Job,
    SmplifyOptions,
    SyntheticSource,
)
from resources import default_body, default_regressor
from tests.helpers.evaluated import write_synthetic_set


@pytest.fixture
def plan(tmp_path: Path) -> EvaluationPlan:
    people = write_synthetic_set(tmp_path / "set")
    return EvaluationPlan(
        folder=tmp_path / "out",
        sources=list_sources(people, (7,), None),
        methods=("regressor", "eft"),
        body=default_body(),
        regressor=default_regressor(),
        options=EftOptions(max_iterations=2),
    )


def test_progress_adds_up_over_methods_and_sets(plan: EvaluationPlan) -> None:
    told: list[tuple[int, int]] = []
    outcome = evaluate_methods(plan, InlineRunner, lambda *counts: told.append(counts))
    assert told[-1] == (12, 12)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert outcome.report is not None
    assert outcome.failed == ()


def test_after_a_cancel_the_same_plan_goes_on(plan: EvaluationPlan) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 7:
            raise KeyboardInterrupt

    assert evaluate_methods(plan, InlineRunner, interrupt).report is None
    again = evaluate_methods(plan, InlineRunner)
    assert again.report is not None
    assert again.reused >= 2


def test_a_job_s_sentence_is_the_service_s(plan: EvaluationPlan) -> None:
    source = plan.sources[0]
    assert isinstance(source, SyntheticSource)
    (source.folder / "manifest.json").unlink()
    with pytest.raises(ServiceError, match=r"manifest\.json cannot be read"):
        evaluate_methods(plan, InlineRunner)


def test_smplify_is_measured_at_its_best_for_each_start(plan: EvaluationPlan) -> None:
    submitted: list[EvaluateJob] = []

    class Watched(InlineRunner):
        def submit(self, job: Job) -> None:
            if isinstance(job, EvaluateJob):
                submitted.append(job)
            super().submit(job)

    few = replace(plan, sources=plan.sources[:1], methods=("smplify", "smplify-mean"), limit=1)
    evaluate_methods(few, Watched)
    assert [job.smplify for job in submitted] == [OPEN_SMPLIFY, OPEN_SMPLIFY_FROM_MEAN]
    submitted.clear()
    asked = SmplifyOptions(camera_iterations=1, body_iterations=1)
    evaluate_methods(replace(few, smplify=asked), Watched)
    assert [job.smplify for job in submitted] == [asked, asked]
