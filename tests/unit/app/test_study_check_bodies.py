"""Good and bad bodies of trials with a known answer: anybody can tell, and no method's look goes with the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from app.services.blocking import BlockingJobs
from app.services.project import Project
from app.services.study.cameras import lay_bodies, lay_subject
from app.services.study.check_bodies import FARTHER, TIMES_WORSE, choose_check_bodies
from app.services.study.subjects import Subject, load_subjects
from app.study.plan import BAD, GOOD
from fitting.runners import InlineRunner
from resources.skeleton import get_skeleton
from tests.helpers.study_projects import build_duel, describe_people

PEOPLE = 8


@pytest.fixture(scope="module")
def jobs() -> Iterator[BlockingJobs]:
    with BlockingJobs(InlineRunner) as running:
        yield running


@pytest.fixture(scope="module", params=(0.1, 0.8), ids=("all stand alike", "all poses"))
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _ = build_duel(tmp_path_factory.mktemp("checks"), PEOPLE, seed=11, bend=request.param)
    with made:
        yield made


@pytest.fixture
def checks(project: Project, jobs: BlockingJobs) -> list[Subject]:
    chosen = choose_check_bodies(jobs, project.body, load_subjects(project, describe_people(project)))
    return load_subjects(project, [one for one in chosen if one is not None])


def test_the_good_body_is_the_persons_fit_with_the_least_distance(
    project: Project, jobs: BlockingJobs, checks: list[Subject]
) -> None:
    assert len(checks) == PEOPLE
    for subject, check in zip(load_subjects(project, describe_people(project)), checks, strict=True):
        laid = lay_subject(jobs, project.body, subject)
        assert laid is not None
        best = min(laid, key=lambda name: laid[name].rms_px)
        assert check.fits[GOOD].id == subject.fits[best].id


def test_the_bad_body_is_far_worse_even_if_left_and_right_may_be_exchanged(
    project: Project, jobs: BlockingJobs, checks: list[Subject]
) -> None:
    mirrored = list(get_skeleton("spin49").flip)
    for check in checks:
        laid = lay_subject(jobs, project.body, check)
        assert laid is not None
        if check.fits[BAD].person_id == check.person.id:  # laid down, for want of a pose that is wrong enough
            assert laid[BAD].rms_px > 2 * laid[GOOD].rms_px
            continue
        exchanged = lay_bodies(
            jobs, project.body, check, [check.bodies[BAD]], keypoints_px=check.keypoints_px[mirrored]
        )
        (other,) = exchanged
        assert other is not None
        apart_px = min(laid[BAD].rms_px, other.rms_px)
        assert apart_px >= TIMES_WORSE * laid[GOOD].rms_px
        assert apart_px >= FARTHER * max(check.person.bbox_xywh[2:])


def test_the_bad_body_has_the_good_ones_shape_and_a_pose_of_somebodys_good_fit(checks: list[Subject]) -> None:
    good = {check.fits[GOOD].id for check in checks}
    for check in checks:
        assert check.fits[BAD].id in good
        assert np.array_equal(check.bodies[BAD].betas, check.bodies[GOOD].betas)
        assert not np.array_equal(check.bodies[BAD].rotations, check.bodies[GOOD].rotations)


def test_no_pose_comes_again_and_again(checks: list[Subject]) -> None:
    used = Counter(check.fits[BAD].id for check in checks)
    assert max(used.values()) <= 3


def test_somebody_alone_is_laid_down(project: Project, jobs: BlockingJobs) -> None:
    (person, *_) = describe_people(project)
    (chosen,) = choose_check_bodies(jobs, project.body, load_subjects(project, [person]))
    assert chosen is not None
    assert chosen.fits[GOOD] == chosen.fits[BAD]
    (check,) = load_subjects(project, [chosen])
    good, bad = check.bodies[GOOD].rotations[0], check.bodies[BAD].rotations[0]
    assert np.allclose(bad @ good.T, [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-5)


def test_the_same_checks_are_chosen_whatever_the_methods_are_called(project: Project, jobs: BlockingJobs) -> None:
    people = describe_people(project)
    exchanged = [
        type(one)(**{name: getattr(one, name) for name in one.__struct_fields__ if name != "fits"}, fits=fits)
        for one in people
        for fits in [{"smplify": one.fits["eft"], "eft": one.fits["smplify"]}]
    ]
    one, other = (
        [None if made is None else made.fits for made in choose_check_bodies(jobs, project.body, subjects)]
        for subjects in (load_subjects(project, people), load_subjects(project, exchanged))
    )
    assert one == other
