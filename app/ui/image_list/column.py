"""Filter, count and the list of images, one above the other."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.ui.context import Context
from app.ui.models.images import ImageFilter, ImagesModel, describe_people
from app.ui.models.thumbnails import Thumbnails
from app.ui.people_list import FILTER_PAUSE_MS
from app.ui.people_list.row_delegate import PictureRowDelegate, RowLines
from app.ui.people_list.rows_view import RowsView
from db.records import ChangeSet, ImageId, ImageSummary

_MARGIN: Final = 12


class ImageRowDelegate(PictureRowDelegate):
    """An image: its name, who is in it, its size."""

    def paint_words(self, lines: RowLines, summary: ImageSummary) -> None:
        """The three lines."""
        lines.write(0, summary.image_path.rpartition("/")[2], mode=Qt.TextElideMode.ElideMiddle)
        lines.write(1, describe_people(summary))
        lines.write(2, f"{summary.width} × {summary.height}")


class ImagesColumn(QFrame):
    """The column of images.

    Signals:
        image_chosen: ``ImageId``, a row was clicked, or Enter pressed in the filter line.
        left: The filter line is done with; the focus belongs to the picture again.
    """

    image_chosen = Signal(object)
    left = Signal()

    def __init__(self, context: Context, model: ImagesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("peopleColumn")
        self._context = context
        self._model = model
        self.thumbnails = Thumbnails(context.thumbnails, self)
        self.filter_box = QLineEdit(self)
        self.which_box = QComboBox(self)
        self.list = RowsView(self)
        self._count = QLabel(self)
        self._empty = QLabel(self)
        self._stack = QStackedLayout()
        self._shown: ImageId | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(FILTER_PAUSE_MS)
        self._pause.timeout.connect(self.apply_filter)
        self._fill()
        self._lay_out()
        self._connect()

    @property
    def count_text(self) -> str:
        """How many images are in the list, in words."""
        return self._count.text()

    @property
    def empty_text(self) -> str:
        """What is said in place of the list while nothing is in it."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    def focus_filter(self) -> None:
        """Let people type where to go."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def show_image(self, image_id: ImageId | None) -> None:
        """Mark the image on screen."""
        self._shown = image_id
        row = self._model.find_row(image_id)
        if row is None:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
            return
        index = self._model.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def apply_filter(self) -> None:
        """List what is asked for above the list."""
        self._pause.stop()
        wanted = ImageFilter(bool(self.which_box.currentData()), self.filter_box.text().strip())
        if wanted != self._model.filter:
            self._model.set_filter(wanted)

    def _fill(self) -> None:
        self.filter_box.setPlaceholderText(self.tr("Filter: image name"))
        self.filter_box.setAccessibleName(self.tr("Filter images"))
        self.filter_box.setClearButtonEnabled(True)
        self.which_box.setAccessibleName(self.tr("Which images are shown"))
        self.which_box.addItem(self.tr("All images"), False)
        self.which_box.addItem(self.tr("Images without people"), True)
        self.which_box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.setObjectName("peopleList")
        self.list.setAccessibleName(self.tr("Images"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(ImageRowDelegate(self.thumbnails, self.list))
        self.list.setMouseTracking(True)
        # A click chooses an image and leaves the keyboard with the picture; F6 comes here.
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        top = QWidget(self)
        top_layout = QVBoxLayout(top)
        top_layout.setContentsMargins(_MARGIN, 10, _MARGIN, 8)
        top_layout.setSpacing(6)
        self._count.setProperty("quiet", True)
        for widget in (self.filter_box, self.which_box, self._count):
            top_layout.addWidget(widget)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(24, 36, 24, 0)
        self._empty.setProperty("quiet", True)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addLayout(self._stack, 1)

    def _connect(self) -> None:
        self.filter_box.textEdited.connect(lambda _text: self._pause.start())
        self.filter_box.textChanged.connect(lambda text: None if text else self.apply_filter())
        self.filter_box.returnPressed.connect(self._choose_first)
        self.which_box.activated.connect(lambda _index: self.apply_filter())
        self.list.clicked.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._model.filtered.connect(self._on_filtered)
        self._context.changed.connect(self._on_changed)
        self.thumbnails.ready.connect(self._on_thumbnail)

    def _choose_first(self) -> None:
        self.apply_filter()
        # The list answers through the reading thread; the row is taken once it is there.
        self._context.reads.run(lambda: None, lambda _none: self._take_first())

    def _take_first(self) -> None:
        if self._model.ids:
            self.image_chosen.emit(self._model.ids[0])
            self.left.emit()

    def _on_current_changed(self, index: QModelIndex) -> None:
        # Arrow keys in the list; anybody else who moves the mark has shown the image already.
        if self.list.hasFocus() and index.isValid():
            self._on_chosen(index)

    def _on_chosen(self, index: QModelIndex) -> None:
        self.image_chosen.emit(self._model.ids[index.row()])

    def _on_changed(self, changeset: ChangeSet) -> None:
        if "images" in changeset.touched_tables:
            self.thumbnails.forget()

    def _on_thumbnail(self, image_id: ImageId) -> None:
        row = self._model.find_row(image_id)
        if row is not None:
            self.list.update(self._model.index(row))

    def _on_filtered(self) -> None:
        count, wanted = len(self._model.ids), self._model.filter or ImageFilter()
        word = self.tr("image") if count == 1 else self.tr("images")
        self._count.setText(f"{count:,} {word}" + (self.tr(" without people") if wanted.without_people else ""))
        if wanted.text:
            self._empty.setText(self.tr("No image has this in its name."))
        elif wanted.without_people:
            self._empty.setText(self.tr("Somebody is in every image."))
        else:
            self._empty.setText(self.tr("This project has no images yet.\n\nImport a folder of pictures."))
        self._stack.setCurrentWidget(self.list if count else self._empty)
        self.show_image(self._shown)
