"""What of a person can be compared, and how far two bodies are apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.services.comparing import BodyVersion, choose_opposite, has_start, list_versions, measure_difference
from app.services.person_view import load_person_view
from app.services.project import Project
from db.records import PersonId
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.fits import standing_body


@pytest.fixture
def person(tmp_path: Path) -> tuple[Project, PersonId]:
    project = build_project(tmp_path, 1)
    return project, people_of(project)[0]


def start(seed: int) -> NDArray[np.float64]:
    return standing_body(seed).rotations.astype(float)


def versions_of(project: Project, person_id: PersonId) -> tuple[BodyVersion, ...]:
    return list_versions(load_person_view(project, person_id))


def test_every_fit_is_followed_by_what_it_started_from(person: tuple[Project, PersonId]) -> None:
    project, person_id = person
    with project:
        for seed in (1, 2):
            add_fit(project, person_id, initial_rotations=start(seed))
        versions = versions_of(project, person_id)
        newer, older = load_person_view(project, person_id).fits
    assert [version.key for version in versions] == [
        (newer.id, "final"), (newer.id, "start"), (older.id, "final"), (older.id, "start"),
    ]  # fmt: skip
    assert np.array_equal(versions[1].body.rotations, newer.initial_rotations)
    assert np.array_equal(versions[1].body.camera, newer.initial_camera)
    assert versions[1].l2d == newer.l2d_initial
    assert np.array_equal(versions[2].body.rotations, older.rotations)


def test_a_fit_that_is_its_own_start_has_none(person: tuple[Project, PersonId]) -> None:
    project, person_id = person
    with project:
        add_fit(project, person_id)
        (version,) = versions_of(project, person_id)
    assert version.stage == "final"
    assert not has_start(version.fit)
    assert choose_opposite((version,), version, None) is None


def test_the_opposite_is_the_fit_looked_at_then_the_start_then_another_fit(person: tuple[Project, PersonId]) -> None:
    project, person_id = person
    with project:
        add_fit(project, person_id)
        add_fit(project, person_id, initial_rotations=start(1))
        add_fit(project, person_id, initial_rotations=start(1))
        versions = versions_of(project, person_id)
    newest, before, middle, _before, oldest = versions

    def opposite(left: BodyVersion, looked_at: BodyVersion | None) -> object:
        found = choose_opposite(versions, left, None if looked_at is None else looked_at.fit.id)
        return None if found is None else found.key

    assert opposite(newest, oldest) == oldest.key
    assert opposite(newest, None) == before.key
    assert opposite(before, None) == newest.key
    assert opposite(oldest, oldest) == newest.key
    assert opposite(middle, newest) == newest.key


def test_the_farthest_joint_is_named_in_millimetres() -> None:
    first = np.random.default_rng(0).normal(size=(24, 3))
    second = first.copy()
    second[20] += [0.03, 0.0, 0.04]
    second[4] += [0.0, 0.01, 0.0]
    difference = measure_difference(first, second)
    assert difference.joint == "left wrist"
    assert difference.largest_mm == pytest.approx(50.0)
    assert difference.mean_mm == pytest.approx(60.0 / 23)
