"""Editing joints by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

from app.ui.action_spec import ActionSpec, Family

_JOINTS = "Joints"
_NUDGE = "Nudge"


def iter_joints_rows() -> Iterator[ActionSpec]:
    """Rows of editing joints."""
    rows = (
        ("joint.next", "Next joint", ("Tab", "S"), "", "Select the next joint of the person", 1, True),
        ("joint.previous", "Previous joint", ("Shift+Tab", "W"), "", "Select the joint before", 1, True),
        ("joint.select_all", "Select all joints", ("Ctrl+A",), "mdi6.select-all",
         "Every labelled joint of the person; Esc selects none", 1, False),
        ("joint.occluded", "Occluded or visible", ("Q", "/"), "mdi6.eye-off-outline",
         "Toggle whether the selected joints are hidden behind something", 1, False),
        ("joint.not_labelled", "Not labelled", ("O",), "mdi6.circle-off-outline",
         "The selected joints take no part; place them again with a click each", 1, False),
        ("joint.clear", "Clear joints", ("Del",), "mdi6.delete-outline", "Remove the selected joints", 1, False),
        ("joint.place_next", "Place next missing joint", ("E", "Ins"), "mdi6.map-marker-plus-outline",
         "Then click where it is; it goes on to the next one until Esc, again skips one", 1, False),
        ("joint.snap", "Snap to the body", ("J",), "mdi6.magnet",
         "Put the selected joints where the fitted body has them", 1, False),
        ("joint.copy_missing", "Copy missing joints from the body", ("Shift+J",), "mdi6.human-greeting-proximity",
         "Label every missing joint where the fitted body has it, as occluded", 1, False),
        ("swap.body", "Swap left and right", ("M",), "mdi6.swap-horizontal",
         "Exchange the names of all left and right joints", 2, False),
        ("swap.legs", "Swap legs", ("Shift+M",), "", "Exchange the names of the left and the right leg", 2, False),
        ("swap.arms", "Swap arms", ("Ctrl+M",), "", "Exchange the names of the left and the right arm", 2, False),
        ("swap.pair", "Swap this pair", ("Ctrl+Shift+M",), "",
         "Exchange the selected joint with its like on the other side", 2, False),
    )  # fmt: skip
    for name, title, keys, icon, tip, section, repeats in rows:
        yield ActionSpec(name, title, keys, "E", _JOINTS, tip, "Edit", icon, repeats=repeats, section=section)


def iter_nudges_rows() -> Iterator[ActionSpec]:
    """Rows of nudging."""
    for prefix, size, name in (("", "1 px", "one"), ("Shift+", "10 px", "ten"), ("Ctrl+", "0.1 px", "tenth")):
        family = Family(f"Nudge joint {size}", f"{prefix}Arrows")
        for key in ("Left", "Right", "Up", "Down"):
            yield ActionSpec(
                f"nudge.{key.lower()}_{name}", f"Nudge joint {size} {key.lower()}", (prefix + key,), "E", _NUDGE,
                "Image pixels, at any zoom", repeats=True, family=family,
            )  # fmt: skip
