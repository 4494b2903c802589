"""Work for one person does not grow with the project; counted, not timed (docs/speed.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.services.person_view import load_person_view
from app.services.project import Project
from db.conditions import OneOf
from db.records import PersonId
from tests.helpers.builders import build_project, people_of
from tests.helpers.sql_work import SqlWork, counted

FEW, MANY = 12, 120
SCREENFUL = 8
SLACK = 1.3
"""An index of ten times as many entries may be a level deeper."""


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Project]]:
    made = [build_project(tmp_path_factory.mktemp("size"), people=size, per_image=2) for size in (FEW, MANY)]
    yield made[0], made[1]
    for project in made:
        project.close()


def cost(project: Project, work: Callable[[Project, list[PersonId]], None]) -> SqlWork:
    ids = people_of(project)
    with counted(project.store) as spent:
        work(project, ids)
    return spent


def show(project: Project, ids: list[PersonId]) -> None:
    load_person_view(project, ids[len(ids) // 2])


def read_rows(project: Project, ids: list[PersonId]) -> None:
    with project.store.read() as reader:
        assert len(reader.queue.summaries(ids[-SCREENFUL:])) == SCREENFUL


def find_next(project: Project, ids: list[PersonId]) -> None:
    with project.store.read() as reader:
        assert reader.queue.next_undecided(ids[-1], wrap=True) == ids[0]


@pytest.mark.parametrize("work", [show, read_rows, find_next])
def test_one_person_costs_the_same_in_a_larger_project(
    projects: tuple[Project, Project], work: Callable[[Project, list[PersonId]], None]
) -> None:
    few, many = (cost(project, work) for project in projects)
    assert few.statements
    assert few.steps > 0
    assert many.statements == few.statements
    assert many.steps <= SLACK * few.steps


def test_a_filter_is_one_statement_and_reads_everybody_once(projects: tuple[Project, Project]) -> None:
    def list_everybody(project: Project, ids: list[PersonId]) -> None:
        with project.store.read() as reader:
            assert reader.queue.ids(where=(OneOf("state", ("unfitted",)),), order="suspicion") == ids

    few, many = (cost(project, list_everybody) for project in projects)
    assert len(few.statements) == len(many.statements) == 1
    assert few.steps < many.steps <= SLACK * few.steps * MANY / FEW


def test_the_count_sees_what_grows(projects: tuple[Project, Project]) -> None:
    def count(project: Project, _ids: list[PersonId]) -> None:
        with project.store.read() as reader:
            reader.progress.counts()

    few, many = (cost(project, count) for project in projects)
    assert many.steps > 4 * few.steps
