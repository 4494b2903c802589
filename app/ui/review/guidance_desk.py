"""Depth hints, pins and ignored joints of the person on screen: keys, marks on the canvas, one step to undo each.

A hint belongs to the limb that ends at the selected joint, because that is the end whose depth is told: the forearm of
a wrist, the thigh of a knee.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from app.services import guidance
from app.services.person_view import PersonView
from db.records import ChangeSet
from resources.limbs import LIMBS, DepthHint, Limb

if TYPE_CHECKING:
    from app.ui.review.attachments import Place

_LIMB_OF_END: Final[Mapping[str, Limb]] = {limb.far: limb for limb in LIMBS}


class GuidanceDesk(QObject):
    """What the annotator tells the fit beyond keypoints.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._page.person_shown.connect(self._on_person_shown)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the part's actions do."""
        return {
            "guide.toward": lambda: self._hint("toward"),
            "guide.away": lambda: self._hint("away"),
            "guide.pin": lambda: self._weigh(guidance.PIN_WEIGHT),
            "guide.ignore": lambda: self._weigh(guidance.IGNORE_WEIGHT),
            "guide.clear": self._clear,
        }

    def close(self) -> None:
        """Nothing is pending here: every change is on its way to the disk."""

    def _hint(self, value: DepthHint) -> None:
        view = self._page.view
        if view is None:
            return
        names = [view.skeleton.joints[joint] for joint in self._page.canvas.selected_joints()]
        limbs = [_LIMB_OF_END[name].name for name in names if name in _LIMB_OF_END]
        if not limbs:
            self._page.tell(self.tr("Select the end of the limb first: an elbow, a wrist, a knee or an ankle."))
            return
        known = {} if view.guidance is None else view.guidance.depth_hints
        taken_back = all(known.get(limb) == value for limb in limbs)
        if not taken_back:  # the hint is told at that end, which has to be on the picture
            bare = [joint for joint in self._page.canvas.selected_joints() if self._lacks_place(view, joint)]
            if bare:
                self._page.tell(
                    self.tr("The {0} is not labelled; place it first.").format(view.skeleton.titles[bare[0]]), "warning"
                )
                return
        hints: dict[str, DepthHint | None] = dict.fromkeys(limbs, None if taken_back else value)
        project, person_id = self._page.context.project, view.person.id
        self._change(lambda: guidance.set_depth_hints(project, person_id, hints))

    def _lacks_place(self, view: PersonView, joint: int) -> bool:
        is_end = view.skeleton.joints[joint] in _LIMB_OF_END
        return is_end and bool(self._page.canvas.keypoints()[joint, 2] == 0)

    def _weigh(self, weight: float) -> None:
        view = self._page.view
        if view is None:
            return
        selected = self._page.canvas.selected_joints()
        if not selected:
            self._page.ask_for_joint()
            return
        known = {} if view.guidance is None else view.guidance.joint_weights
        joints = [view.skeleton.joints[joint] for joint in selected]
        taken_back = all(_kind(known.get(joint, 1.0)) == _kind(weight) for joint in joints)
        if not taken_back:  # a joint without a place can show no mark, and the fit has nothing to weigh
            keypoints = self._page.canvas.keypoints()
            joints = [view.skeleton.joints[joint] for joint in selected if keypoints[joint, 2] > 0]
        if not joints:
            title = view.skeleton.titles[min(selected)]
            self._page.tell(self.tr("The {0} is not labelled; place it first.").format(title), "warning")
            return
        project, person_id = self._page.context.project, view.person.id
        wanted = None if taken_back else weight
        self._change(lambda: guidance.set_joint_weights(project, person_id, joints, wanted))

    def _clear(self) -> None:
        view = self._page.view
        if view is not None:
            project, person_id = self._page.context.project, view.person.id
            self._change(lambda: guidance.clear_guidance(project, person_id))

    def _change(self, work: Callable[[], ChangeSet]) -> None:
        self._page.editor.flush()
        self._page.context.writes.run(work, self._page.context.report_change)

    def _on_person_shown(self, view: PersonView | None) -> None:
        if view is None:
            return
        canvas, skeleton, known = self._page.canvas, view.skeleton, view.guidance
        weights = {} if known is None else known.joint_weights
        places = {name: joint for joint, name in enumerate(skeleton.joints)}
        canvas.set_joint_marks(
            pinned=[places[name] for name, weight in weights.items() if weight > 1 and name in places],
            ignored=[places[name] for name, weight in weights.items() if weight == 0 and name in places],
        )
        hints = {} if known is None else known.depth_hints
        canvas.set_depth_hints(
            [
                (places[limb.near], places[limb.far], hints[limb.name])
                for limb in LIMBS
                if limb.name in hints and limb.near in places and limb.far in places
            ]
        )


def _kind(weight: float) -> str:
    return "pin" if weight > 1 else "ignore" if weight == 0 else "plain"
