"""Where bodies are seen: what the display asks of the widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from app.services.comparing import BodyVersion
from app.ui.widgets.body_panel import PanelLayers
from fitting.spec import ByteImage, RenderResult, Viewpoint, Window

PaneName: TypeAlias = Literal["side", "large", "opposite"]
"""The pane beside the picture, the one in its place, and the one beside that for comparing."""


class Surface(Protocol):
    """Where a body is seen."""

    def set_stale(self, stale: bool) -> None:
        """Mark the body as fitted to earlier keypoints."""

    def set_notice(self, text: str) -> None:
        """Say that the body is not the current one; empty says nothing."""


class OverlaySurface(Surface, Protocol):
    """Where the body lies over the picture."""

    def set_overlay(self, rgba: ByteImage | None, window: Window | None = None) -> None:
        """Show a layer over a window of the image, or nothing."""


class ViewSurface(Surface, Protocol):
    """Where the body is seen alone."""

    def set_body(self, drawn: RenderResult | None) -> None:
        """Show a layer, or the message."""

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Say from where the body is seen."""

    def set_layers(self, layers: PanelLayers) -> None:
        """Show or hide what lies beside the surface."""

    def set_message(self, message: str) -> None:
        """Sentence while there is no body."""

    def layer_size(self) -> tuple[int, int]:
        """Size a layer should have."""

    def isVisible(self) -> bool:  # noqa: N802 -- Qt's name
        """Whether anybody can see it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A pane with the body that it shows and the bodies that frame it, none for the body itself."""

    name: PaneName
    surface: ViewSurface
    version: BodyVersion
    framed_by: tuple[BodyVersion, ...] = ()
