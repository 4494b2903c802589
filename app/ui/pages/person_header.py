"""The line above the picture: which person, in which state, and what is known about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.services.drawing import ImageView
from app.services.person_view import PersonView
from app.services.review import REASONS
from app.ui.keymap import key_hint
from app.ui.widgets.state_badge import StateBadge, chip_size
from db.records import FITTABLE_KEYPOINTS

_SHORTEST_TEXT = 90
_SPACING = 10
_MARGINS = 28


class PersonHeader(QFrame):
    """Image name, place in the image, state, a note, the zoom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("personHeader")
        self._name = _ElidedLabel(self, Qt.TextElideMode.ElideMiddle)
        self._name.setObjectName("imageName")
        self._name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._place = QLabel(self)
        self._place.setObjectName("personPlace")
        self._badge = StateBadge(self)
        self._note = _ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self._note.setObjectName("personNote")
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._zoom = QLabel(self)
        self._zoom.setObjectName("personNote")
        self._zoom.setToolTip(self.tr("Zoom: screen pixels for 100 image pixels"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 14, 7)
        layout.setSpacing(_SPACING)
        for widget in (self._name, self._place, self._badge):
            layout.addWidget(widget)
        layout.addWidget(self._note, 1)
        layout.addWidget(self._zoom)
        # As high as with a state, so that the picture does not jump where nobody is shown.
        self.setMinimumHeight(chip_size("unfitted", self.font()).height() + 14)

    @property
    def note(self) -> str:
        """The note on show."""
        return self._note.text()

    def show_person(self, view: PersonView | None, *, fitting: bool = False) -> None:
        """Show who is on screen, and whether a fit of them runs."""
        if view is None:
            for label in (self._name, self._place, self._note):
                label.setText("")
            self._badge.set_state(None)
            return
        self._name.setText(view.image.path.rpartition("/")[2])
        self._name.setToolTip(str(view.image_file))
        self._place.setText(self.tr("person {0} of {1}").format(view.place, view.people_in_image))
        self._badge.set_state(view.state)
        self._make_room()
        note = self.tr("a fit is running: cancel it with Esc") if fitting else describe_person(view)
        self._note.setText(note)
        self._note.setToolTip(note)

    def show_image(self, view: ImageView) -> None:
        """Show which image is on screen, and how many people are in it."""
        count = len(view.people)
        self._name.setText(view.image.path.rpartition("/")[2])
        self._name.setToolTip(str(view.image_file))
        self._place.setText(self.tr("nobody yet") if not count else self.tr("{0} in this image").format(count))
        self._badge.set_state(None)
        self._make_room()
        note = self.tr("draw a person: {0}").format(key_hint("person.add"))
        self._note.setText(note)
        self._note.setToolTip(note)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Where there is no room for everything, the zoom goes first, then the place in the image."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        room = self.width() - _MARGINS - _SHORTEST_TEXT - self._badge.sizeHint().width()
        for label in (self._place, self._zoom):
            room -= label.sizeHint().width() + _SPACING
            label.setVisible(room >= 0)

    def show_zoom(self, percent: float) -> None:
        """Show the zoom of the picture."""
        self._zoom.setText(f"{percent:.0f} %")


class _ElidedLabel(QLabel):
    """A line with dots where it does not fit."""

    def __init__(self, parent: QWidget, mode: Qt.TextElideMode) -> None:
        super().__init__(parent)
        self._mode = mode

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return super().minimumSizeHint().boundedTo(QSize(_SHORTEST_TEXT, self.sizeHint().height()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        text = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        if text == self.text():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()


def describe_person(view: PersonView) -> str:
    """What is to be known of a person beyond the state, in a few words."""
    labelled = view.revision.labelled_count
    if view.state == "unfittable":
        return f"needs {FITTABLE_KEYPOINTS} labelled keypoints (has {labelled})"
    if view.stale:
        return f"the keypoints have changed since this fit: re-fit ({key_hint('fit.refit')})"
    if view.guidance_differs and view.state in ("fitted", "accepted"):
        return f"hints or pins have changed since this fit: re-fit ({key_hint('fit.refit')})"
    decided = _describe_decided(view)
    if decided is not None:
        return decided
    if view.person.is_crowd:
        return "annotated as a crowd"
    return f"{labelled} of {len(view.skeleton)} joints labelled"


def _describe_decided(view: PersonView) -> str | None:
    match view.state:
        case "in_review" if view.withheld:
            return "another reviewer has decided: decide as well, then you see what"
        case "in_review":
            return "you have decided; a second reviewer follows"
        case "disputed":
            return "two reviewers disagree"
        case "rejected" | "second_look":
            titles = {reason.code: reason.title for reason in REASONS}
            words = [titles.get(code, code) for code in view.reasons]
            if view.decision is not None and view.decision.comment:
                words.append(f"“{view.decision.comment}”")
            return " · ".join(words)
    return None
