"""``study package | votes | collect | progress | free | take-back | close`` from a shell's point of view."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.program import run_program
from app.cli.study.seat_numbers import read_names, read_seats
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.records import get_study, package_of
from db.rater_package.package import RaterPackage
from tests.helpers.opened_studies import NAME, TRIALS, open_study
from tests.helpers.rater_packages import cast_vote


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_study(tmp_path / "project").close()
    return tmp_path / "project"


@pytest.fixture
def own(folder: Path) -> Iterator[RaterPackage]:
    with Project.open(folder, with_files=False) as project:
        place = package_of(project, get_study(project, NAME))
    with RaterPackage.open(place) as package:
        yield package


def test_a_study_with_a_rater_far_away(
    folder: Path, own: RaterPackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*words: str, code: int = 0) -> dict[str, Any]:
        assert run_program(["study", *words, "--json"], None) == code  # type: ignore[arg-type]
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    project = ("--project", str(folder))
    out, votes = str(tmp_path / "for Bob"), str(tmp_path / "bob.json")
    assert call("package", NAME, out, "--seats", "2-3", *project) == {
        "folder": out,
        "seats": [2, 3],
        "trials": 2 * TRIALS,
    }
    with RaterPackage.open(Path(out)) as package:
        bob = package.sit_down("Bob")
        cast_vote(package, bob)
        cast_vote(package, bob)
    ann = own.sit_down("Ann")
    cast_vote(own, ann)
    own.stand_up(ann)
    assert call("votes", out, votes) == {"file": votes, "votes": 2}
    report = call("collect", NAME, votes, out, *project)
    assert (report["new"], report["known"], report["votes"]) == (3, 2, 3)
    report = call("collect", NAME, str(tmp_path / "absent.json"), *project, code=1)
    assert "does not exist" in report["problems"][0]
    seats = {row["seat"]: row for row in call("progress", NAME, *project)["seats"]}
    assert (seats[bob.seat + 1]["rater"], seats[bob.seat + 1]["done"], seats[bob.seat + 1]["away"]) == (
        "Bob",
        2,
        "for Bob",
    )
    assert call("free", NAME, str(ann.seat + 1), *project) == {"seat": ann.seat + 1, "rater": "Ann"}
    assert call("take-back", NAME, str(bob.seat + 1), *project) == {"seats": [bob.seat + 1], "votes": 2}
    assert "not handed out" in call("take-back", NAME, str(bob.seat + 1), *project, code=2)["error"]
    assert call("package", NAME, str(tmp_path / "next"), "--count", "1", *project)["trials"] == TRIALS
    assert "not both" in call("package", NAME, out, "--count", "1", "--seats", "1", *project, code=2)["error"]
    assert "handed out lack votes" in call("close", NAME, *project, code=2)["error"]
    assert call("progress", NAME, *project)["closed"] is False
    assert call("close", NAME, "--force", *project)["votes"] == 3
    assert call("progress", NAME, *project)["closed"] is True


def test_words_for_people(folder: Path, own: RaterPackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ann = own.sit_down("Ann")
    cast_vote(own, ann)

    def call(*words: str) -> str:
        run_program(["study", *words, "--project", str(folder)], None)  # type: ignore[arg-type]
        return capsys.readouterr().out

    text = call("progress", NAME)
    assert f"{NAME}: open, 1 of 24 trials answered, 0 collected." in text
    assert f"{ann.seat + 1:4d}  Ann {' ' * 16}     1 of 6, at work, last vote" in text
    assert call("collect", NAME) == f"1 new votes, 0 known; the study '{NAME}' has 1 of 24.\n"
    made = call("package", NAME, str(tmp_path / "out"))
    assert made.startswith(f"{tmp_path / 'out'} holds seat ")
    assert f"The study '{NAME}' is closed with 1 votes of 24." in call("close", NAME, "--force")


@pytest.mark.parametrize(
    ("text", "seats"), [("3", [2]), ("3-5", [2, 3, 4]), ("1, 4-5 ,4", [0, 3, 4]), ("100000", [99_999])]
)
def test_seats_are_written_as_people_count(text: str, seats: list[int]) -> None:
    assert read_seats(text) == seats


@pytest.mark.parametrize("text", ["", "0", "5-3", "a", "1-", "-1", "1,,2", "1-100001", "999999999999"])
def test_what_names_no_seats(text: str) -> None:
    with pytest.raises(ServiceError, match="names no seats"):
        read_seats(text)


def test_new_names_are_written_with_their_seat() -> None:
    assert read_names(["5:Ann B", "1-2: Bob:2"]) == {4: "Ann B", 0: "Bob:2", 1: "Bob:2"}
    for text in ("Ann", "5:", ":Ann"):
        with pytest.raises(ServiceError):
            read_names([text])
