"""Opening a study: from a design to a package, all or nothing, and again until the first vote."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli.study import group
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.opening import CAMERA_LOG, NOT_LAID, PICTURES, UNREADABLE, open_study
from app.services.study.packing import list_pictures
from app.services.study.records import folder_of, get_study, package_of, plan_of
from app.study.design import CatchRule
from app.study.files import hash_plan
from app.study.plan import GOOD
from db.errors import StaleWriteError
from db.rater_package.errors import SeatError, VotesStoppedError
from db.rater_package.package import RaterPackage
from db.records import NewRevision
from fitting.runners import InlineRunner, OnEvent
from fitting.spec import Job, RenderManyJob
from tests.helpers.builders import add_fit
from tests.helpers.postgres import new_schema
from tests.helpers.study_projects import add_study, build_design, build_duel

PEOPLE = 6
SHOWN_AT = datetime(2026, 3, 1, tzinfo=UTC)


class Counting(InlineRunner):
    """Counts people drawn; may be told to be interrupted at one of them."""

    drawn = 0
    interrupted_at = 0

    def __init__(self, on_event: OnEvent) -> None:
        super().__init__(on_event)
        type(self).drawn = 0

    def submit(self, job: Job) -> None:
        if isinstance(job, RenderManyJob):
            if type(self).drawn + 1 == type(self).interrupted_at:
                raise KeyboardInterrupt
            type(self).drawn += 1
        super().submit(job)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose study was opened once, so that others need not draw its pictures again."""
    folder = tmp_path_factory.mktemp("template")
    made, _ = build_duel(folder, PEOPLE + 4, seed=2)
    with made:
        add_study(made, build_design(PEOPLE))
        open_study(made, "duel", InlineRunner)
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Iterator[Project]:
    """With the study open."""
    shutil.copytree(template / "project", tmp_path / "project")
    with Project.open(tmp_path / "project") as opened:
        yield opened
    Counting.interrupted_at = 0


@pytest.fixture
def new_project(project: Project) -> Project:
    """With the study never opened, and nothing drawn."""
    shutil.rmtree(project.folder / "studies")
    study = get_study(project, "duel")
    with project.store.change("As new", undoable=False) as change:
        change.studies.set_design(study, study.design)
    return project


def package_folder(project: Project) -> Path:
    return package_of(project, get_study(project, "duel"))


def vote(package: RaterPackage, rater: str = "ann") -> None:
    place = package.sit_down(rater)
    trial = package.next_trial(place)
    assert trial is not None
    package.vote(place, trial, "left", response_s=2.0, focus_losses=0, enlarged_s=0.0, shown_at=SHOWN_AT)
    package.stand_up(place)


def test_a_design_becomes_a_plan_and_a_package_that_knows_no_method(project: Project) -> None:
    told: list[tuple[int, int]] = []
    report = open_study(project, "duel", InlineRunner, on_done=lambda done, total: told.append((done, total)))
    study = get_study(project, "duel")
    plan = plan_of(study)
    assert study.opened_at is not None
    assert study.plan_hash == hash_plan(plan) == report.plan_hash
    assert (report.people, report.checks, report.seats) == (PEOPLE, 4, 3)
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]

    with RaterPackage.open(report.package) as package:
        assert package.info.plan_hash == report.plan_hash
        assert package.info.study_uid == study.uid
        assert package.info.views == plan.design.stimuli.views
        shown: dict[tuple[str, int, str], tuple[str, ...]] = {}
        for seat in plan.seats:
            place = package.sit_down(f"rater {len(shown)}")
            for position, planned in enumerate(plan.seats[place.seat]):
                trial = package.peek(place, position)
                assert trial is not None
                assert trial.left[0] == trial.right[0]  # the keypoints
                assert trial.left[1:] != trial.right[1:]
                for side, name in ((trial.left, planned.left), (trial.right, planned.right)):
                    known = "check" if planned.kind in ("practice", "catch") else "main"
                    assert shown.setdefault((known, planned.person, name), side) == side
                    assert all(package.picture(file) for file in side)
                good = "left" if planned.left == GOOD else "right"
                assert trial.practice_answer == (good if planned.kind == "practice" else None)
            package.stand_up(place)
            assert len(seat) == place.trials
    everything = b"".join(path.read_bytes() for path in report.package.rglob("*") if path.is_file())
    for word in (b"eft", b"smplify", b"duel", b"good", b"catch", b".jpg"):
        assert word not in everything.lower().replace(b"left", b""), word
    assert (folder_of(project, study) / CAMERA_LOG).read_text(encoding="utf-8").count("\n") == 1 + 2 * (PEOPLE + 4)


def test_files_of_a_package_have_one_time_and_an_order_of_no_meaning(project: Project) -> None:
    report = open_study(project, "duel", InlineRunner)
    times = {path.stat().st_mtime_ns for path in (report.package / "stimuli").iterdir()}
    assert len(times) == 1
    with sqlite3.connect(report.package / "session.db") as database:
        rows = database.execute("SELECT seat, position FROM rater_trials ORDER BY rowid").fetchall()
    database.close()
    assert rows != sorted(rows)
    with RaterPackage.open(report.package) as package:
        place = package.sit_down("ann")
        trials = [trial for position in range(place.trials) if (trial := package.peek(place, position))]
    orders = {tuple(list_pictures(trials)) for _ in range(3)}
    assert len(orders) == 3
    assert len({frozenset(order) for order in orders}) == 1


def test_whoever_has_no_photograph_is_replaced_before_the_draw_is_final(project: Project, template: Path) -> None:
    picture = template / "pictures" / "0.jpg"
    content = picture.read_bytes()
    plans = []
    try:
        picture.write_bytes(b"no picture")
        for _ in range(2):
            report = open_study(project, "duel", InlineRunner)
            plans.append(plan_of(get_study(project, "duel")))
    finally:
        picture.write_bytes(content)
    assert report.people == PEOPLE
    assert report.left_out[UNREADABLE] == 2
    assert len(report.problems) == 2
    assert "0.jpg" in report.problems[0]
    assert "0.jpg" not in {one.image for one in (*plans[0].people, *plans[0].checks)}
    assert plans[0] == plans[1]
    assert "people of the project could take part; left out: 2 " in plans[0].notes[0]
    assert plans[0].notes[1:] == report.notes


def test_a_body_that_cannot_be_laid_is_left_out_too(project: Project) -> None:
    with project.store.read() as reader:
        person = reader.queue.ids()[0]
    alone = np.zeros((17, 3))
    alone[5] = (100, 100, 2)
    with project.store.change("One keypoint", undoable=False) as change:
        change.keypoints.add(NewRevision(person, "coco17", alone, ("human",) * 17))
    for method in ("eft", "smplify"):
        add_fit(project, person, method=method)
    report = open_study(project, "duel", InlineRunner)
    assert report.left_out[NOT_LAID] == 1
    assert f"person {person} of" in report.problems[0]
    plan = plan_of(get_study(project, "duel"))
    assert int(person) not in {one.person for one in (*plan.people, *plan.checks)}


def test_interrupted_work_goes_on_where_it_was(new_project: Project) -> None:
    project = new_project
    Counting.interrupted_at = 4
    with pytest.raises(KeyboardInterrupt):
        open_study(project, "duel", Counting)
    study = get_study(project, "duel")
    assert study.plan is None
    assert [path.name for path in folder_of(project, study).iterdir()] == [PICTURES]
    Counting.interrupted_at = 0
    report = open_study(project, "duel", Counting)
    # Jobs are handed out ahead of the pictures that are kept.
    assert PEOPLE + 4 - 3 <= report.drawn_now == Counting.drawn < PEOPLE + 4
    assert open_study(project, "duel", Counting).drawn_now == 0


def test_before_the_first_vote_another_design_replaces_the_package(project: Project) -> None:
    first = open_study(project, "duel", InlineRunner)
    design = build_design(3, question="Which one?", catches=CatchRule(count=0))
    study = get_study(project, "duel")
    with project.store.change("Another design", undoable=False) as change:
        change.studies.set_design(study, msgspec.to_builtins(design))
    with RaterPackage.open(first.package) as old:
        place = old.sit_down("ann")
        old.stand_up(place)
        second = open_study(project, "duel", InlineRunner)
        assert second.package == first.package
        assert second.plan_hash != first.plan_hash
        with pytest.raises(VotesStoppedError):  # the window of somebody who did not notice
            old.next_trial(place)
    with RaterPackage.open(second.package) as package:
        assert package.info.question == "Which one?"
        assert not package.is_stopped
    kept = {path.name for path in (second.package / "stimuli").iterdir()}
    store = folder_of(project, study) / PICTURES
    assert {path.name for path in store.iterdir() if path.suffix == ".png"} == kept
    assert sorted(path.name for path in second.package.parent.iterdir()) == [CAMERA_LOG, "package", PICTURES]


def test_a_package_with_votes_is_never_replaced(project: Project) -> None:
    open_study(project, "duel", InlineRunner)
    before = get_study(project, "duel")
    with RaterPackage.open(package_folder(project)) as package:
        vote(package)
    with pytest.raises(ServiceError, match="has 1 votes"):
        open_study(project, "duel", InlineRunner)
    after = get_study(project, "duel")
    assert after.frozen_at is not None
    assert after.plan == before.plan
    with RaterPackage.open(package_folder(project)) as package:
        assert len(package.votes()) == 1
        assert not package.is_stopped
    with pytest.raises(ServiceError, match="has votes since"):
        open_study(project, "duel", InlineRunner)


def test_a_vote_while_it_is_opened_again_wins(project: Project) -> None:
    open_study(project, "duel", InlineRunner)
    before = get_study(project, "duel")

    def vote_at_the_end(done: int, total: int) -> None:
        if done == total:
            with RaterPackage.open(package_folder(project)) as package:
                if not package.votes():
                    vote(package)

    with pytest.raises(ServiceError, match="first votes meanwhile"):
        open_study(project, "duel", InlineRunner, on_done=vote_at_the_end)
    assert get_study(project, "duel").plan_hash == before.plan_hash
    with RaterPackage.open(package_folder(project)) as package:
        assert package.info.plan_hash == before.plan_hash
        assert len(package.votes()) == 1
    assert [path.name for path in package_folder(project).parent.iterdir() if path.name.startswith(".")] == []


def test_seats_that_are_away_and_raters_at_work_are_waited_for(project: Project, tmp_path: Path) -> None:
    open_study(project, "duel", InlineRunner)
    with RaterPackage.open(package_folder(project)) as package:
        place = package.sit_down("ann")
        with pytest.raises(ServiceError, match="'ann' is rating"):
            open_study(project, "duel", InlineRunner)
        package.stand_up(place)
        package.take_out([2], tmp_path / "away")
    with pytest.raises(ServiceError, match=r"handed out \(3\)"):
        open_study(project, "duel", InlineRunner)


def test_a_seat_handed_out_while_it_is_opened_again_keeps_its_plan(project: Project, tmp_path: Path) -> None:
    before = get_study(project, "duel")

    def hand_out_at_the_end(done: int, total: int) -> None:
        if done == total and not (tmp_path / "away").exists():
            with RaterPackage.open(package_folder(project)) as package:
                package.take_out([0], tmp_path / "away")

    with pytest.raises(SeatError, match="Seat 1 was handed out as 'away'"):
        open_study(project, "duel", InlineRunner, on_done=hand_out_at_the_end)
    assert get_study(project, "duel").plan_hash == before.plan_hash
    with RaterPackage.open(package_folder(project)) as package:
        assert not package.is_stopped
        assert package.sit_down("ben").seat > 0


def test_a_design_changed_meanwhile_leaves_everything_as_it_was(project: Project) -> None:
    shutil.rmtree(package_folder(project))

    def change_design(done: int, total: int) -> None:
        if done == total:
            study = get_study(project, "duel")
            with project.store.change("Another design", undoable=False) as change:
                change.studies.set_design(study, {**study.design, "question": "Which?"})

    with pytest.raises(StaleWriteError, match="changed elsewhere"):
        open_study(project, "duel", InlineRunner, on_done=change_design)
    study = get_study(project, "duel")
    assert study.plan is None
    assert not package_folder(project).exists()
    assert sorted(path.name for path in folder_of(project, study).iterdir()) == [CAMERA_LOG, PICTURES]


def test_faults_and_closed_studies_are_sentences(project: Project) -> None:
    with pytest.raises(ServiceError, match="no study 'nobody'"):
        open_study(project, "nobody", InlineRunner)
    add_study(project, build_design(3, name="bad", question=""), "bad0" * 8)
    with pytest.raises(ServiceError, match="question"):
        open_study(project, "bad", InlineRunner)
    with project.store.change("Close", undoable=False) as change:
        change.studies.close(get_study(project, "duel").id)
    with pytest.raises(ServiceError, match="is closed"):
        open_study(project, "duel", InlineRunner)


def test_the_command_says_what_was_done(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["app.cli.study.open_"], "ProcessRunner", InlineRunner)
    asked = ["open", "duel", "--project", str(project.folder)]
    as_json = CliRunner().invoke(group, [*asked, "--json"], catch_exceptions=False)
    told = json.loads(as_json.stdout)
    assert (told["people"], told["drawn_now"]) == (PEOPLE, 0)
    words = CliRunner().invoke(group, asked, catch_exceptions=False).stdout
    assert f"'duel' is open: {PEOPLE} people" in words
    assert str(package_folder(project)) in words


def test_a_package_on_a_server_is_replaced_there_until_it_has_votes(project: Project, postgres_server: str) -> None:
    address = new_schema(postgres_server)
    hashes = [open_study(project, "duel", InlineRunner, database=address).plan_hash for _ in range(2)]
    assert hashes[0] == hashes[1]
    assert not (package_folder(project) / "session.db").exists()
    with RaterPackage.open(package_folder(project)) as package:
        vote(package)
    with pytest.raises(ServiceError, match="has 1 votes"):
        open_study(project, "duel", InlineRunner, database=address)
    with RaterPackage.open(package_folder(project)) as package:
        assert len(package.votes()) == 1


def test_what_a_killed_run_left_is_no_hindrance(project: Project) -> None:
    left = package_folder(project).with_name(".package.new")
    shutil.copytree(package_folder(project), left)
    (left / "package.json").write_text("{", encoding="utf-8")
    open_study(project, "duel", InlineRunner)
    assert not left.exists()
