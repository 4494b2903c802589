"""Drawing people from scratch in the image on screen, and taking them away again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QObject

from app.services.drawing import (
    DrawnPerson,
    ImageView,
    Sketch,
    Whereabouts,
    draw_person,
    find_whereabouts,
    is_drawn,
    remove_person,
)
from app.services.person_view import PersonView
from app.settings import DrawSkeleton
from app.ui.keymap import key_hint
from db.presence import PRESENCE_TABLES
from db.records import FITTABLE_KEYPOINTS, ChangeSet, ImageId, PersonId
from resources.skeleton import get_skeleton

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class DrawDesk(QObject):
    """From the key to the stored person; a drawing that is left is stored as far as it has come.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context
        self._actions = place.actions
        self._settings = place.settings
        self._sketch = place.page.canvas.sketch
        self._wanted: ImageId | None = None
        self._image_id: ImageId | None = None
        self._back: PersonId | None = None
        self._sketch.finished.connect(lambda sketch: self._store(sketch, follow=True))
        self._sketch.cancelled.connect(self._on_cancelled)
        self._sketch.joint_asked.connect(self._on_joint_asked)
        # Heard after the page, which has let go of who was on screen by then.
        self._context.person_changed.connect(lambda _person: self._leave())
        self._context.image_changed.connect(lambda _image: self._leave())
        self._context.changed.connect(self._on_changed)
        self._page.image_shown.connect(self._on_image_shown)
        self._page.person_shown.connect(self._on_person_shown)
        self._actions.keys_changed.connect(self._show_hint)
        self._unwatch = self._settings.watch(self._on_settings_changed)
        self._on_settings_changed(frozenset({"draw_skeleton"}))

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do."""
        table: dict[str, Handler] = {"person.add": self._add, "person.remove": self._remove}
        for name in get_args(DrawSkeleton):
            table[f"draw_with.{name}"] = self._choose(name)
        return table

    def close(self) -> None:
        """Store what has been drawn so far."""
        self._leave()
        self._actions.keys_changed.disconnect(self._show_hint)
        self._unwatch()

    # ---- what people ask for

    def _add(self) -> None:
        view = self._page.view or self._page.image
        if self._sketch.is_active or view is None:
            return
        if not self._page.has_picture:
            self._page.tell(self.tr("The image is missing, so nobody can be drawn in it."), "warning")
            return
        self._page.frame.set_body_large(False)
        self._actions.set_checked("view.body_large", False)
        self._back = self._context.person_id
        self._wanted = view.image.id
        if self._page.image is not None:
            self._on_image_shown(self._page.image)
        else:
            self._context.set_image(view.image.id)

    def _remove(self) -> None:
        view = self._page.view
        if view is None:
            self._page.tell(self.tr("No person is shown."))
            return
        if not is_drawn(view.person):
            self._page.tell(
                self.tr("This person came with {0} and cannot be removed; reject them instead ({1}).").format(
                    view.person.source, key_hint("decide.reject")
                ),
                "warning",
            )
            return
        person_id, project = view.person.id, self._context.project
        self._page.editor.flush()
        self._page.desk.drop([person_id])
        self._page.fitting_changed.emit()
        self._context.writes.run(lambda: remove_person(project, person_id), self._on_removed, self._on_refused)

    def _choose(self, name: str) -> Handler:
        def choose(chosen: bool) -> None:
            if chosen:
                self._settings.update(draw_skeleton=name)

        return choose

    # ---- what happens

    def _on_image_shown(self, view: ImageView) -> None:
        if self._sketch.is_active:
            return
        if self._wanted == view.image.id:
            self._wanted = None
            self._image_id = view.image.id
            self._sketch.begin(get_skeleton(self._settings.values.draw_skeleton))
        else:
            self._show_hint()

    def _on_person_shown(self, view: PersonView | None) -> None:
        self._actions["person.remove"].setEnabled(view is not None and is_drawn(view.person))
        if view is not None and not self._sketch.is_active:
            self._page.canvas.set_instruction("")

    def _on_joint_asked(self, joint: int) -> None:
        """The list of joints follows the drawing."""
        sketch, joints = self._sketch.sketch, self._page.column.joints
        if sketch is None:
            if self._page.view is None:
                joints.set_skeleton(None)
            return
        if joints.model().rowCount() != len(sketch.skeleton):
            joints.set_skeleton(sketch.skeleton)
        joints.set_keypoints(sketch.keypoints)
        joints.set_selected(joint)

    def _on_cancelled(self) -> None:
        back, self._back = self._back, None
        if back is not None:
            self._context.set_person(back)
        elif self._image_id is not None:
            self._page.loader.load_image(self._image_id)

    def _leave(self) -> None:
        """Somebody goes elsewhere: what has been placed is kept."""
        if self._wanted is not None and self._context.image_id != self._wanted:
            self._wanted = None
        if not self._sketch.is_active:
            return
        sketch = self._sketch.take()
        if sketch is not None and sketch.placed:
            self._store(sketch, follow=False)

    def _store(self, sketch: Sketch, *, follow: bool) -> None:
        image_id, project = self._image_id, self._context.project
        if image_id is None:
            return
        self._context.writes.run(
            lambda: draw_person(project, image_id, sketch.bbox_xywh, sketch.skeleton.name, sketch.keypoints),
            lambda drawn: self._on_drawn(drawn, sketch, image_id, follow=follow),
            self._on_refused,
        )

    def _on_drawn(self, drawn: DrawnPerson, sketch: Sketch, image_id: ImageId, *, follow: bool) -> None:
        self._context.report_change(drawn.changeset)
        placed = self.tr("{0} of {1} joints").format(sketch.placed, len(sketch.skeleton))
        if not follow:
            self._page.tell(self.tr("The drawing you left is stored, with {0}.").format(placed))
            return
        if self._context.image_id == image_id:
            self._context.set_person(drawn.person_id)
        if sketch.placed >= FITTABLE_KEYPOINTS:
            self._page.tell(
                self.tr("Person added with {0}. {1} fits the body, {2} adds another person.").format(
                    placed, key_hint("fit.refit"), key_hint("person.add")
                ),
                "success",
            )
        else:
            self._page.tell(
                self.tr("Person added with {0}; a fit needs {1}. {2} goes on placing.").format(
                    placed, FITTABLE_KEYPOINTS, key_hint("joint.place_next")
                )
            )

    def _on_removed(self, changeset: ChangeSet) -> None:
        self._context.report_change(changeset)
        self._page.tell(self.tr("Person removed; {0} brings them back.").format(key_hint("edit.undo")))

    def _on_refused(self, error: Exception) -> None:
        self._page.tell(str(error), "warning")
        if self._context.image_id is not None:
            self._page.loader.load_image(self._context.image_id)
        else:
            self._page.show_again()

    def _on_changed(self, changeset: ChangeSet) -> None:
        """Follow whoever an undo brings back, and leave whoever is gone."""
        if not changeset.touched_tables & PRESENCE_TABLES:
            return
        if changeset.kind == "undo":
            self._page.desk.drop(changeset.touched_people)
            self._page.fitting_changed.emit()
        person_id = changeset.person_id if changeset.kind != "do" and not changeset.outside else None
        if person_id is None and self._context.person_id in changeset.touched_people:
            person_id = self._context.person_id
        if person_id is not None:
            wanted, project = person_id, self._context.project
            self._context.reads.run(
                lambda: find_whereabouts(project, wanted), lambda found: self._go(wanted, changeset, found)
            )

    def _go(self, person_id: PersonId, changeset: ChangeSet, found: Whereabouts | None) -> None:
        on_screen = self._context.person_id == person_id
        if found is None:
            return
        if not found.is_there:
            if on_screen or changeset.kind != "do":
                self._context.set_image(found.image_id)
        elif on_screen:
            self._page.loader.load(person_id)
        else:
            self._context.set_person(person_id)

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        if "draw_skeleton" in names:
            self._actions.set_checked(f"draw_with.{self._settings.values.draw_skeleton}", True)

    def _show_hint(self) -> None:
        """Say how a person is drawn, while an image is on screen and nobody of it."""
        view = self._page.image
        if view is None or self._sketch.is_active:
            return
        if not self._page.has_picture:
            self._page.canvas.set_instruction("")
            return
        key = key_hint("person.add")
        self._page.canvas.set_instruction(
            self.tr("Nobody is in this image yet   ·   {0} adds a person: drag a box, then click the joints").format(
                key
            )
            if not view.people
            else self.tr("{0} in this image   ·   {1} adds a person").format(_count(len(view.people)), key)
        )


def _count(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"
