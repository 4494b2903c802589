"""The joints of the person as a list: mark, name, visibility, residual."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from app.ui.widgets.marks import MarkLook, mark_radius, paint_mark
from app.ui.widgets.tones import muted_text
from resources.skeleton import Side, Skeleton

_ICON_SIDE = 22
_NAME, _VISIBILITY, _RESIDUAL = range(3)

Index = QModelIndex | QPersistentModelIndex


class JointModel(QAbstractTableModel):
    """Rows of the list: one joint each, in the skeleton's order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skeleton: Skeleton | None = None
        self._visibility: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._residuals: NDArray[np.float64] = np.zeros(0)
        self._icons: dict[tuple[Side, int, float, float], QIcon] = {}
        self.device_pixel_ratio = 1.0
        self.palette = QPalette()

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Take the rows of a layout."""
        self.beginResetModel()
        self._skeleton = skeleton
        count = len(skeleton) if skeleton is not None else 0
        self._visibility = np.zeros(count, dtype=np.int64)
        self._residuals = np.full(count, np.nan)
        self.endResetModel()

    def set_values(self, visibility: NDArray[np.int64], residuals_px: NDArray[np.float64]) -> None:
        """Show ``(J,)`` visibilities and residuals; only rows that changed are repainted."""
        before = (self._visibility, self._residuals)
        self._visibility, self._residuals = visibility, residuals_px
        same = (before[0] == visibility) & (
            (before[1] == residuals_px) | (np.isnan(before[1]) & np.isnan(residuals_px))
        )
        for row in np.flatnonzero(~same).tolist():
            self.dataChanged.emit(self.index(row, 0), self.index(row, _RESIDUAL))

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """One row a joint."""
        return 0 if self._skeleton is None or (parent is not None and parent.isValid()) else len(self._skeleton)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Name, visibility, residual."""
        return 0 if parent is not None and parent.isValid() else 3

    def headerData(  # noqa: N802 (Qt's name)
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Joint"), self.tr("Visibility"), self.tr("Residual"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section == _RESIDUAL:
            return self.tr("Distance from the keypoint to where the fitted body puts it, in image pixels")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if self._skeleton is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                value: Any = self._text(self._skeleton, row, column)
            case Qt.ItemDataRole.DecorationRole if column == _NAME:
                value = self._icon(self._skeleton, row)
            case Qt.ItemDataRole.TextAlignmentRole:
                value = _alignment(column)
            case Qt.ItemDataRole.ForegroundRole if self._visibility[row] == 0:
                value = muted_text(self.palette)
            case Qt.ItemDataRole.AccessibleTextRole:
                value = ", ".join(filter(None, (self._text(self._skeleton, row, c) for c in range(3))))
            case _:
                value = None
        return value

    def _text(self, skeleton: Skeleton, row: int, column: int) -> str:
        if column == _NAME:
            return skeleton.titles[row]
        if column == _VISIBILITY:
            return (self.tr("not labelled"), self.tr("occluded"), self.tr("visible"))[int(self._visibility[row])]
        return f"{self._residuals[row]:.1f} px" if np.isfinite(self._residuals[row]) else ""

    def _icon(self, skeleton: Skeleton, row: int) -> QIcon:
        visibility, radius = int(self._visibility[row]), mark_radius(skeleton, row)
        key = (skeleton.side(row), visibility, radius, self.device_pixel_ratio)
        if key not in self._icons:
            self._icons[key] = _mark_icon(key[0], visibility, radius, self.device_pixel_ratio)
        return self._icons[key]


class JointList(QWidget):
    """Table of the person's joints.

    Signals:
        joint_selected: A joint was chosen in the list.
        joint_activated: A joint was double-clicked, or Return pressed on it; for a joint that is not labelled the
            page arms the canvas to place it.
    """

    joint_selected = Signal(int)
    joint_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = JointModel(self)
        self._table = QTableView(self)
        self._table.setModel(self._model)
        self._table.setAccessibleName(self.tr("Joints"))
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setTabKeyNavigation(False)
        self._table.setIconSize(QSize(_ICON_SIDE, _ICON_SIDE))
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(max(24, self.fontMetrics().height() + 8))
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in (_VISIBILITY, _RESIDUAL):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._table.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self._table.activated.connect(lambda index: self.joint_activated.emit(index.row()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._table)
        self.setFocusProxy(self._table)
        self._model.palette = self.palette()
        self._fit_columns()
        self._quiet = False

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Take the joints of a layout."""
        self._quiet = True
        self._model.device_pixel_ratio = self.devicePixelRatioF()
        self._model.set_skeleton(skeleton)
        self._quiet = False

    def set_keypoints(self, keypoints: NDArray[np.floating], residuals_px: NDArray[np.floating] | None = None) -> None:
        """Show ``(J, 3)`` keypoints' visibility and their ``(J,)`` residuals (NaN where there is none)."""
        if len(keypoints) != self._model.rowCount():
            raise ValueError(f"{len(keypoints)} keypoints were given; the list has {self._model.rowCount()} joints")
        residuals = np.full(len(keypoints), np.nan) if residuals_px is None else np.asarray(residuals_px, np.float64)
        self._model.set_values(keypoints[:, 2].astype(np.int64), residuals)

    def set_selected(self, joint: int | None) -> None:
        """Select a joint and scroll to it; no signal, the caller knows."""
        self._quiet = True
        if joint is None or joint < 0:
            self._table.selectionModel().clear()
        else:
            index = self._model.index(joint, _NAME)
            self._table.selectionModel().setCurrentIndex(
                index,
                QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
            )
            self._table.scrollTo(index)
        self._quiet = False

    def selected_joint(self) -> int | None:
        """Joint selected."""
        row = self._table.selectionModel().currentIndex().row()
        return row if row >= 0 else None

    def model(self) -> JointModel:
        """Rows shown."""
        return self._model

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._model.palette = self.palette()
            self._table.viewport().update()
        elif event.type() == QEvent.Type.FontChange:
            self._fit_columns()

    def _on_current_row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not self._quiet and current.isValid():
            self.joint_selected.emit(current.row())

    def _fit_columns(self) -> None:
        metrics = self.fontMetrics()
        header = self._table.horizontalHeader()
        header.resizeSection(_VISIBILITY, metrics.horizontalAdvance(self.tr("not labelled")) + 18)
        header.resizeSection(_RESIDUAL, metrics.horizontalAdvance("000.0 px") + 20)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == _RESIDUAL else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _mark_icon(side: Side, visibility: int, radius: float, ratio: float) -> QIcon:
    pixmap = QPixmap(round(_ICON_SIDE * ratio), round(_ICON_SIDE * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_ICON_SIDE / 2, _ICON_SIDE / 2)
    if visibility > 0:
        paint_mark(painter, MarkLook(side, visibility, radius))
    painter.end()
    icon = QIcon(pixmap)
    # The mark keeps its colours in a selected row.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
