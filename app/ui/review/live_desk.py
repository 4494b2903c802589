"""A body that follows the hand: while joints are dragged, EFT goes on in the worker; then a fit of record.

The session only serves the eye. When the gesture ends, it ends, and the ordinary fit of the stored keypoints is made by
the method chosen. A gesture that is given up leaves nothing: the stored fit is shown again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from app.services.fitting import new_job_id
from app.services.live import build_live_job, build_live_update, place_live_joints
from app.services.person_view import PersonView
from app.ui.jobs import JobHandlers
from db.records import FITTABLE_KEYPOINTS, FloatArray, PersonId
from fitting.spec import JobFailed, JobId, LiveEnd, LiveJob, LiveProgressed

if TYPE_CHECKING:
    from app.ui.review.attachments import Place


@dataclass(slots=True, eq=False)
class _Session:
    """One gesture.

    Attributes:
        view: The person as stored when it began.
        latest: Keypoints ``(J, 3)`` that were not told yet, because the session is still being prepared.
        is_open: The worker knows of it.
    """

    view: PersonView
    job_id: JobId = field(default_factory=new_job_id)
    number: int = 0
    latest: FloatArray | None = None
    is_open: bool = False


class LiveDesk(QObject):
    """Live re-fits of the person on screen.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._settings = place.settings
        self._actions = place.actions
        self._context = place.page.context
        self._session: _Session | None = None
        canvas = self._page.canvas
        canvas.drag_began.connect(self._begin)
        canvas.joints_dragging.connect(self._follow)
        canvas.drag_ended.connect(self._end)
        self._context.person_changed.connect(lambda _person_id: self._drop())
        place.actions.set_checked("fit.live", place.settings.values.live_refit)
        self._unwatch = place.settings.watch(
            lambda _names: place.actions.set_checked("fit.live", place.settings.values.live_refit)
        )

    def handlers(self) -> dict[str, Callable[[bool], object]]:
        """What the part's actions do."""
        return {"fit.live": lambda on: self._settings.update(live_refit=on)}

    def close(self) -> None:
        """End the session; its worker ends with the project."""
        self._unwatch()
        self._drop()

    # ---- a gesture

    def _begin(self) -> None:
        view = self._page.view
        if view is None or self._session is not None or not self._settings.values.live_refit:
            return
        if view.revision.labelled_count < FITTABLE_KEYPOINTS:
            return
        # A fit that runs is of keypoints that are about to change; another one follows.
        self._page.desk.supersede(view.person.id)
        session = self._session = _Session(view)
        self._page.set_live(True)
        project, person_id = self._context.project, view.person.id
        # On the writing thread, behind the edits made so far; a picture for the regressor is read there as well.
        self._context.writes.run(
            lambda: build_live_job(project, person_id, session.job_id),
            lambda job: self._open(session, job),
            lambda error: self._fail(session, str(error)),
        )

    def _follow(self, keypoints: FloatArray) -> None:
        session = self._session
        if session is None:
            return
        session.latest = np.array(keypoints)
        if session.is_open:
            self._tell(session)

    def _end(self, committed: bool) -> None:
        session = self._take()
        if session is None:
            return
        person_id: PersonId = session.view.person.id
        if committed:
            self._page.desk.refit(person_id, follows_edit=True)
        self._page.set_live(False)

    def _drop(self) -> None:
        if self._take() is not None:
            self._page.set_live(False)

    # ---- the session

    def _open(self, session: _Session, job: LiveJob) -> None:
        if session is not self._session:
            return  # the hand was quicker than the picture
        self._context.fits.submit(
            job,
            JobHandlers(
                on_finished=lambda _result: None,
                on_failed=lambda failure: self._on_failed(session, failure),
                on_live=lambda event: self._on_live(session, event),
            ),
        )
        session.is_open = True
        if session.latest is not None:
            self._tell(session)

    def _tell(self, session: _Session) -> None:
        keypoints, session.latest = session.latest, None
        if keypoints is None:
            return
        session.number += 1
        stored = session.view.revision.keypoints
        held = np.flatnonzero((keypoints[:, :2] != stored[:, :2]).any(axis=1)).tolist()
        self._context.fits.send(build_live_update(session.view, session.job_id, session.number, keypoints, held))

    def _take(self) -> _Session | None:
        session, self._session = self._session, None
        if session is not None and session.is_open:
            self._context.fits.send(LiveEnd(session.job_id))
        return session

    def _on_live(self, session: _Session, event: LiveProgressed) -> None:
        if session is self._session and event.settled and event.number > 0:
            self._page.display.preview(session.view, event.step.fit)
            self._page.canvas.set_fit_joints(place_live_joints(session.view, event))

    def _on_failed(self, session: _Session, failure: JobFailed) -> None:
        self._fail(session, failure.message)
        if failure.details:
            self._page.crashed.emit(failure.details)

    def _fail(self, session: _Session, sentence: str) -> None:
        """The gesture goes on without a body that follows; the fit of record comes all the same."""
        if session is self._session:
            session.is_open = False
        self._page.tell(sentence, "warning")
