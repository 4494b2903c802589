"""Seats are handed out, taken back and freed; who watches learns how much was done, never what was answered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.collecting import close_study, collect_votes
from app.services.study.handing_out import check_unfinished, free_seat, hand_out, read_progress, take_back
from app.services.study.records import get_study, package_of
from db.rater_package.errors import OldTicketError, PackageError, SeatError
from db.rater_package.package import RaterPackage
from main import main
from tests.helpers.opened_studies import NAME, SEATS, TRIALS, add_study, open_study
from tests.helpers.postgres import new_schema
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
def own(project: Project) -> Iterator[RaterPackage]:
    with RaterPackage.open(package_of(project, get_study(project, NAME))) as package:
        yield package


def away_seats(package: RaterPackage) -> dict[int, str | None]:
    return {seat.seat: seat.away for seat in package.status() if seat.away is not None}


def test_a_package_holds_its_seats_and_no_other(project: Project, own: RaterPackage, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    made = hand_out(project, NAME, tmp_path / "for Bob", count=2, on_done=lambda *step: steps.append(step))
    assert (made.seats, made.trials) == ((0, 1), 2 * TRIALS)
    assert steps[0] == (0, steps[-1][1])
    assert steps[-1][0] == steps[-1][1] > 0
    assert away_seats(own) == {0: "for Bob", 1: "for Bob"}
    with RaterPackage.open(made.folder) as package:
        assert package.info == own.info
        assert [(seat.seat, seat.trials, seat.away) for seat in package.status()] == [
            (0, TRIALS, None),
            (1, TRIALS, None),
        ]
        bob = package.sit_down("Bob")
        theirs = []
        while (trial := cast_vote(package, bob)) is not None:
            theirs.append(trial)
            for name in (*trial.left, *trial.right):
                assert package.picture(name) == own.picture(name)
    assert len(theirs) == TRIALS
    assert {own.sit_down(name).seat for name in ("Ann", "Cem")} == {2, 3}
    with pytest.raises(SeatError, match="no free seat"):
        own.sit_down("Dot")


def test_only_pictures_of_its_trials_go_out(project: Project, tmp_path: Path) -> None:
    made = hand_out(project, NAME, tmp_path / "out", seats=[2])
    with RaterPackage.open(made.folder) as package:
        place = package.sit_down("Bob")
        needed = set()
        while (trial := cast_vote(package, place)) is not None:
            needed |= {*trial.left, *trial.right}
    assert {path.name for path in (made.folder / "stimuli").iterdir()} == needed


def test_what_cannot_be_handed_out(project: Project, own: RaterPackage, tmp_path: Path) -> None:
    place = own.sit_down("Ann")
    with pytest.raises(SeatError, match="'Ann' is working at seat"):
        hand_out(project, NAME, tmp_path / "out", seats=[place.seat])
    with pytest.raises(SeatError, match="no seat 41"):
        hand_out(project, NAME, tmp_path / "out", seats=[(place.seat + 1) % SEATS, 40])
    with pytest.raises(SeatError, match="name one"):
        hand_out(project, NAME, tmp_path / "out", seats=[])
    with pytest.raises(ServiceError, match="has 3 seats that nobody has begun, so 4 cannot"):
        hand_out(project, NAME, tmp_path / "out", count=4)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(PackageError, match="is not empty"):
        hand_out(project, NAME, tmp_path / "full")
    with pytest.raises(ServiceError, match="within the study's own package"):
        hand_out(project, NAME, own.folder / "stimuli" / "new")
    assert away_seats(own) == {}
    hand_out(project, NAME, tmp_path / "out", seats=[(place.seat + 1) % SEATS])
    with pytest.raises(SeatError, match="was handed out as 'out'; take it back first"):
        hand_out(project, NAME, tmp_path / "again", seats=[(place.seat + 1) % SEATS])


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, "picture"])
def test_what_fails_or_is_cancelled_leaves_every_seat_here(
    project: Project, own: RaterPackage, tmp_path: Path, trouble: object
) -> None:
    def cancel(done: int, _total: int) -> None:
        if done == 1 and trouble is KeyboardInterrupt:
            raise KeyboardInterrupt

    if trouble == "picture":
        for path in (own.folder / "stimuli").iterdir():
            path.write_bytes(b"damaged")
    with pytest.raises((KeyboardInterrupt, PackageError)):
        hand_out(project, NAME, tmp_path / "out", count=2, on_done=cancel)
    assert away_seats(own) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_seats_are_away_before_anything_is_copied(project: Project, own: RaterPackage, tmp_path: Path) -> None:
    """A program killed while it copies leaves seats away, never a seat in two places; taking back heals it."""
    seen = []
    hand_out(
        project, NAME, tmp_path / "out", on_done=lambda *_: seen.append((away_seats(own), (tmp_path / "out").exists()))
    )
    assert set(map(str, seen)) == {str(({0: "out"}, False))}
    shutil.rmtree(tmp_path / "out")
    assert take_back(project, NAME, [0]) == 0
    assert away_seats(own) == {}
    with pytest.raises(SeatError, match="Seat 1 was not handed out"):
        take_back(project, NAME, [0])


def test_a_seat_that_was_begun_moves_with_its_rater_and_comes_back(
    project: Project, own: RaterPackage, tmp_path: Path
) -> None:
    ann = own.sit_down("Ann")
    cast_vote(own, ann)
    own.stand_up(ann)
    made = hand_out(project, NAME, tmp_path / "home", seats=[ann.seat])
    with pytest.raises(SeatError, match="handed out as 'home'"):
        own.sit_down("Ann")
    with pytest.raises(OldTicketError):
        own.next_trial(ann)
    with RaterPackage.open(made.folder) as home:
        place = home.sit_down("ann")
        assert (place.seat, place.done, place.rater) == (ann.seat, 1, "Ann")
        cast_vote(home, place, "right")
        cast_vote(home, place)
        expected = home.votes()
    assert read_progress(project, NAME).seats[ann.seat].done == 1
    assert collect_votes(project, NAME, [made.folder]).votes == 3
    row = read_progress(project, NAME).seats[ann.seat]
    assert (row.done, row.rater, row.away, row.last_vote_at) == (3, "Ann", "home", expected[-1].voted_at)
    assert take_back(project, NAME, [ann.seat]) == 2
    assert own.votes() == expected
    again = own.sit_down("Ann")
    assert (again.seat, again.done) == (ann.seat, 3)
    cast_vote(own, again)
    report = collect_votes(project, NAME, [made.folder])
    assert (report.votes, report.problems) == (4, [])


def test_a_seat_of_somebody_far_away_is_freed_for_somebody_here(
    project: Project, own: RaterPackage, tmp_path: Path
) -> None:
    made = hand_out(project, NAME, tmp_path / "away", seats=[3])
    assert free_seat(project, NAME, 3) is None  # nobody had begun there
    made = hand_out(project, NAME, tmp_path / "away again", seats=[3])
    with RaterPackage.open(made.folder) as package:
        bob = package.sit_down("Bob")
        cast_vote(package, bob)
        package.write_votes(tmp_path / "votes.json")
    collect_votes(project, NAME, [tmp_path / "votes.json"])
    assert free_seat(project, NAME, 3) == "Bob"
    assert away_seats(own) == {}
    places = [own.sit_down(name) for name in ("Ann", "Cem", "Dot", "Eve")]
    (at_three,) = (place for place in places if place.seat == 3)
    assert at_three.done == 1
    cast_vote(own, at_three)
    assert [vote.rater for vote in own.votes()] == ["Bob", at_three.rater]
    with pytest.raises(SeatError, match="'Bob' has voted at seat 4"):
        own.sit_down("Bob")


def test_a_finished_seat_is_not_freed_and_nobody_new_is_led_to_one(project: Project, own: RaterPackage) -> None:
    ann = own.sit_down("Ann")
    for _ in range(TRIALS):
        cast_vote(own, ann)
    own.stand_up(ann)
    with pytest.raises(ServiceError, match=f"Seat {ann.seat + 1} is finished; there is nothing left"):
        check_unfinished(project, NAME, ann.seat)
    assert main(["study", "free", NAME, str(ann.seat + 1), "--project", str(project.folder)]) == 2
    own.free_seat(ann.seat)  # as after it was taken back from a rater with another seat
    others = {own.sit_down(name).seat for name in ("Bob", "Cem", "Dot")}
    assert others == set(range(SEATS)) - {ann.seat}
    with pytest.raises(SeatError, match="no free seat for 'Eve'"):
        own.sit_down("Eve")
    assert own.sit_down("Ann").seat == ann.seat
    close_study(project, NAME)
    with pytest.raises(ServiceError, match="is closed; nobody can go on"):
        free_seat(project, NAME, min(others))


def test_progress_tells_how_much_and_not_what(project: Project, own: RaterPackage) -> None:
    ann = own.sit_down("Ann")
    for choice in ("left", "right", "left"):
        cast_vote(own, ann, choice)
    found = read_progress(project, NAME)
    assert (found.done, found.trials, found.collected, found.closed) == (3, SEATS * TRIALS, 0, False)
    row = found.seats[ann.seat]
    assert (row.rater, row.done, row.trials, row.present, row.away) == ("Ann", 3, TRIALS, True, None)
    text = json.dumps(found.as_dict())
    assert found.as_dict()["seats"][ann.seat]["seat"] == ann.seat + 1
    assert not any(word in text for word in ("left", "right", "choice"))


def test_project_and_package_on_a_server(tmp_path: Path, postgres_server: str) -> None:
    with Project.create(tmp_path / "project", new_schema(postgres_server)) as project:
        add_study(project, 2, 4, "c0ffee123456", server=new_schema(postgres_server))
        folder = package_of(project, get_study(project, NAME))
        assert sorted(path.name for path in folder.iterdir()) == ["package.json", "stimuli"]
        made = hand_out(project, NAME, tmp_path / "far", seats=[1])
        with RaterPackage.open(folder) as package, RaterPackage.open(made.folder) as far:
            ann, bob = package.sit_down("Ann"), far.sit_down("Bob")
            for place, opened in ((ann, package), (bob, far)):
                cast_vote(opened, place)
                cast_vote(opened, place, "right")
        assert [collect_votes(project, NAME, [made.folder]).new for _ in range(2)] == [4, 0]
        assert take_back(project, NAME, [1]) == 2
        assert close_study(project, NAME).problems == []
        assert [(seat.rater, seat.done) for seat in read_progress(project, NAME).seats] == [("Ann", 2), ("Bob", 2)]
