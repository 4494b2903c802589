"""Which field of the form a fault of a design belongs to: the words that its sentence has for the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

_WORDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("people.seed", ("'seed'",)),
    ("raters_per_item", ("'raters of an item'", "raters per item", "raters of an item", "different raters")),
    ("practice", ("'practice trials'", "practice trials")),
    ("catches", ("catch trials",)),
    ("repeat_share", ("'share of repeats'", "repeats a rater's")),
    ("min_exposure_s", ("'seconds before a vote counts'",)),
    ("break_every", ("'trials between breaks'",)),
    ("same_person_gap", ("'trials between two of the same person'",)),
    ("confidence", ("'confidence of intervals'",)),
    ("stimuli.size_px", ("'side of a picture in pixels'",)),
    ("stimuli.margin", ("'margin of the crop'",)),
    ("name", ("The study's name",)),
    ("question", ("The study's question", "The question names")),
    ("primary", ("primary pair",)),
    ("people.exclude_images", ("excluded images",)),
    ("people.where", ("filter", "Filter")),
    ("subgroups", ("subgroup",)),
    ("stimuli.views", ("view shows", "Each view", "views", "Only the overlay")),
    ("stimuli.camera", ("first method's camera",)),
    ("stimuli.colours", ("colour of its own",)),
    ("people.count", ("'people'", "fewer people", "more people")),
    ("methods", ("methods", "The method", "name of a method")),
    ("raters", ("'raters'", "raters")),
)
"""In this order: a sentence about raters may name people as a cure."""


def find_field(sentence: str) -> str | None:
    """The field that a sentence is about; None for one about none of them."""
    return next((field for field, words in _WORDS if any(word in sentence for word in words)), None)


def place_faults(sentences: Iterable[str]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Sentences by field, and those that belong to none."""
    by_field: dict[str, str] = {}
    others: list[str] = []
    for sentence in sentences:
        field = find_field(sentence)
        if field is None:
            others.append(sentence)
        else:
            by_field[field] = f"{by_field[field]}\n{sentence}" if field in by_field else sentence
    return by_field, tuple(others)
