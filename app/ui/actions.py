"""The one table of what the window can be asked to do.

Menus, toolbar, tooltips and the F1 sheet are made from it, so a key that works is a key that is shown. The keys are
those of annotation_anchors.md 3.2, as far as what they do exists. Scopes: ``G`` everywhere, ``E`` while people are
reviewed (off while a text field has the focus), ``S`` in a study. A key may occur again only in another scope.

The table is data without Qt; :mod:`app.ui.action_set` makes Qt actions of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.services.refit_methods import REFIT_METHODS

Scope: TypeAlias = Literal["G", "E", "S"]
Kind: TypeAlias = Literal["key", "toggle", "choice", "hold", "mouse"]
"""``key`` runs once a press, ``toggle`` is on or off, ``choice`` is one of several, ``hold`` acts while it is held
down, ``mouse`` is a gesture of the canvas that is only described."""
Menu: TypeAlias = Literal["Project", "Edit", "Person", "Fit", "View", "Help"]

PROJECT, EDIT, PERSON, FIT, VIEW, HELP = "Project", "Edit", "Person", "Fit", "View", "Help"
FIT_WITH = "Fit with"
"""The submenu with the methods."""
MENUS: tuple[Menu, ...] = ("Project", "Edit", "Person", "Fit", "View", "Help")


@dataclass(frozen=True, slots=True)
class Family:
    """Actions that differ in one number only: one row of the sheet, with a title and keys in words."""

    title: str
    keys: str


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table.

    Attributes:
        id: Name in code, ``group.verb``.
        title: In the menu and in the sheet.
        keys: Qt's portable key names, the one shown first; for ``mouse`` the gesture in words.
        scope: Where the keys work.
        group: Heading in the sheet.
        tip: One sentence more than the title says; the tooltip.
        menu: Menu it is listed in; None keeps it to the keyboard and the sheet.
        icon: qtawesome name, or empty.
        kind: See :data:`Kind`.
        repeats: Whether a held key acts again and again. Never for what decides.
        section: Actions of one menu with different sections are set apart by a line.
        family: Row of the sheet it shares with its like.
        submenu: Title of the menu within the menu that it is listed in.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    scope: Scope
    group: str
    tip: str
    menu: Menu | None = None
    icon: str = ""
    kind: Kind = "key"
    repeats: bool = False
    section: int = 0
    family: Family | None = None
    submenu: str = ""


_MOVE, _DECIDE, _JOINTS, _NUDGE = "Go to a person", "Decide", "Joints", "Nudge"
_FITTING, _COMPARE = "Fit", "Compare fits"
_VIEWS, _LAYERS, _ZOOM, _MOUSE, _PROGRAM = "Views", "Layers", "Zoom", "Mouse on the picture", "Program"


def _program() -> Iterator[ActionSpec]:
    yield ActionSpec(
        "project.open", "Open project…", ("Ctrl+O",), "G", _PROGRAM, "Open a project folder", "Project",
        "mdi6.folder-open-outline",
    )  # fmt: skip
    yield ActionSpec(
        "project.close", "Close project", ("Ctrl+W",), "G", _PROGRAM, "Back to the welcome page", "Project",
        "mdi6.close",
    )  # fmt: skip
    yield ActionSpec(
        "program.quit", "Quit", ("Ctrl+Q",), "G", _PROGRAM, "Everything is saved already", "Project",
        "mdi6.exit-to-app", section=1,
    )  # fmt: skip
    yield ActionSpec(
        "edit.undo", "Undo", ("Ctrl+Z",), "G", _PROGRAM, "Take back the last step, whoever it concerned", "Edit",
        "mdi6.undo", repeats=True,
    )  # fmt: skip
    yield ActionSpec(
        "edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "G", _PROGRAM, "Do again what was undone", "Edit",
        "mdi6.redo", repeats=True,
    )  # fmt: skip
    yield ActionSpec(
        "help.shortcuts", "Keyboard shortcuts", ("F1",), "G", _PROGRAM, "Every key, searchable", "Help",
        "mdi6.keyboard-outline",
    )  # fmt: skip
    yield ActionSpec(
        "program.next_pane", "Next part of the window", ("F6",), "G", _PROGRAM,
        "Move the keyboard focus between filter, list, picture, joints and views", "View", section=5,
    )  # fmt: skip
    yield ActionSpec(
        "view.full_screen", "Full screen", ("F11",), "G", _PROGRAM, "The window takes the whole screen, or not",
        "View", "mdi6.fullscreen", "toggle", section=5,
    )  # fmt: skip
    for name, title in (("system", "Theme of the system"), ("light", "Light theme"), ("dark", "Dark theme")):
        yield ActionSpec(
            f"theme.{name}", title, (), "G", _PROGRAM, "Colours of the window; the marks on the picture keep theirs",
            "View", kind="choice", section=6,
        )  # fmt: skip


def _people() -> Iterator[ActionSpec]:
    rows = (
        ("next", "Next person", ("D", "PgDown"), "mdi6.chevron-right", "The next row of the list", True),
        ("previous", "Previous person", ("A", "PgUp"), "mdi6.chevron-left", "The row above in the list", True),
        ("next_undecided", "Next undecided", ("Shift+D",), "mdi6.chevron-double-right",
         "Skip everybody who has been decided", True),
        ("previous_undecided", "Previous undecided", ("Shift+A",), "mdi6.chevron-double-left",
         "Back over everybody who has been decided", True),
        ("first", "First person", ("Home",), "", "Top of the list", False),
        ("last", "Last person", ("End",), "", "Bottom of the list", False),
        ("find", "Go to…", ("Ctrl+J",), "mdi6.magnify", "Type a part of the image name or the annotation id", False),
    )  # fmt: skip
    for name, title, keys, icon, tip, repeats in rows:
        yield ActionSpec(f"person.{name}", title, keys, "E", _MOVE, tip, "Person", icon, repeats=repeats)
    family = Family("Person 1 to 9 of this image", "1 … 9")
    for number in range(1, 10):
        yield ActionSpec(
            f"person.number_{number}", f"Person {number} of this image", (str(number),), "E", _MOVE,
            "Numbered as in the list, from the first", family=family,
        )  # fmt: skip


def _decisions() -> Iterator[ActionSpec]:
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


def _joints() -> Iterator[ActionSpec]:
    rows = (
        ("joint.next", "Next joint", ("Tab", "S"), "", "Select the next joint of the person", 1, True),
        ("joint.previous", "Previous joint", ("Shift+Tab", "W"), "", "Select the joint before", 1, True),
        ("joint.occluded", "Occluded or visible", ("Q", "/"), "mdi6.eye-off-outline",
         "Toggle whether the selected joint is hidden behind something", 1, False),
        ("joint.not_labelled", "Not labelled", ("O",), "mdi6.circle-off-outline",
         "The selected joint takes no part; place it again with a click", 1, False),
        ("joint.clear", "Clear joint", ("Del",), "mdi6.delete-outline", "Remove the selected joint", 1, False),
        ("swap.body", "Swap left and right", ("M",), "mdi6.swap-horizontal",
         "Exchange the names of all left and right joints", 2, False),
        ("swap.legs", "Swap legs", ("Shift+M",), "", "Exchange the names of the left and the right leg", 2, False),
        ("swap.arms", "Swap arms", ("Ctrl+M",), "", "Exchange the names of the left and the right arm", 2, False),
    )  # fmt: skip
    for name, title, keys, icon, tip, section, repeats in rows:
        yield ActionSpec(name, title, keys, "E", _JOINTS, tip, "Edit", icon, repeats=repeats, section=section)


def _nudges() -> Iterator[ActionSpec]:
    for prefix, size, name in (("", "1 px", "one"), ("Shift+", "10 px", "ten"), ("Ctrl+", "0.1 px", "tenth")):
        family = Family(f"Nudge joint {size}", f"{prefix}Arrows")
        for key in ("Left", "Right", "Up", "Down"):
            yield ActionSpec(
                f"nudge.{key.lower()}_{name}", f"Nudge joint {size} {key.lower()}", (prefix + key,), "E", _NUDGE,
                "Image pixels, at any zoom", repeats=True, family=family,
            )  # fmt: skip


def _fitting() -> Iterator[ActionSpec]:
    yield ActionSpec(
        "fit.refit", "Re-fit", ("R",), "E", _FITTING, "Fit the body to the keypoints as they are now", "Fit",
        "mdi6.autorenew",
    )  # fmt: skip
    yield ActionSpec(
        "fit.cancel", "Cancel", ("Esc",), "E", _FITTING,
        "Stop the running fit, the earlier one stays; or go back to the current fit", "Fit",
        "mdi6.stop-circle-outline",
    )  # fmt: skip
    for choice, method in REFIT_METHODS.items():
        title = method.title[:1].upper() + method.title[1:]
        yield ActionSpec(
            f"fit_with.{choice}", title, (), "E", _FITTING, method.tip, "Fit", kind="choice", section=1,
            submenu=FIT_WITH,
        )  # fmt: skip
    comparing = (
        ("toggle", "Compare with another fit", ("B",), "mdi6.compare",
         "Between the current fit and the last one looked at, at first the one before"),
        ("older", "Older fit", ("Shift+B",), "", "Through every fit of the person, and round again"),
        ("use", "Use this fit", ("U",), "mdi6.backup-restore", "The fit looked at becomes the current one"),
    )  # fmt: skip
    for name, title, keys, icon, tip in comparing:
        yield ActionSpec(f"compare.{name}", title, keys, "E", _COMPARE, tip, "Fit", icon, section=2)


def _views() -> Iterator[ActionSpec]:
    for key, name in enumerate(("front", "side", "back", "top"), start=1):
        yield ActionSpec(
            f"view.{name}", f"{name.capitalize()} view", (f"Ctrl+{key}",), "E", _VIEWS,
            "Of the body beside the picture", "View", kind="choice",
        )  # fmt: skip
    yield ActionSpec(
        "view.body_large", "Picture or body in the middle", ("C",), "E", _VIEWS,
        "The body view takes the place of the picture, and back", "View", "mdi6.rotate-3d-variant", "toggle",
    )  # fmt: skip
    layers: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
        ("body", "Body", ("Alt+1",), "The fitted body"),
        ("joints", "Joints", ("Alt+2",), "Keypoints and the lines between them"),
        ("residuals", "Residuals", (), "Lines from each joint to where the body puts it"),
        ("names", "Names", (), "The name of every joint, not only of the selected one"),
    )
    for name, title, keys, tip in layers:
        yield ActionSpec(f"layer.{name}", title, keys, "E", _LAYERS, tip, "View", kind="toggle", section=1)
    yield ActionSpec(
        "layer.hide", "Hide everything while held", ("H",), "E", _LAYERS, "The bare picture", kind="hold",
    )  # fmt: skip
    zooms = (
        ("fit_image", "Fit image", ("Ctrl+F",), "mdi6.fit-to-page-outline", "The whole image"),
        ("fit_person", "Fit person", ("Shift+F",), "mdi6.account-box-outline", "The person fills the view"),
        ("actual", "Actual size", ("Ctrl+Shift+0",), "", "One image pixel is one screen pixel"),
        ("in", "Zoom in", ("+", "="), "mdi6.magnify-plus-outline", "About the middle of the view"),
        ("out", "Zoom out", ("-",), "mdi6.magnify-minus-outline", "About the middle of the view"),
    )
    for name, title, keys, icon, tip in zooms:
        yield ActionSpec(
            f"zoom.{name}", title, keys, "E", _ZOOM, tip, "View", icon, repeats=name in ("in", "out"), section=2
        )
    modes = (("person", "Zoom to each person"), ("image", "Zoom to each image"), ("keep", "Keep the zoom"))
    for name, title in modes:
        yield ActionSpec(
            f"zoom_mode.{name}", title, (), "E", _ZOOM, "When the person changes", "View", kind="choice", section=3
        )


def _mouse() -> Iterator[ActionSpec]:
    rows = (
        ("drag_joint", "Move a joint", "Drag a joint", "One step to undo; Esc while dragging takes it back"),
        ("place", "Place a joint", "Click", "While a joint that is not labelled is selected"),
        ("pan", "Pan", "Drag · Space-drag · Middle-drag", "Never moves a point"),
        ("zoom", "Zoom at the pointer", "Wheel", "The pixel under the pointer stays"),
        ("move_body", "Move the whole body", "Alt-drag", "Only with Alt, so never by accident"),
        ("rotate_body", "Rotate the whole body", "Alt-wheel", "About the middle of the joints"),
    )
    for name, title, gesture, tip in rows:
        yield ActionSpec(f"mouse.{name}", title, (gesture,), "E", _MOUSE, tip, kind="mouse")


ACTIONS: tuple[ActionSpec, ...] = (
    *_people(),
    *_decisions(),
    *_joints(),
    *_nudges(),
    *_fitting(),
    *_views(),
    *_mouse(),
    *_program(),
)
"""The table, in the order of the sheet."""

GROUPS: tuple[str, ...] = tuple(dict.fromkeys(spec.group for spec in ACTIONS))
"""Headings of the sheet, in order."""

TOOLBAR: tuple[tuple[str, ...], ...] = (
    ("person.previous_undecided", "person.previous", "person.next", "person.next_undecided"),
    ("fit.refit", "fit.cancel"),
    ("decide.accept", "decide.reject", "decide.skip", "decide.second_look"),
    ("edit.undo", "edit.redo"),
)
"""Ids of the toolbar's buttons, group by group."""


def get_action(action_id: str) -> ActionSpec:
    """Row of the table.

    Raises:
        KeyError: There is no such action, a mistake in the program.
    """
    return _BY_ID[action_id]


def find_duplicate_keys() -> list[tuple[Scope, str, str, str]]:
    """Keys that two actions of overlapping scopes share: scope, key, first id, second id.

    ``G`` is everywhere, so its keys are taken in every other scope too.
    """
    seen: dict[tuple[Scope, str], str] = {}
    doubles: list[tuple[Scope, str, str, str]] = []
    for spec in sorted(ACTIONS, key=lambda spec: spec.scope != "G"):
        if spec.kind == "mouse":
            continue
        for key in spec.keys:
            other = seen.get((spec.scope, key)) or seen.get(("G", key))
            if other is not None:
                doubles.append((spec.scope, key, other, spec.id))
            seen[(spec.scope, key)] = spec.id
    return doubles


_BY_ID = {spec.id: spec for spec in ACTIONS}
