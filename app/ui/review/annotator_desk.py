"""Who is at the desk: their name at the lower edge, and the way to change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QToolButton

from app.ui.annotator_dialog import AnnotatorDialog

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class AnnotatorDesk(QObject):
    """Shows who works, and lets somebody else take over."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context
        self._settings = place.settings
        self._status = place.status
        self.button = QToolButton(place.status)
        self.button.setProperty("flat", True)
        self.button.setAccessibleName(self.tr("Working as"))
        self.button.clicked.connect(place.actions["project.work_as"].trigger)
        self._status.addPermanentWidget(self.button)
        self._show_name()

    def handlers(self) -> Mapping[str, Handler]:
        """Asking for a name."""
        return {"project.work_as": self._ask}

    def close(self) -> None:
        """The lower edge outlives the project."""
        self._status.removeWidget(self.button)
        self.button.deleteLater()

    def work_as(self, name: str) -> None:
        """Somebody else takes over: what is on its way to the disk is still the other's."""
        self._page.editor.flush()
        project = self._context.project
        self._context.writes.run(lambda: project.work_as(name), lambda _none: self._on_changed())

    def _ask(self) -> None:
        project = self._context.project

        def read() -> list[str]:
            with project.store.read() as reader:
                return [record.name for record in reader.annotators.list_all()]

        self._context.reads.run(read, self._open)

    def _open(self, names: list[str]) -> None:
        dialog = AnnotatorDialog(names, self._context.project.annotator_name, self._page.window())
        dialog.chosen.connect(self.work_as)
        dialog.open()

    def _on_changed(self) -> None:
        project = self._context.project
        known = self._settings.values.annotators
        self._settings.update(annotators=known | {str(project.folder): project.annotator_name})
        self._settings.save()
        self._show_name()
        self._status.forget_saved()
        self._context.annotator_changed.emit()
        self._page.tell(self.tr("{0} is at work now.").format(project.annotator_name))

    def _show_name(self) -> None:
        name = self._context.project.annotator_name
        self.button.setText(self.tr("Working as {0}").format(name))
        self.button.setToolTip(self.tr("Every change is stored with this name; click to change it."))
        self.button.setAccessibleDescription(name)
