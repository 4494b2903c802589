"""The views of the body: turning, layers of their own, comparing."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_VIEWS = "Views"
_COMPARE = "Compare fits"
_MOUSE = "Mouse on the body"


def iter_view3d_rows() -> Iterator[ActionSpec]:
    """Rows of the views of the body."""
    yield ActionSpec(
        "view.reset", "Reset the view", ("Ctrl+0",), "E", _VIEWS, "Back to the named view that the turning began with",
        "View", "mdi6.restore",
    )  # fmt: skip
    yield ActionSpec(
        "view.turntable", "Turntable", ("Ctrl+5",), "E", _VIEWS, "Let the body turn until the key is pressed again",
        "View", "mdi6.rotate-360", "toggle",
    )  # fmt: skip


def iter_comparing_rows() -> Iterator[ActionSpec]:
    """Rows of comparing two bodies."""
    yield ActionSpec(
        "compare.side_by_side", "Side by side", ("Ctrl+B",), "E", _COMPARE,
        "Two bodies of the person in the middle, seen from the same side", "Fit", "mdi6.view-split-vertical", "toggle",
        section=2,
    )  # fmt: skip
    yield ActionSpec(
        "compare.blink", "Blink the other body while held", ("N",), "E", _COMPARE,
        "Over the picture and in the views: the fit looked at last, or what this fit started from", kind="hold",
    )  # fmt: skip


def iter_body_mouse_rows() -> Iterator[ActionSpec]:
    """Rows of gestures on the body."""
    rows = (
        ("orbit", "Turn the body", "Drag · Arrows with the focus", "About the pelvis; the nearest surface follows"),
        ("shift", "Shift the view", "Shift-drag · Middle-drag · Shift+Arrows", "The camera keeps its direction"),
        ("magnify", "Zoom at the pointer", "Wheel · + and - with the focus", "What is under the pointer stays"),
        ("reset", "Back to the named view", "Double click", "As Ctrl+0"),
    )
    for name, title, gesture, tip in rows:
        yield ActionSpec(f"body_mouse.{name}", title, (gesture,), "E", _MOUSE, tip, kind="mouse")
