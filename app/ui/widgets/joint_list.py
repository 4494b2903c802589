"""The joints of the person as a list: mark, name, visibility, source, residual."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from app.ui.widgets.joint_texts import describe_source
from app.ui.widgets.mark_glyphs import paint_source
from app.ui.widgets.marks import MarkLook, mark_radius, paint_mark
from app.ui.widgets.tones import muted_text
from db.records import KeypointSource
from resources.skeleton import Skeleton

_ICON_SIDE = 22
_NAME, _VISIBILITY, _SOURCE, _RESIDUAL = range(4)
_COLUMNS = 4

Index = QModelIndex | QPersistentModelIndex


class JointModel(QAbstractTableModel):
    """Rows of the list: one joint each, in the skeleton's order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skeleton: Skeleton | None = None
        self._visibility: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._residuals: NDArray[np.float64] = np.zeros(0)
        self._sources: tuple[KeypointSource, ...] = ()
        self._confidence: NDArray[np.float64] = np.zeros(0)
        self._icons: dict[tuple[MarkLook | KeypointSource, float], QIcon] = {}
        self.device_pixel_ratio = 1.0
        self.signs_only = False
        self.palette = QPalette()

    def set_skeleton(self, skeleton: Skeleton | None) -> None:
        """Take the rows of a layout."""
        self.beginResetModel()
        self._skeleton = skeleton
        count = len(skeleton) if skeleton is not None else 0
        self._visibility = np.zeros(count, dtype=np.int64)
        self._residuals = np.full(count, np.nan)
        self._sources, self._confidence = (), np.zeros(0)
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

    def set_origins(self, sources: Sequence[KeypointSource], confidence: NDArray[np.float64]) -> None:
        """Show where each joint comes from and how sure that source was."""
        if (self._sources, self._confidence.tolist()) != (tuple(sources), confidence.tolist()):
            self._sources, self._confidence = tuple(sources), confidence
            self.refresh_sources()

    def refresh_sources(self) -> None:
        """The column of sources is to be painted anew."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0, _SOURCE), self.index(self.rowCount() - 1, _SOURCE))

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """One row a joint."""
        return 0 if self._skeleton is None or (parent is not None and parent.isValid()) else len(self._skeleton)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Name, visibility, source, residual."""
        return 0 if parent is not None and parent.isValid() else _COLUMNS

    def headerData(  # noqa: N802 (Qt's name)
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            titles = (self.tr("Joint"), self.tr("Visibility"), self.tr("Source"), self.tr("Residual"))
            return "" if section == _SOURCE and self.signs_only else titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section == _RESIDUAL:
            return self.tr("Distance from the keypoint to where the fitted body puts it, in image pixels")
        if role == Qt.ItemDataRole.ToolTipRole and section == _SOURCE:
            return self.tr("Where the keypoint comes from: ✓ a human, · a detector, × the fitted body, else imported")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if self._skeleton is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                hidden = column == _SOURCE and self.signs_only
                value: Any = "" if hidden else self._text(self._skeleton, row, column)
            case Qt.ItemDataRole.DecorationRole if column == _NAME:
                look = MarkLook(self._skeleton.side(row), int(self._visibility[row]), mark_radius(self._skeleton, row))
                value = self._icon(look)
            case Qt.ItemDataRole.DecorationRole if column == _SOURCE and self._source(row) is not None:
                value = self._icon(self._sources[row])
            case Qt.ItemDataRole.ToolTipRole if column == _SOURCE:
                value = self._text(self._skeleton, row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                value = _alignment(column)
            case Qt.ItemDataRole.ForegroundRole if self._visibility[row] == 0:
                value = muted_text(self.palette)
            case Qt.ItemDataRole.AccessibleTextRole:
                value = ", ".join(filter(None, (self._text(self._skeleton, row, c) for c in range(_COLUMNS))))
            case _:
                value = None
        return value

    def _text(self, skeleton: Skeleton, row: int, column: int) -> str:
        if column == _NAME:
            return skeleton.titles[row]
        if column == _VISIBILITY:
            return (self.tr("not labelled"), self.tr("occluded"), self.tr("visible"))[int(self._visibility[row])]
        if column == _SOURCE:
            source = self._source(row)
            return "" if source is None else describe_source(source, float(self._confidence[row]))
        return f"{self._residuals[row]:.1f} px" if np.isfinite(self._residuals[row]) else ""

    def _source(self, row: int) -> KeypointSource | None:
        return self._sources[row] if row < len(self._sources) and self._visibility[row] > 0 else None

    def _icon(self, shown: MarkLook | KeypointSource) -> QIcon:
        key = (shown, self.device_pixel_ratio)
        if key not in self._icons:
            self._icons[key] = _build_icon(shown, self.device_pixel_ratio)
        return self._icons[key]


class JointList(QWidget):
    """Table of the person's joints.

    Signals:
        joint_selected: A joint was chosen in the list.
        joints_selected: ``tuple[int, ...]``, several joints were chosen in the list.
        joint_activated: A joint was double-clicked, or Return pressed on it; for a joint that is not labelled the
            page arms the canvas to place it.
    """

    joint_selected = Signal(int)
    joints_selected = Signal(object)
    joint_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = JointModel(self)
        self._table = QTableView(self)
        self._table.setModel(self._model)
        self._table.setAccessibleName(self.tr("Joints"))
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
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
        for column in (_VISIBILITY, _SOURCE, _RESIDUAL):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._table.selectionModel().selectionChanged.connect(self._on_selection_changed)
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

    def set_origins(self, sources: Sequence[KeypointSource], confidence: NDArray[np.floating]) -> None:
        """Show where each joint comes from, and ``(J,)`` how sure that source was, 0-1."""
        self._model.set_origins(sources, np.asarray(confidence, dtype=np.float64))

    def set_selected(self, joint: int | None) -> None:
        """Select a joint and scroll to it; no signal, the caller knows."""
        self.set_selection(() if joint is None or joint < 0 else (joint,))

    def set_selection(self, joints: Collection[int]) -> None:
        """Select joints and scroll to the first; no signal, the caller knows."""
        if tuple(sorted(joints)) == self.selected_joints():
            return
        self._quiet = True
        rows = self._table.selectionModel()
        if not joints:
            rows.clear()
        else:
            chosen = QItemSelection()
            for joint in joints:
                index = self._model.index(joint, _NAME)
                chosen.select(index, index)
            flag = QItemSelectionModel.SelectionFlag
            first = self._model.index(min(joints), _NAME)
            rows.setCurrentIndex(first, flag.NoUpdate)
            rows.select(chosen, flag.ClearAndSelect | flag.Rows)
            self._table.scrollTo(first)
        self._quiet = False

    def selected_joint(self) -> int | None:
        """Joint selected; of several the first."""
        return next(iter(self.selected_joints()), None)

    def selected_joints(self) -> tuple[int, ...]:
        """All joints selected, in order."""
        return tuple(sorted(index.row() for index in self._table.selectionModel().selectedRows()))

    def model(self) -> JointModel:
        """Rows shown."""
        return self._model

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Write the sources out where there is room."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._model.palette = self.palette()
            self._table.viewport().update()
        elif event.type() == QEvent.Type.FontChange:
            self._fit_columns()

    def _on_selection_changed(self) -> None:
        joints = self.selected_joints()
        if self._quiet or not joints:
            return
        if len(joints) == 1:
            self.joint_selected.emit(joints[0])
        else:
            self.joints_selected.emit(joints)

    def _fit_columns(self) -> None:
        metrics, width = self.fontMetrics(), self._table.viewport().width()
        header = self._table.horizontalHeader()
        visibility = metrics.horizontalAdvance(self.tr("not labelled")) + 18
        source = metrics.horizontalAdvance(self.tr("detector 0.00")) + _ICON_SIDE + 14
        residual = metrics.horizontalAdvance("000.0 px") + 20
        name = metrics.horizontalAdvance("right shoulder") + _ICON_SIDE + 20
        # Where there is no room for the words, the sign alone says the source; the tooltip has the words.
        signs_only = name + visibility + source + residual > width
        for column, taken in ((_VISIBILITY, visibility), (_RESIDUAL, residual)):
            header.resizeSection(column, taken)
        header.resizeSection(_SOURCE, _ICON_SIDE + 8 if signs_only else source)
        if signs_only != self._model.signs_only:
            self._model.signs_only = signs_only
            self._model.refresh_sources()
            self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, _SOURCE, _SOURCE)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == _RESIDUAL else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _build_icon(shown: MarkLook | KeypointSource, ratio: float) -> QIcon:
    pixmap = QPixmap(round(_ICON_SIDE * ratio), round(_ICON_SIDE * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_ICON_SIDE / 2, _ICON_SIDE / 2)
    if isinstance(shown, MarkLook):
        paint_mark(painter, shown)
    else:
        paint_source(painter, shown)
    painter.end()
    icon = QIcon(pixmap)
    # The mark keeps its colours in a selected row.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
