"""Comments on the person on screen: the tab, the marks on the picture, and what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from app.services import comments
from app.services.comments import PersonComments, Thread
from app.services.person_view import PersonView
from app.ui.handbook import SECTION_PROPERTY
from app.ui.widgets.comment_list import CommentList
from app.ui.widgets.comment_pins import CommentPin, CommentPins
from db.comments import CommentId
from db.records import ChangeSet, FloatArray, PersonId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class CommentDesk(QObject):
    """Reads the threads again whenever something has changed, and stores what is written."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._actions = place.actions
        self._context = place.page.context
        self._comments = PersonComments()
        self.list = CommentList()
        self.list.setProperty(SECTION_PROPERTY, "comments")
        self.pins = CommentPins(place.page.canvas)
        place.page.column.add_tab(self.list, self.tr("Comments"))
        place.page.person_shown.connect(self._on_person_shown)
        place.page.canvas.joints_dragging.connect(self._show_pins)
        place.page.canvas.drag_ended.connect(self._on_drag_ended)
        place.page.editor.nudged.connect(lambda: self._show_pins(place.page.canvas.keypoints()))
        place.page.joint_chosen.connect(self._on_joint_chosen)
        self._context.person_changed.connect(lambda _person: self._on_left_person())
        self._actions.hidden.connect(self.pins.set_hidden)
        self.pins.clicked.connect(self._on_pin_clicked)
        self.list.written.connect(self._on_written)
        self.list.resolve_wanted.connect(lambda thread: self._store(lambda who: self._resolve(who, thread)))
        self.list.reopen_wanted.connect(lambda thread: self._store(lambda who: self._reopen(who, thread)))
        self.list.thread_chosen.connect(self._on_thread_chosen)
        self.list.left.connect(place.page.canvas.setFocus)

    def handlers(self) -> Mapping[str, Handler]:
        """Writing."""
        return {"comment.write": self._write}

    def close(self) -> None:
        """The window's actions outlive the page."""
        self._actions.hidden.disconnect(self.pins.set_hidden)

    # ---- what people do

    def _write(self) -> None:
        if self._page.view is not None:
            self._page.column.tabs.setCurrentWidget(self.list)
            self.list.write()

    def _on_written(self, text: str) -> None:
        view, thread = self._page.view, self.list.answering
        if view is None:
            return
        project, joint = self._context.project, self._page.canvas.selected_joint()
        if thread is None:
            self._store(lambda who: comments.say(project, who, text, view.skeleton, joint))
        else:
            self._store(lambda who: comments.answer(project, who, thread, text))
        self.list.clear_entry()

    def _resolve(self, person_id: PersonId, thread: CommentId) -> ChangeSet:
        return comments.resolve(self._context.project, person_id, thread)

    def _reopen(self, person_id: PersonId, thread: CommentId) -> ChangeSet:
        return comments.reopen_thread(self._context.project, person_id, thread)

    def _store(self, change: Callable[[PersonId], ChangeSet]) -> None:
        if self._page.view is not None:
            person_id = self._page.view.person.id
            self._page.editor.flush()
            self._context.writes.run(
                lambda: change(person_id),
                self._context.report_change,
                lambda error: self._page.tell(str(error), "error"),
            )

    def _on_pin_clicked(self, number: int) -> None:
        for thread in self._comments.threads:
            if thread.number == number:
                self._page.column.tabs.setCurrentWidget(self.list)
                self.list.mark(thread.id)

    def _on_thread_chosen(self, thread_id: CommentId) -> None:
        self.list.mark(thread_id)
        view = self._page.view
        thread = next((row for row in self._comments.threads if row.id == thread_id), None)
        if view is not None and thread is not None and thread.joint in view.skeleton.joints:
            self._page.select_joint(view.skeleton.index(thread.joint))

    # ---- what is shown

    def _on_drag_ended(self, committed: bool) -> None:
        if not committed:  # otherwise the pins are where the joints have been left
            self._show_pins(self._page.canvas.keypoints())

    def _on_left_person(self) -> None:
        self._comments = PersonComments()
        self.pins.set_pins(())
        self.list.clear_entry()

    def _on_joint_chosen(self, joint: int | None) -> None:
        view = self._page.view
        self.list.set_target("" if joint is None or view is None else view.skeleton.titles[joint])

    def _on_person_shown(self, view: PersonView | None) -> None:
        if view is None:
            self._show(None, PersonComments())
            return
        project, person_id = self._context.project, view.person.id
        self._context.reads.run(
            lambda: comments.load_comments(project, person_id), lambda read: self._on_read(person_id, read)
        )

    def _on_read(self, person_id: PersonId, read: PersonComments) -> None:
        view = self._page.view
        if view is not None and view.person.id == person_id:
            self._show(view, read)

    def _show(self, view: PersonView | None, read: PersonComments) -> None:
        self._comments = read
        titles = {} if view is None else dict(zip(view.skeleton.joints, view.skeleton.titles, strict=True))
        self.list.set_comments(read, titles)
        count = sum(thread.is_open for thread in read.threads)
        title = self.tr("Comments ({0})").format(count) if count else self.tr("Comments")
        self._page.column.set_tab_title(self.list, title)
        self._show_pins(self._page.canvas.keypoints())

    def _show_pins(self, keypoints: FloatArray) -> None:
        view = self._page.view
        if view is None:
            self.pins.set_pins(())
            return
        placed = ((thread, _find_place(view, keypoints, thread)) for thread in self._comments.threads)
        self.pins.set_pins(
            [
                CommentPin(thread.number, *place, thread.is_open, f"{thread.lines[0].who}: {thread.lines[0].text}")
                for thread, place in placed
                if place is not None and thread.lines
            ]
        )


def _find_place(view: PersonView, keypoints: FloatArray, thread: Thread) -> tuple[float, float] | None:
    """Where a mark points: at its joint; at the head of the box for the person or a joint without a place."""
    if thread.joint in view.skeleton.joints:
        x, y, visibility = (float(value) for value in keypoints[view.skeleton.index(thread.joint)])
        if visibility > 0 and np.isfinite((x, y)).all():
            return x, y
    left, top, _width, _height = view.person.bbox_xywh
    return left, top
