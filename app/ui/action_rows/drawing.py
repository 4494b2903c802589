"""Drawing people from scratch, and the images they are drawn in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from app.settings import DrawSkeleton
from app.ui.action_spec import ActionSpec
from resources.skeleton import get_skeleton

_DRAWING = "Draw people"
DRAW_WITH = "Keypoints of drawn people"
"""The submenu with the layouts."""


def iter_drawing_rows() -> Iterator[ActionSpec]:
    """Rows of drawing."""
    yield ActionSpec(
        "person.add", "Add person", ("Shift+N",), "E", _DRAWING,
        "Drag a box around somebody in the image, then click the joints one after the other", "Person",
        "mdi6.account-plus-outline", section=2,
    )  # fmt: skip
    yield ActionSpec(
        "person.remove", "Remove person", ("Shift+Del",), "E", _DRAWING,
        "Only people drawn by hand; undo brings them back", "Person", "mdi6.account-remove-outline", section=2,
    )  # fmt: skip
    for name in get_args(DrawSkeleton):
        yield ActionSpec(
            f"draw_with.{name}", get_skeleton(name).title, (), "E", _DRAWING, "Joints that are asked for", "Person",
            kind="choice", section=2, submenu=DRAW_WITH,
        )  # fmt: skip
    yield ActionSpec(
        "list.images", "List images", ("Shift+I",), "E", _DRAWING,
        "In the column on the left, also those that nobody is in; again lists the people", "Person",
        "mdi6.image-multiple-outline", "toggle", section=2,
    )  # fmt: skip
