"""Writes fits, decisions or pages of the open project, and says before what will be in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QLabel, QLineEdit, QWidget

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.export_parts import DecisionFilter, ExportReport
from app.services.exports import ExportCount, count_export, export_project
from app.services.filters import FILTERS
from app.services.fitting import METHOD_TITLES
from app.services.project import Project
from app.services.selecting import Selection
from app.services.states import STATE_TITLES
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.latest import LatestWins
from app.ui.tasks import Tasks
from db.formats import FORMATS, Format
from db.formats.errors import FormatError

_SIZE: Final = (820, 520)
_METHOD_TITLES: Final = {str(method): title for method, title in METHOD_TITLES.items()}
_STATE_TITLES: Final = {str(state): title for state, title in STATE_TITLES.items()}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be exported."""

    format_name: str
    selection: Selection
    decision: DecisionFilter


class ExportDialog(WorkDialog):
    """Format, place, and which fits.

    Args:
        work: Does the work.
        tasks: Counts.
        make_runner: Poses and draws bodies.
        project: Folder of the project.

    Attributes:
        format_box: Format.
        out: File or folder to write.
        decision_box: By the decision.
        method_box: By the method.
        filter_box: By a filter on quality.
        where: Only these people, in the filter language.
        count: What will be written, a sentence.
    """

    def __init__(
        self,
        work: LongWork,
        tasks: Tasks,
        make_runner: RunnerFactory,
        project: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(self.tr("Export"), work, self.tr("Export"), self.tr("Cancel the export"), _SIZE, parent)
        self._tasks = tasks
        self._make_runner = make_runner
        self._project = project
        self._latest: LatestWins[str, _Wish] = LatestWins()
        self._counted: tuple[_Wish, ExportCount] | None = None
        self.format_box = QComboBox(self)
        for row in FORMATS.values():
            if row.can_be_written:
                self.format_box.addItem(row.title, row.name)
        self.out = QLineEdit(self)
        self.decision_box = QComboBox(self)
        for decision, title in (
            ("accepted", self.tr("Accepted")),
            ("rejected", self.tr("Rejected")),
            ("any", ""),  # what that means depends on the format
        ):
            self.decision_box.addItem(title, decision)
        self.method_box = QComboBox(self)
        self.method_box.addItem(self.tr("The current fit of everybody"), None)
        self.filter_box = QComboBox(self)
        self.filter_box.addItem(self.tr("No filter"), None)
        for name, filter_row in FILTERS.items():
            self.filter_box.addItem(f"{name}: {filter_row.title}", name)
        self.where = QLineEdit(self)
        self.where.setPlaceholderText(self.tr("Everybody; or for example state:accepted dataset:coco rms<8"))
        self.count = QLabel(self)
        self.count.setWordWrap(True)
        self.form.addLayout(self._build_fields())
        self.form.addWidget(self.count)
        self.form.addStretch(1)
        self._suit_format()
        self.format_box.currentIndexChanged.connect(lambda _place: self._on_format_chosen())
        for box in (self.decision_box, self.method_box, self.filter_box):
            box.currentIndexChanged.connect(lambda _place: self._on_changed())
        self.where.textChanged.connect(lambda _text: self._on_changed())
        self.out.textChanged.connect(lambda _text: self.edited())
        tasks.run(self._read_methods, self.while_open(self._take_methods))
        self._on_changed()

    @property
    def counted(self) -> ExportCount | None:
        """What would be written as things are asked for now; None while that is being counted."""
        wish = self._wish()
        return self._counted[1] if self._counted is not None and self._counted[0] == wish else None

    def missing(self) -> str:
        """What is still to be named or cannot be right."""
        if not self.out.text().strip():
            return self.tr("Name the file or folder to write.")
        try:
            self._build_wish()
        except ServiceError as error:
            return str(error)
        if self.counted is not None and not self.counted.items:
            return self.tr("There is nothing to write; ask for others.")
        return ""

    def start(self) -> None:
        """Begin, if everything is named."""
        wish = self._wish()
        if self.missing() or wish is None:
            return
        folder, out = self._project, Path(self.out.text().strip())
        row = FORMATS[wish.format_name]
        needs_body = not (row.exports_decisions or row.exports_people)
        make_runner, stage = self._make_runner, self._stage()

        def work(meter: Meter) -> ExportReport:
            with Project.open(folder, with_files=needs_body) as project:
                return export_project(
                    project, wish.format_name, out, wish.selection, decision=wish.decision, make_runner=make_runner,
                    on_done=lambda done, total: meter.show(stage, done, total),
                )  # fmt: skip

        self.begin(work, self.tr("Choosing what to write…"))

    def take_result(self, result: object) -> None:
        """Say what was written and what was left out."""
        assert isinstance(result, ExportReport)
        headline = self.tr("Wrote {0} {1} to {2}.").format(f"{result.samples:,}", self._noun(), result.path)
        notes = [self.tr("What is in it, units and orders: {0}.").format(result.manifest)]
        notes += self._describe_rest(result.left_out, result.beyond_published_filter)
        faults = [(self.tr("person {0}").format(person), reason) for person, reason in result.failed]
        self.show_outcome(
            Outcome(
                headline,
                notes=tuple(notes),
                fault_titles=(self.tr("Who is not drawn"), self.tr("Why")),
                faults=faults,
            )
        )

    def _build_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        self._add_row(grid, 0, self.tr("Format"), self.format_box)
        self.add_path_row(grid, 1, self.tr("Write to"), self.out, ((self.tr("Choose…"), self._ask_out),))
        self._add_row(grid, 2, self.tr("Decided"), self.decision_box)
        self._add_row(grid, 3, self.tr("Fits"), self.method_box)
        self._add_row(grid, 4, self.tr("Quality"), self.filter_box)
        self._add_row(grid, 5, self.tr("People"), self.where)
        grid.setColumnStretch(1, 1)
        return grid

    def _add_row(self, grid: QGridLayout, line: int, title: str, field: QWidget) -> None:
        label = QLabel(title, self)
        label.setBuddy(field)
        field.setAccessibleName(title)
        grid.addWidget(label, line, 0)
        grid.addWidget(field, line, 1, 1, 3)

    def _format(self) -> Format:
        return FORMATS[str(self.format_box.currentData())]

    def _noun(self) -> str:
        row = self._format()
        if row.exports_decisions:
            return self.tr("decisions")
        return self.tr("people") if row.exports_sheet or row.exports_people else self.tr("fits")

    def _stage(self) -> str:
        row = self._format()
        if row.exports_decisions:
            return self.tr("Writing decisions")
        if row.exports_people:
            return self.tr("Writing people")
        return self.tr("Drawing people") if row.exports_sheet else self.tr("Writing fits")

    def _wish(self) -> _Wish | None:
        try:
            return self._build_wish()
        except ServiceError:
            return None  # said by missing()

    def _build_wish(self) -> _Wish:
        """What is asked for.

        Raises:
            ServiceError: The filter of people is not understood.
        """
        chosen = self.filter_box.currentData()
        selection = Selection(
            method=self.method_box.currentData(),
            filters=() if chosen is None else (str(chosen),),
            where=self.where.text().strip(),
        )
        return _Wish(self._format().name, selection, self.decision_box.currentData())

    def _on_format_chosen(self) -> None:
        self._suit_format()
        self._on_changed()

    def _suit_format(self) -> None:
        """Ask for what a format is mostly wanted for."""
        row = self._format()
        self.decision_box.setCurrentIndex(self.decision_box.findData("accepted" if row.exports else "any"))
        of_fits = self.tr("Whatever was decided, but no fit on older keypoints")
        everything = self.tr("Every decision") if row.exports_decisions else self.tr("Everybody")
        is_of_fits = row.exports or row.exports_sheet
        self.decision_box.setItemText(self.decision_box.findData("any"), of_fits if is_of_fits else everything)
        self._propose_out()

    def _propose_out(self) -> None:
        """A place beside the project that is named after it and the format."""
        row = self._format()
        folder = Path(self.out.text().strip()).parent if self.out.text().strip() else self._project.parent
        self.out.setText(str(folder / f"{self._project.name} {row.name}{row.suffix}"))

    def _on_changed(self) -> None:
        """Count anew what will be written."""
        wish = self._wish()
        if wish is not None and self.counted is None:
            self.count.setText(self.tr("Counting…"))
            if (now := self._latest.offer("count", wish)) is not None:
                self._count(now)
        elif wish is None:
            self.count.setText("")
        self.check()

    def _count(self, wish: _Wish) -> None:
        self._tasks.run(
            lambda: _count(self._project, wish),
            self.while_open(lambda count: self._take_count(wish, count)),
            self.while_open(lambda error: self._take_refusal(wish, str(error))),
        )

    def _take_count(self, wish: _Wish, count: ExportCount) -> None:
        self._counted = wish, count
        self._count_next()
        if self.counted is count:
            words = self.tr("{0} {1} will be written.").format(f"{count.items:,}", self._noun())
            self.count.setText("\n".join([words, *self._describe_rest(count.left_out, count.beyond_published_filter)]))
            self.check()

    def _take_refusal(self, wish: _Wish, sentence: str) -> None:
        self._count_next()
        if wish == self._wish():
            self.count.setText(sentence)

    def _count_next(self) -> None:
        if (waiting := self._latest.finish("count")) is not None:
            self._count(waiting)

    def _describe_rest(self, left_out: dict[str, int], beyond: int) -> list[str]:
        lines = []
        if left_out:
            parts = [
                f"{count:,} {_STATE_TITLES.get(reason, reason.replace('_', ' '))}" for reason, count in left_out.items()
            ]
            lines.append(self.tr("Left out: {0}.").format(", ".join(parts)))
        if beyond:
            lines.append(
                self.tr("{0} of them are beyond the filter of the published export (L2d 5e-4, |beta| 3).").format(
                    f"{beyond:,}"
                )
            )
        return lines

    def _read_methods(self) -> list[str]:
        with Project.open(self._project, with_files=False) as project, project.store.read() as reader:
            return list(reader.methods.counts())

    def _take_methods(self, methods: list[str]) -> None:
        for name in methods:
            self.method_box.addItem(_METHOD_TITLES.get(name, name), name)

    def _ask_out(self) -> None:
        row = self._format()
        if row.suffix:
            name, _ = QFileDialog.getSaveFileName(
                self, self.tr("Write to"), self.out.text(), f"{row.title} (*{row.suffix})"
            )
            if name:
                self.out.setText(name if Path(name).suffix else f"{name}{row.suffix}")
        else:
            self.ask_folder(self.out)


def _count(folder: Path, wish: _Wish) -> ExportCount:
    try:
        with Project.open(folder, with_files=False) as project:  # the window may close its own meanwhile
            return count_export(project, wish.format_name, wish.selection, decision=wish.decision)
    except FormatError as error:
        raise ServiceError(f"{error}.") from error
