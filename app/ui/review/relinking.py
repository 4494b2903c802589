"""Images that are missing: a plate on the canvas says so and asks where they are now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from app.services.person_view import PersonView
from app.services.relinking import RelinkPlan, plan_relink, relink
from app.ui.action_set import Handler
from app.ui.review.attachments import Place
from db.records import ChangeSet

_WIDTH = 460
_BOTTOM = 110
"""Above the messages of the window, which must not cover the button."""


class RelinkDesk(QObject):
    """Looks whether the images are in a folder that is named, and takes it as their new root.

    Args:
        place: Where it lives.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._messages = place.messages
        self.plate = MissingPlate(place.page.canvas)
        self.plate.button.clicked.connect(self.ask)
        place.page.person_shown.connect(self._on_shown)

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do."""
        return {"project.relink": self.ask}

    def close(self) -> None:
        """Nothing is pending."""

    def ask(self) -> None:
        """Ask for the folder; the person on screen says which one is gone."""
        view = self._page.view
        if view is None:
            self._page.tell(self.tr("Go to a person whose image is to be re-linked first."), "warning")
            return
        folder = QFileDialog.getExistingDirectory(
            self._page, self.tr("Where are the images of {0} now?").format(view.image.root), str(Path.home())
        )
        if folder:
            self.look(view.image.root, Path(folder))

    def look(self, old_root: str, new_root: Path) -> None:
        """Count the images that are in a folder, then take it, or ask if some are not there."""
        context = self._page.context
        context.reads.run(
            lambda: plan_relink(context.project, old_root, new_root),
            self._on_planned,
            lambda error: self._page.tell(str(error), "error"),
        )

    def _on_planned(self, plan: RelinkPlan) -> None:
        if not plan.found:
            self._page.tell(plan.in_words(), "error")
        elif plan.missing:
            self._confirm(plan)
        else:
            self._take(plan)

    def _confirm(self, plan: RelinkPlan) -> None:
        box = QMessageBox(self._page)
        box.setWindowTitle(self.tr("Re-link images"))
        box.setText(plan.in_words())
        box.setInformativeText(self.tr("Use this folder all the same? The others stay missing. No file is changed."))
        use = box.addButton(self.tr("Use this folder"), QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        use.clicked.connect(lambda: self._take(plan))
        box.open()

    def _take(self, plan: RelinkPlan) -> None:
        context = self._page.context

        def on_done(changeset: ChangeSet) -> None:
            context.report_change(changeset)
            self._page.show_again(picture=True)
            self._page.tell(plan.in_words(), "warning" if plan.missing else "success")

        context.writes.run(
            lambda: relink(context.project, plan), on_done, lambda error: self._page.tell(str(error), "error")
        )

    def _on_shown(self, view: PersonView | None) -> None:
        gone = view is not None and not self._page.has_picture and not view.image_file.is_file()
        self.plate.show_root(view.image.root if view is not None and gone else "")


class MissingPlate(QFrame):
    """At the lower edge of the canvas: which folder the image is missing from, and a button."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("missingPlate")
        self._canvas = canvas
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(self.tr("Choose the folder they are in now…"), self)
        self.button.setProperty("primary", True)
        self.button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self._text)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        canvas.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What the plate says, or said last."""
        return self._text.text()

    def show_root(self, root: str) -> None:
        """Name the folder that images are missing from; without one the plate leaves."""
        if root:
            self._text.setText(self.tr("Images are missing from {0}").format(root))
            self._place()
        self.setVisible(bool(root))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook: stay in place when the canvas is resized."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        layout = self.layout()
        assert layout is not None
        width = min(_WIDTH, self._canvas.width() - 24)
        height = max(layout.heightForWidth(width), layout.sizeHint().height())
        self.setGeometry((self._canvas.width() - width) // 2, self._canvas.height() - height - _BOTTOM, width, height)
