"""Gestures become stored edits, one after the other, none lost and none applied to keypoints nobody here has seen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.services.annotation import KeypointEdit, apply_edit
from app.services.joint_groups import move_group
from app.services.person_view import PersonView
from app.ui.context import Context
from db.errors import StaleWriteError
from db.records import ChangeSet, FloatArray, KeypointRevision, PersonId, RevisionId
from resources.skeleton import Skeleton

BuildEdit: TypeAlias = Callable[[KeypointRevision, Skeleton], KeypointEdit | None]

NUDGE_PAUSE_MS = 600
"""Nudges of the same joints with shorter pauses are one edit, one step to undo."""


@dataclass(slots=True)
class _Nudge:
    """A burst: how far, not where to, so that it counts whatever was stored before it lands."""

    person_id: PersonId
    joints: tuple[int, ...]
    dx: float = 0.0
    dy: float = 0.0
    stored: bool = False


class Editor(QObject):
    """Edits the keypoints of the person on screen.

    Edits are queued to the writing thread and built there on the keypoints as they are *then*, so that two quick
    edits both count. If those keypoints are neither shown here before nor made here, somebody else has changed them:
    the edit is refused.

    Signals:
        nudged: To be shown at once, see :meth:`with_pending`; the edit follows after a pause.
        refused: ``str``, why an edit was not stored; what is on screen must be read again.
    """

    nudged = Signal()
    refused = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._view: PersonView | None = None
        self._known: set[RevisionId] = set()
        self._nudge: _Nudge | None = None
        self._landing: list[_Nudge] = []  # on their way to the disk, not yet in the view
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(NUDGE_PAUSE_MS)
        self._pause.timeout.connect(self.flush)

    def set_view(self, view: PersonView | None) -> None:
        """The person on screen, as shown from now on."""
        self._view = view
        self._landing = [nudge for nudge in self._landing if not nudge.stored]
        if view is not None:
            self._known.add(view.revision.id)

    def edit(self, build: BuildEdit) -> None:
        """Store an edit of the person on screen; nothing when it changes nothing."""
        self.flush()
        if self._view is not None:
            self._queue(self._view.person.id, self._view.skeleton, build)

    def nudge(self, joints: Collection[int], dx: float, dy: float) -> None:
        """Move joints by image pixels; a burst becomes one edit."""
        if self._view is None:
            return
        pending = self._nudge
        chosen = tuple(sorted(joints))
        if pending is None or (pending.person_id, pending.joints) != (self._view.person.id, chosen):
            self.flush()
            pending = self._nudge = _Nudge(self._view.person.id, chosen)
        pending.dx += dx
        pending.dy += dy
        self._pause.start()
        self.nudged.emit()

    def flush(self) -> None:
        """Store the burst of nudges that waits for its pause."""
        self._pause.stop()
        nudge, self._nudge = self._nudge, None
        if nudge is None or self._view is None:
            return
        self._landing.append(nudge)
        skeleton = self._view.skeleton
        self._context.writes.run(
            lambda: self._apply(nudge.person_id, skeleton, _moved_by(nudge)),
            lambda changeset: self._on_landed(nudge, changeset),
            lambda error: self._on_lost(nudge, str(error)),
        )

    def with_pending(self, view: PersonView) -> FloatArray:
        """Keypoints ``(J, 3)`` of a person with the nudges that the view does not hold yet."""
        waiting = [*self._landing, *([] if self._nudge is None else [self._nudge])]
        keypoints: FloatArray = np.array(view.revision.keypoints)
        for nudge in waiting:
            if nudge.person_id == view.person.id:
                keypoints[list(nudge.joints), :2] += (nudge.dx, nudge.dy)
        return keypoints

    def _on_landed(self, nudge: _Nudge, changeset: ChangeSet | None) -> None:
        nudge.stored = True
        self._on_applied(changeset)

    def _on_lost(self, nudge: _Nudge, sentence: str) -> None:
        self._landing.remove(nudge)
        self.refused.emit(sentence)

    def _queue(self, person_id: PersonId, skeleton: Skeleton, build: BuildEdit) -> None:
        self._context.writes.run(
            lambda: self._apply(person_id, skeleton, build),
            self._on_applied,
            lambda error: self.refused.emit(str(error)),
        )

    def _apply(self, person_id: PersonId, skeleton: Skeleton, build: BuildEdit) -> ChangeSet | None:
        """On the writing thread."""
        project = self._context.project
        current = _current(self._context, person_id)
        if current.id not in self._known:
            raise StaleWriteError(
                "Somebody else has changed these keypoints meanwhile; they are shown now, so make your edit again."
            )
        edit = build(current, skeleton)
        if edit is None:
            return None
        changeset = apply_edit(project, person_id, current.id, edit)
        mine = _current(self._context, person_id)
        if mine.parent_id == current.id:
            self._known.add(mine.id)
        return changeset

    def _on_applied(self, changeset: ChangeSet | None) -> None:
        if changeset is not None:
            self._context.report_change(changeset)


def _moved_by(nudge: _Nudge) -> BuildEdit:
    return lambda revision, skeleton: move_group(revision, skeleton, nudge.joints, nudge.dx, nudge.dy)


def _current(context: Context, person_id: PersonId) -> KeypointRevision:
    with context.project.store.read() as reader:
        revision = reader.keypoints.current(person_id)
    if revision is None:
        raise StaleWriteError("This person has no keypoints any more; reload the list.")
    return revision
