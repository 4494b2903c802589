"""The column on the left: people or images, one at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.ui.image_list import ImagesColumn
from app.ui.people_list import PeopleColumn

_PEOPLE, _IMAGES = range(2)


class ListColumn(QFrame):
    """Two lists with a switch above them.

    Signals:
        images_wanted: ``bool``, the switch was used: the images, or the people again.
    """

    images_wanted = Signal(bool)

    def __init__(self, people: PeopleColumn, images: ImagesColumn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("peopleColumn")
        self._people = people
        self._images = images
        self.switch = QTabBar(self)
        self.switch.setAccessibleName(self.tr("List of people or of images"))
        self.switch.setDrawBase(False)
        self.switch.setExpanding(True)
        self.switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.switch.addTab(self.tr("People"))
        self.switch.addTab(self.tr("Images"))
        self._stack = QStackedWidget(self)
        self._stack.addWidget(people)
        self._stack.addWidget(images)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.switch)
        layout.addWidget(self._stack, 1)
        self.switch.currentChanged.connect(self._on_switched)

    @property
    def shows_images(self) -> bool:
        """Whether the images are listed."""
        return self.switch.currentIndex() == _IMAGES

    def show_images(self, shown: bool) -> None:
        """List the images, or the people."""
        self.switch.setCurrentIndex(_IMAGES if shown else _PEOPLE)

    def focus_filter(self) -> None:
        """Let people type where to go in the list that is shown."""
        (self._images if self.shows_images else self._people).focus_filter()

    def panes(self) -> list[QWidget]:
        """What the keyboard goes round in the list that is shown."""
        if self.shows_images:
            return [self._images.filter_box, self._images.list, self._images.which_box]
        return [self._people.filter_box, self._people.list, self._people.state_box]

    def _on_switched(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.images_wanted.emit(index == _IMAGES)
