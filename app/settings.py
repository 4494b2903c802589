"""What the window remembers between two starts: one typed table, kept as JSON in the config folder.

Adding a setting is adding a field to :class:`Settings`. A value of the wrong type or out of range falls back to the
default of that one field; keys this version does not know are kept, so that an older version loses nothing of a
newer one.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_type_hints

import msgspec
from msgspec import Meta, Struct

log = logging.getLogger(__name__)

ThemeChoice: TypeAlias = Literal["system", "light", "dark"]
ZoomMode: TypeAlias = Literal["image", "person", "keep"]
SideViewChoice: TypeAlias = Literal["front", "side", "back", "top"]
RefitChoice: TypeAlias = Literal["eft", "eft_fast", "smplify", "regressor"]
PeopleOrder: TypeAlias = Literal["import", "suspicion", "l2d", "rms", "beta", "newest", "random"]

RECENT_LIMIT = 8


class Settings(Struct, frozen=True):
    """The table of settings; every field has a default.

    Attributes:
        theme: Colours of the window; ``system`` follows the desktop, live.
        overlay_opacity: Of the body over the picture, 0-1.
        zoom_mode: What the canvas does when the person changes.
        show_body: Layer with the fitted body.
        show_keypoints: Layer with the joints.
        show_bones: Lines between the joints.
        show_names: Names beside all joints, not only the selected one.
        show_residuals: Lines from each joint to where the body puts it.
        show_sources: Signs at the joints that say where they come from.
        side_view: Named view of the body that was last stood at.
        view_mesh: Surface in the views of the body.
        view_joints: Balls and sticks in them.
        view_wire: The surface's edges in them.
        view_floor: The floor in them.
        view_opacity: Of the surface in them, 0-1.
        people_order: Order of the list of people.
        people_seed: Of its random order, so that it is the same after a restart.
        refit_with: How a re-fit is made; a project without that way takes EFT.
        live_refit: While a joint is dragged the body follows, and a fit is made at the end.
        recent_projects: Folders, the latest first.
        annotators: Who works on a project, by its folder; absent for the system's user.
        window_geometry: Qt's own description of the window's place, base64.
        splitter_state: Qt's own description of the page's columns, base64.
    """

    theme: ThemeChoice = "system"
    overlay_opacity: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.7
    zoom_mode: ZoomMode = "person"
    show_body: bool = True
    show_keypoints: bool = True
    show_bones: bool = True
    show_names: bool = False
    show_residuals: bool = True
    show_sources: bool = True
    side_view: SideViewChoice = "side"
    view_mesh: bool = True
    view_joints: bool = False
    view_wire: bool = False
    view_floor: bool = True
    view_opacity: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    people_order: PeopleOrder = "import"
    people_seed: Annotated[int, Meta(ge=0)] = 0
    refit_with: RefitChoice = "eft"
    live_refit: bool = True
    recent_projects: tuple[str, ...] = ()
    annotators: dict[str, str] = {}
    window_geometry: str = ""
    splitter_state: str = ""


class SettingsFile:
    """The settings of this user: read once, changed in memory, written on :meth:`save`.

    Args:
        path: JSON file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unknown: dict[str, Any] = {}
        self._values = self._read()

    @property
    def values(self) -> Settings:
        """The settings as they are now."""
        return self._values

    def update(self, **changes: object) -> Settings:
        """Change some fields.

        Raises:
            msgspec.ValidationError: A value does not fit its field, a mistake of the caller.
        """
        known = {name: getattr(self._values, name) for name in Settings.__struct_fields__}
        if unknown := changes.keys() - known.keys():
            raise AttributeError(f"there is no setting named {sorted(unknown)[0]!r}")
        self._values = msgspec.convert(known | changes, Settings)
        return self._values

    def remember_project(self, folder: Path) -> None:
        """Put a project first in the list of recent ones."""
        text = str(folder)
        others = [recent for recent in self._values.recent_projects if recent != text]
        self.update(recent_projects=(text, *others)[:RECENT_LIMIT])

    def forget_project(self, folder: Path) -> None:
        """Take a project that is gone off the list of recent ones."""
        text = str(folder)
        kept = tuple(recent for recent in self._values.recent_projects if recent != text)
        self.update(recent_projects=kept)

    def save(self) -> None:
        """Write the file whole beside the old one and rename; a disk that refuses is logged, not fatal."""
        document = self._unknown | msgspec.to_builtins(self._values)
        beside = self.path.with_suffix(".json.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
            os.replace(beside, self.path)  # noqa: PTH105 -- atomic on every platform, and says so by its name
        except OSError as error:
            log.warning("the settings were not saved: %s (%s)", self.path, error.strerror or error)

    def _read(self) -> Settings:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Settings()
        except (OSError, ValueError) as error:
            log.warning("the settings were not read, the defaults hold: %s (%s)", self.path, error)
            return Settings()
        if not isinstance(document, dict):
            log.warning("the settings were not read, the defaults hold: %s is not a JSON object", self.path)
            return Settings()
        return self._checked(document)

    def _checked(self, document: dict[str, Any]) -> Settings:
        types = get_type_hints(Settings, include_extras=True)
        good: dict[str, Any] = {}
        for name, value in document.items():
            if name not in types:
                self._unknown[name] = value
                continue
            try:
                good[name] = msgspec.convert(value, types[name])
            except msgspec.ValidationError as error:
                log.warning("setting %s in %s: %s; the default holds", name, self.path, error)
        return Settings(**good)
