"""Pictures of bodies: asked for by channel, newest first, recent ones kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from PySide6.QtCore import QObject, Signal

from app.ui.jobs import JobHandlers, JobLine
from app.ui.latest import LatestWins
from db.records import FitId
from fitting.spec import JobFailed, JobResult, RenderJob, RenderResult, View

Channel: TypeAlias = Literal["overlay", "view", "large view", "prefetch overlay", "prefetch view"]
"""Places a picture is wanted for; in each only the newest request is worth drawing."""

KEPT_LAYERS: Final = 64
"""At most 2 MB each."""


class LayerKey(NamedTuple):
    """A fit never changes, so a picture of it can be kept."""

    fit_id: FitId
    view: View
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Request:
    job: RenderJob
    key: LayerKey | None
    on_ready: Callable[[RenderResult], None]


class LayerDesk(QObject):
    """Draws bodies through a runner.

    Signals:
        failed: ``str``, why nothing can be drawn; the same sentence is told once.
        crashed: ``str``, the traceback of a bug in the renderer.
    """

    failed = Signal(str)
    crashed = Signal(str)

    def __init__(self, runner: JobLine) -> None:
        super().__init__(runner)
        self._runner = runner
        self._latest: LatestWins[Channel, _Request] = LatestWins()
        self._kept: OrderedDict[LayerKey, RenderResult] = OrderedDict()
        self._told: set[str] = set()

    def find(self, key: LayerKey) -> RenderResult | None:
        """A picture that has been drawn already."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def request(
        self,
        channel: Channel,
        job: RenderJob,
        on_ready: Callable[[RenderResult], None],
        key: LayerKey | None = None,
    ) -> None:
        """Ask for a picture; ``on_ready`` may be called at once. A newer request in the channel takes its place.

        Args:
            channel: Where it is wanted.
            job: What to draw.
            on_ready: Called on the GUI thread.
            key: Under which the picture is kept; None for live previews.
        """
        if key is not None and (kept := self.find(key)) is not None:
            self._latest.drop_waiting(channel)
            on_ready(kept)
            return
        request = self._latest.offer(channel, _Request(job, key, on_ready))
        if request is not None:
            self._submit(channel, request)

    def forget_waiting(self, channel: Channel) -> None:
        """Drop the request that has not begun: nobody wants it any more."""
        self._latest.drop_waiting(channel)

    def _submit(self, channel: Channel, request: _Request) -> None:
        self._runner.submit(
            request.job,
            JobHandlers(
                on_finished=lambda result: self._on_finished(channel, request, result),
                on_failed=lambda failure: self._on_failed(channel, failure),
                on_cancelled=lambda: self._start_next(channel),
            ),
        )

    def _on_finished(self, channel: Channel, request: _Request, result: JobResult) -> None:
        self._start_next(channel)
        if not isinstance(result, RenderResult):
            raise TypeError(f"a render job was answered with {type(result).__name__}")
        if request.key is not None:
            self._kept[request.key] = result
            while len(self._kept) > KEPT_LAYERS:
                self._kept.popitem(last=False)
        request.on_ready(result)

    def _on_failed(self, channel: Channel, failure: JobFailed) -> None:
        self._start_next(channel)
        if failure.message not in self._told:
            self._told.add(failure.message)
            self.failed.emit(failure.message)
            if failure.details:
                self.crashed.emit(failure.details)

    def _start_next(self, channel: Channel) -> None:
        request = self._latest.finish(channel)
        if request is not None:
            self._submit(channel, request)
