"""Votes come in from everywhere, in any order, as often as one likes; what cannot be the study's is told."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.services.bundle.restoring import restore_bundle
from app.services.bundle.words import describe_bundle
from app.services.bundle.writing import bundle_project
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.collecting import close_study, collect_votes
from app.services.study.handing_out import hand_out
from app.services.study.records import get_study, package_of
from db.rater_package.errors import VotesStoppedError
from db.rater_package.package import RaterPackage
from db.rater_package.votes_file import VotesFile, write_votes
from db.records import StudyVote
from tests.helpers.opened_studies import NAME, SEATS, TRIALS, add_study, build_votes, open_study
from tests.helpers.rater_packages import cast_vote


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fresh") / "project"
    open_study(made).close()
    return made


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(Path(shutil.copytree(fresh, tmp_path / "project")), with_files=False) as opened:
        yield opened


@pytest.fixture
def write(project: Project, tmp_path: Path) -> Callable[..., Path]:
    """Writes votes into a file that was sent."""
    numbers = itertools.count()

    def write_file(votes: list[StudyVote], **changes: str) -> Path:
        study = get_study(project, NAME)
        file = VotesFile(**{"study_uid": study.uid, "plan_hash": study.plan_hash, "votes": votes, **changes})  # type: ignore[arg-type]
        path = tmp_path / f"votes-{next(numbers)}.json"
        write_votes(path, file)
        return path

    return write_file


def votes_of(project: Project) -> list[StudyVote]:
    with project.store.read() as reader:
        return reader.studies.votes_of(get_study(project, NAME).id)


def own_package(project: Project) -> RaterPackage:
    return RaterPackage.open(package_of(project, get_study(project, NAME)))


def test_the_studys_own_package_is_always_collected(project: Project) -> None:
    with own_package(project) as package:
        ann = package.sit_down("Ann")
        cast_vote(package, ann)
        cast_vote(package, ann, "right")
        expected = package.votes()
    report = collect_votes(project, NAME)
    assert (report.new, report.known, report.votes, report.planned, report.problems) == (2, 0, 2, SEATS * TRIALS, [])
    assert votes_of(project) == expected
    assert get_study(project, NAME).frozen_at is not None
    again = collect_votes(project, NAME)
    assert (again.new, again.known) == (0, 2)
    assert votes_of(project) == expected
    assert json.loads(json.dumps(again.as_dict()))["known"] == 2


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_files_in_any_order_and_again_give_the_same(
    project: Project, write: Callable[..., Path], order: tuple[int, ...]
) -> None:
    whole = build_votes(2, "Bob", range(6))
    files = [write(whole[:3]), write(whole[2:5]), write(build_votes(3, "Cem", range(2)) + whole)]
    for number in order:
        collect_votes(project, NAME, [files[number]])
    report = collect_votes(project, NAME, files)
    assert (report.new, report.known, report.problems) == (0, 3 + 3 + 8, [])
    assert votes_of(project) == whole + build_votes(3, "Cem", range(2))


def test_a_different_answer_never_replaces_the_one_stored(project: Project, write: Callable[..., Path]) -> None:
    first = build_votes(0, "Ann", range(3))
    collect_votes(project, NAME, [write(first)])
    other = [dataclasses.replace(first[0], choice="right"), dataclasses.replace(first[1], response_s=9.0)]
    report = collect_votes(project, NAME, [write(other + first[2:])])
    assert (report.new, report.known) == (0, 1)
    assert [sentence[:19] for sentence in report.sources[1].conflicting] == [
        "Trial 1 of seat 1 h",
        "Trial 2 of seat 1 h",
    ]
    assert votes_of(project) == first


def test_duplicates_within_a_file_count_once(project: Project, write: Callable[..., Path]) -> None:
    votes = build_votes(0, "Ann", range(2))
    report = collect_votes(project, NAME, [write([*votes, votes[0], dataclasses.replace(votes[1], choice="right")])])
    assert (report.new, report.known, len(report.sources[1].conflicting)) == (2, 1, 1)
    assert votes_of(project) == votes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seat": 99}, "no such trial"),
        ({"position": TRIALS}, "no such trial"),
        ({"position": -1}, "position -1"),
        ({"choice": "neither"}, "no answer in this study"),
        ({"response_s": 0.2}, "sooner than the study allows"),
        ({"response_s": -4.0}, "response time"),
        ({"response_s": 1e308}, "response time"),
        ({"enlarged_s": 1e300}, "enlarged views"),
        ({"focus_losses": -7}, "losses of focus"),
        ({"focus_losses": 2**62}, "losses of focus"),
        ({"rater": ""}, "no pseudonym"),
        ({"rater": "x" * 5000}, "no pseudonym"),
        ({"rater": "a\nb"}, "no pseudonym"),
    ],
)
def test_a_vote_that_cannot_be_is_refused_and_the_others_are_taken(
    project: Project, write: Callable[..., Path], change: dict[str, object], words: str
) -> None:
    good = build_votes(1, "Ann", range(3))
    wrong = dataclasses.replace(good[2], **change)  # type: ignore[arg-type]
    report = collect_votes(project, NAME, [write([*good[:2], wrong])])
    assert votes_of(project) == good[:2]
    (sentence,) = report.sources[1].refused
    assert words in sentence
    assert report.new == 2


def test_many_refused_votes_are_counted_not_listed(project: Project, write: Callable[..., Path]) -> None:
    report = collect_votes(project, NAME, [write(build_votes(99, "Ann", range(500)))])
    assert len(report.problems) == 21
    assert report.problems[-1].endswith("480 more like these.")


def test_votes_of_another_study_or_plan_are_refused(project: Project, write: Callable[..., Path]) -> None:
    votes = build_votes(0, "Ann", range(2))
    files = [write(votes, study_uid="another"), write(votes, plan_hash="0" * 64)]
    report = collect_votes(project, NAME, files)
    assert [source.new for source in report.sources] == [0, 0, 0]
    assert "of another study than" in report.sources[1].problem
    assert "on another plan" in report.sources[2].problem
    assert votes_of(project) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no whole file of votes"),
        (b"{}", "no whole file of votes"),
        (b'{"kind": "Exemplar votes", "version": 1, "study": "a", "plan": "b", "votes": [{"seat": 1', "no whole file"),
        (b'{"kind": "Exemplar votes", "version": 1, "study": "a", "plan": "b", "votes": [{"seat": "x"}]}', "no whole"),
        (b'{"kind": "shopping list", "version": 1}', "holds no votes"),
        (b'{"kind": "Exemplar votes", "version": 7}', "newer version"),
        (b"[" * 100_000, "no whole file of votes"),
        (b'{"kind": "Exemplar votes", "version": 1, "study": "a", "plan": "b", "votes": NaN}', "no whole file"),
        (b"\xff\xfe\x00", "no whole file"),
    ],
)
def test_a_file_that_is_none_is_told_and_keeps_nothing_else_out(
    project: Project, write: Callable[..., Path], tmp_path: Path, content: bytes, words: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)
    good = build_votes(0, "Ann", range(2))
    report = collect_votes(project, NAME, [bad, tmp_path / "absent.json", write(good)])
    assert words in report.sources[1].problem
    assert "does not exist" in report.sources[2].problem
    assert votes_of(project) == good


def test_a_truncated_file_is_refused_at_every_length(
    project: Project, write: Callable[..., Path], tmp_path: Path
) -> None:
    whole = write(build_votes(0, "Ann", range(3))).read_bytes()
    cut = tmp_path / "cut.json"
    for length in range(0, len(whole.rstrip()), 37):
        cut.write_bytes(whole[:length])
        assert "no whole file of votes" in collect_votes(project, NAME, [cut]).sources[1].problem
    assert votes_of(project) == []


def test_a_package_that_comes_back_is_read_without_a_trace(project: Project, tmp_path: Path) -> None:
    made = hand_out(project, NAME, tmp_path / "for Bob", seats=[1, 2])
    with RaterPackage.open(made.folder) as package:
        bob = package.sit_down("Bob")
        cast_vote(package, bob)
        cast_vote(package, bob, "right")
        report = collect_votes(project, NAME, [made.folder])  # while he still works
        assert (report.new, report.problems) == (2, [])
        cast_vote(package, bob)
        package.write_votes(tmp_path / "votes.json")
    shutil.rmtree(made.folder / "stimuli")  # they are not needed
    before = {path: path.read_bytes() for path in made.folder.iterdir()}
    report = collect_votes(project, NAME, [tmp_path / "votes.json", made.folder])
    assert [(source.new, source.known) for source in report.sources] == [(0, 0), (1, 2), (0, 3)]
    assert {path: path.read_bytes() for path in made.folder.iterdir()} == before


def test_two_people_of_one_pseudonym_are_told_apart_by_a_new_name(project: Project, write: Callable[..., Path]) -> None:
    collect_votes(project, NAME, [write(build_votes(0, "Ann", range(2)))])
    second = write(build_votes(3, "ANN", range(2)))
    report = collect_votes(project, NAME, [second])
    assert report.new == 0
    assert report.problems[0].endswith(
        "2 votes of 'ANN' at seat 4 were refused, because 'ANN' has votes at seat 1 and nobody may judge the same"
        " twice; if these are two people, collect with --rename 4:NAME."
    )
    assert collect_votes(project, NAME, [second], renamed={3: "Ann B"}).new == 2
    assert {(vote.seat, vote.rater) for vote in votes_of(project)} == {(0, "Ann"), (3, "Ann B")}
    more = write(build_votes(3, "ANN", range(5)))
    report = collect_votes(project, NAME, [second, more])  # the new name is remembered
    assert (report.new, report.known, report.problems) == (3, 4, [])
    assert {vote.rater for vote in votes_of(project) if vote.seat == 3} == {"Ann B"}


def test_a_seat_that_two_raters_shared_comes_in_whole(project: Project, write: Callable[..., Path]) -> None:
    votes = build_votes(0, "Ann", range(2)) + build_votes(0, "Bob", range(2, 4))
    assert collect_votes(project, NAME, [write(votes)]).new == 4
    assert votes_of(project) == votes


def test_closing_collects_first_and_then_takes_nothing(project: Project, write: Callable[..., Path]) -> None:
    with own_package(project) as package:
        ann = package.sit_down("Ann")
        cast_vote(package, ann)
        report = close_study(project, NAME)
        assert report.votes == 1
        with pytest.raises(VotesStoppedError):
            cast_vote(package, ann)
    late = collect_votes(project, NAME, [write(build_votes((ann.seat + 1) % SEATS, "Bob", range(2)))])
    assert "is closed; 2 new votes were not taken" in late.sources[1].problem
    assert len(votes_of(project)) == 1
    assert close_study(project, NAME).votes == 1
    with pytest.raises(ServiceError, match="is closed; nothing can be handed out"):
        hand_out(project, NAME, project.folder / "late")


def test_votes_that_cannot_be_read_at_the_very_end_keep_the_study_open(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = RaterPackage.stop

    def stop_and_break(package: RaterPackage) -> None:
        stop(package)
        (package.folder / "package.json").write_text("{", encoding="utf-8")

    monkeypatch.setattr(RaterPackage, "stop", stop_and_break)
    with pytest.raises(ServiceError, match=r"was not closed: .*package.json cannot be read"):
        close_study(project, NAME)
    assert get_study(project, NAME).closed_at is None


def test_a_stored_plan_that_is_none_is_a_sentence(project: Project) -> None:
    with project.store.change("Damage", undoable=False) as change:
        change.studies.set_plan(get_study(project, NAME), b'{"design": ', "0" * 64)
    with pytest.raises(ServiceError, match=f"The plan of the study '{NAME}' cannot be read"):
        collect_votes(project, NAME)


def test_a_package_of_an_earlier_plan_is_told_with_the_cure(project: Project) -> None:
    study = get_study(project, NAME)
    assert study.plan is not None
    with project.store.change("Another plan", undoable=False) as change:
        change.studies.set_plan(study, study.plan, "0" * 64)
    assert "is of another plan than the study; open the study anew" in collect_votes(project, NAME).sources[0].problem


def test_a_study_that_is_not_open_has_no_votes(project: Project) -> None:
    with pytest.raises(ServiceError, match="no study 'other'"):
        collect_votes(project, "other")
    with project.store.change("New study", undoable=False) as change:
        change.studies.add("b" * 12, "draft", get_study(project, NAME).design)
    for work in (collect_votes, close_study):
        with pytest.raises(ServiceError, match="not open yet"):
            work(project, "draft")


def test_two_studies_do_not_mix(project: Project) -> None:
    add_study(project, 2, 3, "f" * 12, "second")
    with own_package(project) as package:
        cast_vote(package, package.sit_down("Ann"))
    assert collect_votes(project, "second").new == 0
    report = collect_votes(project, "second", [package_of(project, get_study(project, NAME))])
    assert "of another study than 'second'" in report.sources[1].problem


def test_a_damaged_package_keeps_no_file_out_and_the_study_open(project: Project, write: Callable[..., Path]) -> None:
    (package_of(project, get_study(project, NAME)) / "session.db").write_bytes(b"damaged" * 1000)
    votes = build_votes(0, "Ann", range(2))
    report = collect_votes(project, NAME, [write(votes)])
    assert "session.db cannot be used: it is damaged" in report.sources[0].problem
    assert votes_of(project) == votes
    with pytest.raises(ServiceError, match=r"was not closed: .*session.db cannot be used"):
        close_study(project, NAME)


@pytest.mark.parametrize("count", [2_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_many_votes_come_in_twice(tmp_path: Path, count: int) -> None:
    seats = 100
    with open_study(tmp_path / "project", seats, count // seats, in_package=2) as project:
        study = get_study(project, NAME)
        votes = [vote for seat in range(seats) for vote in build_votes(seat, f"R{seat}", range(count // seats))]
        write_votes(tmp_path / "votes.json", VotesFile(study.uid, study.plan_hash, votes))
        del votes
        assert collect_votes(project, NAME, [tmp_path / "votes.json"]).new == count
        report = collect_votes(project, NAME, [tmp_path / "votes.json"])
        assert (report.new, report.known, report.votes, report.problems) == (0, count, count, [])


def test_a_bundle_takes_the_votes_along_and_the_restored_study_can_be_closed(
    project: Project, write: Callable[..., Path], tmp_path: Path
) -> None:
    with own_package(project) as package:
        ann = package.sit_down("Ann")
        cast_vote(package, ann)
        expected = package.votes()
    report = bundle_project(project, tmp_path / "moved.exemplar")
    assert votes_of(project) == expected
    assert report.votes_left == ()
    assert any("1 studies, 1 votes" in line for line in describe_bundle(report))
    restore_bundle(tmp_path / "moved.exemplar", tmp_path / "moved")
    with Project.open(tmp_path / "moved", with_files=False) as moved:
        assert votes_of(moved) == expected
        sent = write(build_votes((ann.seat + 1) % SEATS, "Ben", [0]))
        collected = collect_votes(moved, NAME, [sent])
        assert "is not there" in collected.sources[0].problem
        assert (collected.new, collected.votes) == (1, 2)
        assert close_study(moved, NAME).votes == 2
        assert collect_votes(moved, NAME).problems == []


def test_a_bundle_is_made_although_a_package_is_damaged(project: Project, tmp_path: Path) -> None:
    (package_of(project, get_study(project, NAME)) / "package.json").write_text("{", encoding="utf-8")
    report = bundle_project(project, tmp_path / "moved.exemplar")
    (sentence,) = report.votes_left
    assert sentence.startswith(f"{NAME}: ")
    assert any(line.startswith("Not taken in: ") for line in describe_bundle(report))
