"""200 mixed steps over 5 people, taken back and done again completely: bit-identical states, nothing twice."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services import review
from tests.helpers.builders import build_project, people_of
from tests.helpers.mixed_steps import ACTS, take_step
from tests.helpers.store_builders import snapshot


@pytest.mark.parametrize("reviewers", [1, 2])
def test_two_hundred_steps_back_and_forth(tmp_path: Path, reviewers: int) -> None:
    rng = random.Random(reviewers)
    with build_project(tmp_path, 5) as project:
        review.set_reviews_per_person(project, reviewers)
        people = people_of(project)
        loaded = snapshot(project.store)
        done: Counter[str] = Counter()
        between = []
        for step in range(200):
            done[take_step(project, rng.choice(people), rng)] += 1
            if step % 50 == 49:
                between.append(snapshot(project.store))
        assert done.keys() == ACTS.keys()
        final = between.pop()
        for step in range(200):
            assert project.store.undo() is not None
            if step % 50 == 49 and step < 199:
                assert snapshot(project.store) == between[-1 - step // 50]
        assert project.store.undo() is None
        assert snapshot(project.store) == loaded
        assert project.store.verify_heads() == ()
        for _ in range(200):
            assert project.store.redo() is not None
        assert project.store.redo() is None
        assert snapshot(project.store) == final
        assert project.store.verify_heads() == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), count=st.integers(1, 25), back=st.integers(0, 25), reviewers=st.sampled_from([1, 2]))
def test_any_steps_any_way_back(seed: int, count: int, back: int, reviewers: int) -> None:
    """Some steps, some of them taken back and done again, the rest taken back: each time as it was."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, build_project(Path(folder), 2) as project:
        review.set_reviews_per_person(project, reviewers)
        people = people_of(project)
        states = [snapshot(project.store)]
        for _ in range(count):
            take_step(project, rng.choice(people), rng)
            states.append(snapshot(project.store))
        place = count
        for _ in range(min(back, count)):
            project.store.undo()
            place -= 1
            assert snapshot(project.store) == states[place]
        while place < count:
            project.store.redo()
            place += 1
        assert snapshot(project.store) == states[count]
        while project.store.undo() is not None:
            place -= 1
        assert place == 0
        assert snapshot(project.store) == states[0]
        assert project.store.verify_heads() == ()
