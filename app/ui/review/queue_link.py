"""From a number to the people behind it: queries in the words of the list's filter, and how the list is told."""

from __future__ import annotations

import math

from app.ui.people_list import PeopleColumn
from db.records import UNDECIDED_STATES, PersonState

_STATES: dict[str, tuple[PersonState, ...]] = {
    "state:undecided": UNDECIDED_STATES,
    "state:accepted": ("accepted",),
    "state:rejected": ("rejected",),
    "state:second_look": ("second_look",),
}


def query_l2d(low: float, high: float) -> str:
    """People whose current fit has an L2d in a range."""
    parts = [f"loss>={low:.6g}"] if math.isfinite(low) else []
    return " ".join([*parts, f"loss<{high:.6g}"] if math.isfinite(high) else parts)


def query_dataset(name: str) -> str:
    """People of a dataset."""
    return f"dataset:{_quote(name)}"


def query_reason(code: str) -> str:
    """People rejected for a reason; the filter has no word for none."""
    return f"state:rejected reason:{code}" if code else ""


def query_annotator(name: str) -> str:
    """People whose current decision is this annotator's."""
    return f"by:{_quote(name)}" if name else ""


def can_show(query: str) -> bool:
    """Whether the list can show exactly the people of a query."""
    return query in _STATES


def show_in_queue(column: PeopleColumn, query: str) -> None:
    """Let the list show the people of a query."""
    place = column.state_box.findData(_STATES[query])
    column.filter_box.clear()
    column.state_box.setCurrentIndex(place)
    column.state_box.activated.emit(place)


def _quote(word: str) -> str:
    return f'"{word}"' if any(character in word for character in ' ,"') else word
