"""What a row of the table of actions says; the rows are in :mod:`app.ui.action_rows`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Scope: TypeAlias = Literal["G", "E", "S"]
Kind: TypeAlias = Literal["key", "toggle", "choice", "hold", "mouse"]
"""``key`` runs once a press, ``toggle`` is on or off, ``choice`` is one of several, ``hold`` acts while it is held
down, ``mouse`` is a gesture of the canvas that is only described."""
Menu: TypeAlias = Literal["Project", "Edit", "Person", "Fit", "View", "Help"]


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
