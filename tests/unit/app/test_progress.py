"""The numbers of progress: one service for the window and the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.services import review
from app.services.gold import take_gold
from app.services.progress import build_progress, read_pace
from app.services.project import Project
from main import main
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.worked_projects import NOW, add_annotators, build_worked_project, set_clock


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with build_worked_project(tmp_path_factory.mktemp("worked"), people=120, decided=90) as project:
        yield project


def test_the_totals_are_those_of_the_states(worked: Project) -> None:
    report = build_progress(worked, NOW)
    with worked.store.read() as reader:
        counts = reader.progress.counts()
        rejected = counts["rejected"]
    assert report.total.people == 120
    assert report.total.decided == counts["accepted"] + counts["rejected"] + counts["second_look"] == 90
    assert report.total.left == 30
    assert report.total.accept_rate == counts["accepted"] / (counts["accepted"] + counts["rejected"])
    assert sum(share.people for _, share in report.datasets) == 120
    assert sum(share.accepted for _, share in report.datasets) == counts["accepted"]
    assert [name for name, _ in report.datasets] == ["coco_val2017", "lsp_extended", "mpii_train"]
    assert sum(reason.people for reason in report.reasons) == rejected
    assert report.reasons[0].people == max(reason.people for reason in report.reasons)
    assert report.l2d.total == report.rms.total == 114


def test_rate_pace_and_finish(worked: Project) -> None:
    report = build_progress(worked, NOW)
    assert report.rate is not None
    assert report.pace is not None
    assert report.finish is not None
    assert report.hours_left == pytest.approx(30 / report.rate)
    assert report.pace == pytest.approx(90 / (5 + 7 / 24), rel=1e-6)
    assert (report.finish - NOW) / timedelta(days=1) == pytest.approx(30 / report.pace)
    assert report.today == 15
    assert sum(row.decided for row in report.annotators) == 90
    assert [row.name for row in report.annotators] == ["Ada", "Ben", "Chidi"]


def test_the_limits_are_the_filters(worked: Project) -> None:
    report = build_progress(worked, NOW)
    assert dict(report.l2d.limits) == {"export": 5e-4, "normal": 1e-3, "strict": 3e-4}
    assert dict(report.rms.limits)["export-rms"] == pytest.approx(112 * (98 * 5e-4 / 13) ** 0.5)


def test_an_empty_project_and_one_person_have_numbers_too(tmp_path: Path) -> None:
    with Project.create(tmp_path / "empty") as project:
        report = build_progress(project)
        assert (report.total.people, report.total.accept_rate, report.rate, report.finish) == (0, None, None, None)
        assert report.annotators == ()
        json.dumps(report.as_dict())
    with build_project(tmp_path, 1) as project:
        (person,) = people_of(project)
        review.accept(project, person, add_fit(project, person).id, 12.0)
        report = build_progress(project)
        assert (report.total.left, report.total.accept_rate, report.rate, report.finish) == (0, 1.0, None, None)
        (row,) = report.annotators
        assert (row.decided, row.median_seconds, row.edits_per_person, row.gold_score) == (1, 12.0, 0.0, None)


def test_the_gold_score_waits_for_five_and_for_the_next_day(tmp_path: Path) -> None:
    with build_project(tmp_path, 7) as project:
        clock = set_clock(project, NOW)
        people = people_of(project)
        take_gold(project, people)
        for number, person in enumerate(people):
            clock.now = NOW + timedelta(days=number // 4, minutes=number)
            review.accept(project, person, add_fit(project, person).id, 5.0)

        def score(days: float) -> float | None:
            (row,) = build_progress(project, NOW + timedelta(days=days)).annotators
            return row.gold_score

        assert [score(days) for days in (0.1, 1.1, 2)] == [None, None, 1.0]


def test_an_annotator_s_own_day(tmp_path: Path) -> None:
    with build_project(tmp_path, 9) as project:
        clock = set_clock(project, NOW)
        (ann,) = add_annotators(project, "Ann")
        people = people_of(project)
        for number, person in enumerate(people):
            clock.now = NOW + timedelta(seconds=30 * number, days=-1 if number < 2 else 0)
            if number == 8:
                project.annotator_id = ann
            review.reject(project, person, [], "", 30.0)
        with project.store.read() as reader:
            me = next(row.id for row in reader.annotators.list_all() if row.id != ann)
            pace = read_pace(reader, me, NOW + timedelta(hours=1))
        assert pace.today == 6
        assert pace.rate == pytest.approx(120.0)


def test_the_command_tells_the_same(worked: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "--project", str(worked.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    report = json.loads(json.dumps(build_progress(worked).as_dict()))
    for changing in ("expected_finish", "pace_per_day"):
        told.pop(changing), report.pop(changing)
    assert told == {"project": str(worked.folder), **report}
    assert main(["progress", "--project", str(worked.folder)]) == 0
    words = capsys.readouterr().out
    assert "90 of 120 people decided, 30 left" in words
    assert "Ada" in words


def test_gold_on_the_command_line(worked: Project, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(worked.folder)
    first, second = people_of(worked)[:2]
    assert main(["gold", "take", str(first), str(second), "--project", folder, "--verdict", "accept"]) == 0
    assert "2 new gold people" in capsys.readouterr().out
    assert main(["gold", "list", "--project", folder, "--json"]) == 0
    assert [row["person"] for row in json.loads(capsys.readouterr().out)["gold"]] == [first, second]
    assert main(["gold", "score", "--project", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(row["people"] for row in told["annotators"]) <= 2
    assert main(["gold", "remove", "--project", folder]) == 2
    assert "--all" in capsys.readouterr().err
    assert main(["gold", "remove", "--project", folder, "--all"]) == 0
    assert main(["gold", "list", "--project", folder]) == 0
    assert "Nobody is gold." in capsys.readouterr().out
