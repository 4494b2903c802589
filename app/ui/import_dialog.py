"""Asks what to import and where to, shows how far it is, and can stop it. The window goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from app.services.arriving import find_images
from app.services.errors import ServiceError
from app.services.project import holds_project
from app.ui.import_maker import ImportMaker
from app.ui.tasks import Tasks
from app.ui.titled_dialog import TitledDialog
from db.formats.base import ImportReport

_SIZE = (640, 400)


class ImportDialog(TitledDialog):
    """A COCO keypoint file, the folder of its pictures, and the project they go into.

    Args:
        maker: Does the work.
        tasks: Looks for the pictures of a file.
        open_project: Folder of the project on screen; the people can be added to it.

    Signals:
        imported: ``(Path, ImportReport)``, the project to be opened.
    """

    imported = Signal(object, object)

    def __init__(
        self, maker: ImportMaker, tasks: Tasks, open_project: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Import COCO keypoints"), _SIZE, parent)
        self._maker = maker
        self._tasks = tasks
        self._open_project = open_project
        text = QLabel(
            self.tr("Pictures stay where they are; they are never copied or changed."),
            self,
        )
        text.setWordWrap(True)
        text.setProperty("quiet", True)
        self.source = QLineEdit(self)
        self.images = QLineEdit(self)
        self.folder = QLineEdit(self)
        self.into_open = QCheckBox(self.tr("Add to the open project"), self)
        self.problem = QLabel(self)
        self.problem.setObjectName("settingProblem")
        self.problem.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the import"))
        self.stage = QLabel(self)
        self.start_button = QPushButton(self.tr("Import"), self)
        self.start_button.setProperty("primary", True)
        self.start_button.clicked.connect(self.start)
        self.cancel_button = QPushButton(self.tr("Cancel the import"), self)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self._on_cancel)
        self._browse: list[QPushButton] = []
        self.content.addWidget(text)
        self.content.addLayout(self._build_fields())
        self.content.addWidget(self.problem)
        self.content.addStretch(1)
        self.content.addWidget(self.stage)
        self.content.addWidget(self.bar)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.cancel_button)
        self.buttons.addWidget(self.start_button)
        self.into_open.setVisible(open_project is not None)
        self.into_open.setChecked(open_project is not None)
        self.into_open.toggled.connect(lambda _on: self._check())
        for field in (self.source, self.images, self.folder):
            field.textChanged.connect(lambda _text: self._check())
        maker.progressed.connect(self._on_progressed)
        maker.made.connect(self._on_made)
        maker.failed.connect(self._on_failed)
        maker.crashed.connect(self._on_crashed)
        self._show_working(False)
        self._check()

    def fill(self, source: Path, images: Path | None) -> None:
        """Name a file and, if it is known, the folder of its pictures; a place for the project is proposed."""
        self.source.setText(str(source))
        self.images.setText("" if images is None else str(images))
        if not self.folder.text():
            self.folder.setText(str(_propose_folder(source)))
        (self.images if images is None else self.start_button).setFocus()
        if images is None:
            self.problem.setText(self.tr("The pictures are not beside the file; name the folder they lie in."))

    def start(self) -> None:
        """Begin, if everything is named."""
        if self._missing() or self._maker.busy:
            return
        into = self._open_project if self._goes_into_open() else Path(self.folder.text())
        assert into is not None
        self.problem.setText("")
        self._show_working(True)
        self._maker.make(Path(self.source.text()), Path(self.images.text()), into)

    def reject(self) -> None:
        """Esc and the cross: an import under way is stopped first."""
        if self._maker.busy:
            self._on_cancel()
            return
        super().reject()

    def _goes_into_open(self) -> bool:
        return self._open_project is not None and self.into_open.isChecked()

    def _build_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        rows: tuple[tuple[str, QLineEdit, Callable[[], None]], ...] = (
            (self.tr("COCO keypoint file"), self.source, self._ask_source),
            (self.tr("Folder of the pictures"), self.images, lambda: self._ask_folder(self.images)),
            (self.tr("Folder of the project"), self.folder, lambda: self._ask_folder(self.folder)),
        )
        for line, (title, field, ask) in zip((0, 1, 3), rows, strict=True):
            label = QLabel(title, self)
            label.setBuddy(field)
            field.setAccessibleName(title)
            button = QPushButton(self.tr("Choose…"), self)
            button.setAutoDefault(False)
            button.setAccessibleName(self.tr("Choose: {0}").format(title))
            button.clicked.connect(ask)
            self._browse.append(button)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
            grid.addWidget(button, line, 2)
        grid.addWidget(self.into_open, 2, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _ask_source(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("COCO keypoint file"), self.source.text() or str(Path.home()), self.tr("COCO (*.json)")
        )
        if not name:
            return
        source = Path(name)
        self.fill(source, None)
        self._tasks.run(
            lambda: find_images(source),
            lambda images: self.fill(source, images) if images is not None else None,
            lambda error: self.problem.setText(str(error)),
        )

    def _ask_folder(self, field: QLineEdit) -> None:
        start = field.text() or str(Path(self.source.text() or Path.home()).parent)
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder"), start)
        if folder:
            field.setText(folder)

    def _missing(self) -> str:
        """What is still to be named or cannot be right, a sentence; empty when all is well."""
        source, images = self.source.text().strip(), self.images.text().strip()
        if not source:
            return self.tr("Name the COCO keypoint file.")
        if not images:
            return self.tr("Name the folder the pictures lie in.")
        if not self._goes_into_open():
            folder = self.folder.text().strip()
            if not folder:
                return self.tr("Name a folder for the project.")
            try:
                if holds_project(Path(folder)):
                    return self.tr("{0} holds a project already; open it to add to it, or name another folder.").format(
                        folder
                    )
            except ServiceError as error:
                return str(error)
        return ""

    def _check(self) -> None:
        missing = self._missing()
        self.start_button.setEnabled(not missing and not self._maker.busy)
        self.folder.setEnabled(not self._goes_into_open())
        self._browse[2].setEnabled(not self._goes_into_open())
        self.problem.setText(missing)

    def _show_working(self, working: bool) -> None:
        for widget in (self.bar, self.stage, self.cancel_button):
            widget.setVisible(working)
        for other in (self.source, self.images, self.into_open, *self._browse, self.start_button, self.close_button):
            other.setEnabled(not working)
        self.bar.setRange(0, 0)
        self.cancel_button.setEnabled(True)
        self.stage.setText(self.tr("Reading the file…"))

    def _on_cancel(self) -> None:
        self._maker.cancel()
        self.cancel_button.setEnabled(False)
        self.stage.setText(self.tr("Stopping…"))

    def _on_progressed(self, people: int) -> None:
        if self.cancel_button.isEnabled():
            self.stage.setText(self.tr("{0} people read").format(f"{people:,}"))

    def _on_made(self, folder: Path, report: ImportReport) -> None:
        self.accept()
        self.imported.emit(folder, report)

    def _on_failed(self, sentence: str) -> None:
        self._show_working(False)
        self._check()
        self.problem.setText(sentence)

    def _on_crashed(self, _error: Exception) -> None:
        self._on_failed(self.tr("The import met an error of the program; nothing was stored."))


def _propose_folder(source: Path) -> Path:
    """A folder beside the file that does not exist yet."""
    stem = source.stem.removeprefix("person_keypoints_") or "project"
    proposed = source.parent / f"{stem} project"
    number = 2
    while proposed.exists():
        proposed = source.parent / f"{stem} project {number}"
        number += 1
    return proposed


def describe_import(report: ImportReport) -> str:
    """One sentence about an import."""
    people = report.people
    parts = [f"Imported {people.new:,} people in {report.images.new:,} images"]
    for count, words in (
        (people.same, "were there already"),
        (people.conflicting, "differ from what is stored and were left alone"),
        (people.skipped, "were skipped"),
    ):
        if count:
            parts.append(f"{count:,} {words}")
    return "; ".join(parts) + "."
