"""What is wrong with a design, and what is only unwise; pure, so that a form can ask at every key."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from app.study.design import StudyDesign
from app.study.errors import StudyError
from app.study.plan import BAD, GOOD

LARGEST_CHANCE: Final = 0.05
"""A rater who clicks at random may pass the catch trials with this chance at most."""
FEWEST_RATERS: Final = 10
"""Below it the number of raters limits every interval (docs/studies.md)."""
_TEXT_LIMIT: Final = 300
_NAME_LIMIT: Final = 80
_MOST_METHODS: Final = 20
_MOST_TRIALS: Final = 1_000_000
_LARGEST_SEED: Final = 2**53
_LONG_SEAT: Final = 600
"""Trials of a rater; more take well over an hour at six seconds each."""
_BODILESS: Final = frozenset(("photo", "keypoints"))
_LIMITS: Final = (
    ("people.count", "people", 1, 100_000),
    ("people.seed", "seed", 0, _LARGEST_SEED),
    ("raters", "raters", 1, 1000),
    ("raters_per_item", "raters of an item", 1, 99),
    ("practice", "practice trials", 0, 100),
    ("catches.count", "catch trials", 0, 200),
    ("repeat_share", "share of repeats", 0, 0.5),
    ("min_exposure_s", "seconds before a vote counts", 0, 30),
    ("break_every", "trials between breaks", 5, 1000),
    ("same_person_gap", "trials between two of the same person", 0, 200),
    ("confidence", "confidence of intervals", 0.5, 0.999),
    ("stimuli.size_px", "side of a picture in pixels", 128, 2048),
    ("stimuli.margin", "margin of the crop", 1.0, 4.0),
)


def check_design(design: StudyDesign) -> None:
    """Refuse a design that no sound study can be made of.

    Raises:
        StudyError: It has faults; all are named.
    """
    if faults := find_faults(design):
        raise StudyError(" ".join(faults))


def find_faults(design: StudyDesign) -> list[str]:
    """Everything that is wrong, a sentence each with the cure; nothing for a sound design."""
    try:
        msgspec.convert(msgspec.to_builtins(design), StudyDesign)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        return [f"The design has a value of the wrong kind ({error}); correct it."]
    limits = list(_find_beyond_limits(design))
    return [
        *limits,
        *_find_bad_texts(design),
        *_find_bad_methods(design),
        *_find_bad_stimuli(design),
        *([] if limits else _find_bad_numbers(design)),
    ]


def find_warnings(design: StudyDesign) -> list[str]:
    """What a reviewer could object to although the study can be done, a sentence each."""
    return list(_iter_warnings(design))


def chance_of_random_pass(count: int, pass_at_least: int) -> float:
    """Chance that a rater who clicks at random gets at least so many of ``count`` catch trials right."""
    from scipy.stats import binom

    return float(binom.sf(pass_at_least - 1, count, 0.5))


def find_needed(count: int) -> int | None:
    """Fewest of so many catch trials that somebody who clicks at random gets right too rarely; None: not all do."""
    return next((k for k in range(1, count + 1) if chance_of_random_pass(count, k) <= LARGEST_CHANCE), None)


def find_named_methods(text: str, methods: Sequence[str]) -> list[str]:
    """Methods whose name stands in a text, as words of their own, in whatever case."""
    return [name for name in methods if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)]


def _find_beyond_limits(design: StudyDesign) -> Iterator[str]:
    for path, words, low, high in _LIMITS:
        value: object = design
        for name in path.split("."):
            value = getattr(value, name)
        if not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
            yield f"The number '{words}' is {value}, expected {low:g} to {high:g}."


def _find_bad_texts(design: StudyDesign) -> Iterator[str]:
    for words, text, limit in (("name", design.name, _NAME_LIMIT), ("question", design.question, _TEXT_LIMIT)):
        if not text.strip() or len(text) > limit or not text.isprintable():
            yield f"The study's {words} has 1 to {limit} printable characters in one line; write another."
    for name in find_named_methods(design.question, design.methods):
        yield f"The question names the method '{name}', which raters must not learn; ask without it."
    for image in design.people.exclude_images:
        if not image.strip() or "/" in image or "\\" in image:
            yield f"'{image}' is no file name; name excluded images by their file name without folders."


def _find_bad_methods(design: StudyDesign) -> Iterator[str]:
    methods = design.methods
    if len(methods) < 2:
        yield "A study compares at least two methods; name another one."
    if len(methods) > _MOST_METHODS:
        yield f"A study compares at most {_MOST_METHODS} methods; leave some out."
    for name in sorted({name for name in methods if methods.count(name) > 1}):
        yield f"The method '{name}' is named twice; leave one out."
    for name in methods:
        if not name.strip() or name in (GOOD, BAD):
            yield f"'{name}' cannot be the name of a method in a study; relabel its fits."
    first, second = design.primary
    if first == second or first not in methods or second not in methods:
        yield f"The primary pair is '{first}' and '{second}', expected two different ones of the study's methods."
    if len(set(design.subgroups)) < len(design.subgroups):
        yield "A subgroup is named twice; leave one out."


def _find_bad_stimuli(design: StudyDesign) -> Iterator[str]:
    views = design.stimuli.views
    if len(set(views)) < len(views) or len(views) > 6:
        yield "Each view is shown once, six at most; leave some out."
    if not set(views) - _BODILESS:
        yield "No view shows the body; add 'overlay' or 'side'."


def _find_bad_numbers(design: StudyDesign) -> Iterator[str]:
    items = design.people.count * len(design.pairs)
    votes = items * design.raters_per_item
    if design.raters < design.raters_per_item:
        yield (
            f"Each item needs {design.raters_per_item} different raters and there are {design.raters}; take more raters"
            " or fewer per item."
        )
    if design.raters_per_item % 2 == 0 and not design.cannot_decide:
        yield (
            f"{design.raters_per_item} raters of an item can split evenly; take an odd number, or allow"
            " 'cannot decide'."
        )
    if votes > _MOST_TRIALS:
        yield f"The study has {votes:,} votes, expected at most {_MOST_TRIALS:,}; take fewer people or methods."
    if items and design.raters > votes:
        yield f"There are {votes} votes for {design.raters} raters; take fewer raters or more people."
    yield from _find_bad_catches(design)


def _find_bad_catches(design: StudyDesign) -> Iterator[str]:
    count, needed = design.catches.count, design.catches.pass_at_least
    if count == 0:
        return
    enough = find_needed(count)
    cure = "plant at least 5" if enough is None else f"ask for at least {enough} of {count}"
    if not 1 <= needed <= count:
        yield f"{needed} of {count} catch trials cannot be asked for; {cure}."
        return
    chance = chance_of_random_pass(count, needed)
    if chance <= LARGEST_CHANCE:
        return
    yield (
        f"A rater who clicks at random gets {needed} of {count} catch trials right with a chance of {chance:.1%}, which"
        f" must be at most {LARGEST_CHANCE:.0%}; {cure}."
    )


def _iter_warnings(design: StudyDesign) -> Iterator[str]:
    if design.raters < FEWEST_RATERS:
        yield (
            f"With {design.raters} raters, fewer than {FEWEST_RATERS}, intervals speak about these raters more than"
            " about anybody: the smaller of the numbers of raters and people limits them. Find more raters."
        )
    if design.raters_per_item < 3:
        yield "With fewer than 3 raters of an item there is no majority, and agreement is hardly measured."
    if design.catches.count == 0:
        yield "Without catch trials nobody can be told from a rater who clicks at random."
    if design.practice == 0:
        yield "Without practice trials raters learn the task on trials that count."
    if design.repeat_share == 0:
        yield "Without repeats a rater's own consistency is not known."
    if len(design.methods) > 6:
        yield f"{len(design.methods)} methods make {len(design.pairs)} pairs; above six, most votes teach little."
    if design.stimuli.camera == "released":
        yield "Through the first method's camera the others can look shifted through no fault of their own."
    if design.stimuli.colours == "released":
        yield "The first method has a colour of its own, so raters can recognise it."
    yield from _iter_view_warnings(design)
    if design.raters:
        trials = design.people.count * len(design.pairs) * design.raters_per_item * (1 + design.repeat_share)
        each = trials / design.raters + design.practice + design.catches.count
        if design.catches.count * design.raters > trials:
            yield (
                f"{design.catches.count} catch trials are more than the {trials / design.raters:.0f} others of a rater"
                " and cannot be kept apart; take more people or fewer catch trials."
            )
        if each > _LONG_SEAT:
            yield f"Each rater has some {each:.0f} trials, over an hour of work; take more raters or fewer people."


def _iter_view_warnings(design: StudyDesign) -> Iterator[str]:
    views, background = set(design.stimuli.views), design.stimuli.background
    if not views & _BODILESS and not (background and "overlay" in views):
        yield "No view shows the photograph; add 'photo', 'keypoints' or the overlay's background."
    if not views - _BODILESS - {"overlay"}:
        yield "Only the overlay shows the body, and depth cannot be seen in it; add 'side'."
