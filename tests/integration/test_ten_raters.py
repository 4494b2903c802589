"""Ten processes vote at once, two are killed: every item has exactly its R distinct raters, and no vote is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from db.rater_package.names import name_picture
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageTrial
from tests.helpers.postgres import new_schema
from tests.helpers.rater_packages import INFO, build_package, build_picture

ROOT = Path(__file__).parents[2]
EACH = 3
"""Raters of an item."""


class Voter:
    """A process that votes; what it reports has been stored."""

    def __init__(self, folder: Path, rater: str, seed: int, stack: ExitStack, *end: str) -> None:
        command = [sys.executable, "-m", "tests.helpers.package_voter", str(folder), rater, str(seed), *end]
        pipe = subprocess.PIPE
        self.rater = rater
        self.reported: list[tuple[int, int, str]] = []
        self.process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True))
        stack.callback(self.process.kill)
        self.last = ""

    def is_ready(self) -> bool:
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "ready\n"

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def listen(self, most: int = 10**9) -> None:
        """Take down what the process reports: until it ends, or some votes."""
        assert self.process.stdout is not None
        while len(self.reported) < most and (line := self.process.stdout.readline()):
            self.last = line.strip()
            words = line.split()
            if len(words) == 3:
                self.reported.append((int(words[0]), int(words[1]), words[2]))

    def is_killed(self) -> bool:
        return self.process.wait(timeout=60) == -signal.SIGKILL


def plan_items(items: int, raters: int) -> tuple[list[PackageTrial], dict[tuple[int, int], int], list[bytes]]:
    """Trials of seats with each item at three of them, in an order of each seat's own, and which item each is."""
    pictures = [build_picture(seed) for seed in range(4)]
    names = [name_picture(picture) for picture in pictures]
    seats: dict[int, list[int]] = defaultdict(list)
    for item in range(items):
        for step in range(EACH):
            seats[(item + step) % raters].append(item)
    trials, item_of = [], {}
    for seat, own in seats.items():
        random.Random(seat).shuffle(own)
        for position, item in enumerate(own):
            trials.append(PackageTrial(seat, position, (names[item % 4],), (names[(item + 1) % 4],)))
            item_of[seat, position] = item
    return trials, item_of, pictures


def vote_at_once(folder: Path, raters: int, after: int) -> list[Voter]:
    """Let raters come, one more than there are seats; two are killed in the middle of a vote and come again."""
    with ExitStack() as stack:
        ends = {0: ("inside", str(after)), 1: ("behind", str(2 * after))}
        first = [Voter(folder, f"R{number}", number, stack, *ends.get(number, ())) for number in range(raters)]
        assert all(voter.is_ready() for voter in first)
        for voter in first:
            voter.begin()
        for number, (_, votes) in ends.items():
            first[number].listen()
            assert first[number].is_killed()
            assert len(first[number].reported) == int(votes)
        again = [Voter(folder, first[number].rater, 100 + number, stack) for number in ends]
        late = Voter(folder, "late", 0, stack)
        for voter in [*again, late]:
            assert voter.is_ready()
            voter.begin()
            voter.listen()
        for voter in first[len(ends) :]:
            voter.listen()
        assert [voter.last for voter in [*first[len(ends) :], *again]] == ["done"] * raters
        assert late.last == "no seat"
        return [*first, *again]


def check_votes(folder: Path, voters: Sequence[Voter], item_of: dict[tuple[int, int], int]) -> None:
    with RaterPackage.open(folder) as package:
        votes = package.votes()
    stored = {(vote.seat, vote.position): vote for vote in votes}
    assert len(stored) == len(votes) == len(item_of)
    raters: dict[int, set[str]] = defaultdict(set)
    for place, vote in stored.items():
        raters[item_of[place]].add(vote.rater)
    assert Counter(len(names) for names in raters.values()) == {EACH: len(item_of) // EACH}
    for voter in voters:
        for seat, position, choice in voter.reported:
            assert (stored[seat, position].rater, stored[seat, position].choice) == (voter.rater, choice)
    # One vote was stored and its process killed before it could say so; the one that was not committed is not there.
    assert sum(len(voter.reported) for voter in voters) == len(item_of) - 1


@pytest.mark.parametrize(
    ("kind", "raters", "items"),
    [
        ("sqlite", 10, 100),
        ("postgresql", 4, 40),  # each process costs a second of this machine
        pytest.param("sqlite", 10, 2000, marks=pytest.mark.slow),
        pytest.param("postgresql", 10, 2000, marks=pytest.mark.slow),
    ],
)
def test_many_raters_at_once_of_whom_two_are_killed(
    tmp_path: Path, kind: str, raters: int, items: int, request: pytest.FixtureRequest
) -> None:
    address = new_schema(request.getfixturevalue("postgres_server")) if kind == "postgresql" else None
    trials, item_of, pictures = plan_items(items, raters)
    folder = tmp_path / "package"
    RaterPackage.create(folder, INFO, trials, pictures, address).close()
    check_votes(folder, vote_at_once(folder, raters, items // 15), item_of)


@pytest.mark.parametrize("votes", [1, 7])
def test_a_vote_that_has_returned_is_there_after_kill_9(tmp_path: Path, votes: int) -> None:
    with build_package(tmp_path / "package", seats=1, trials=5000):
        pass
    with ExitStack() as stack:
        voter = Voter(tmp_path / "package", "Ann", 1, stack)
        assert voter.is_ready()
        voter.begin()
        voter.listen(votes)
        voter.process.send_signal(signal.SIGKILL)
        voter.listen()  # what it still got out
        assert voter.is_killed()
    with RaterPackage.open(tmp_path / "package") as package:
        stored = [(vote.seat, vote.position, str(vote.choice)) for vote in package.votes()]
        assert stored[: len(voter.reported)] == voter.reported
        assert len(voter.reported) <= len(stored) <= len(voter.reported) + 1
        assert len(stored) < 5000
        again = package.sit_down("Ann")
        assert again.done == len(stored)
