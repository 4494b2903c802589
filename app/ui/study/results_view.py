"""What a study found: a sentence, tables, intervals; behind a curtain until the study is closed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.study.report.answer import answer_in_words, interim_in_words
from app.study.report.facts import StudyFacts
from app.study.results import StudyResults
from app.ui.study import results_words as words
from app.ui.study.forest_plot import ForestPlot
from app.ui.widgets.bar_table import BarTable

_MARGIN: Final = 20
_MOST_RATERS: Final = 40


class ResultsView(QWidget):
    """Shows results.

    Attributes:
        look: Draws the curtain.
        save: Writes the report.
        again: Computes anew.
        headline: The main result in a sentence.
        standing: How much of the study it rests on.
        pairs: A row for each pair of methods.
        forest: The shares with their intervals.
        strengths: Bradley–Terry.
        raters: A row for each rater.
        exclusions: The main result with and without the rule of exclusion.

    Signals:
        wanted: People have decided to look.
    """

    wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._results: StudyResults | None = None
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self.look = QPushButton(self.tr("Show interim results"), self)
        self.save = QPushButton(self.tr("Save report…"), self)
        self.again = QPushButton(self.tr("Compute anew"), self)
        self.headline = QLabel(self)
        self.headline.setObjectName("studyHeadline")
        self.headline.setWordWrap(True)
        self.standing = QLabel(self)
        self.standing.setWordWrap(True)
        self._build_tables()
        self._pages = QStackedWidget(self)
        self._curtain = self._build_curtain()
        self._body = self._build_body()
        self._pages.addWidget(self._curtain)
        self._pages.addWidget(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.look.clicked.connect(self.wanted)
        self.again.clicked.connect(self.wanted)

    @property
    def results(self) -> StudyResults | None:
        """What is shown; None behind the curtain."""
        return self._results

    @property
    def message(self) -> str:
        """What is said in place of results."""
        return self._message.text() if self._pages.currentWidget() is self._curtain else ""

    def show_message(self, sentence: str, *, can_look: bool = False, button: str = "") -> None:
        """Say something in place of the results.

        Args:
            sentence: What.
            can_look: Whether people may decide to see them now.
            button: What the button says that shows them.
        """
        self._results = None
        self._message.setText(sentence)
        self.look.setVisible(can_look)
        self.look.setText(button or self.tr("Show results"))
        self._pages.setCurrentWidget(self._curtain)

    def show_results(self, results: StudyResults, facts: StudyFacts) -> None:
        """Show results.

        Args:
            results: Of the statistics.
            facts: Of the plan and its votes.
        """
        self._results = results
        headline, *more = answer_in_words(results, facts)
        self.headline.setText(headline)
        _say(self._more, "\n".join(more))
        standing = interim_in_words(results, facts)
        self.standing.setText(standing)
        self._standing_card.setVisible(bool(standing))
        analysis = results.after_exclusions
        self.pairs.show_rows(list(words.iter_pair_rows(analysis)))
        self.forest.show_rows(list(words.iter_forest_rows(results)))
        self.strengths.show_rows(list(words.iter_strength_rows(analysis)))
        self.strengths.setVisible(bool(analysis.strengths))
        _say(self._strengths_note, analysis.strengths_note)
        _say(self._side_bias, words.write_side_bias(analysis))
        _say(self._doubts, words.write_doubts(results))
        self.raters.show_rows(list(words.iter_rater_rows(results)))
        self.exclusions.show_rows(list(words.iter_exclusion_rows(results)))
        _say(self._exclusions_note, words.write_exclusions(results))
        _say(self._remarks, "\n".join(f"•  {remark}" for remark in results.remarks))
        versions = ", ".join(f"{name} {version}" for name, version in sorted(results.versions.items()))
        _say(
            self._versions,
            self.tr("{0}; {1:,} bootstrap rounds, seed {2}.").format(versions, results.rounds, results.seed),
        )
        self._pages.setCurrentWidget(self._body)

    def _build_tables(self) -> None:
        tr = self.tr
        self.pairs = BarTable(
            tr("Results by pair"),
            (
                tr("Pair"), tr("Votes"), tr("Share of the first"), tr("Interval"), tr("p, Holm"),
                tr("People, by majority"), tr("Alpha"), tr("Agreement"), tr("“Left” when equal"), tr("Median time"),
            ),
            None,
            self,
        )  # fmt: skip
        self.forest = ForestPlot(tr("Shares with intervals"), 0.5, percent=True, parent=self)
        self.strengths = ForestPlot(tr("Strengths with intervals"), 0.0, percent=False, parent=self)
        self.raters = BarTable(
            tr("Raters"),
            (
                tr("Rater"), tr("Votes"), tr("Catches"), tr("Same again"), tr("“Left”"), tr("As others"),
                tr("Median time"), tr("Left window"), tr("Result without"), tr("Verdict"),
            ),
            None,
            self,
            _MOST_RATERS,
        )  # fmt: skip
        self.exclusions = BarTable(
            tr("With and without exclusions"),
            (tr("Votes of"), tr("Raters"), tr("Votes"), tr("Share of the first"), tr("Interval"), tr("p")),
            None,
            self,
        )

    def _build_curtain(self) -> QWidget:
        curtain = QWidget(self)
        row = QHBoxLayout()
        row.addWidget(self.look)
        row.addStretch(1)
        layout = QVBoxLayout(curtain)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.setSpacing(12)
        layout.addWidget(self._message)
        layout.addLayout(row)
        layout.addStretch(1)
        return curtain

    def _build_body(self) -> QWidget:
        inside = QWidget(self)
        inside.setObjectName("studyInside")
        self._standing_card = QFrame(inside)
        self._standing_card.setProperty("card", True)
        self._standing_card.setProperty("marked", True)
        card = QHBoxLayout(self._standing_card)
        card.setContentsMargins(14, 8, 14, 8)
        card.addWidget(self.standing)
        self._strengths_note, self._side_bias, self._doubts = _quiet(inside), _quiet(inside), _quiet(inside)
        self._more = QLabel(inside)
        self._more.setWordWrap(True)
        self._exclusions_note, self._remarks, self._versions = _quiet(inside), QLabel(inside), _quiet(inside)
        self._remarks.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.save)
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(_MARGIN, 12, _MARGIN, _MARGIN)
        layout.setSpacing(16)
        for widget in (self._standing_card, self.headline, self._more):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        tr = self.tr
        for section in (
            _section(inside, tr("Every pair"), self.pairs),
            _section(inside, tr("Shares with intervals"), self.forest),
            _section(inside, tr("Strengths (Bradley–Terry, logarithms)"), self.strengths, self._strengths_note),
            _section(inside, tr("With and without exclusions"), self.exclusions, self._exclusions_note),
            _section(inside, tr("Raters"), self.raters, self._doubts, self._side_bias),
            _section(inside, tr("To know"), self._remarks, self._versions),
        ):  # fmt: skip
            layout.addWidget(section)
        layout.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("Results"))
        return scroll


def _section(parent: QWidget, title: str, *widgets: QWidget) -> QWidget:
    section = QWidget(parent)
    heading = QLabel(title, section)
    heading.setProperty("studySection", True)
    layout = QVBoxLayout(section)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    for widget in (heading, *widgets):
        layout.addWidget(widget)
    return section


def _quiet(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    return label


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
