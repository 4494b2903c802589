"""The verdicts of the filters agree with the filters, and name the limits that are exceeded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services.filter_verdicts import JUDGED_BY, judge_fit
from app.services.filters import passes
from app.services.person_view import load_person_view
from app.services.project import Project
from db.records import FitRecord, KeypointRevision
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, [person_keypoints(0), person_keypoints(1, labelled=14)]) as project:
        yield project


def fit_of(project: Project, number: int, **changes: object) -> tuple[FitRecord, KeypointRevision]:
    person_id = people_of(project)[number]
    fit = add_fit(project, person_id, **changes)  # type: ignore[arg-type]
    return fit, load_person_view(project, person_id).revision


@pytest.mark.parametrize("l2d", [2.9e-4, 3e-4, 4.9e-4, 5.1e-4, 9e-4, 1.1e-3, 9e-3, float("nan")])
@pytest.mark.parametrize("beta", [0.9, 1.1, -3.1])
@pytest.mark.parametrize("number", [0, 1])
def test_verdicts_are_those_of_the_filters(project: Project, l2d: float, beta: float, number: int) -> None:
    fit, revision = fit_of(project, number, l2d=1e-4)
    fit = dataclasses.replace(fit, l2d=l2d, l2d_initial=0.035, betas=np.full(10, beta))
    verdicts = judge_fit(fit, revision)
    expected = passes(fit, revision)
    assert {verdict.name: verdict.passed for verdict in verdicts} == {name: expected[name] for name in JUDGED_BY}


def test_every_limit_that_is_exceeded_is_named(project: Project) -> None:
    fit, revision = fit_of(project, 1, l2d=6e-4, l2d_initial=0.05, betas=np.full(10, 2.0))
    export, normal, strict = judge_fit(fit, revision)
    limbs = "9 of the 12 limb joints labelled"
    assert export.reason == "Fails the filter 'export': L2d 0.0006 (at most 0.0005)."
    assert normal.reason == f"Fails the filter 'normal': initial L2d 0.05 (at most 0.03); {limbs}."
    assert strict.reason == (
        "Fails the filter 'strict': L2d 0.0006 (at most 0.0003); initial L2d 0.05 (at most 0.04);"
        f" max |β| 2 (at most 1); {limbs}."
    )


def test_what_is_kept_is_told_of_a_fit_that_passes(project: Project) -> None:
    fit, revision = fit_of(project, 0, l2d=1e-4, betas=np.full(10, 0.5))
    assert judge_fit(fit, revision)[0].reason == (
        "Passes the filter 'export': L2d 0.0001 (at most 0.0005); max |β| 0.5 (at most 3)."
    )


def test_fits_to_other_keypoints_are_not_judged(project: Project) -> None:
    fit, _ = fit_of(project, 0)
    _, others = fit_of(project, 1)
    assert {verdict.passed for verdict in judge_fit(fit, others)} == {None}
    assert "keypoints have changed" in judge_fit(fit, others)[0].reason
