"""Opens a study: says what will be drawn, draws it, and says where raters find it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.services.batch import RunnerFactory
from app.services.project import Project
from app.services.study.opening import OpenReport, open_study
from app.study.design import StudyDesign
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.study.study_reading import StudyOnShow

_SIZE: Final = (720, 400)
_SHARED_VIEWS: Final = frozenset(("photo", "keypoints"))
_PHOTO_BYTES: Final = 1.2
"""Of a pixel of a photograph in a PNG: 57 pictures of COCO people at 448 px."""
_PLAIN_BYTES: Final = 0.18
"""Of a pixel of a body before a plain ground, 38 of theirs."""


class OpenStudyDialog(WorkDialog):
    """What will happen, then the work.

    Args:
        work: Does the work.
        project: Of the study.
        study: To be opened.
        make_runner: Draws the bodies.

    Signals:
        opened: ``str``, the name of the study that is open now.
    """

    opened = Signal(str)

    def __init__(
        self,
        work: LongWork,
        project: Project,
        study: StudyOnShow,
        make_runner: RunnerFactory,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            self.tr("Open the study “{0}”").format(study.name),
            work,
            self.tr("Open study"),
            self.tr("Cancel the drawing"),
            _SIZE,
            parent,
        )
        self._project = project
        self._study = study
        self._make_runner = make_runner
        self.preview = QLabel(describe_work(study.design), self)
        self.preview.setWordWrap(True)
        words = QLabel(
            self.tr(
                "People are drawn by the design's seed, every picture is made once, and a rater package is written that"
                " names no method, no person and no dataset. You can go on working meanwhile. If you cancel, the study"
                " stays as it is, and pictures that are drawn already need not be drawn again."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("quiet", True)
        self.form.addWidget(self.preview)
        self.form.addWidget(words)
        self.form.addStretch(1)
        self.check()

    def missing(self) -> str:
        """The design says everything."""
        return ""

    def start(self) -> None:
        """Begin."""
        project, name, make_runner = self._project, self._study.name, self._make_runner
        stage = self.tr("Drawing pictures")

        def work(meter: Meter) -> OpenReport:
            return open_study(project, name, make_runner, on_done=lambda done, total: meter.show(stage, done, total))

        self.begin(work, self.tr("Drawing people by chance…"))

    def take_result(self, result: object) -> None:
        """Say where raters find it."""
        assert isinstance(result, OpenReport)
        self.opened.emit(self._study.name)
        self.show_outcome(describe_opening(self._study.name, result), can_go_back=False)


def describe_opening(name: str, report: OpenReport) -> Outcome:
    """What came of opening a study."""
    left_out = [f"{number:,} people are left out: {reason}." for reason, number in sorted(report.left_out.items())]
    return Outcome(
        f"The study “{name}” is open: {report.people:,} people, {report.trials:,} trials at {report.seats} seats,"
        f" {report.pictures:,} pictures of {report.picture_bytes / 1e6:,.1f} MB.",
        notes=(f"Rater package: {report.package}", *report.notes, *left_out, *report.problems),
    )


def describe_work(design: StudyDesign) -> str:
    """What opening a study will do, in sentences."""
    pictures, megabytes = estimate_pictures(design)
    checks = count_checks(design)
    people = f"{design.people.count:,} people" + (f" and {checks:,} for practice and catch trials" if checks else "")
    size = "less than 1 MB" if megabytes < 1 else f"about {megabytes:,.0f} MB"
    return f"{people} are drawn; some {pictures:,} pictures are made, {size}; {design.raters} raters get a seat each."


def count_checks(design: StudyDesign) -> int:
    """People of practice and catch trials, as far as the project has them."""
    return design.practice + design.catches.count


def estimate_pictures(design: StudyDesign) -> tuple[int, float]:
    """Number of pictures and their megabytes."""
    stimuli = design.stimuli
    shared = sum(view in _SHARED_VIEWS for view in stimuli.views)
    overlays = sum(view == "overlay" for view in stimuli.views) if stimuli.background else 0
    plain = len(stimuli.views) - shared - overlays
    people, checks = design.people.count, count_checks(design)
    bodies = people * len(design.methods) + 2 * checks
    pixels = stimuli.size_px**2
    photographs = shared * (people + checks) + overlays * bodies
    megabytes = pixels * (photographs * _PHOTO_BYTES + plain * bodies * _PLAIN_BYTES) / 1e6
    return photographs + plain * bodies, megabytes
