"""From a number to the people behind it: queries in the words of the list's filter, and how the list is told."""

from __future__ import annotations

import math

from app.services.where import parse_where
from app.services.where.lexing import quote
from app.ui.people_list import PeopleColumn


def query_l2d(low: float, high: float) -> str:
    """People whose current fit has an L2d in a range."""
    parts = [f"loss>={low:.6g}"] if math.isfinite(low) else []
    return " ".join([*parts, f"loss<{high:.6g}"] if math.isfinite(high) else parts)


def query_dataset(name: str) -> str:
    """People of a dataset; none for a dataset without a name."""
    return f"dataset:{quote(name, in_list=True)}" if name else ""


def query_reason(code: str) -> str:
    """People rejected for a reason; the filter has no word for none."""
    return f"state:rejected reason:{code}" if code else ""


def query_annotator(name: str) -> str:
    """People whose current decision is this annotator's."""
    return f"by:{quote(name, in_list=True)}" if name else ""


def can_show(query: str) -> bool:
    """Whether the list understands all of a query."""
    return bool(query) and not parse_where(query).problems


def show_in_queue(column: PeopleColumn, query: str) -> None:
    """Let the list show the people of a query, and go to the first of them."""
    column.set_filter_text(query)
    column.filter_box.accepted.emit()
