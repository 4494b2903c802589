"""The Studies page: the project's studies on the left, one of them on the right, from design to results."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.services.study.overview import StudyState
from app.ui.review.side_page import SidePage
from app.ui.study.design_form import DesignForm
from app.ui.study.raters_panel import RatersPanel
from app.ui.study.results_view import ResultsView
from app.ui.study.study_list import STATE_WORDS, StudyList, chip_colors, chip_text
from app.ui.widgets.tones import is_dark

_LIST_EMS: Final = 21
_DESIGN, _RATERS, _RESULTS = range(3)


class StudiesPage(SidePage):
    """The page.

    Attributes:
        studies: The column of studies.
        form: Design of the study on show.
        raters: Its raters.
        results: What it found.
        tabs: Around these three.
        back: Back to the person.
        first: "New study…" where there is none yet.

    Signals:
        new_wanted: A new study is to be designed.
    """

    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("studiesPage")
        self._raters_wanted = False
        self.studies = StudyList(self)
        self.form = DesignForm(self)
        self.raters = RatersPanel(self)
        self.results = ResultsView(self)
        self.back = QPushButton(self.tr("Back to the person"), self)
        self.back.clicked.connect(self.left)
        self.first = QPushButton(self.tr("New study…"), self)
        self.first.setProperty("primary", True)
        self.problem = QLabel(self)
        self.problem.setProperty("fault", True)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.tabs = QTabWidget(self)
        self.tabs.setObjectName("studyTabs")
        self.tabs.setAccessibleName(self.tr("Parts of the study"))
        self.tabs.tabBar().setAccessibleName(self.tr("Parts of the study"))
        for widget, title in (
            (self.form, self.tr("Design")),
            (self.raters, self.tr("Raters")),
            (self.results, self.tr("Results")),
        ):
            self.tabs.addTab(widget, title)
        self._empty = self._build_empty()
        self._none = QWidget(self)
        self._stack = QStackedWidget(self)
        for page in (self._none, self._empty, self.tabs):
            self._stack.addWidget(page)
        self._lay_out()
        self.studies.new.clicked.connect(self.new_wanted)
        self.first.clicked.connect(self.new_wanted)
        self.studies.new.setEnabled(False)
        self.setFocusProxy(self.studies.list)

    @property
    def shows_results(self) -> bool:
        """Whether the results are what is looked at."""
        return self._stack.currentWidget() is self.tabs and self.tabs.currentIndex() == _RESULTS

    @property
    def is_empty(self) -> bool:
        """Whether the page says what a study is, there being none."""
        return self._stack.currentWidget() is self._empty

    def show_empty(self) -> None:
        """There is no study: say what one is."""
        self.studies.new.setEnabled(True)
        self._show_title("", None)
        self.studies.hide()
        self._stack.setCurrentWidget(self._empty)
        self.setFocusProxy(self.first)

    def show_study(self, name: str, state: StudyState | None) -> None:
        """Show the tabs of a study; those that its state has nothing for are off.

        Args:
            name: Of the study, or words for a new one.
            state: None while it is not stored yet.
        """
        self._show_title(name, state)
        self.studies.new.setEnabled(True)
        self.studies.show()
        is_open = state in ("open", "voting", "closed")
        self.tabs.setTabEnabled(_RATERS, is_open)
        self.tabs.setTabEnabled(_RESULTS, is_open)
        for place in (_RATERS, _RESULTS):
            self.tabs.setTabToolTip(place, "" if is_open else self.tr("Once the study is open"))
        if not is_open:
            self.tabs.setCurrentIndex(_DESIGN)
        elif self._raters_wanted:
            self._raters_wanted = False
            self.tabs.setCurrentIndex(_RATERS)
        self._stack.setCurrentWidget(self.tabs)
        self.setFocusProxy(self.studies.list)

    def show_part(self, widget: QWidget) -> None:
        """Bring a tab to the front."""
        self.tabs.setCurrentWidget(widget)

    def show_part_soon(self) -> None:
        """Bring the raters to the front, once the study on show has some."""
        self._raters_wanted = True

    def say(self, sentence: str) -> None:
        """Show an error as a sentence above everything; an empty one takes no room."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Follow the size of the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._size_list()

    def _show_title(self, name: str, state: StudyState | None) -> None:
        self._title.setText(name)
        self._chip.show_state(state)

    def _lay_out(self) -> None:
        self._title = TitleLabel(self)
        self._title.setObjectName("studyTitle")
        self._chip = StudyChip(self)
        top = QHBoxLayout()
        top.setContentsMargins(20, 12, 20, 8)
        top.setSpacing(12)
        top.addWidget(self._title, 1)
        top.addWidget(self._chip)
        top.addWidget(self.back)
        problem = QHBoxLayout()
        problem.setContentsMargins(20, 0, 20, 0)
        problem.addWidget(self.problem)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(problem)
        column.addWidget(self._stack, 1)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.studies)
        parts.addWidget(right)
        parts.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)
        self._size_list()

    def _size_list(self) -> None:
        em = self.fontMetrics().horizontalAdvance("m")
        self.studies.setMinimumWidth(_LIST_EMS * em)
        self.studies.setMaximumWidth(2 * _LIST_EMS * em)

    def _build_empty(self) -> QWidget:
        page = QWidget(self)
        card = QFrame(page)
        card.setObjectName("welcomeCard")
        title = QLabel(self.tr("No study yet"), card)
        title.setObjectName("studyTitle")
        text = QLabel(
            self.tr(
                "A study asks raters, blind, which of two fits of one person is better, so that you can say with an"
                " interval which method people prefer. You choose methods, people and raters, the program draws the"
                " pictures and shares out the trials, and raters vote in a window that tells them nothing else."
            ),
            card,
        )
        text.setWordWrap(True)
        text.setMinimumWidth(20 * self.fontMetrics().horizontalAdvance("m"))
        row = QHBoxLayout()
        row.addWidget(self.first)
        row.addStretch(1)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(28, 24, 28, 24)
        inside.setSpacing(12)
        inside.addWidget(title)
        inside.addWidget(text)
        inside.addLayout(row)
        card.setMaximumWidth(60 * self.fontMetrics().horizontalAdvance("m"))
        across = QHBoxLayout()
        across.setContentsMargins(20, 0, 20, 0)
        across.addStretch(1)
        across.addWidget(card, 4)
        across.addStretch(1)
        layout = QVBoxLayout(page)
        layout.addStretch(1)
        layout.addLayout(across)
        layout.addStretch(2)
        return page


class TitleLabel(QLabel):
    """A line that ends with dots where there is no room."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint what there is room for."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
        self.setToolTip(self.text() if text != self.text() else "")


class StudyChip(QWidget):
    """State of a study as a small coloured chip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._state: StudyState | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("State of the study"))

    @property
    def state(self) -> StudyState | None:
        """What is shown."""
        return self._state

    def show_state(self, state: StudyState | None) -> None:
        """Show a state, or nothing."""
        self._state = state
        self.setAccessibleDescription("" if state is None else STATE_WORDS[state])
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Room for the chip."""
        if self._state is None:
            return QSize(0, 0)
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(chip_text(self._state)) + 20, metrics.height() + 6)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the chip."""
        if self._state is None:
            return
        ground, text = chip_colors(self._state, is_dark(self.palette()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setPen(text)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, chip_text(self._state))
        painter.end()
