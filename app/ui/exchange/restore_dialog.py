"""Makes a project of a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QLabel, QLineEdit, QWidget

from app.paths import models_dir
from app.services.bundle.manifest import SUFFIX
from app.services.bundle.restoring import RestoreReport, restore_bundle
from app.services.bundle.words import describe_restored, is_complete
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog

_SIZE: Final = (820, 460)


class RestoreDialog(WorkDialog):
    """The bundle, the folder of the project to be, and where the pictures lie now.

    Attributes:
        bundle: The file.
        folder: Folder of the project.
        images: Folder of the pictures; empty leaves them where they were.
        hashes: Compare the pictures by content.

    Signals:
        restored: ``(Path, str)``, the project, and what to say of it.
    """

    restored = Signal(object, str)

    def __init__(self, work: LongWork, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Restore a bundle"), work, self.tr("Restore"), self.tr("Cancel the restoring"), _SIZE, parent
        )
        text = QLabel(
            self.tr(
                "The bundle is checked first; of one that is damaged nothing is restored. Pictures are found below"
                " their folder by name, and renamed ones by their content; no picture is moved or changed."
            ),
            self,
        )
        text.setWordWrap(True)
        text.setProperty("quiet", True)
        self.bundle = QLineEdit(self)
        self.folder = QLineEdit(self)
        self.images = QLineEdit(self)
        self.images.setPlaceholderText(self.tr("Not needed where they lie as before"))
        self.hashes = QCheckBox(self.tr("Compare every picture by its content"), self)
        self.hashes.setChecked(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        choose = self.tr("Choose…")
        self.add_path_row(grid, 0, self.tr("Bundle"), self.bundle, ((choose, self._ask_bundle),))
        self.add_path_row(
            grid, 1, self.tr("Folder of the project"), self.folder,
            ((choose, lambda: self.ask_folder(self.folder, self.bundle.text())),),
        )  # fmt: skip
        self.add_path_row(
            grid, 2, self.tr("Folder of the pictures"), self.images,
            ((choose, lambda: self.ask_folder(self.images, self.bundle.text())),),
        )  # fmt: skip
        grid.addWidget(self.hashes, 3, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        self.form.addWidget(text)
        self.form.addLayout(grid)
        self.form.addStretch(1)
        for field in (self.bundle, self.folder, self.images):
            field.textChanged.connect(lambda _text: self.edited())
        self.check()

    def fill(self, bundle: Path) -> None:
        """Name a bundle; a folder for its project is proposed."""
        self.show_form()
        self.bundle.setText(str(bundle))
        if not self.folder.text():
            proposed, number = bundle.with_suffix(""), 2
            while proposed.exists():
                proposed = bundle.with_name(f"{bundle.stem} {number}")
                number += 1
            self.folder.setText(str(proposed))
        self.images.setFocus()

    def missing(self) -> str:
        """What is still to be named."""
        if not self.bundle.text().strip():
            return self.tr("Name the bundle.")
        if not self.folder.text().strip():
            return self.tr("Name a folder for the project.")
        return ""

    def start(self) -> None:
        """Begin, if everything is named."""
        if self.missing():
            return
        bundle, folder = Path(self.bundle.text().strip()), Path(self.folder.text().strip())
        images, hashes = self.images.text().strip(), self.hashes.isChecked()

        def work(meter: Meter) -> RestoreReport:
            return restore_bundle(
                bundle, folder, [images] if images else (),
                image_hashes=hashes, models=models_dir(), on_stage=meter.show,
            )  # fmt: skip

        self.begin(work, self.tr("Checking the bundle…"))

    def take_result(self, result: object) -> None:
        """Open the project; what anybody has to read stays on show."""
        assert isinstance(result, RestoreReport)
        headline, *notes = describe_restored(result, with_lists=False)
        self.restored.emit(result.folder, " ".join([headline, *notes[:1]]))
        if is_complete(result) and not result.pictures.by_content:
            self.accept()
            return
        found = result.pictures
        listed = [(self.tr("not found"), path, "") for path in found.missing]
        listed += [
            (self.tr("changed"), path, reason) for path, _, reason in (line.partition(": ") for line in found.changed)
        ]
        listed += [(self.tr("renamed"), old, self.tr("is {0} now").format(new)) for old, new in found.by_content]
        titles = (self.tr("What"), self.tr("Picture"), self.tr("Why"))
        self.show_outcome(Outcome(headline, notes=tuple(notes), fault_titles=titles, faults=listed), can_go_back=False)

    def _ask_bundle(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Bundle"),
            self.bundle.text() or str(Path.home()),
            self.tr("Bundles (*{0});;All files (*)").format(SUFFIX),
        )
        if name:
            self.fill(Path(name))
