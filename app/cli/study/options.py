"""Options that describe a design, the same for ``study new`` and ``study edit``, and what they change."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from typing import Annotated, Any, Final, TypeAlias, get_args

import msgspec
import typer

from app.services.errors import ServiceError
from app.services.study.designing import forget_people
from app.study.checks import find_needed
from app.study.design import StudyDesign, ViewName

Changes: TypeAlias = Mapping[str, Any]
"""New values of a design by name, with dots for parts: ``people.count``."""
_VIEWS: Final = get_args(ViewName)
_DRAWING: Final = (
    "people.count",
    "people.seed",
    "people.where",
    "people.stratify",
    "people.exclude_images",
    "people.exclude_suspected_swaps",
)


class CameraRuleName(StrEnum):
    """Whose camera draws the overlay."""

    solved = "solved"
    released = "released"


class StratifyName(StrEnum):
    """How people are drawn."""

    dataset = "dataset"
    none = "none"


def _option(kind: Any, *names: str, **rest: Any) -> Any:
    return Annotated[kind | None, typer.Option(*names, **rest)]


_OPTIONS: Final[dict[str, tuple[str, Any]]] = {
    "methods": ("methods", _option(str, "--methods", metavar="A,B,…", help="Methods to compare, two or more.")),
    "primary": (
        "primary",
        _option(str, "--primary", metavar="A,B", help="The pair it is about; by default the first two methods."),
    ),
    "people": ("people.count", _option(int, "--people", help="People to draw.")),
    "seed": ("people.seed", _option(int, "--seed", help="Of the draw and of the plan.")),
    "where": (
        "people.where",
        _option(str, "--where", metavar="TEXT", help="Only people who match this filter of the window."),
    ),
    "stratify": (
        "people.stratify",
        _option(StratifyName, "--stratify", help="Draw each dataset's share, or from one pool."),
    ),
    "exclude": (
        "people.exclude_images",
        _option(str, "--exclude", metavar="IMAGE,…", help="File names of images whose people are left out."),
    ),
    "exclude_swaps": (
        "people.exclude_suspected_swaps",
        _option(
            bool,
            "--exclude-swaps/--include-swaps",
            help="Whether people whose left and right keypoints may be exchanged are left out.",
        ),
    ),
    "raters": ("raters", _option(int, "--raters", help="Raters who work on it.")),
    "raters_per_item": (
        "raters_per_item",
        _option(int, "--raters-per-item", help="Raters of each item; odd unless 'cannot decide' is allowed."),
    ),
    "practice": ("practice", _option(int, "--practice", help="Practice trials of each rater.")),
    "catches": ("catches.count", _option(int, "--catches", help="Catch trials of each rater; 0 for none.")),
    "pass_at_least": (
        "catches.pass_at_least",
        _option(
            int,
            "--pass",
            "--pass-at-least",
            help="Catch trials to be answered rightly for a rater's votes to count; with --catches alone as many as"
            " rule out somebody who clicks at random.",
        ),
    ),
    "repeats": (
        "repeat_share",
        _option(float, "--repeats", help="Share of a rater's trials that come again, sides exchanged."),
    ),
    "cannot_decide": (
        "cannot_decide",
        _option(bool, "--cannot-decide/--forced-choice", help="Whether 'cannot decide' is an answer."),
    ),
    "question": ("question", _option(str, "--question", help="What raters are asked; names no method.")),
    "views": (
        "stimuli.views",
        _option(str, "--views", metavar="V,…", help=f"Views from left to right, of {', '.join(_VIEWS)}."),
    ),
    "size_px": ("stimuli.size_px", _option(int, "--size-px", help="Side of each picture.")),
    "camera": (
        "stimuli.camera",
        _option(CameraRuleName, "--camera", help="Every method's own best camera, or the first method's for all."),
    ),
    "gap": ("same_person_gap", _option(int, "--gap", help="Trials between two of the same person.")),
    "min_exposure": (
        "min_exposure_s",
        _option(float, "--min-exposure", help="Seconds both sides are on screen before an answer counts."),
    ),
    "break_every": ("break_every", _option(int, "--break-every", help="Trials between breaks.")),
    "confidence": ("confidence", _option(float, "--confidence", help="Of every interval.")),
}
"""Parameter, what it changes, and its type for typer."""


def takes_design(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a design; it gets what was named as ``changes``."""
    own = inspect.signature(command, eval_str=True)
    kept = [parameter for name, parameter in own.parameters.items() if name != "changes"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [inspect.Parameter(name, keyword, default=None, annotation=kind) for name, (_, kind) in _OPTIONS.items()]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        named = {path: given.pop(name) for name, (path, _) in _OPTIONS.items()}
        changes = {path: _read(path, value) for path, value in named.items() if value is not None}
        command(**given, changes=changes)

    parameters = [parameter.replace(kind=keyword) for parameter in kept] + added
    vars(run)["__signature__"] = own.replace(parameters=parameters)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def split_words(words: str) -> tuple[str, ...]:
    """What stands between commas, without blanks around it."""
    return tuple(word.strip() for word in words.split(",") if word.strip())


def apply_changes(design: StudyDesign, changes: Changes) -> StudyDesign:
    """The design with values changed.

    Other methods take the first two of them as the primary pair, unless it is named or still among them; whoever says
    whom to draw wants nobody listed; other catch trials without a rule take the mildest that clicking does not pass.
    """
    if "catches.pass_at_least" not in changes and (count := changes.get("catches.count", 0)) > 0:
        changes = {**changes, "catches.pass_at_least": find_needed(count) or count}
    parts: dict[str, dict[str, Any]] = {}
    for path, value in changes.items():
        part, _, name = path.rpartition(".")
        parts.setdefault(part, {})[name] = value
    own = parts.pop("", {})
    methods = own.get("methods", design.methods)
    if "primary" not in own and not set(design.primary) <= set(methods) and len(methods) >= 2:
        own["primary"] = methods[:2]
    own |= {part: msgspec.structs.replace(getattr(design, part), **values) for part, values in parts.items()}
    changed = msgspec.structs.replace(design, **own)
    return forget_people(changed) if any(path in changes for path in _DRAWING) else changed


def _read(path: str, value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if path not in ("methods", "primary", "stimuli.views", "people.exclude_images"):
        return value
    words = split_words(value)
    if path == "primary" and len(words) != 2:
        raise ServiceError(f"The primary pair has two methods, not {len(words)}; name them as A,B.")
    if path == "stimuli.views" and (unknown := [view for view in words if view not in _VIEWS]):
        raise ServiceError(f"There is no view '{unknown[0]}'; there are: {', '.join(_VIEWS)}.")
    return words
