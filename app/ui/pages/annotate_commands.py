"""What each action does on the review page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.services import annotation, joint_groups
from app.services.person_view import PersonView
from app.services.point_moves import find_labelled
from app.ui.pages.annotate import AnnotatePage
from app.ui.reject_dialog import RejectDialog
from app.ui.review.editor import BuildEdit

_NUDGE_PX = {"one": 1.0, "ten": 10.0, "tenth": 0.1}
_NUDGE_DIRECTIONS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
_ZOOM_STEP = 1.25


class AnnotateCommands(QObject):
    """Handlers of the page's actions, by action id."""

    def __init__(self, page: AnnotatePage) -> None:
        super().__init__(page)
        self._page = page

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Every action of the page that runs once a press."""
        page, canvas, navigator = self._page, self._page.canvas, self._page.navigator
        table: dict[str, Callable[[], object]] = {
            "edit.undo": self._undo,
            "edit.redo": self._redo,
            "person.next": lambda: navigator.step(1),
            "person.previous": lambda: navigator.step(-1),
            "person.next_undecided": lambda: navigator.jump_undecided(1),
            "person.previous_undecided": lambda: navigator.jump_undecided(-1),
            "person.first": navigator.first,
            "person.last": navigator.last,
            "person.find": page.frame.lists.focus_filter,
            "decide.accept": self._accept,
            "decide.reject": self._ask_reject,
            "decide.skip": lambda: navigator.jump_undecided(1),
            "decide.second_look": self._second_look,
            "decide.reopen": self._reopen,
            "joint.next": lambda: self._step_joint(1),
            "joint.previous": lambda: self._step_joint(-1),
            "joint.occluded": lambda: self._edit_joints(joint_groups.toggle_group_occluded),
            "joint.not_labelled": lambda: self._edit_joints(joint_groups.clear_group),
            "joint.clear": lambda: self._edit_joints(joint_groups.clear_group),
            "fit.refit": self._refit,
            "fit.cancel": self._cancel,
            "compare.toggle": lambda: self._compare(page.history.toggle),
            "compare.older": lambda: self._compare(page.history.step_older),
            "compare.use": lambda: self._compare(page.history.use),
            "zoom.fit_image": canvas.fit_image,
            "zoom.fit_person": canvas.fit_person,
            "zoom.actual": canvas.actual_size,
            "zoom.in": lambda: canvas.zoom_by(_ZOOM_STEP),
            "zoom.out": lambda: canvas.zoom_by(1 / _ZOOM_STEP),
            "program.next_pane": page.frame.focus_next_pane,
        }
        for number in range(1, 10):
            table[f"person.number_{number}"] = lambda number=number: self._go_to(number)  # type: ignore[misc]
        for group in ("body", "legs", "arms"):
            table[f"swap.{group}"] = lambda group=group: self._swap(group)  # type: ignore[misc]
        for direction, (x, y) in _NUDGE_DIRECTIONS.items():
            for size, px in _NUDGE_PX.items():
                table[f"nudge.{direction}_{size}"] = lambda dx=x * px, dy=y * px: self._nudge(dx, dy)  # type: ignore[misc]
        return table

    # ---- decisions

    def _accept(self) -> None:
        view = self._page.view
        if view is None:
            return
        self._page.editor.flush()
        obstacle = self._page.find_obstacle()
        if obstacle is not None or view.fit is None:
            self._page.tell(obstacle or "", "warning")
        else:
            self._page.judge.accept(view, view.fit.id, self._page.clock.seconds)

    def _ask_reject(self) -> None:
        view = self._page.view
        if view is None or self._page.judge.deciding:
            return
        self._page.editor.flush()
        image = view.image.path.rpartition("/")[2]
        who = self.tr("person {0} of {1}").format(view.place, image)
        dialog = RejectDialog(who, self._page.window())
        dialog.chosen.connect(lambda reasons, comment: self._reject(view, reasons, comment))
        dialog.open()

    def _reject(self, view: PersonView, reasons: tuple[str, ...], comment: str) -> None:
        # A fit that came in after the decision would leave the person undecided again.
        self._page.desk.cancel(view.person.id)
        self._page.judge.reject(view, reasons, comment, self._page.clock.seconds)

    def _second_look(self) -> None:
        if self._page.view is not None:
            person_id = self._page.view.person.id
            self._page.editor.flush()
            self._page.desk.cancel(person_id)
            self._page.judge.second_look(person_id, self._page.clock.seconds)

    def _reopen(self) -> None:
        if self._page.view is not None:
            self._page.editor.flush()
            self._page.judge.reopen(self._page.view.person.id, self._page.clock.seconds)

    def _undo(self) -> None:
        if self._page.canvas.sketch.take_back():
            return
        self._page.editor.flush()
        self._page.judge.undo()

    def _redo(self) -> None:
        self._page.editor.flush()
        self._page.judge.redo()

    # ---- fit

    def _refit(self) -> None:
        if self._page.view is not None:
            self._page.editor.flush()
            self._page.desk.refit(self._page.view.person.id)

    def _cancel(self) -> None:
        person_id = self._page.context.person_id
        if self._page.canvas.sketch.cancel():
            return
        if person_id is not None and self._page.desk.cancel(person_id):
            return
        if self._page.history.back():
            return
        self._page.select_joint(None)
        self._page.canvas.setFocus()

    def _compare(self, act: Callable[[], None]) -> None:
        if self._page.fitting:
            self._page.tell_fit_runs()
        else:
            self._page.editor.flush()
            act()

    # ---- joints

    def _go_to(self, number: int) -> None:
        if self._page.view is not None:
            self._page.navigator.person_of_image(self._page.view, number)

    def _step_joint(self, direction: int) -> None:
        view = self._page.view
        if view is None:
            return
        count, selected = len(view.skeleton), self._page.canvas.selected_joint()
        before_first = -1 if direction > 0 else 0
        joint = ((before_first if selected is None else selected) + direction) % count
        self._page.editor.flush()
        self._page.select_joint(joint)

    def _nudge(self, dx: float, dy: float) -> None:
        view, joints = self._page.view, self._selected_joints()
        if view is None or not joints:
            return
        placed = find_labelled(view.revision.keypoints, joints)
        if not placed:
            titles = view.skeleton.titles
            self._page.tell(self.tr("The {0} has no place yet; click where it is.").format(titles[joints[0]]))
            return
        self._page.editor.nudge(placed, dx, dy)

    def _edit_joints(self, build: Callable[..., annotation.KeypointEdit | None]) -> None:
        joints = self._selected_joints()
        if joints:
            self._page.editor.edit(lambda revision, skeleton: build(revision, skeleton, joints))

    def _swap(self, group: str) -> None:
        edit: BuildEdit = lambda revision, skeleton: annotation.swap_sides(revision, skeleton, group)  # noqa: E731
        self._page.editor.edit(edit)

    def _selected_joints(self) -> tuple[int, ...]:
        joints = self._page.canvas.selected_joints()
        if not joints and self._page.view is not None:
            self._page.ask_for_joint()
        return joints
