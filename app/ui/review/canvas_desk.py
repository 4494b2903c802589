"""What people do to several joints, and with the help of the fitted body, on the canvas of the review page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from app.services import annotation, joint_groups
from app.services.annotation import KeypointEdit
from app.services.person_view import PersonView
from app.services.point_moves import find_labelled
from app.ui.keymap import key_hint
from db.records import FloatArray

if TYPE_CHECKING:
    from app.ui.review.attachments import Place


class CanvasDesk(QObject):
    """Edits of groups of joints; the order in which missing joints are placed; where joints come from.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._placing = False
        canvas, edit = self._page.canvas, self._page.editor.edit
        canvas.joints_selected.connect(self._page.select_joints)
        self._page.column.joints.joints_selected.connect(self._page.select_joints)
        canvas.selection_moved.connect(
            lambda joints, dx, dy: edit(lambda rev, skel: joint_groups.move_group(rev, skel, joints, dx, dy))
        )
        canvas.selection_rotated.connect(
            lambda joints, degrees: edit(lambda rev, skel: joint_groups.rotate_group(rev, skel, joints, degrees))
        )
        canvas.selection_scaled.connect(
            lambda joints, factor: edit(lambda rev, skel: joint_groups.scale_group(rev, skel, joints, factor))
        )
        canvas.body_scaled.connect(lambda factor: edit(lambda rev, _skel: annotation.scale_body(rev, factor)))
        canvas.joint_placed.connect(self._on_placed)
        canvas.joint_placed_hidden.connect(self._on_placed)
        canvas.placement_changed.connect(self._on_placement_changed)
        self._page.person_shown.connect(self._on_person_shown)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the part's actions do."""
        return {
            "joint.select_all": self._select_all,
            "joint.place_next": self._place_next,
            "joint.snap": self._snap,
            "joint.copy_missing": self._copy_missing,
            "swap.pair": self._swap_pair,
        }

    def close(self) -> None:
        """Nothing is pending here: edits wait in the editor."""

    # ---- what people ask for

    def _select_all(self) -> None:
        self._page.select_joints(find_labelled(self._page.canvas.keypoints()))

    def _place_next(self) -> None:
        if self._page.view is None:
            return
        joint = self._find_missing(self._page.canvas.selected_joint())
        if joint is None:
            self._page.tell(self.tr("No joint is missing: all of them have a place."))
            return
        self._page.editor.flush()
        self._page.select_joint(joint)
        self._placing = True

    def _snap(self) -> None:
        joints, body = self._page.canvas.selected_joints(), self._find_body()
        if not joints and self._page.view is not None:
            self._page.ask_for_joint()
        elif body is not None:
            self._edit(lambda rev, skel: joint_groups.snap_to_body(rev, skel, joints, body))

    def _copy_missing(self) -> None:
        body = self._find_body()
        if body is not None:
            self._edit(lambda rev, skel: joint_groups.copy_missing(rev, skel, body))

    def _swap_pair(self) -> None:
        joint = self._page.canvas.selected_joint()
        if joint is None:
            self._page.ask_for_joint()
        else:
            self._edit(lambda rev, skel: joint_groups.swap_pair(rev, skel, joint))

    # ---- what happens

    def _on_placed(self, joint: int, _x: float, _y: float) -> None:
        if not self._placing:
            return
        following = self._find_missing(joint)
        if following is None:
            self._placing = False
            self._page.tell(self.tr("Every joint has a place now."), "success")
        else:
            self._page.select_joint(following)

    def _on_placement_changed(self, joint: int) -> None:
        if joint < 0:
            self._placing = False

    def _on_person_shown(self, view: PersonView | None) -> None:
        if view is not None:
            self._page.canvas.set_joint_origins(view.revision.sources, view.revision.confidence)
            self._page.column.joints.set_origins(view.revision.sources, view.revision.confidence)

    def _edit(self, build: Callable[..., KeypointEdit | None]) -> None:
        self._page.editor.edit(build)

    def _find_missing(self, after: int | None) -> int | None:
        """Next joint without a place, going round."""
        missing = np.flatnonzero(self._page.canvas.keypoints()[:, 2] == 0).tolist()
        if not missing:
            return None
        return next((joint for joint in missing if after is None or joint > after), missing[0])

    def _find_body(self) -> FloatArray | None:
        """Where the body on screen has the joints; None, and it is said, when there is none."""
        view, shown = self._page.view, self._page.history.shown
        if view is None:
            return None
        if shown is None:
            self._page.tell(
                self.tr("There is no fitted body to take joints from; fit one first ({0}).").format(
                    key_hint("fit.refit")
                )
            )
            return None
        return shown.joints_px
