"""Deciding about a person."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_DECIDE = "Decide"


def iter_decisions_rows() -> Iterator[ActionSpec]:
    """Rows of decisions."""
    rows = (
        ("accept", "Accept", ("Return", "Enter", "Ctrl+Return", "Ctrl+Enter"), "mdi6.check-bold",
         "The fit is right from the front and from the side; then the next undecided person"),
        ("reject", "Reject…", ("X",), "mdi6.close-thick",
         "Then a digit for the reason; then the next undecided person"),
        ("skip", "Skip", ("Ctrl+Space",), "mdi6.skip-next-outline",
         "Decide nothing; on to the next undecided person"),
        ("second_look", "Second look", ("F",), "mdi6.flag-outline",
         "Set aside for somebody else; then the next undecided person"),
    )  # fmt: skip
    for name, title, keys, icon, tip in rows:
        yield ActionSpec(f"decide.{name}", title, keys, "E", _DECIDE, tip, "Person", icon, section=1)
