"""The Progress page."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec


def iter_progress_rows() -> Iterator[ActionSpec]:
    """Rows of the Progress page."""
    yield ActionSpec(
        "progress.show", "Progress and quality", ("Ctrl+P",), "G", "Program",
        "How far the project is, how fast and how good; again, or Esc, goes back to the person", "View",
        "mdi6.chart-bar", section=4,
    )  # fmt: skip
