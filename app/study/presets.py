"""Designs by name; methods are the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from app.study.design import StudyDesign
from app.study.errors import StudyError
from resources import study_presets


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """A design to begin with.

    Attributes:
        title: In a list.
        about: What it does, in a sentence.
        design: What differs from the defaults of :class:`app.study.design.StudyDesign`.
    """

    title: str
    about: str
    design: dict[str, Any]


@cache
def load_presets() -> Mapping[str, Preset]:
    """Every preset by name."""
    return {path.stem: msgspec.json.decode(path.read_bytes(), type=Preset) for path in study_presets()}


PRESETS: tuple[str, ...] = tuple(sorted(path.stem for path in study_presets()))
"""Names of presets."""


def get_preset(name: str, methods: Sequence[str]) -> StudyDesign:
    """A preset's design for these methods, the first two the primary pair; called as the preset until renamed.

    Raises:
        StudyError: There is no such preset, or fewer than two methods.
    """
    preset = load_presets().get(name)
    if preset is None:
        raise StudyError(f"There is no preset '{name}'; there are: {', '.join(PRESETS)}.")
    if len(methods) < 2:
        raise StudyError("A study compares at least two methods; name another one.")
    given = {"name": name, "methods": list(methods), "primary": list(methods[:2])}
    return msgspec.convert(preset.design | given, StudyDesign)
