"""Pictures of bodies: asked for by channel, newest first, recent ones kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from PySide6.QtCore import QObject, Signal

from app.services.comparing import Stage, VersionKey
from app.services.fitting import new_job_id
from app.ui.jobs import JobHandlers, JobLine
from app.ui.latest import LatestWins
from db.records import FitId
from fitting.spec import (
    JobFailed,
    JobResult,
    RenderJob,
    RenderManyJob,
    RenderManyResult,
    RenderResult,
    View,
    Viewpoint,
)

Channel: TypeAlias = Literal["overlay", "views", "preview", "prefetch"]
"""What pictures are wanted for; in each only the newest request is worth drawing."""

KEPT_BYTES: Final = 128_000_000
"""About fifty people ahead and behind with overlay and side view."""


class LayerKey(NamedTuple):
    """A fit never changes, so a picture of it can be kept.

    Attributes:
        stage: The fit, or what it started from.
        dress: Mesh, wire.
        framed_by: Bodies that share the frame.
    """

    fit_id: FitId
    view: View | Viewpoint
    size_px: tuple[int, int]
    stage: Stage = "final"
    dress: tuple[bool, bool] = (True, False)
    framed_by: tuple[VersionKey, ...] = ()


class Wanted(NamedTuple):
    """A picture, and under what it is kept; None for one that lives for a moment only."""

    job: RenderJob
    key: LayerKey | None


OnReady: TypeAlias = Callable[[tuple[RenderResult, ...]], None]


@dataclass(frozen=True, slots=True)
class _Request:
    wanted: tuple[Wanted, ...]
    on_ready: OnReady


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
        self._kept_bytes = 0
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
        """Ask for one picture (see :meth:`request_together`)."""
        self.request_together(channel, [Wanted(job, key)], lambda layers: on_ready(layers[0]))

    def request_together(self, channel: Channel, wanted: Sequence[Wanted], on_ready: OnReady) -> None:
        """Ask for pictures that are shown at once. A newer request in the channel takes the place of this one.

        Args:
            channel: What they are wanted for.
            wanted: What to draw; those that are kept are not drawn again.
            on_ready: Called on the GUI thread with all of them in order; at once where all are kept.
        """
        request = _Request(tuple(wanted), on_ready)
        kept = tuple(layer for layer in self._find_all(request) if layer is not None)
        if len(kept) == len(wanted):
            self._latest.drop_waiting(channel)
            on_ready(kept)
        elif self._latest.offer(channel, request) is not None:
            self._submit(channel, request)

    def forget_waiting(self, channel: Channel) -> None:
        """Drop the request that has not begun: nobody wants it any more."""
        self._latest.drop_waiting(channel)

    def _find_all(self, request: _Request) -> list[RenderResult | None]:
        return [None if key is None else self.find(key) for _job, key in request.wanted]

    def _submit(self, channel: Channel, request: _Request) -> None:
        found = self._find_all(request)
        jobs = tuple(wish.job for wish, kept in zip(request.wanted, found, strict=True) if kept is None)
        if not jobs:  # drawn meanwhile for another channel
            request.on_ready(tuple(layer for layer in found if layer is not None))
            self._start_next(channel)
            return
        self._runner.submit(
            jobs[0] if len(jobs) == 1 else RenderManyJob(new_job_id(), jobs),
            JobHandlers(
                on_finished=lambda result: self._on_finished(channel, request, found, result),
                on_failed=lambda failure: self._on_failed(channel, failure),
                on_cancelled=lambda: self._start_next(channel),
            ),
        )

    def _on_finished(
        self, channel: Channel, request: _Request, found: list[RenderResult | None], result: JobResult
    ) -> None:
        if isinstance(result, RenderResult):
            drawn = iter((result,))
        elif isinstance(result, RenderManyResult):
            drawn = iter(result.layers)
        else:
            raise TypeError(f"a render job was answered with {type(result).__name__}")
        layers = tuple(kept or next(drawn) for kept in found)
        for wish, kept, layer in zip(request.wanted, found, layers, strict=True):
            if kept is None and wish.key is not None:
                self._keep(wish.key, layer)
        following = self._latest.finish(channel)
        at_once = following is not None and all(layer is not None for layer in self._find_all(following))
        # The worker draws on while these are shown; but what need not be drawn must not be shown before these.
        if following is not None and not at_once:
            self._submit(channel, following)
        request.on_ready(layers)
        if following is not None and at_once:
            self._submit(channel, following)

    def _keep(self, key: LayerKey, layer: RenderResult) -> None:
        earlier = self._kept.pop(key, None)
        self._kept_bytes += layer.rgba.nbytes - (0 if earlier is None else earlier.rgba.nbytes)
        self._kept[key] = layer
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            _key, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= dropped.rgba.nbytes

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
