"""What is said of a joint, beside its mark and in the list."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan

from PySide6.QtCore import QCoreApplication

from app.ui.widgets.guidance_items import DepthDirection
from db.records import KeypointSource


@dataclass(frozen=True, slots=True)
class JointFacts:
    """What is known of a joint; the fields mean what they mean on the canvas, NaN where there is nothing."""

    visibility: int = 2
    residual_px: float = nan
    source: KeypointSource | None = None
    confidence: float = nan
    outside: bool = False
    pinned: bool = False
    ignored: bool = False
    depth: tuple[DepthDirection, ...] = ()


def describe_joint(title: str, facts: JointFacts) -> str:
    """Everything in one line, the name first."""
    parts = [title]
    if isfinite(facts.residual_px):
        parts.append(f"{facts.residual_px:.1f} px")
    if facts.visibility == 1:
        parts.append(_tr("occluded"))
    if facts.outside:
        parts.append(_tr("outside the picture"))
    if facts.pinned:
        parts.append(_tr("pinned"))
    if facts.ignored:
        parts.append(_tr("ignored"))
    if facts.source is not None:
        parts.append(describe_source(facts.source, facts.confidence))
    for way in facts.depth:
        parts.append(_tr("comes toward the camera") if way == "toward" else _tr("goes away from the camera"))
    return " · ".join(parts)


def describe_source(source: KeypointSource, confidence: float = nan) -> str:
    """Where a joint comes from, with the confidence of a machine; people's and the body's own is always 1."""
    words: dict[KeypointSource, str] = {
        "imported": _tr("imported"),
        "human": _tr("human"),
        "detector": _tr("detector"),
        "projected": _tr("projected"),
        "synthetic": _tr("synthetic"),
    }
    sure = source in ("human", "projected") or not isfinite(confidence)
    if sure or (source != "detector" and confidence == 1.0):
        return words[source]
    return f"{words[source]} {confidence:.2f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("JointTexts", text)
