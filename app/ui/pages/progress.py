"""The Progress page: how far the project is, how fast, how good, and who does what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.services.progress import AnnotatorProgress, ProgressReport, ReasonCount, Share
from app.ui.review.queue_link import query_annotator, query_dataset, query_l2d, query_reason
from app.ui.review.side_page import SidePage
from app.ui.widgets.bar_table import BarRow, BarTable, part_color
from app.ui.widgets.histogram import HistogramPlot
from app.ui.widgets.stat_tile import StatTile
from db.records import PersonState

_MARGIN: Final = 20
_WIDE_EMS: Final = 78
"""From so many widths of an "m" on, two things stand side by side."""
_DASH: Final = "–"
_PARTS: Final[tuple[tuple[PersonState, str], ...]] = (
    ("accepted", "accepted"),
    ("rejected", "rejected"),
    ("second_look", "second look"),
    ("disputed", "disputed"),
)
"""What a bar of decisions is made of: the state, which is a field of a share too, and its title."""


class ProgressPage(SidePage):
    """The numbers of a :class:`~app.services.progress.ProgressReport`.

    Args:
        can_show: Whether the list of people can show a query; rows and bars that it cannot are not clickable.

    Signals:
        query_chosen: ``str``, the people behind a row or a bar are wanted.
    """

    query_chosen = Signal(str)

    def __init__(self, can_show: Callable[[str], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("progressPage")
        self._can_show = can_show
        self._columns = 0
        self._report: ProgressReport | None = None
        self.back = QPushButton(self.tr("Back to the person"), self)
        self.back.clicked.connect(self.left)
        self.notice = QLabel(self.tr("Counting…"), self)
        self.notice.setWordWrap(True)
        self.notice.setProperty("quiet", True)
        self._build_tiles()
        self._build_parts()
        self._lay_out()

    @property
    def report(self) -> ProgressReport | None:
        """What is shown."""
        return self._report

    def show_report(self, report: ProgressReport, now: datetime) -> None:
        """Show numbers.

        Args:
            report: The numbers.
            now: When they were read, in the time zone of the reader.
        """
        self._report = report
        self.notice.setText(_describe_start(report))
        self.notice.setVisible(bool(self.notice.text()))
        self._body.setVisible(report.total.people > 0)
        self._show_tiles(report, now)
        clickable = [query_dataset(name) for name, _ in report.datasets]
        self.datasets.show_rows(
            [
                self._dataset_row(name, share, query)
                for (name, share), query in zip(report.datasets, clickable, strict=True)
            ]
        )
        most = max((reason.people for reason in report.reasons), default=1)
        self.reasons.show_rows([self._reason_row(reason, most, report.total.rejected) for reason in report.reasons])
        self._no_reasons.setVisible(not report.reasons)
        self.reasons.setVisible(bool(report.reasons))
        decisions = sum(row.decided for row in report.annotators)
        self.annotators.show_rows([self._annotator_row(row, decisions) for row in report.annotators])
        self._no_annotators.setVisible(not report.annotators)
        self.annotators.setVisible(bool(report.annotators))
        self._color_legend()
        self.l2d.show_histogram(report.l2d)
        self.rms.show_histogram(report.rms)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Two columns where they have room, else one."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Follow the theme and the size of the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._color_legend()

    # ---- building

    def _build_tiles(self) -> None:
        self.decided = StatTile(self.tr("Decided"), self)
        self.today = StatTile(self.tr("Today"), self)
        self.accepted = StatTile(self.tr("Accept rate"), self)
        self.rate = StatTile(self.tr("Rate"), self)
        self.work_left = StatTile(self.tr("Work left"), self)
        self.finish = StatTile(self.tr("Expected finish"), self)
        self._tiles = (self.decided, self.accepted, self.today, self.rate, self.work_left, self.finish)
        self.rate.setToolTip(
            self.tr(
                "People an hour of working time. Pauses of more than five minutes between two decisions do not count."
            )
        )
        self.finish.setToolTip(self.tr("At the pace of the last seven days, nights and weekends included."))

    def _build_parts(self) -> None:
        tr = self.tr
        self.l2d = HistogramPlot(
            tr("L2d of current fits"), "", log=True, clickable=self._can_show(query_l2d(1e-4, 1e-3)), parent=self
        )
        self.rms = HistogramPlot(tr("RMS of current fits, pixels of the 224 crop"), tr("px"), log=False, parent=self)
        self.l2d.bin_chosen.connect(lambda low, high: self.query_chosen.emit(query_l2d(low, high)))
        self.datasets = BarTable(
            tr("Datasets"), (tr("Dataset"), tr("Decisions"), tr("Decided"), tr("Left"), tr("Accept rate")), 1, self
        )
        self.reasons = BarTable(
            tr("Reasons of rejections"), (tr("Reason"), tr("Share of the rejected"), tr("People")), 1, self
        )
        self.annotators = BarTable(
            tr("Annotators"),
            (
                tr("Annotator"), tr("Share of the decisions"), tr("Decided"), tr("Accept rate"), tr("Median time"),
                tr("Rate"), tr("Edits a person"), tr("Gold score"),
            ),
            1,
            self,
        )  # fmt: skip
        for table in (self.datasets, self.reasons, self.annotators):
            table.opened.connect(self.query_chosen)
        self._legend = QLabel(self)
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._no_reasons = _quiet(tr("Nobody has been rejected."), self)
        self._no_annotators = _quiet(tr("Nobody has decided yet."), self)
        self._gold_note = _quiet(
            tr(
                "Gold score: how close an annotator's keypoints are to the known ones, 1 being on the spot, on people"
                " decided before today. It appears after five of them."
            ),
            self,
        )
        self._gold_note.setWordWrap(True)
        self._color_legend()

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Progress and quality"), self)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        title.setFont(font)
        top = QHBoxLayout()
        top.setContentsMargins(_MARGIN, 12, _MARGIN, 8)
        top.addWidget(title, 1)
        top.addWidget(self.back)
        self._body = QWidget(self)
        self._tile_grid = QGridLayout()
        self._tile_grid.setSpacing(10)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * _MARGIN)
        self._grid.setVerticalSpacing(_MARGIN)
        self._sections = (
            self.l2d,
            self.rms,
            _section(self.tr("Datasets"), self._legend, self.datasets),
            _section(self.tr("Reasons of rejections"), self._no_reasons, self.reasons),
        )
        self._people = _section(self.tr("Annotators"), self._no_annotators, self.annotators, self._gold_note)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(_MARGIN)
        body.addLayout(self._tile_grid)
        body.addLayout(self._grid)
        body.addWidget(self._people)
        inside = QWidget(self)
        inside.setObjectName("progressInside")
        inside_layout = QVBoxLayout(inside)
        inside_layout.setContentsMargins(_MARGIN, 4, _MARGIN, _MARGIN)
        inside_layout.addWidget(self.notice)
        inside_layout.addWidget(self._body)
        inside_layout.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inside)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setAccessibleName(self.tr("Progress and quality"))
        self.setFocusProxy(self._scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._scroll, 1)
        self._body.setVisible(False)
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= _WIDE_EMS * self.fontMetrics().horizontalAdvance("m") else 1
        if columns == self._columns:
            return
        self._columns = columns
        for number, tile in enumerate(self._tiles):
            self._tile_grid.addWidget(tile, *divmod(number, 3 * columns))
        for number in range(6):
            self._tile_grid.setColumnStretch(number, 1 if number < 3 * columns else 0)
        for number, section in enumerate(self._sections):
            self._grid.addWidget(section, *divmod(number, columns), Qt.AlignmentFlag.AlignTop)
        for number in range(2):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)

    def _color_legend(self) -> None:
        palette = self.palette()
        marks = (
            f'<span style="color:{part_color(state, palette).name()}">■</span>&nbsp;{self.tr(title)}'
            for state, title in _PARTS
            if state != "disputed" or (self._report is not None and self._report.total.disputed)
        )
        self._legend.setText("&nbsp;&nbsp; ".join(marks))

    # ---- showing

    def _show_tiles(self, report: ProgressReport, now: datetime) -> None:
        total, tr = report.total, self.tr
        share = f"{100 * total.decided / total.people:.0f} %" if total.people else _DASH
        self.decided.show_value(f"{total.decided:,}", tr("of {0:,}, {1}").format(total.people, share))
        judged = total.accepted + total.rejected
        self.accepted.show_value(_percent(total.accept_rate), tr("of {0:,} accepted or rejected").format(judged))
        self.today.show_value(f"{report.today:,}", tr("people decided"))
        if report.rate is None:
            self.rate.show_value(_DASH, tr("known after five decisions"))
        else:
            self.rate.show_value(f"{report.rate:,.0f}", tr("people an hour of work"))
        if not total.left:
            self.work_left.show_value("0", tr("everybody is decided"))
        elif report.hours_left is None:
            self.work_left.show_value(f"{total.left:,}", tr("people"))
        else:
            self.work_left.show_value(_duration(report.hours_left), tr("{0:,} people").format(total.left))
        if report.finish is None:
            self.finish.show_value(_DASH, tr("nobody is left") if not total.left else tr("known after five people"))
        else:
            pace = tr("{0:,.0f} people a day").format(report.pace)
            self.finish.show_value(_day(report.finish.astimezone(now.tzinfo), now), pace)

    def _dataset_row(self, name: str, share: Share, query: str) -> BarRow:
        people = max(share.people, 1)
        counted = [(getattr(share, state), title, state) for state, title in _PARTS]
        parts = tuple((number / people, state) for number, _, state in counted)
        words = ", ".join(f"{number:,} {self.tr(title)}" for number, title, _ in counted if number)
        cells = (name, words, f"{share.decided:,} / {share.people:,}", f"{share.left:,}", _percent(share.accept_rate))
        return BarRow(cells, parts, self._allowed(query))

    def _reason_row(self, reason: ReasonCount, most: int, rejected: int) -> BarRow:
        words = f"{100 * reason.people / max(rejected, 1):.0f} %"
        cells = (self.tr(reason.title), words, f"{reason.people:,}")
        return BarRow(cells, ((reason.people / most, "rejected"),), self._allowed(query_reason(reason.code)))

    def _annotator_row(self, row: AnnotatorProgress, decisions: int) -> BarRow:
        share = row.decided / max(decisions, 1)
        cells = (
            row.name or self.tr("not named"),
            f"{100 * share:.0f} %",
            f"{row.decided:,}",
            _percent(row.accept_rate),
            _DASH if row.median_seconds is None else f"{row.median_seconds:.0f} s",
            _DASH if row.rate is None else self.tr("{0:,.0f} / h").format(row.rate),
            _DASH if row.edits_per_person is None else f"{row.edits_per_person:.1f}",
            _DASH if row.gold_score is None else f"{row.gold_score:.3f}",
        )
        return BarRow(cells, ((share, None),), self._allowed(query_annotator(row.name)))

    def _allowed(self, query: str) -> str:
        return query if query and self._can_show(query) else ""


def _describe_start(report: ProgressReport) -> str:
    if report.total.people:
        return ""
    if report.unfittable:
        return (
            f"{report.unfittable:,} people have too few keypoints for a fit, and there is nobody else. Label more of "
            "their keypoints, or import others."
        )
    return "There is nobody in this project yet. Import a dataset: main.py import coco FILE --images FOLDER"


def _section(title: str, *widgets: QWidget) -> QWidget:
    section = QWidget()
    heading = QLabel(title, section)
    heading.setProperty("section", True)
    heading.setContentsMargins(0, 0, 0, 0)
    layout = QVBoxLayout(section)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for widget in (heading, *widgets):
        layout.addWidget(widget)
    return section


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("quiet", True)
    return label


def _percent(share: float | None) -> str:
    return _DASH if share is None else f"{100 * share:.0f} %"


def _duration(hours: float) -> str:
    return f"{max(60 * hours, 1):.0f} min" if hours < 1 else f"{hours:,.1f} h"


def _day(moment: datetime, now: datetime) -> str:
    days = (moment.date() - now.date()).days
    names: Sequence[str] = ("today", "tomorrow")
    if days < len(names):
        return names[days]
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year}"
