"""The Studies page."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec


def iter_studies_rows() -> Iterator[ActionSpec]:
    """Rows of the Studies page."""
    yield ActionSpec(
        "studies.show", "Studies", ("Ctrl+T",), "G", "Program",
        "Blind comparisons of methods by raters; again, or Esc, goes back to the person", "View",
        "mdi6.scale-balance", section=4,
    )  # fmt: skip
