"""The one table of what the window can be asked to do.

Menus, toolbar, tooltips and the F1 sheet are made from it, so a key that works is a key that is shown. The keys are
those of annotation_anchors.md 3.2, as far as what they do exists. Scopes: ``G`` everywhere, ``E`` while people are
reviewed (off while a text field has the focus), ``S`` in a study. A key may occur again only in another scope.

The table is data without Qt; :mod:`app.ui.action_set` makes Qt actions of it.
"""

from __future__ import annotations

from app.ui.action_rows.decisions import iter_decisions_rows
from app.ui.action_rows.drawing import iter_drawing_rows
from app.ui.action_rows.fitting import FIT_WITH, iter_fitting_rows
from app.ui.action_rows.guidance import iter_guidance_rows
from app.ui.action_rows.joints import iter_joints_rows, iter_nudges_rows
from app.ui.action_rows.mouse import iter_mouse_rows
from app.ui.action_rows.people import iter_people_rows
from app.ui.action_rows.picture import iter_picture_rows
from app.ui.action_rows.program import iter_program_rows
from app.ui.action_rows.progress import iter_progress_rows
from app.ui.action_rows.session import iter_session_rows
from app.ui.action_rows.studies import iter_studies_rows
from app.ui.action_rows.view3d import iter_body_mouse_rows, iter_comparing_rows, iter_view3d_rows
from app.ui.action_rows.views import iter_views_rows
from app.ui.action_spec import ActionSpec, Family, Kind, Menu, Scope

__all__ = [
    "ACTIONS",
    "FIT_WITH",
    "GROUPS",
    "MENUS",
    "TOOLBAR",
    "ActionSpec",
    "Family",
    "Kind",
    "Menu",
    "Scope",
    "find_duplicate_keys",
    "get_action",
]

MENUS: tuple[Menu, ...] = ("Project", "Edit", "Person", "Fit", "View", "Help")

ACTIONS: tuple[ActionSpec, ...] = (
    *iter_people_rows(),
    *iter_decisions_rows(),
    *iter_joints_rows(),
    *iter_nudges_rows(),
    *iter_drawing_rows(),
    *iter_guidance_rows(),
    *iter_fitting_rows(),
    *iter_comparing_rows(),
    *iter_views_rows(),
    *iter_picture_rows(),
    *iter_view3d_rows(),
    *iter_mouse_rows(),
    *iter_body_mouse_rows(),
    *iter_program_rows(),
    *iter_progress_rows(),
    *iter_studies_rows(),
    *iter_session_rows(),
)
"""The table, in the order of the sheet."""

GROUPS: tuple[str, ...] = tuple(dict.fromkeys(spec.group for spec in ACTIONS))
"""Headings of the sheet, in order."""

TOOLBAR: tuple[tuple[str, ...], ...] = (
    ("person.previous_undecided", "person.previous", "person.next", "person.next_undecided"),
    ("fit.refit", "fit.cancel"),
    ("decide.accept", "decide.reject", "decide.skip", "decide.second_look"),
    ("edit.undo", "edit.redo"),
    ("person.add",),
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
