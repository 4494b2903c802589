"""The column beside the picture: the body from another side, the fit in numbers, its loss, the joints."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app.services.fit_samples import IMPORTED, count_iterations
from app.services.fit_versions import ShownFit
from app.services.flags import describe_flags
from app.services.person_view import PersonView
from app.ui.fit_texts import describe_origin, describe_version, say_no_fit_yet
from app.ui.keymap import key_hint
from app.ui.theme import Theme
from app.ui.widgets.fit_panel import FitNumbers, FitPanel
from app.ui.widgets.fit_selector import FitSelector, FitVersion
from app.ui.widgets.joint_list import JointList
from app.ui.widgets.loss_plot import LossPlot
from app.ui.widgets.side_view import SideView
from app.ui.widgets.small_picture import SmallPicture
from db.records import FITTABLE_KEYPOINTS, FloatArray
from fitting.spec import JobProgressed

_MARGIN = 12


class FitColumn(QFrame):
    """What a fit is judged by, beside the overlay.

    Signals:
        joint_selected: ``int``, a row of the joint list.
        view_requested: ``str``, another direction of the view.
        fit_chosen: ``FitId``, another fit of the person shall be shown.
        use_wanted: The fit shown shall become the current one.
    """

    joint_selected = Signal(int)
    view_requested = Signal(str)
    fit_chosen = Signal(object)
    use_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fitColumn")
        self.side_view = SideView(self)
        self.picture = SmallPicture(self)
        self._upper = QStackedWidget(self)
        self._upper.addWidget(self.side_view)
        self._upper.addWidget(self.picture)
        self.fits = FitSelector(self)
        self.numbers = FitPanel(self)
        self.plot = LossPlot(self)
        self.joints = JointList(self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Joints, comments and history of this person"))
        # A click leaves the keyboard with the picture, as it does in the lists.
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add_tab(self.joints, self.tr("Joints"))
        # A click leaves the keyboard with the picture; F6 comes here.
        table = self.joints.focusProxy()
        if table is not None:
            table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plot.setMaximumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        layout.setSpacing(6)
        layout.addWidget(self._upper, 10)
        layout.addSpacing(4)
        layout.addWidget(self.fits)
        layout.addWidget(self.numbers)
        layout.addWidget(self.plot)
        layout.addWidget(self.tabs, 7)
        self.joints.joint_selected.connect(self.joint_selected)
        self.side_view.view_requested.connect(self.view_requested)
        self.fits.chosen.connect(self.fit_chosen)
        self.fits.use_wanted.connect(self.use_wanted)

    def show_picture(self, shown: bool) -> None:
        """Show the picture in place of the view, which has gone where the picture was; or the view again."""
        self._upper.setCurrentWidget(self.picture if shown else self.side_view)

    def add_tab(self, widget: QWidget, title: str) -> None:
        """Room at the foot of the column that is shared with the joints."""
        self.tabs.addTab(widget, title)

    def set_tab_title(self, widget: QWidget, title: str) -> None:
        """Another title for such a widget."""
        self.tabs.setTabText(self.tabs.indexOf(widget), title)

    def show_person(self, view: PersonView | None) -> None:
        """Somebody else is on screen; joints and fit follow."""
        self.joints.set_skeleton(None if view is None else view.skeleton)

    def show_joints(self, keypoints: FloatArray, residuals_px: FloatArray) -> None:
        """The joints as they are on the canvas, ``(J, 3)``, edits under way included, and ``(J,)`` residuals."""
        self.joints.set_keypoints(keypoints, residuals_px)

    def show_fit(self, view: PersonView | None, shown: ShownFit | None) -> None:
        """The fit that is looked at, among all fits of the person."""
        self._list_fits(view, shown)
        self.numbers.set_numbers(None if shown is None else _build_numbers(shown))
        if shown is None or shown.fit.stop_reason == IMPORTED:  # of imported fits nobody knows the iterations
            self.plot.set_stop_value(None)
            self.plot.clear()
            return
        self.plot.set_trace(shown.fit.trace[:, 1])
        stop = shown.fit.options.get("stop_l2d")
        tuned = shown.fit.stop_reason != "plain"
        self.plot.set_stop_value(stop if tuned and isinstance(stop, float) else None)

    def begin_fit(self) -> None:
        """A fit of the person on screen begins; until it ends no other one is looked at."""
        self.fits.box.setEnabled(False)
        self.fits.set_notice(self.tr("A fit is running"), is_current=True, obstacle=self.tr("A fit is running."))
        self.numbers.set_numbers(None)
        self.plot.set_stop_value(None)
        self.plot.clear()

    def add_step(self, event: JobProgressed) -> None:
        """One more iteration."""
        self.numbers.show_step(event.step.iteration, event.step.losses.l2d)
        self.plot.append(event.step.iteration, event.step.losses.l2d)

    def apply_theme(self, theme: Theme) -> None:
        """Colour what Qt's palette does not reach."""
        self.plot.set_palette(QColor(theme.muted), QColor(theme.accent_line), QColor(theme.border))

    def _list_fits(self, view: PersonView | None, shown: ShownFit | None) -> None:
        current = None if view is None or view.fit is None else view.fit.id
        versions = []
        for fit in () if view is None else view.fits:
            is_stale = view is not None and fit.revision_id != view.revision.id
            text = describe_version(fit, is_current=fit.id == current, is_stale=is_stale)
            versions.append(FitVersion(fit.id, text, describe_origin(fit)))
        self.fits.set_versions(versions, None if shown is None else shown.fit.id)
        if shown is None:
            self.fits.set_notice("", is_current=True, obstacle="")
        elif shown.is_current:
            self.fits.set_notice(self.tr("Current fit"), is_current=True, obstacle=self.tr("It is the current fit."))
        else:
            obstacle = self.tr("It belongs to earlier keypoints; undo the edits, or re-fit ({0}).").format(
                key_hint("fit.refit")
            )
            self.fits.set_notice(
                self.tr("Not the current fit"), is_current=False, obstacle=obstacle if shown.is_stale else None
            )


def _build_numbers(shown: ShownFit) -> FitNumbers:
    fit = shown.fit
    return FitNumbers(
        l2d=fit.l2d,
        rms_px=fit.rms_px,
        max_abs_beta=fit.max_abs_beta,
        iterations=count_iterations(fit),
        kept_iteration=fit.kept_iteration,
        seconds=None if fit.stop_reason == IMPORTED else fit.seconds,
        stop_reason=fit.stop_reason,
        verdicts=shown.verdicts,
        flags=describe_flags(fit.flags),
    )


def waiting_text(view: PersonView, *, fitting: bool) -> str:
    """What the side view says while there is no body."""
    if view.fit is not None or fitting:
        return "Drawing the body…" if view.fit is not None else "Fitting…"
    if view.state == "unfittable":
        return (
            f"No fit: it needs {FITTABLE_KEYPOINTS} labelled keypoints"
            f" (has {view.revision.labelled_count}).\n\nLabel more joints: {key_hint('joint.next')} to one, then click."
        )
    return say_no_fit_yet()
