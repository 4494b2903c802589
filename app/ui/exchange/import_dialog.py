"""Asks what to import and where to, shows what it would do, does it, and reports. The window goes on meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from app.services.arriving import Guess, find_images, guess_formats
from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.importing_fits import check_label
from app.services.project import holds_project
from app.ui.exchange.import_words import describe_import, is_clean
from app.ui.exchange.import_work import ImportResult, ImportWish, run_import
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.tasks import Tasks
from db.formats import FORMATS, Format

_SIZE: Final = (860, 560)
_PEOPLE, _FITS = "people", "fits"


class ImportDialog(WorkDialog):
    """A file or folder, its format, the folder of its pictures, and the project it goes into.

    Args:
        work: Does the work.
        tasks: Looks at what is named.
        make_runner: Measures fits.
        open_project: Folder of the project on screen; it can be added to.

    Attributes:
        source: File or folder to import.
        format_box: Format; the first entry is what it looks like.
        images: Folder of the pictures.
        folder: Folder of a new project.
        into_open: Add to the open project instead.
        keep, take: Whose keypoints win.
        label: Name to store fits under.
        replace_decided: Fits of people who have been decided on as well.
        preview_button: Counts only.

    Signals:
        imported: ``(Path, str)``, a project that has changed, and what has come into it.
    """

    imported = Signal(object, str)

    def __init__(
        self,
        work: LongWork,
        tasks: Tasks,
        make_runner: RunnerFactory,
        open_project: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        self.preview_button: QPushButton | None = None
        super().__init__(self.tr("Import"), work, self.tr("Import"), self.tr("Cancel the import"), _SIZE, parent)
        self._tasks = tasks
        self._make_runner = make_runner
        self._open_project = open_project
        self._guess = Guess()
        self._looked_at = ""
        text = QLabel(self.tr("Pictures stay where they are; they are never copied or changed."), self)
        text.setWordWrap(True)
        text.setProperty("quiet", True)
        self.source = QLineEdit(self)
        self.format_box = QComboBox(self)
        self.format_box.setAccessibleName(self.tr("Format"))
        self.images = QLineEdit(self)
        self.folder = QLineEdit(self)
        self.into_open = QCheckBox(self.tr("Add to the open project"), self)
        self.keep = QRadioButton(self.tr("Keep mine"), self)
        self.take = QRadioButton(self.tr("Take theirs"), self)
        self.label = QLineEdit(self)
        self.label.setAccessibleName(self.tr("Label of the fits"))
        self.replace_decided = QCheckBox(self.tr("Also for people who have been decided on"), self)
        self.preview_button = QPushButton(self.tr("Preview"), self)
        self.preview_button.setAutoDefault(False)
        self.preview_button.setToolTip(
            self.tr("Read the file and count what is new, the same or different; store nothing")
        )
        self.preview_button.clicked.connect(lambda: self._begin(dry_run=True))
        self.buttons.insertWidget(self.buttons.indexOf(self.start_button), self.preview_button)
        self.form.addWidget(text)
        self.form.addLayout(self._build_fields())
        self.form.addStretch(1)
        self.into_open.setVisible(open_project is not None)
        self.into_open.setChecked(open_project is not None)
        self.keep.setChecked(True)
        self._fill_formats()
        self._connect()
        self._show_kind()
        self.check()

    def fill(self, source: Path, images: Path | None, guess: Guess | None = None) -> None:
        """Name what is to be imported and, if it is known, the folder of its pictures; a new project is proposed.

        Without a guess it is looked at.
        """
        self.show_form()
        self._looked_at = str(source)
        self.source.setText(str(source))
        self.images.setText("" if images is None else str(images))
        if not self.folder.text():
            self.folder.setText(str(_propose_folder(source)))
        if guess is not None:
            self._take_guess(guess)
            if images is None and self._kind() == _PEOPLE:
                self.say(self.tr("The pictures are not beside the file; name the folder they lie in."))
                self.images.setFocus()
            else:
                self.start_button.setFocus()
        else:
            self._look_at(source)

    def start(self) -> None:
        """Begin, if everything is named."""
        self._begin(dry_run=False)

    def missing(self) -> str:
        """What is still to be named or cannot be right."""
        source = self.source.text().strip()
        if not source:
            return self.tr("Name the file or folder to import.")
        if self._format() is None:
            return self.tr("{0} is in no format that is known; choose one.").format(Path(source).name)
        if self._kind() == _PEOPLE and not self.images.text().strip():
            return self.tr("Name the folder the pictures lie in.")
        if self._kind() == _FITS:
            try:
                check_label(self.label.text().strip())
            except ServiceError as error:
                return str(error) if self.label.text().strip() else self.tr("Name a label for the fits.")
        return self._missing_folder()

    def take_result(self, result: object) -> None:
        """Report; without anything to read the dialog makes room for the project."""
        assert isinstance(result, ImportResult)
        outcome = describe_import(result)
        if result.changed:
            self._take_open_project(result.folder)
            self.imported.emit(result.folder, outcome.headline)
            if is_clean(result):
                self.accept()
                return
        self.show_outcome(outcome, can_start=result.wish.dry_run)
        if self.preview_button is not None:
            self.preview_button.setVisible(False)

    def show_form(self) -> None:
        """Back to the fields."""
        super().show_form()
        if self.preview_button is not None:
            self.preview_button.show()

    def show_working(self, working: bool) -> None:
        """As every dialog of work does."""
        super().show_working(working)
        if self.preview_button is not None:
            self.preview_button.setEnabled(not working)

    def check(self) -> None:
        """As every dialog of work does."""
        super().check()
        if self.preview_button is not None:
            self.preview_button.setEnabled(self.start_button.isEnabled())
        self.folder.setEnabled(not self._goes_into_open())
        self._folder_button.setEnabled(not self._goes_into_open())

    def _begin(self, *, dry_run: bool) -> None:
        row = self._format()
        if self.missing() or row is None:
            return
        into = self._open_project if self._goes_into_open() else Path(self.folder.text().strip())
        assert into is not None
        images = self.images.text().strip()
        wish = ImportWish(
            source=Path(self.source.text().strip()),
            format_name=row.name,
            images=Path(images) if images else None,
            folder=into,
            on_conflict="update" if self.take.isChecked() else "keep",
            method=self.label.text().strip() if self._kind() == _FITS else None,
            replace_decided=self.replace_decided.isChecked(),
            dry_run=dry_run,
        )

        def work(meter: Meter) -> ImportResult:
            return run_import(wish, self._make_runner, meter)

        self.begin(work, self.tr("Reading the file…"))

    def _take_open_project(self, folder: Path) -> None:
        """From now on the project is there: what is left goes into it."""
        self._open_project = folder
        self.into_open.show()
        self.into_open.setChecked(True)

    def _goes_into_open(self) -> bool:
        return self._open_project is not None and self.into_open.isChecked()

    def _missing_folder(self) -> str:
        if self._goes_into_open():
            return ""
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

    def _build_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        self.add_path_row(
            grid, 0, self.tr("File or folder"), self.source,
            ((self.tr("File…"), self._ask_file), (self.tr("Folder…"), self._ask_source_folder)),
        )  # fmt: skip
        format_label = QLabel(self.tr("Format"), self)
        format_label.setBuddy(self.format_box)
        grid.addWidget(format_label, 1, 0)
        grid.addWidget(self.format_box, 1, 1, 1, 3)
        self.add_path_row(
            grid, 2, self.tr("Folder of the pictures"), self.images,
            ((self.tr("Choose…"), lambda: self.ask_folder(self.images, self.source.text())),),
        )  # fmt: skip
        grid.addWidget(self.into_open, 3, 1, 1, 3)
        (self._folder_button,) = self.add_path_row(
            grid, 4, self.tr("Folder of the project"), self.folder,
            ((self.tr("Choose…"), lambda: self.ask_folder(self.folder, self.source.text())),),
        )  # fmt: skip
        self._conflict_label = QLabel(self.tr("Where both differ"), self)
        self._conflict = QWidget(self)
        conflict = QHBoxLayout(self._conflict)
        conflict.setContentsMargins(0, 0, 0, 0)
        conflict.setSpacing(16)
        group = QButtonGroup(self)
        for button, tip in (
            (self.keep, self.tr("People keep the keypoints that the project has of them")),
            (self.take, self.tr("The file's keypoints become their newest; fits and decisions stay in the history")),
        ):
            group.addButton(button)
            button.setToolTip(tip)
            conflict.addWidget(button)
        conflict.addStretch(1)
        grid.addWidget(self._conflict_label, 5, 0)
        grid.addWidget(self._conflict, 5, 1, 1, 3)
        self._label_label = QLabel(self.tr("Label of the fits"), self)
        self._label_label.setBuddy(self.label)
        grid.addWidget(self._label_label, 6, 0)
        grid.addWidget(self.label, 6, 1, 1, 3)
        grid.addWidget(self.replace_decided, 7, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        return grid

    def _connect(self) -> None:
        self.into_open.toggled.connect(lambda _on: self.edited())
        for field in (self.images, self.folder, self.label):
            field.textChanged.connect(lambda _text: self.edited())
        self.source.textChanged.connect(lambda _text: self.edited())
        self.source.editingFinished.connect(self._on_source_named)
        self.format_box.currentIndexChanged.connect(lambda _place: self._on_format_chosen())

    def _fill_formats(self) -> None:
        """What it looks like first, then every format there is: people, and fits."""
        chosen = self.format_box.currentData()
        self.format_box.blockSignals(True)
        self.format_box.clear()
        self.format_box.addItem(self._guess_in_words(), None)
        for kind, title in ((_PEOPLE, self.tr("people")), (_FITS, self.tr("fits"))):
            self.format_box.insertSeparator(self.format_box.count())
            for row in FORMATS.values():
                if row.imports if kind == _PEOPLE else row.imports_fits:
                    self.format_box.addItem(f"{row.title}  ·  {title}", (kind, row.name))
        place = next((n for n in range(self.format_box.count()) if self.format_box.itemData(n) == chosen), 0)
        self.format_box.setCurrentIndex(place if chosen is not None else 0)
        self.format_box.blockSignals(False)

    def _guess_in_words(self) -> str:
        kind, name = self._guessed()
        if name is None:
            return self.tr("Found by itself")
        title = self.tr("people") if kind == _PEOPLE else self.tr("fits")
        return self.tr("Found by itself: {0}  ·  {1}").format(FORMATS[name].title, title)

    def _guessed(self) -> tuple[str, str | None]:
        if self._guess.people is not None:
            return _PEOPLE, self._guess.people
        return _FITS if self._guess.fits is not None else _PEOPLE, self._guess.fits

    def _choice(self) -> tuple[str, str | None]:
        chosen: tuple[str, str] | None = self.format_box.currentData()
        return self._guessed() if chosen is None else chosen

    def _kind(self) -> str:
        return self._choice()[0]

    def _format(self) -> Format | None:
        name = self._choice()[1]
        return None if name is None else FORMATS[name]

    def _show_kind(self) -> None:
        fits = self._kind() == _FITS
        of_fits: tuple[QWidget, ...] = (self._label_label, self.label, self.replace_decided)
        of_people: tuple[QWidget, ...] = (self._conflict_label, self._conflict)
        for widget in (*of_fits, *of_people):
            widget.setVisible((widget in of_fits) == fits)
        hint = self.tr("Not needed; with it, fits bring people along whom the project does not know")
        self.images.setPlaceholderText(hint if fits else "")

    def _on_format_chosen(self) -> None:
        self._show_kind()
        self.edited()

    def _on_source_named(self) -> None:
        """A path that was typed is looked at once, when the field is left."""
        text = self.source.text().strip()
        if text and text != self._looked_at:
            self._look_at(Path(text))

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("File to import"), self.source.text() or str(Path.home()), self.tr("All files (*)")
        )
        if name:
            self.fill(Path(name), None)

    def _ask_source_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, self.tr("Folder to import"), self.source.text() or str(Path.home())
        )
        if name:
            self.fill(Path(name), None)

    def _look_at(self, source: Path) -> None:
        """Find out format and folder of pictures, beside the window."""
        self._looked_at = str(source)

        def look() -> tuple[Guess, Path | None]:
            guess = guess_formats(source)
            return guess, None if guess.people is None else find_images(source, guess.people)

        def take(found: tuple[Guess, Path | None]) -> None:
            if self.source.text().strip() == str(source):  # nothing else was named meanwhile
                guess, images = found
                self._take_guess(guess)
                if images is not None and not self.images.text():
                    self.images.setText(str(images))

        self._tasks.run(look, self.while_open(take), self.while_open(lambda error: self.say(str(error))))

    def _take_guess(self, guess: Guess) -> None:
        self._guess = guess
        self._fill_formats()
        self._show_kind()
        self.check()


def _propose_folder(source: Path) -> Path:
    """A folder beside what is imported that does not exist yet."""
    stem = source.stem.removeprefix("person_keypoints_") or "project"
    proposed = source.parent / f"{stem} project"
    number = 2
    while proposed.exists():
        proposed = source.parent / f"{stem} project {number}"
        number += 1
    return proposed
