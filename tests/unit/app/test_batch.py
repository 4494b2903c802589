"""Fitting many people: stored as they finish, failures listed, Ctrl-C without damage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.services.batch import fit_people
from app.services.fitting import FitRecipe, build_fit_job
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.whom_to_fit import choose_people
from db.records import PersonId
from db.store import Store
from fitting.body.pose_prior import load_prior_asset
from fitting.runners import InlineRunner
from fitting.spec import EftOptions, FitManyJob, Job, SmplifyOptions
from resources import default_prior
from tests.helpers.builders import build_project, people_of, person_keypoints

SHORT = EftOptions(max_iterations=3, stop_l2d=1e-12)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    people = [person_keypoints(0), person_keypoints(1, labelled=5), person_keypoints(2)]
    with build_project(tmp_path, people) as made:
        yield made


def test_everybody_with_six_keypoints_gets_a_fit(project: Project) -> None:
    chosen = choose_people(project, "unfitted")
    people, unfittable = list(chosen.people), list(chosen.unfittable)
    assert len(people) == 2
    done: list[int] = []
    report = fit_people(project, people, InlineRunner, options=SHORT, on_done=done.append)
    assert report.fitted == people
    assert report.failed == []
    assert done[-1] == 2
    view = load_person_view(project, people[0])
    assert view.state == "fitted"
    assert view.fit is not None
    assert view.fit.method == "eft"
    assert view.fit.revision_id == view.revision.id
    assert view.fit.trace.shape == (3, 5)
    assert view.fit.options["max_iterations"] == 3
    assert len(view.fit.body_hash) == len(view.fit.regressor_hash) == 64
    assert unfittable == [people_of(project)[1]] == list(choose_people(project, "all").unfittable)
    assert choose_people(project, "unfitted").people == ()


def test_people_who_cannot_be_fitted_are_listed_and_the_rest_goes_on(project: Project) -> None:
    everybody = people_of(project)
    report = fit_people(project, everybody, InlineRunner, options=SHORT)
    assert len(report.fitted) == 2
    assert [failure.person_id for failure in report.failed] == [everybody[1]]
    assert "at least 6" in report.failed[0].reason


def test_the_plain_regressor_is_a_method(project: Project) -> None:
    person = people_of(project)[0]
    fit_people(project, [person], InlineRunner, "regressor")
    view = load_person_view(project, person)
    assert view.fit is not None
    assert view.fit.method == "regressor"
    assert view.fit.stop_reason == "plain"
    assert np.array_equal(view.fit.rotations, view.fit.initial_rotations)


def test_ctrl_c_keeps_what_is_stored(project: Project) -> None:
    def interrupt(done: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    people = list(choose_people(project, "unfitted").people)
    report = fit_people(project, people, InlineRunner, options=SHORT, on_done=interrupt, ahead=1)
    assert report.cancelled
    assert report.fitted == people[:1]
    assert load_person_view(project, people[0]).state == "fitted"
    assert load_person_view(project, people[1]).state == "unfitted"


def test_a_job_belongs_to_the_keypoints_it_was_built_from(project: Project) -> None:
    person = people_of(project)[0]
    pending = build_fit_job(project, person)
    assert pending.revision_id == load_person_view(project, person).revision.id
    assert pending.job.image_size_px == (640, 480)
    assert pending.job.label == "person 1 of 001.jpg"


def test_a_person_taken_away_meanwhile_is_listed_and_the_rest_goes_on(project: Project) -> None:
    first, _, last = people_of(project)
    report = fit_people(project, [first, PersonId(999), last], InlineRunner, options=SHORT)
    assert report.fitted == [first, last]
    assert [failure.person_id for failure in report.failed] == [999]


def test_a_locked_project_costs_one_fit_and_the_rest_goes_on(project: Project) -> None:
    first, _, last = people_of(project)
    with (
        closing(sqlite3.connect(project.folder / "project.db", isolation_level=None)) as other,
        Project(project.folder, Store.open(project.folder / "project.db", busy_timeout_s=0.1)) as impatient,
    ):
        other.execute("BEGIN IMMEDIATE")

        def release(done: int) -> None:
            if done == 1 and other.in_transaction:
                other.execute("ROLLBACK")

        report = fit_people(impatient, [first, last], InlineRunner, options=SHORT, on_done=release, ahead=1)
    assert report.fitted == [last]
    assert "is locked by another program" in report.failed[0].reason


def test_smplify_takes_people_in_groups_and_tells_each_ones_trouble(project: Project) -> None:
    everybody = people_of(project)
    recipe = FitRecipe("smplify", smplify=SmplifyOptions(camera_iterations=3, body_iterations=3, stop_reprojection=0))
    submitted: list[Job] = []

    class Watched(InlineRunner):
        def submit(self, job: Job) -> None:
            submitted.append(job)
            super().submit(job)

    report = fit_people(project, everybody, Watched, recipe=recipe, ahead=1)
    assert report.fitted == [everybody[0], everybody[2]]
    assert [failure.person_id for failure in report.failed] == [everybody[1]]
    (job,) = submitted
    assert isinstance(job, FitManyJob)
    for person_id in report.fitted:
        fit = load_person_view(project, person_id).fit
        assert fit is not None
        assert fit.method == "smplify"
        assert fit.options["body_iterations"] == 3
        assert len(fit.trace) == 7
        assert fit.options["prior_sha256"] == load_prior_asset(default_prior()).sha256
