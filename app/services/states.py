"""The states of a person in words, the same in the window and on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from db.records import PersonState

STATE_TITLES: Mapping[PersonState, str] = {
    "unfittable": "too few keypoints",
    "unfitted": "not fitted",
    "fitted": "to review",
    "stale": "stale",
    "in_review": "in review",
    "disputed": "disputed",
    "accepted": "accepted",
    "rejected": "rejected",
    "second_look": "second look",
}
"""Words for :data:`~db.records.PersonState`; files and ``--json`` keep the names."""
