"""What a rater package promises, on SQLite and on PostgreSQL: seats, tickets, votes in order, one transaction each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.rater_package.errors import (
    OldTicketError,
    PackageError,
    SeatError,
    VoteRefusedError,
    VotesStoppedError,
)
from db.rater_package.package import RaterPackage
from db.rater_package.returning import read_returned
from db.rater_package.votes_file import read_votes
from tests.helpers.postgres import new_schema
from tests.helpers.rater_packages import INFO, SHOWN, build_package, build_picture, build_trials, cast_vote


class Clock:
    """A clock that tests wind on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=3)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str | None:
    """Where the votes are: None for a file in the package's folder."""
    if request.param == "sqlite":
        return None
    return new_schema(request.getfixturevalue("postgres_server"))


@pytest.fixture
def package(tmp_path: Path, clock: Clock, address: str | None) -> Iterator[RaterPackage]:
    with build_package(tmp_path / "package", database=address, clock=clock) as made:
        yield made


def test_a_rater_answers_a_whole_seat(package: RaterPackage, clock: Clock) -> None:
    ann = package.sit_down("  Ann ")
    assert (ann.rater, ann.trials, ann.done) == ("Ann", 4, 0)
    seen = []
    while (trial := cast_vote(package, ann, "right" if len(seen) % 2 else "left", focus_losses=len(seen))) is not None:
        seen.append(trial)
    assert [trial.position for trial in seen] == [0, 1, 2, 3]
    assert [trial.practice_answer for trial in seen] == ["left", None, None, None]
    votes = package.votes()
    assert [(vote.seat, vote.position, vote.rater, vote.choice, vote.focus_losses) for vote in votes] == [
        (ann.seat, position, "Ann", "right" if position % 2 else "left", position) for position in range(4)
    ]
    assert all((vote.response_s, vote.enlarged_s, vote.shown_at) == (1.5, 0.0, SHOWN) for vote in votes)
    assert votes[-1].voted_at <= clock.now
    (status,) = (seat for seat in package.status() if seat.rater)
    assert (status.seat, status.rater, status.trials, status.done, status.present, status.away) == (
        ann.seat, "Ann", 4, 4, True, None,
    )  # fmt: skip
    assert status.last_vote_at == votes[-1].voted_at


def test_another_process_finds_everything_as_it_was(tmp_path: Path, address: str | None) -> None:
    with build_package(tmp_path / "package", database=address) as package:
        ann = package.sit_down("Ann")
        cast_vote(package, ann)
        votes = package.votes()
    with RaterPackage.open(tmp_path / "package") as package:
        assert package.info == INFO
        assert package.votes() == votes
        again = package.sit_down("Ann")
        assert (again.seat, again.done) == (ann.seat, 1)
        trial = package.next_trial(again)
        assert trial is not None
        assert trial.position == 1
        assert package.picture(trial.left[0]).startswith(b"\x89PNG")


def test_a_new_window_of_the_same_rater_ends_the_older_one(package: RaterPackage) -> None:
    older = package.sit_down("Ann")
    trial = package.next_trial(older)
    assert trial is not None
    newer = package.sit_down("ann")  # the same, whatever the case
    assert (newer.seat, newer.rater) == (older.seat, "Ann")
    for attempt in (
        lambda: package.vote(
            older, trial, "left", response_s=2.0, focus_losses=0, enlarged_s=0.0, shown_at=SHOWN
        ),
        lambda: package.next_trial(older),
        lambda: package.heartbeat(older),
        lambda: package.sit_down("Ann", older.ticket),
    ):  # fmt: skip
        with pytest.raises(OldTicketError, match="'Ann' has sat down in another window"):
            attempt()
    assert package.votes() == []
    package.stand_up(older)  # is not at the window any more anyway
    assert [seat.present for seat in package.status() if seat.seat == newer.seat] == [True]
    assert package.sit_down("Ann", newer.ticket) == newer
    assert cast_vote(package, newer) == trial


def test_seats_are_drawn_until_there_are_none(package: RaterPackage) -> None:
    seats = {package.sit_down(name).seat for name in ("Ann", "Bob", "Cem")}
    assert seats == {0, 1, 2}
    with pytest.raises(SeatError, match="no free seat for 'Dot'"):
        package.sit_down("Dot")
    assert package.sit_down("Bob").rater == "Bob"


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\nb", "a\x00", "zero\u200bwidth"])
def test_a_pseudonym_has_to_be_one(package: RaterPackage, name: str) -> None:
    with pytest.raises(SeatError, match="pseudonym"):
        package.sit_down(name)
    assert not any(seat.rater for seat in package.status())


def test_only_the_next_trial_takes_a_vote_and_only_one(package: RaterPackage) -> None:
    ann = package.sit_down("Ann")
    first = cast_vote(package, ann)
    second = package.next_trial(ann)
    assert first is not None
    assert second is not None
    for wrong in (first, dataclasses.replace(second, position=2), dataclasses.replace(second, seat=(ann.seat + 1) % 3)):
        with pytest.raises(VoteRefusedError, match="is not the next one"):
            package.vote(ann, wrong, "left", response_s=2.0, focus_losses=0, enlarged_s=0.0, shown_at=SHOWN)
    assert len(package.votes()) == 1


@pytest.mark.parametrize(
    ("choice", "changes", "words"),
    [
        ("neither", {}, "no answer in this study"),
        ("up", {}, "choice 'up' is none"),
        ("left", {"response_s": 0.9}, "after 0.90 s"),
        ("left", {"response_s": float("nan")}, "response time of nan"),
        ("left", {"response_s": 1e308}, "response time"),
        ("left", {"enlarged_s": -1.0}, "enlarged views"),
        ("left", {"focus_losses": -1}, "losses of focus"),
        ("left", {"shown_at": datetime(2026, 1, 1)}, "no time zone"),
    ],
)
def test_what_is_no_vote_is_refused(package: RaterPackage, choice: Any, changes: dict[str, Any], words: str) -> None:
    ann = package.sit_down("Ann")
    with pytest.raises(VoteRefusedError, match=words):
        cast_vote(package, ann, choice, **changes)
    assert package.votes() == []
    cast_vote(package, ann, response_s=0.99)  # within the tolerance of one frame
    assert len(package.votes()) == 1


def test_a_closed_study_takes_nothing(package: RaterPackage, tmp_path: Path) -> None:
    ann = package.sit_down("Ann")
    cast_vote(package, ann)
    trial = package.next_trial(ann)
    assert trial is not None
    package.stop()
    package.stop()
    assert package.is_stopped
    for attempt in (
        lambda: package.vote(ann, trial, "left", response_s=2.0, focus_losses=0, enlarged_s=0.0, shown_at=SHOWN),
        lambda: package.next_trial(ann),
        lambda: package.sit_down("Bob"),
        lambda: package.take_out([(ann.seat + 1) % 3], tmp_path / "out"),
    ):
        with pytest.raises(VotesStoppedError, match="closed"):
            attempt()
    assert len(package.votes()) == 1


def test_who_is_there_is_known_by_signs_of_life(package: RaterPackage, clock: Clock) -> None:
    ann = package.sit_down("Ann")
    bob = package.sit_down("Bob")
    clock.now += timedelta(minutes=4)
    package.heartbeat(ann)
    clock.now += timedelta(minutes=3)
    assert {seat.rater: seat.present for seat in package.status() if seat.rater} == {"Ann": True, "Bob": False}
    with pytest.raises(SeatError, match="'Ann' is working at seat"):
        package.free_seat(ann.seat)
    cast_vote(package, bob)  # nobody has taken the seat, so the window goes on
    package.stand_up(ann)
    assert {seat.rater: seat.present for seat in package.status() if seat.rater} == {"Ann": False, "Bob": True}


def test_a_freed_seat_is_continued_by_somebody_new(package: RaterPackage) -> None:
    places = {name: package.sit_down(name) for name in ("Ann", "Bob", "Cem")}
    cast_vote(package, places["Ann"])
    package.stand_up(places["Ann"])
    assert package.free_seat(places["Ann"].seat) == "Ann"
    with pytest.raises(SeatError, match="free already"):
        package.free_seat(places["Ann"].seat)
    with pytest.raises(SeatError, match="no seat 8"):
        package.free_seat(7)
    with pytest.raises(OldTicketError):
        package.next_trial(places["Ann"])
    dot = package.sit_down("Dot")
    assert (dot.seat, dot.done) == (places["Ann"].seat, 1)
    cast_vote(package, dot)
    assert [vote.rater for vote in package.votes()] == ["Ann", "Dot"]
    package.stand_up(places["Bob"])
    package.free_seat(places["Bob"].seat)
    with pytest.raises(SeatError, match=r"'ANN' has voted at seat \d, which somebody else has"):
        package.sit_down("ANN")  # would judge at another seat what Ann has judged


def test_whoever_comes_back_to_a_freed_seat_gets_it_again(package: RaterPackage) -> None:
    ann = package.sit_down("Ann")
    cast_vote(package, ann)
    package.stand_up(ann)
    package.free_seat(ann.seat)
    again = package.sit_down("Ann")
    assert (again.seat, again.done) == (ann.seat, 1)


def test_pictures_and_trials_have_to_belong_together(tmp_path: Path) -> None:
    pictures = [build_picture(seed) for seed in range(3)]
    trials = build_trials(2, 3, pictures)
    for wrong, words in (
        (trials[1:], "positions of seat 1"),
        ([*trials, trials[0]], "there twice"),
        ([], "needs trials"),
        ([dataclasses.replace(trials[0], left=("body.png",)), *trials[1:]], "no name of a picture"),
        ([dataclasses.replace(trials[0], left=()), *trials[1:]], "0 pictures on the left"),
    ):
        with pytest.raises(PackageError, match=words):
            RaterPackage.create(tmp_path / "package", INFO, wrong, pictures)
    with pytest.raises(PackageError, match="not among the pictures"):
        RaterPackage.create(tmp_path / "package", INFO, trials, pictures[1:])
    with pytest.raises(PackageError, match="no PNG"):
        RaterPackage.create(tmp_path / "package", INFO, trials, [*pictures, b"GIF89a"])
    assert list(tmp_path.iterdir()) == []


def test_a_seat_goes_out_as_a_folder_and_its_votes_come_back(package: RaterPackage, tmp_path: Path) -> None:
    ann = package.sit_down("Ann")
    cast_vote(package, ann)
    package.stand_up(ann)
    package.take_out([ann.seat], tmp_path / "out")
    assert [seat.away for seat in package.status() if seat.seat == ann.seat] == ["out"]
    with RaterPackage.open(tmp_path / "out") as out:
        again = out.sit_down("Ann")
        assert (again.seat, again.done, again.trials) == (ann.seat, 1, 4)
        cast_vote(out, again, "right")
        assert out.write_votes(tmp_path / "votes.json") == 2
        expected = out.votes()
    back = read_votes(tmp_path / "votes.json")
    assert (back.study_uid, back.plan_hash, list(back.votes)) == (INFO.study_uid, INFO.plan_hash, expected)
    assert read_returned(tmp_path / "out") == back
    beyond = [*expected, dataclasses.replace(expected[-1], position=3)]  # a gap: what is behind it waits
    assert package.take_back([ann.seat], [*beyond, *expected]) == 1
    assert package.votes() == expected
    here = package.sit_down("Ann")
    assert (here.seat, here.done) == (ann.seat, 2)


def test_a_rater_who_has_another_seat_by_now_does_not_get_two(package: RaterPackage, tmp_path: Path) -> None:
    package.take_out([0], tmp_path / "out")
    with RaterPackage.open(tmp_path / "out") as out:
        cast_vote(out, out.sit_down("Ann"))
        votes = out.votes()
    here = package.sit_down("Ann")  # nobody knows here that she sits far away too
    assert here.seat != 0
    assert package.take_back([0], votes) == 1
    assert {seat.seat: seat.rater for seat in package.status()} == {0: None, here.seat: "Ann", 3 - here.seat: None}
    assert package.sit_down("Ann").seat == here.seat
