"""Plots as small lists of shapes, which :mod:`svg` and :mod:`pdf` draw. Units are points, from the top-left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Ink: TypeAlias = Literal["text", "soft", "grid", "band", "paper", "first", "second"]
"""What a shape is drawn for; each theme has a colour for it. ``first`` and ``second`` are Okabe and Ito's blue and
vermilion, which all kinds of colour sight tell apart."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: Ink
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Marker:
    """A square, disc or diamond around a point; ``hollow`` ones have only an outline."""

    x: float
    y: float
    form: Literal["square", "disc", "diamond"]
    ink: Ink
    reach: float = 4.0
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; ``x``, ``y`` are the end of its base line that ``anchor`` names."""

    x: float
    y: float
    text: str
    size: float = 10.0
    ink: Ink = "text"
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False


Shape: TypeAlias = Line | Box | Marker | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot; ``description`` says in words what is to be seen."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str
    description: str
