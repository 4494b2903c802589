"""The column beside the picture: the body from another side, the fit in numbers, its loss, the joints."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.services.fitting import METHOD_TITLES
from app.services.person_view import PersonView
from app.ui.theme import Theme
from app.ui.widgets.fit_panel import FitNumbers, FitPanel
from app.ui.widgets.joint_list import JointList
from app.ui.widgets.loss_plot import LossPlot
from app.ui.widgets.side_view import SideView
from db.records import FITTABLE_KEYPOINTS, FitRecord, FloatArray
from fitting.spec import JobProgressed

_MARGIN = 12
_METHOD_TITLES: dict[str, str] = dict(METHOD_TITLES.items())


class FitColumn(QFrame):
    """What a fit is judged by, beside the overlay.

    Signals:
        joint_selected: ``int``, a row of the joint list.
        view_requested: ``str``, another direction of the view.
    """

    joint_selected = Signal(int)
    view_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fitColumn")
        self.side_view = SideView(self)
        self.numbers = FitPanel(self)
        self.plot = LossPlot(self)
        self.joints = JointList(self)
        # A click leaves the keyboard with the picture; F6 comes here.
        table = self.joints.focusProxy()
        if table is not None:
            table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plot.setMaximumHeight(150)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        layout.setSpacing(6)
        layout.addWidget(self.side_view, 10)
        layout.addSpacing(4)
        layout.addWidget(self.numbers)
        layout.addWidget(self.plot)
        layout.addWidget(self.joints, 7)
        self.joints.joint_selected.connect(self.joint_selected)
        self.side_view.view_requested.connect(self.view_requested)

    def show_person(self, view: PersonView | None) -> None:
        """Somebody else is on screen; joints and numbers follow."""
        self.joints.set_skeleton(None if view is None else view.skeleton)
        self._show_fit(None if view is None else view.fit)

    def show_joints(self, view: PersonView, keypoints: FloatArray) -> None:
        """The joints as they are on the canvas, ``(J, 3)``, edits under way included."""
        self.joints.set_keypoints(keypoints, view.residuals_px)

    def show_fit(self, view: PersonView) -> None:
        """The stored fit, after a running one has ended or been cancelled."""
        self._show_fit(view.fit)

    def begin_fit(self) -> None:
        """A fit of the person on screen begins."""
        self.numbers.set_numbers(None)
        self.plot.clear()

    def add_step(self, event: JobProgressed) -> None:
        """One more iteration."""
        self.numbers.show_step(event.step.iteration, event.step.losses.l2d)
        self.plot.append(event.step.iteration, event.step.losses.l2d)

    def apply_theme(self, theme: Theme) -> None:
        """Colour what Qt's palette does not reach."""
        self.plot.set_palette(QColor(theme.muted), QColor(theme.accent_line), QColor(theme.border))

    def _show_fit(self, fit: FitRecord | None) -> None:
        if fit is None:
            self.numbers.set_numbers(None)
            self.plot.clear()
            return
        self.numbers.set_numbers(
            FitNumbers(
                method=_METHOD_TITLES.get(fit.method, fit.method),
                l2d=fit.l2d,
                rms_px=fit.rms_px,
                max_abs_beta=fit.max_abs_beta,
                iterations=len(fit.trace),
                kept_iteration=fit.kept_iteration,
                seconds=fit.seconds,
                stop_reason=fit.stop_reason,
            )
        )
        self.plot.set_trace(fit.trace[:, 1])
        stop = fit.options.get("stop_l2d")
        self.plot.set_stop_value(stop if isinstance(stop, float) else None)


def waiting_text(view: PersonView, *, fitting: bool) -> str:
    """What the side view says while there is no body."""
    if view.fit is not None or fitting:
        return "Drawing the body…" if view.fit is not None else "Fitting…"
    if view.state == "unfittable":
        return (
            f"No fit: it needs {FITTABLE_KEYPOINTS} labelled keypoints"
            f" (has {view.revision.labelled_count}).\n\nLabel more joints: Tab to one, then click."
        )
    return "No fit yet — press R to fit"
