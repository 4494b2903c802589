"""The review page: list of people, picture with keypoints and body, side view with numbers.

The page only puts parts together: what people do goes to the parts in :mod:`app.ui.review`, what the store says comes
back as a :class:`PersonView` and is handed to the widgets.
"""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services import annotation
from app.services.drawing import ImageView
from app.services.images import ByteImage
from app.services.person_view import PersonView
from app.ui.context import Context
from app.ui.keymap import key_hint
from app.ui.models.images import ImagesModel
from app.ui.models.people import PeopleFilter, PeopleModel
from app.ui.notifications import Severity
from app.ui.pages.fit_column import waiting_text
from app.ui.pages.review_frame import ReviewFrame
from app.ui.paint_clock import PaintClock
from app.ui.review.comparison import Comparison
from app.ui.review.display import BodyDisplay
from app.ui.review.editor import Editor
from app.ui.review.fit_desk import FitDesk
from app.ui.review.fit_history import FitHistory
from app.ui.review.judge import Judge
from app.ui.review.layers import LayerDesk
from app.ui.review.loader import LoadedImage, LoadedPerson, PersonLoader
from app.ui.review.navigator import Navigator
from app.ui.review.obstacles import find_obstacle_on
from app.ui.review.orbit import OrbitCamera
from app.ui.theme import Theme
from db.presence import PRESENCE_TABLES
from db.records import ChangeSet, ImageId, PersonId
from fitting.spec import FitResult, JobProgressed, Window

PREFETCH_PAUSE_MS = 120
"""Nobody is read ahead while people race through the list."""


class AnnotatePage(QWidget):
    """Everything about one person at a time.

    Signals:
        message: ``(str, Severity)``, for the message bar.
        crashed: ``str``, the traceback of a bug in a worker.
        person_shown: :class:`PersonView`, or None; it is on screen now.
        image_shown: :class:`~app.services.drawing.ImageView`, on screen without any of its people.
        fitting_changed: A fit has begun or ended.
        body_drawn: The fit of the person on screen can be seen, from the side as well.
        joint_chosen: ``int | None``, a joint is selected everywhere.
    """

    message = Signal(str, str)
    crashed = Signal(str)
    person_shown = Signal(object)
    image_shown = Signal(object)
    fitting_changed = Signal()
    body_drawn = Signal()
    joint_chosen = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._view: PersonView | None = None
        self._image: ImageView | None = None
        self._picture: ByteImage | None = None
        self._live = False
        self._build_parts()
        self._build_widgets()
        self.clock = PaintClock(self.canvas.viewport(), self.large_view.left.panel)
        self.display = BodyDisplay(
            context.project,
            self.layers,
            (self.canvas, self.column.picture),
            {"side": self.column.side_view, "large": self.large_view.left, "opposite": self.large_view.right},
            self.camera,
            self,
        )
        self._prefetch_pause = QTimer(self)
        self._prefetch_pause.setSingleShot(True)
        self._prefetch_pause.setInterval(PREFETCH_PAUSE_MS)
        self._prefetch_pause.timeout.connect(self._prefetch)
        self._connect_parts()
        self._connect_widgets()
        order = context.settings.values
        self.people.set_filter(PeopleFilter(order=order.people_order, seed=order.people_seed))

    @property
    def view(self) -> PersonView | None:
        """The person on screen; None while another is on the way."""
        return self._view

    @property
    def image(self) -> ImageView | None:
        """The image on screen without any of its people; None while a person is, or something is on the way."""
        return self._image

    @property
    def has_picture(self) -> bool:
        """Whether the picture of the person on screen could be read."""
        return self._picture is not None

    @property
    def fitting(self) -> bool:
        """Whether a fit of the person on screen is under way."""
        return self._view is not None and self.desk.is_running(self._view.person.id)

    def find_obstacle(self) -> str | None:
        """Why the person on screen cannot be accepted now, in a sentence; None when it can."""
        return find_obstacle_on(self)

    def tell(self, text: str, severity: Severity = "info") -> None:
        """Say something in the message bar."""
        self.message.emit(text, severity)

    def tell_fit_runs(self) -> None:
        """Say why something must wait."""
        self.tell(self.tr("A fit is running; wait for it, or cancel it ({0}).").format(key_hint("fit.cancel")))

    def ask_for_joint(self) -> None:
        """Say that what people ask for needs a joint."""
        self.tell(self.tr("Select a joint first: click it, or press {0}.").format(key_hint("joint.next")))

    def show_again(self, *, picture: bool = False) -> None:
        """Write every sentence anew, when the keys that they name have changed; or begin with the picture."""
        if self._view is not None and picture:
            self._on_person_changed(self._view.person.id)
        elif self._view is not None:
            self.loader.load(self._view.person.id)

    def set_live(self, live: bool) -> None:
        """Whether the body follows the hand; the stored one stays away meanwhile."""
        self._live = live
        if not live:
            self._show_fit()

    def select_joint(self, joint: int | None) -> None:
        """Select a joint everywhere; one without a place waits for a click on the picture."""
        self.select_joints(() if joint is None else (joint,))

    def select_joints(self, joints: Collection[int]) -> None:
        """Select several joints, or none, everywhere; a drawing asks for its joints itself."""
        if self.canvas.sketch.is_active:
            return
        self.canvas.set_selection(joints)
        self.column.joints.set_selection(joints)
        only = next(iter(joints)) if len(joints) == 1 else None
        unplaced = only is not None and self._view is not None and self._view.revision.keypoints[only, 2] == 0
        self.canvas.arm_placement(only if unplaced else None)
        self.joint_chosen.emit(only)

    def apply_theme(self, theme: Theme) -> None:
        """Colour what Qt's palette does not reach."""
        self.column.apply_theme(theme)

    # ---- building

    def _build_parts(self) -> None:
        self.people = PeopleModel(self.context, self)
        self.images = ImagesModel(self.context, self)
        self.navigator = Navigator(self.context, self.people)
        self.loader = PersonLoader(self.context)
        self.layers = LayerDesk(self.context.renders)
        self.editor = Editor(self.context)
        self.desk = FitDesk(self.context)
        self.judge = Judge(self.context)
        self.history = FitHistory(self.context)
        self.comparison = Comparison(self)
        self.camera = OrbitCamera(self)

    def _build_widgets(self) -> None:
        self.frame = ReviewFrame(self.context, self.people, self.images, self)
        self.people_column = self.frame.people_column
        self.header = self.frame.header
        self.canvas = self.frame.canvas
        self.large_view = self.frame.large_view
        self.column = self.frame.column
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)

    def _connect_parts(self) -> None:
        self.context.person_changed.connect(self._on_person_changed)
        self.context.image_changed.connect(self.loader.load_image)
        self.context.changed.connect(self._on_changed)
        self.context.annotator_changed.connect(self._on_annotator_changed)
        self.people.filtered.connect(self._on_filtered)
        self.navigator.stuck.connect(self.tell)
        self.loader.loaded.connect(self._on_loaded)
        self.loader.image_loaded.connect(self._on_image_loaded)
        self.loader.failed.connect(self._on_load_failed)
        self.display.drawn.connect(self.body_drawn)
        self.layers.failed.connect(lambda text: self.tell(text, "error"))
        self.layers.crashed.connect(self.crashed)
        self.editor.nudged.connect(self._show_keypoints)
        self.editor.refused.connect(self._on_refused)
        self.judge.refused.connect(self._on_refused)
        self.judge.decided.connect(lambda _changeset: self._go_on())
        self.judge.reopened.connect(lambda _changeset: self.tell(self.tr("Reopened: nothing is decided any more.")))
        self.judge.reversed.connect(self._on_reversed)
        self.desk.began.connect(self._on_fit_began)
        self.desk.progressed.connect(self._on_fit_progressed)
        self.desk.stored.connect(self._on_fit_stored)
        self.desk.failed.connect(self._on_fit_failed)
        self.desk.cancelled.connect(lambda _person: self.tell(self.tr("The fit was cancelled; the earlier one stays.")))
        self.desk.ended.connect(self._on_fit_ended)
        self.desk.crashed.connect(self.crashed)
        self.history.changed.connect(self._show_fit)
        self.history.refused.connect(self.tell)

    def _connect_widgets(self) -> None:
        canvas, edit = self.canvas, self.editor.edit
        self.people_column.person_chosen.connect(self.context.set_person)
        self.people_column.left.connect(canvas.setFocus)
        self.frame.body_large_changed.connect(lambda _large: self.display.refresh_views())
        self.column.joint_selected.connect(self.select_joint)
        self.column.view_requested.connect(self.camera.go)
        self.column.fit_chosen.connect(self.history.choose)
        self.column.use_wanted.connect(self.history.use)
        canvas.view_changed.connect(lambda: self.header.show_zoom(canvas.zoom_percent()))
        canvas.joint_selected.connect(lambda joint: self.select_joint(None if joint < 0 else joint))
        canvas.joint_moved.connect(
            lambda joint, x, y: edit(lambda rev, skel: annotation.move_joints(rev, skel, {joint: (x, y)}))
        )
        canvas.joint_placed.connect(
            lambda joint, x, y: edit(lambda rev, skel: annotation.place_joint(rev, skel, joint, x, y))
        )
        canvas.joint_placed_hidden.connect(
            lambda joint, x, y: edit(lambda rev, skel: annotation.place_joint(rev, skel, joint, x, y, hidden=True))
        )
        canvas.body_moved.connect(lambda dx, dy: edit(lambda rev, _skel: annotation.move_body(rev, dx, dy)))
        canvas.body_rotated.connect(lambda degrees: edit(lambda rev, _skel: annotation.rotate_body(rev, degrees)))

    # ---- what happens

    def _on_filtered(self) -> None:
        if not self.people.ids and self.context.person_id is None and self.context.image_id is None:
            self._show_nobody(self.tr("There is nobody to review in this project yet."))

    def _on_person_changed(self, person_id: PersonId | None) -> None:
        self.editor.flush()
        self._view = self._image = None
        self.editor.set_view(None)
        self.history.set_view(None)
        if person_id is not None:
            self.loader.load(person_id)

    def _on_changed(self, changeset: ChangeSet) -> None:
        person_id, came_or_went = self.context.person_id, changeset.touched_tables & PRESENCE_TABLES
        if self.context.image_id is not None and came_or_went and not self.canvas.sketch.is_active:
            self.loader.load_image(self.context.image_id)
        elif person_id is not None and person_id in changeset.touched_people and not came_or_went:
            self.loader.load(person_id)

    def _on_annotator_changed(self) -> None:
        if self.context.person_id is not None:
            self.loader.load(self.context.person_id)

    def _go_on(self) -> None:
        """After a decision; while the images are listed, their desk knows where to."""
        if not self.frame.lists.shows_images:
            self.navigator.jump_undecided()

    def _on_refused(self, sentence: str) -> None:
        self.tell(sentence, "warning")
        if self.context.person_id is not None:
            self.loader.load(self.context.person_id)

    def _on_load_failed(self, _wanted: PersonId | ImageId, sentence: str) -> None:
        self._show_nobody(sentence)
        self.tell(sentence, "error")

    def _on_loaded(self, loaded: LoadedPerson) -> None:
        view = loaded.view
        fresh = self._view is None or self._view.person.id != view.person.id
        self._view = view
        self.editor.set_view(view)
        self.history.set_view(view)
        if fresh:
            self._show_picture(loaded)
            self.column.show_person(view)
        self.header.show_person(view, fitting=self.fitting)
        if fresh and self.fitting:
            self._show_fitting(view)
        self._show_fit()
        if fresh:
            self.select_joint(None)
            self.clock.restart()
            self._prefetch_pause.start()
        else:
            self.select_joints(self.canvas.selected_joints())

    def _on_image_loaded(self, loaded: LoadedImage) -> None:
        if not self.canvas.sketch.is_active:
            self._leave_person(self.tr("The body of a person is seen here."))
            self._put_picture(loaded)
            if self.canvas.zoom_mode() != "keep":
                self.canvas.fit_image()
        self._image = loaded.view
        self.canvas.set_other_people([other.bbox_xywh for other in loaded.view.people])
        self.header.show_image(loaded.view)
        self.image_shown.emit(loaded.view)

    def _on_reversed(self, changeset: ChangeSet) -> None:
        done = self.tr("Undone") if changeset.kind == "undo" else self.tr("Done again")
        # Somebody who came or went with it is followed by whoever lets people draw.
        if changeset.person_id is not None and not changeset.touched_tables & PRESENCE_TABLES:
            self.context.set_person(changeset.person_id)
        label = changeset.label[:1].lower() + changeset.label[1:]
        self.tell(f"{done}: {label}.")

    def _on_fit_began(self, person_id: PersonId) -> None:
        if self._view is not None and person_id == self._view.person.id:
            self.history.back()
            self.header.show_person(self._view, fitting=True)
            self._show_fitting(self._view)
        self.fitting_changed.emit()

    def _on_fit_progressed(self, person_id: PersonId, event: JobProgressed) -> None:
        if self._view is not None and person_id == self._view.person.id:
            self.column.add_step(event)
            self.display.preview(self._view, event.step.fit)

    def _on_fit_stored(self, person_id: PersonId, result: FitResult) -> None:
        if person_id != self.context.person_id:
            self.tell(self.tr("Fitted in the background: L2d {0}.").format(f"{result.final_losses.l2d:.1e}"), "success")

    def _on_fit_failed(self, _person_id: PersonId, sentence: str) -> None:
        self.tell(sentence, "error")

    def _on_fit_ended(self, person_id: PersonId) -> None:
        if person_id == self.context.person_id:
            self.loader.load(person_id)
        self.fitting_changed.emit()

    # ---- showing

    def _show_picture(self, loaded: LoadedPerson) -> None:
        view = loaded.view
        self._put_picture(loaded)
        self.canvas.set_skeleton(view.skeleton)
        x, y, width, height = view.person.bbox_xywh
        self.canvas.set_box(Window(x, y, width, height))
        self.canvas.set_other_people([other.bbox_xywh for other in view.people if other.id != view.person.id])

    def _put_picture(self, loaded: LoadedPerson | LoadedImage) -> None:
        if loaded.picture is None or loaded.picture is not self._picture:
            self.canvas.set_picture(loaded.picture, loaded.picture_error)
            self.column.picture.set_picture(loaded.picture)
        self._picture = loaded.picture

    def _show_keypoints(self) -> None:
        if self._view is not None:
            shown = self.history.shown
            residuals_px = self._view.residuals_px if shown is None else shown.residuals_px
            keypoints = self.editor.with_pending(self._view)
            self.canvas.set_keypoints(keypoints, residuals_px)
            self.column.show_joints(keypoints, residuals_px)

    def _show_fit(self) -> None:
        """The fit that is looked at, wherever it is seen; while one runs, its body and numbers stay."""
        view, shown = self._view, self.history.shown
        if view is None:
            return
        self._show_keypoints()
        if not self._live:
            self.canvas.set_fit_joints(None if shown is None else shown.joints_px)
        if not self.fitting and not self._live:
            self.display.show(view, shown, waiting_text(view, fitting=False))
            self.column.show_fit(view, shown)
        self.person_shown.emit(view)

    def _show_fitting(self, view: PersonView) -> None:
        self.column.show_fit(view, self.history.shown)
        self.column.begin_fit()
        if not self.display.is_previewing:  # the live body stays until the fit's own comes
            self.display.show(view, self.history.shown, waiting_text(view, fitting=True))

    def _show_nobody(self, sentence: str) -> None:
        self._picture = None
        self.canvas.set_picture(None, sentence)
        self.column.picture.set_picture(None)
        self._leave_person()

    def _leave_person(self, waiting_text: str = "") -> None:
        """Take everything of a person off the screen; the text stands in the place of the body."""
        self._view = self._image = None
        self.canvas.set_overlay(None)
        self.canvas.clear_person()
        self.history.set_view(None)
        self.display.show(None, None, waiting_text)
        self.header.show_person(None)
        self.column.show_person(None)
        self.column.show_fit(None, None)
        self.person_shown.emit(None)

    def _prefetch(self) -> None:
        here = self.context.person_id
        near = self.navigator.find_neighbours()[:1]

        def on_done(found: PersonId | None) -> None:
            wanted = dict.fromkeys([*near, *([found] if found is not None else [])])
            for person_id in wanted:
                self.loader.prefetch(person_id, lambda loaded: self.display.prefetch(loaded.view))

        self.context.reads.run(self.people.build_undecided_search(here, 1), on_done)
