"""What draws bodies."""

from __future__ import annotations

from typing import Protocol

from fitting.spec import RenderJob, RenderResult


class Renderer(Protocol):
    """Draws one body on a transparent layer. An instance belongs to the thread that made it."""

    def render(self, job: RenderJob) -> RenderResult:
        """Draw the body of ``job``.

        Raises:
            AssetError: The body file is missing or malformed.
            JobError: The job's numbers cannot be drawn (NaN, an empty window).
            RenderError: This machine cannot draw.
        """
        ...
