"""In which order a seat sees its trials: shuffled, the same person far apart, catch and repeat trials in between.

Main trials get random times, those of one person spread over the whole, and are laid down in that order; whatever
would stand too near to the same person, or make a pair of methods come too often running, waits. What is left at the
end is put in between, and so are repeats and catch trials afterwards: putting a trial in between never brings two
others nearer to each other. Every search has an end; where nothing fits, the place farthest from the same person is
taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from app.study.dice import Dice
from app.study.plan import PlannedTrial

LONGEST_RUN: Final = 3
"""A pair of methods comes so often running at most, where there are several."""
_ATTEMPTS: Final = 4
"""Lines that are tried before a smaller distance is."""
_WINDOW: Final = 200
"""Waiting trials that are looked at for each place of a line that cannot keep to everything."""
_LOOKS: Final = 40
"""Repeats and places for each that are looked at where none fits."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """What an order keeps to.

    Attributes:
        gap: Trials between two of the same person.
        longest_run: Trials of one pair of methods running, catch trials in between not counted; 0 for any number.
    """

    gap: int
    longest_run: int

    def fits(self, line: Sequence[PlannedTrial], place: int, trial: PlannedTrial) -> bool:
        """Whether a trial can be put in at a place."""
        near = line[max(0, place - self.gap) : place + self.gap]
        return all(other.person != trial.person for other in near) and self.keeps_run(line, place, trial)

    def keeps_run(self, line: Sequence[PlannedTrial], place: int, trial: PlannedTrial) -> bool:
        """Whether a trial put in at a place leaves no pair too often running."""
        if trial.is_known or not self.longest_run:
            return True
        pair, limit = {trial.left, trial.right}, self.longest_run
        before = _count_run(reversed(line[max(0, place - limit) : place]), pair)
        return before + _count_run(line[place : place + limit], pair) < limit

    def distance(self, line: Sequence[PlannedTrial], place: int, trial: PlannedTrial) -> int:
        """How near a trial put in at a place would stand to the same person; all beyond the gap is the same."""
        for steps in range(1, self.gap + 1):
            before, behind = place - steps, place + steps - 1
            if before >= 0 and line[before].person == trial.person:
                return steps
            if behind < len(line) and line[behind].person == trial.person:
                return steps
        return self.gap + 1

    def find_best(self, line: Sequence[PlannedTrial], places: Iterable[int], trial: PlannedTrial) -> tuple[int, int]:
        """Of these places the one farthest from the same person, if there is one without too long a run.

        Returns:
            How far it is, and the place.
        """
        best = (False, -1, 0)
        for place in places:
            found = (self.keeps_run(line, place, trial), self.distance(line, place, trial), place)
            best = max(best, found, key=lambda one: one[:2])
        return best[1], best[2]


def order_trials(
    begun: Sequence[PlannedTrial], trials: Sequence[PlannedTrial], spacing: Spacing, dice: Dice
) -> list[PlannedTrial]:
    """Put trials behind those that a seat begins with, shuffled.

    Returns:
        The whole line.
    """
    gap = min(spacing.gap, _widest_gap(trials))
    while True:
        wanted = Spacing(gap, spacing.longest_run)
        for _ in range(_ATTEMPTS):
            line, left = _lay_down(begun, _spread(trials, gap, dice), wanted)
            if _put_between(line, left, len(begun), wanted, dice):
                return line
        if gap == 0:
            return _lay_down_at_best(begun, dice.shuffled(trials), wanted, dice)
        gap = gap * 4 // 5


def add_repeats(line: list[PlannedTrial], begun: int, count: int, spacing: Spacing, dice: Dice) -> None:
    """Put main trials of the first half in again, sides exchanged, in the last two fifths, far from themselves.

    Args:
        line: Practice and main trials; gets longer.
        begun: How many of them are practice.
        count: Repeats.
        spacing: What to keep to.
        dice: Of this seat.
    """
    length = len(line) - begun
    originals = dice.shuffled(list(enumerate(line[begun:], start=begun)))
    early = [one for one in originals if one[0] < begun + length / 2]
    used: Counter[frozenset[str]] = Counter()
    for number in range(min(count, length)):
        target = begun + int(length * (0.6 + 0.4 * (number + dice.uniform()) / count)) + number
        looked_at = list(islice((one for one in early if target - one[0] >= length / 3), _WINDOW))
        looked_at.sort(key=lambda one: (used[one[1].item[1]], (one[1].left < one[1].right) == bool(number % 2)))
        chosen = _find_repeat(line, looked_at, target, length, spacing)
        if chosen is None:
            chosen = _find_least_bad_repeat(line, originals, begun + length // 2, spacing, dice)
        original, place = chosen
        originals.remove(original)
        if original in early:
            early.remove(original)
        used[original[1].item[1]] += 1
        line.insert(place, _exchange(original[1]))


def add_catches(
    line: list[PlannedTrial], begun: int, catches: Sequence[PlannedTrial], spacing: Spacing, dice: Dice
) -> None:
    """Put catch trials in between, spread evenly with some jitter, never first, never two running where that can be.

    Args:
        line: Practice, main and repeat trials; gets longer.
        begun: How many of them are practice.
        catches: Catch trials.
        spacing: What to keep to.
        dice: Of this seat.
    """
    waiting = dice.shuffled(catches)
    slots = _choose_slots(len(waiting), len(line) - begun, dice)
    for number, slot in enumerate(slots):
        lowest = slots[number - 1] + 1 if number else 1
        highest = slots[number + 1] - 1 if number + 1 < len(slots) else len(line) - begun - number
        shifts = sorted(range(min(lowest, slot), max(highest, slot) + 1), key=lambda other: abs(other - slot))[:_LOOKS]
        trial, chosen = _choose_catch(line, begun + number, waiting, shifts, spacing)
        slots[number] = chosen
        waiting.remove(trial)
        line.insert(begun + number + chosen, trial)


def find_closest(line: Sequence[PlannedTrial]) -> int | None:
    """Trials between the two nearest ones of the same person; None where everybody comes once."""
    seen: dict[int, int] = {}
    closest: int | None = None
    for place, trial in enumerate(line):
        if trial.person in seen:
            between = place - seen[trial.person] - 1
            closest = between if closest is None else min(closest, between)
        seen[trial.person] = place
    return closest


def _count_run(trials: Iterable[PlannedTrial], pair: set[str]) -> int:
    run = 0
    for trial in trials:
        if {trial.left, trial.right} != pair:
            break
        run += 1
    return run


def _widest_gap(trials: Sequence[PlannedTrial]) -> int:
    """The most trials that can stand between any two of the same person."""
    counts = Counter(trial.person for trial in trials)
    most = max(counts.values(), default=0)
    if most < 2:
        return len(trials)
    return (len(trials) - sum(count == most for count in counts.values())) // (most - 1) - 1


def _spread(trials: Sequence[PlannedTrial], gap: int, dice: Dice) -> list[PlannedTrial]:
    """Trials by random times; those of one person at equal distances, which vary as far as the gap leaves room."""
    by_person: defaultdict[int, list[PlannedTrial]] = defaultdict(list)
    for trial in dice.shuffled(trials):
        by_person[trial.person].append(trial)
    timed: list[tuple[float, PlannedTrial]] = []
    for same in by_person.values():
        step = 1 / len(same)
        begin, room = dice.uniform(0, step), max(0.0, 0.4 * (step - (gap + 1) / len(trials)))
        for number, trial in enumerate(same):
            timed.append((begin + number * step + (dice.uniform(-room, room) if len(same) > 1 else 0.0), trial))
    timed.sort(key=lambda one: one[0])
    return [trial for _, trial in timed]


def _lay_down(
    begun: Sequence[PlannedTrial], waiting: list[PlannedTrial], spacing: Spacing
) -> tuple[list[PlannedTrial], list[PlannedTrial]]:
    """The line as far as it goes, and who still waits."""
    line = list(begun)
    while waiting:
        place = len(line)
        following = next((i for i, trial in enumerate(waiting) if spacing.fits(line, place, trial)), None)
        if following is None:
            break
        line.append(waiting.pop(following))
    return line, waiting


def _put_between(
    line: list[PlannedTrial], left: Sequence[PlannedTrial], begun: int, spacing: Spacing, dice: Dice
) -> bool:
    for trial in left:
        places = dice.shuffled(range(begun, len(line) + 1))
        place = next((place for place in places if spacing.fits(line, place, trial)), None)
        if place is None:
            return False
        line.insert(place, trial)
    return True


def _lay_down_at_best(
    begun: Sequence[PlannedTrial], waiting: list[PlannedTrial], spacing: Spacing, dice: Dice
) -> list[PlannedTrial]:
    """A line where not everything can be kept to: runs before distances, people with many trials first."""
    line, left = list(begun), Counter(trial.person for trial in waiting)
    while waiting:
        place = len(line)
        allowed = [trial for trial in waiting[:_WINDOW] if spacing.keeps_run(line, place, trial)]
        if not allowed:
            break
        best = max(allowed, key=lambda trial: (spacing.distance(line, place, trial), left[trial.person]))
        waiting.remove(best)
        left[best.person] -= 1
        line.append(best)
    for trial in waiting:
        _, place = spacing.find_best(line, dice.shuffled(range(len(begun), len(line) + 1)), trial)
        line.insert(place, trial)
    return line


def _find_repeat(
    line: Sequence[PlannedTrial],
    originals: Sequence[tuple[int, PlannedTrial]],
    target: int,
    length: int,
    spacing: Spacing,
) -> tuple[tuple[int, PlannedTrial], int] | None:
    for original in originals[:_LOOKS]:
        for shift in range(length // 10 + 1):
            for place in (min(target + shift, len(line)), target - shift):
                if place - original[0] >= length / 3 and spacing.fits(line, place, original[1]):
                    return original, place
    return None


def _find_least_bad_repeat(
    line: Sequence[PlannedTrial],
    originals: Sequence[tuple[int, PlannedTrial]],
    earliest: int,
    spacing: Spacing,
    dice: Dice,
) -> tuple[tuple[int, PlannedTrial], int]:
    best: tuple[tuple[int, int], tuple[int, PlannedTrial], int] | None = None
    for original in originals[:_LOOKS]:
        places = dice.shuffled(range(max(earliest, original[0] + 1), len(line) + 1))[:_LOOKS]
        distance, place = spacing.find_best(line, places, original[1])
        found = ((distance, place - original[0]), original, place)
        if best is None or found[0] > best[0]:
            best = found
    assert best is not None  # there are never more repeats than trials
    return best[1], best[2]


def _exchange(trial: PlannedTrial) -> PlannedTrial:
    return PlannedTrial("repeat", trial.person, trial.right, trial.left)


def _choose_slots(count: int, length: int, dice: Dice) -> list[int]:
    """Behind how many other trials each catch trial comes, from 1; ascending, and different where that can be."""
    jittered = [1 + int((number + dice.uniform(0.15, 0.85)) * length / count) for number in range(count)]
    slots = [min(slot, length) for slot in jittered]
    if len(set(slots)) == count:
        return slots
    return [min(1 + number * length // count, length) for number in range(count)]


def _choose_catch(
    line: Sequence[PlannedTrial],
    begun: int,
    waiting: Sequence[PlannedTrial],
    slots: Sequence[int],
    spacing: Spacing,
) -> tuple[PlannedTrial, int]:
    """The catch trial and the slot, the nearest first, that are far enough from the same person, or farthest."""
    best: tuple[int, PlannedTrial, int] | None = None
    for slot in slots:
        for trial in waiting:
            distance = spacing.distance(line, begun + slot, trial)
            if distance > spacing.gap:
                return trial, slot
            if best is None or distance > best[0]:
                best = (distance, trial, slot)
    assert best is not None  # there is a slot for each that waits
    return best[1], best[2]
