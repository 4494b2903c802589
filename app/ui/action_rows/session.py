"""A rater's session of a study; :mod:`app.ui.session` listens to these keys itself, no menu has them."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_STUDY = "In a study"


def iter_session_rows() -> Iterator[ActionSpec]:
    """Rows of a session; there is none for going back, because answers are final."""
    yield ActionSpec("vote.left", "Left is better", ("Left", "1"), "S", _STUDY, "Answers are final")
    yield ActionSpec("vote.right", "Right is better", ("Right", "2"), "S", _STUDY, "Answers are final")
    yield ActionSpec(
        "vote.neither", "Cannot decide", ("Down", "0"), "S", _STUDY, "Where the study allows it; answers are final"
    )
    yield ActionSpec(
        "session.enlarge", "Side view larger while held", ("V",), "S", _STUDY, "On both sides at once", kind="hold"
    )
    yield ActionSpec(
        "session.pause", "Pause", ("Esc",), "S", _STUDY, "Hides the pictures and stops the clock; again goes on"
    )
    yield ActionSpec(
        "session.go_on", "Go on", ("Return", "Enter"), "S", _STUDY, "From every page that is not a comparison"
    )
