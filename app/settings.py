"""What the window remembers between two starts: one typed table, kept as JSON in the config folder.

Adding a setting is adding a field to :class:`Settings`; with a :class:`Shown` in its annotation it is a row of the
settings dialog (F2) too, with an editor made from its type. A value of the wrong type or out of range falls back to
the default of that one field; keys this version does not know are kept, so that an older version loses nothing of a
newer one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

log = logging.getLogger(__name__)

ThemeChoice: TypeAlias = Literal["system", "light", "dark"]
ZoomMode: TypeAlias = Literal["image", "person", "keep"]
SideViewChoice: TypeAlias = Literal["front", "side", "back", "top"]
RefitChoice: TypeAlias = Literal["eft", "eft_fast", "smplify", "regressor"]
ToneStep: TypeAlias = Annotated[int, Meta(ge=-100, le=100)]
ShortcutPreset: TypeAlias = Literal["labelme", "cvat"]
DrawSkeleton: TypeAlias = Literal[
    "coco17",
    "coco23",
    "mpii16",
    "lsp14",
    "posetrack17",
    "ochuman19",
    "crowdpose14",
    "aic14",
    "humanart21",
    "jhmdb15",
    "openpose18",
    "openpose25",
]
"""The layouts that people annotate; the others are those of bodies."""
PeopleOrder: TypeAlias = Literal["import", "suspicion", "l2d", "rms", "beta", "newest", "random"]

RECENT_LIMIT = 8
PLACES_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """What the settings dialog says about a setting.

    Attributes:
        group: Heading it stands under; headings stand in the order of their first setting.
        title: Its name, at most a few words.
        help: One sentence more than the title says, without a full stop.
        choices: Of a ``Literal``: the words for each value, where the value itself is no word for people.
        percent: A number from 0 to 1 is shown as 0 to 100 %.
        unit: After a number, for example ``px``.
        editor: Name of an editor of its own, see ``app/ui/setting_editors.py``; empty for the one of its type.
    """

    group: str
    title: str
    help: str
    choices: Mapping[str, str] = field(default_factory=dict)
    percent: bool = False
    unit: str = ""
    editor: str = ""


_WINDOW = "Window"
_PICTURE = "Picture"
_BODY = "Body and fit"
_VIEWS = "Views of the body"
_DRAWING = "Drawing people"


class Settings(Struct, frozen=True):
    """The table of settings; every field has a default.

    Attributes:
        theme: Colours of the window; ``system`` follows the desktop, live.
        reopen_last: Open the last project at the start.
        resume_person: Open a project at the person who was on screen last.
        shortcut_preset: The keys that hold unless changed.
        shortcuts: By action id, the keys that differ from those of the preset.
        overlay_opacity: Of the body over the picture, 0-1.
        zoom_mode: What the canvas does when the person changes.
        show_body: Layer with the fitted body.
        show_keypoints: Layer with the joints.
        show_bones: Lines between the joints.
        show_names: Names beside all joints, not only the selected one.
        show_residuals: Lines from each joint to where the body puts it.
        show_sources: Signs at the joints that say where they come from.
        show_overview: The whole picture in a corner while part of it is out of sight.
        show_loupe: Magnified pixels while a joint is dragged on a picture that is shown small.
        show_crosshair: Hair lines while a joint is dragged or placed.
        keep_tone: Whether the next picture is shown in the tone of the last.
        tone_brightness: Of the photograph on screen, -100 to 100, 0 as it is.
        tone_contrast: The same for contrast.
        tone_gamma: The same for gamma.
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
        draw_skeleton: Keypoint layout of people who are drawn from scratch.
        recent_projects: Folders, the latest first.
        last_people: By project folder, the person on screen when it was closed.
        tour_taken: The tour was taken or left; the welcome page points it out no more.
        annotators: Who works on a project, by its folder; absent for the system's user.
        rater_names: Who rates, by the rater package's folder.
        window_geometry: Qt's own description of the window's place, base64.
        splitter_state: Qt's own description of the page's columns, base64.
    """

    theme: Annotated[
        ThemeChoice,
        Shown(
            _WINDOW, "Theme", "Colours of the window; the marks on the picture keep theirs",
            {"system": "As the system", "light": "Light", "dark": "Dark"},
        ),
    ] = "system"  # fmt: skip
    reopen_last: Annotated[bool, Shown(_WINDOW, "Open the last project at the start", "Else the welcome page")] = True
    resume_person: Annotated[
        bool, Shown(_WINDOW, "Go on where you stopped", "A project opens at the person who was on screen last")
    ] = True
    shortcut_preset: Annotated[
        ShortcutPreset,
        Shown(
            _WINDOW, "Keys", "Presets, and every key of your own: the editor of shortcuts",
            {"labelme": "Like labelme", "cvat": "Like CVAT"}, editor="shortcuts",
        ),
    ] = "labelme"  # fmt: skip
    shortcuts: dict[str, tuple[str, ...]] = {}
    overlay_opacity: Annotated[
        float,
        Meta(ge=0.0, le=1.0),
        Shown(_PICTURE, "Opacity of the body", "Over the picture; 0 % hides it", percent=True),
    ] = 0.7
    zoom_mode: Annotated[
        ZoomMode,
        Shown(
            _PICTURE, "When the person changes", "What the picture does with the zoom",
            {"image": "Show the whole image", "person": "Zoom to the person", "keep": "Keep the zoom"},
        ),
    ] = "person"  # fmt: skip
    show_body: Annotated[bool, Shown(_PICTURE, "Body", "The fitted body over the picture")] = True
    show_keypoints: Annotated[bool, Shown(_PICTURE, "Joints", "Keypoints and the lines between them")] = True
    show_bones: bool = True
    show_names: Annotated[bool, Shown(_PICTURE, "Names", "Of every joint, not only of the selected one")] = False
    show_residuals: Annotated[bool, Shown(_PICTURE, "Residuals", "Lines from each joint to where the body puts it")] = (
        True
    )
    show_sources: Annotated[bool, Shown(_PICTURE, "Sources", "Signs at the joints that say where they come from")] = (
        True
    )
    show_overview: Annotated[
        bool, Shown(_PICTURE, "Overview", "The whole image in a corner while it does not fit into the view")
    ] = True
    show_loupe: Annotated[bool, Shown(_PICTURE, "Loupe", "Enlarged pixels around a joint while it is dragged")] = True
    show_crosshair: Annotated[bool, Shown(_PICTURE, "Crosshair", "Lines through the pointer")] = False
    keep_tone: Annotated[
        bool, Shown(_PICTURE, "Keep brightness", "Brightness, contrast and gamma stay for the next person")
    ] = True
    tone_brightness: ToneStep = 0
    tone_contrast: ToneStep = 0
    tone_gamma: ToneStep = 0
    side_view: Annotated[
        SideViewChoice,
        Shown(
            _BODY, "View beside the picture", "From where the body is seen",
            {"front": "Front", "side": "Side", "back": "Back", "top": "Top"},
        ),
    ] = "side"  # fmt: skip
    view_mesh: Annotated[bool, Shown(_VIEWS, "Surface", "The body's skin in the views beside the picture")] = True
    view_joints: Annotated[bool, Shown(_VIEWS, "Balls and sticks", "The body's joints in the views")] = False
    view_wire: Annotated[bool, Shown(_VIEWS, "Edges", "Of the surface's triangles in the views")] = False
    view_floor: Annotated[bool, Shown(_VIEWS, "Floor", "Under the body in the views")] = True
    view_opacity: Annotated[
        float, Meta(ge=0.0, le=1.0), Shown(_VIEWS, "Opacity in the views", "Of the surface", percent=True)
    ] = 1.0
    people_order: PeopleOrder = "import"
    people_seed: Annotated[int, Meta(ge=0)] = 0
    refit_with: Annotated[
        RefitChoice,
        Shown(
            _BODY, "Re-fit with", "A project whose regressor has no fast mode takes EFT in its place",
            {"eft": "EFT", "eft_fast": "EFT, fast", "smplify": "SMPLify", "regressor": "The regressor alone"},
        ),
    ] = "eft"  # fmt: skip
    live_refit: Annotated[
        bool, Shown(_BODY, "The body follows", "While a joint is dragged, and a fit is made at the end")
    ] = True
    draw_skeleton: Annotated[
        DrawSkeleton,
        Shown(
            _DRAWING, "Keypoints", "Which joints are asked for when a person is drawn from scratch",
            {
                "coco17": "COCO, 17 joints", "coco23": "COCO with feet, 23", "mpii16": "MPII, 16 joints",
                "lsp14": "LSP, 14 joints", "posetrack17": "PoseTrack, 17 joints", "ochuman19": "OCHuman, 19 joints",
                "crowdpose14": "CrowdPose, 14 joints", "aic14": "AI Challenger, 14", "humanart21": "Human-Art, 21",
                "jhmdb15": "JHMDB, 15 joints", "openpose18": "OpenPose, 18 joints",
                "openpose25": "OpenPose, 25 with feet",
            },
        ),
    ] = "coco17"  # fmt: skip
    recent_projects: tuple[str, ...] = ()
    last_people: dict[str, int] = {}
    tour_taken: bool = False
    annotators: dict[str, str] = {}
    rater_names: dict[str, str] = {}
    window_geometry: str = ""
    splitter_state: str = ""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as the dialog needs it.

    Attributes:
        name: Field of :class:`Settings`.
        shown: Words of it.
        kind: Plain type of its value; ``Literal`` for one of ``values``.
        values: The values of a ``Literal``, in order.
        low: Smallest value, None without a limit.
        high: Largest value, None without a limit.
        default: Value of a new user.
    """

    name: str
    shown: Shown
    kind: object
    values: tuple[str, ...]
    low: float | None
    high: float | None
    default: object


@cache
def setting_rows() -> tuple[SettingRow, ...]:
    """The settings that are shown to people, in the order of the table."""
    rows = []
    defaults = Settings()
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        kind, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        shown = next((note for note in notes if isinstance(note, Shown)), None)
        if shown is None:
            continue
        meta = next((note for note in notes if isinstance(note, Meta)), Meta())
        one_of = get_origin(kind) is Literal
        rows.append(
            SettingRow(
                name, shown, Literal if one_of else kind, get_args(kind) if one_of else (), meta.ge, meta.le,
                getattr(defaults, name),
            )
        )  # fmt: skip
    return tuple(rows)


Watcher: TypeAlias = Callable[[frozenset[str]], object]
"""Hears the names of the settings that have just changed."""


class SettingsFile:
    """The settings of this user: read once, changed in memory, written on :meth:`save`.

    Args:
        path: JSON file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._watchers: list[Watcher] = []
        self._unknown: dict[str, Any] = {}
        self._values = self._read()

    @property
    def values(self) -> Settings:
        """The settings as they are now."""
        return self._values

    def update(self, **changes: object) -> Settings:
        """Change some fields, and tell who watches; nobody is told of a value that was so already.

        Raises:
            msgspec.ValidationError: A value does not fit its field, a mistake of the caller.
        """
        known = {name: getattr(self._values, name) for name in Settings.__struct_fields__}
        if unknown := changes.keys() - known.keys():
            raise AttributeError(f"there is no setting named {sorted(unknown)[0]!r}")
        self._values = msgspec.convert(known | changes, Settings)
        changed = frozenset(name for name, before in known.items() if getattr(self._values, name) != before)
        if changed:
            for watcher in tuple(self._watchers):
                watcher(changed)
        return self._values

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher`` after each change from now on, whoever makes it; the answer ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

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

    def remember_person(self, folder: Path, person_id: int | None) -> None:
        """Note who was on screen when a project was closed; of the projects closed long ago nothing is kept."""
        kept = {place: person for place, person in self._values.last_people.items() if place != str(folder)}
        if person_id is not None:
            kept[str(folder)] = person_id
        self.update(last_people=dict(list(kept.items())[-PLACES_LIMIT:]))

    def remember_rater(self, folder: Path, name: str) -> None:
        """Note under which pseudonym somebody rates a package; of packages long ago nothing is kept."""
        kept = {place: known for place, known in self._values.rater_names.items() if place != str(folder)}
        self.update(rater_names=dict(list((kept | {str(folder): name}).items())[-PLACES_LIMIT:]))

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
