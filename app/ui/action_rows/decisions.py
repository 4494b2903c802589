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
        ("reopen", "Reopen", ("Shift+X",), "mdi6.lock-open-variant-outline",
         "Take what was decided out of force; the history keeps it"),
    )  # fmt: skip
    for name, title, keys, icon, tip in rows:
        yield ActionSpec(f"decide.{name}", title, keys, "E", _DECIDE, tip, "Person", icon, section=1)
    yield ActionSpec(
        "decide.next_dispute", "Next disputed", ("Y",), "E", _DECIDE,
        "The next person about whom two reviewers disagree", "Person", "mdi6.scale-balance", section=1,
    )  # fmt: skip
    yield ActionSpec(
        "comment.write", "Comment", ("K",), "E", _DECIDE,
        "At the selected joint, or about the person; Enter stores it", "Person", "mdi6.comment-plus-outline",
        section=1,
    )  # fmt: skip
