"""Gestures of the canvas, which are only described."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec

_MOUSE = "Mouse on the picture"


def iter_mouse_rows() -> Iterator[ActionSpec]:
    """Rows of gestures."""
    rows = (
        ("drag_joint", "Move a joint", "Drag a joint", "One step to undo; Esc while dragging takes it back"),
        (
            "place",
            "Place a joint",
            "Click · Shift-click",
            "While a joint without a place is asked for; Shift: occluded",
        ),
        ("pan", "Pan", "Drag · Space-drag · Middle-drag", "Never moves a point"),
        ("zoom", "Zoom at the pointer", "Wheel", "The pixel under the pointer stays"),
        ("band", "Select several joints", "Shift-drag", "With Ctrl as well, in addition to those selected"),
        ("add", "Add or take away a joint", "Ctrl-click · Shift-click", "Of the selection"),
        ("move_selection", "Move the selected joints", "Drag one of them", "As one step to undo"),
        ("rotate_selection", "Rotate the selected joints", "Alt-wheel", "About their middle"),
        ("scale_selection", "Scale the selected joints", "Ctrl-Alt-wheel", "About their middle"),
        ("move_body", "Move the whole body", "Alt-drag", "Only with Alt, so never by accident"),
        ("rotate_body", "Rotate the whole body", "Alt-wheel", "While at most one joint is selected"),
        ("scale_body", "Scale the whole body", "Ctrl-Alt-wheel", "While at most one joint is selected"),
    )
    for name, title, gesture, tip in rows:
        yield ActionSpec(f"mouse.{name}", title, (gesture,), "E", _MOUSE, tip, kind="mouse")
