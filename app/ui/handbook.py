"""The handbook in the window (F1): the pages of ``docs``, offline, with pictures, contents, search and links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QFont,
    QGuiApplication,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.ui.keymap import key_hint
from app.ui.titled_dialog import TitledDialog
from resources import docs_folder

SECTION_PROPERTY: Final = "handbookSection"
"""Property of a page or a part of one: the section of the handbook that is about it."""

_SIZE = (1080, 760)
_FIRST_PAGE = "handbook.md"
_PICTURE_WIDTH = 660
_TEXT_MARGIN = 18
_PAUSE_MS = 150
_BLOCK = Qt.ItemDataRole.UserRole
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_SLUG: Final = re.compile(r"[^\w\- ]")


class Handbook(TitledDialog):
    """Stays open beside the work; one of its kind, brought to the front when it is asked for again.

    Signals are those of the dialog; :attr:`browser` shows the text.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Handbook"), _SIZE, parent)
        self._page = ""
        self._history: list[tuple[str, str]] = []
        self._folder = docs_folder()
        self.browser = _Browser(self)
        self.browser.setAccessibleName(self.tr("Text of the handbook"))
        self.browser.anchorClicked.connect(self._on_link)
        self.browser.narrowed.connect(self._render_again)
        self.contents = QTreeWidget(self)
        self.contents.setAccessibleName(self.tr("Contents"))
        self.contents.setObjectName("handbookContents")
        self.contents.setHeaderHidden(True)
        self.contents.setIndentation(14)
        self.contents.currentItemChanged.connect(self._on_chapter)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search this page, Enter for the next place"))
        self.search.setAccessibleName(self.tr("Search the handbook"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self.find_next(from_start=True))
        self.search.returnPressed.connect(self.find_next)
        self.found = QLabel(self)
        self.found.setProperty("quiet", True)
        self.back = QPushButton(self.tr("Back"), self)
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self.go_back)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.back)
        top.addWidget(self.search, 1)
        top.addWidget(self.found)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.addWidget(self.contents)
        parts.addWidget(self.browser)
        parts.setStretchFactor(1, 1)
        parts.setSizes([250, 800])
        self.content.addLayout(top)
        self.content.addWidget(parts, 1)
        hint = QLabel(self.tr("Your keys, searchable: {0}").format(key_hint("help.shortcuts")), self)
        hint.setProperty("quiet", True)
        self.buttons.addWidget(hint)
        self.buttons.addStretch(1)
        self.show_page(_FIRST_PAGE)

    @property
    def page(self) -> str:
        """File on show."""
        return self._page

    def sections(self) -> dict[str, QTextBlock]:
        """Headings of the page by their anchors."""
        return {anchor: block for anchor, block, _level in _iter_headings(self.browser.document())}

    def show_section(self, anchor: str) -> bool:
        """Go to a section of the page; False if it has none of this name."""
        block = self.sections().get(anchor)
        if block is None:
            return False
        self._scroll_to(block)
        return True

    def show_page(self, name: str, anchor: str = "") -> None:
        """Show a file of the documents, from the top or from a section."""
        path = self._folder / name
        if not path.is_file():
            self.browser.setMarkdown(
                self.tr("The page {0} is not there; the program's files are not complete, install it again.").format(
                    path
                )
            )
            self.contents.clear()
            return
        self._page = name
        text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        self.browser.setSearchPaths([str(path.parent)])
        self.browser.folder = path.parent
        self.browser.document().setBaseUrl(QUrl.fromLocalFile(f"{path.parent}/"))
        self.browser.setMarkdown(text)
        _dress(self.browser.document())
        self._list_chapters()
        self.back.setEnabled(bool(self._history))
        if not (anchor and self.show_section(anchor)):
            self.browser.moveCursor(QTextCursor.MoveOperation.Start)

    def _render_again(self) -> None:
        """The same page at another width, at the same place."""
        block = self.browser.cursorForPosition(QPoint(4, 4)).blockNumber()
        self.show_page(self._page)
        self._scroll_to(self.browser.document().findBlockByNumber(block))

    def go_back(self) -> None:
        """The page before."""
        if self._history:
            self.show_page(*self._history.pop())

    def find_next(self, *, from_start: bool = False) -> None:
        """Go to the next place with the text searched for, and round again."""
        wanted = self.search.text().strip()
        if from_start:
            self.browser.moveCursor(QTextCursor.MoveOperation.Start)
        self.found.setText("")
        if not wanted:
            return
        if not self.browser.find(wanted):
            self.browser.moveCursor(QTextCursor.MoveOperation.Start)
            if not self.browser.find(wanted):
                self.found.setText(self.tr("Not on this page"))

    def _on_link(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https", "mailto"):
            QDesktopServices.openUrl(url)
            return
        target, anchor = url.path(), url.fragment()
        here = self._page
        name = here if not target else _relative_to(self._folder, here, target)
        if name == here:
            self.show_section(anchor)
        elif name.endswith(".md"):
            self._history.append((here, ""))
            self.show_page(name, anchor)
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder / name)))

    def _list_chapters(self) -> None:
        self.contents.clear()
        parents: dict[int, QTreeWidgetItem] = {}
        for _anchor, block, level in _iter_headings(self.browser.document()):
            if level == 1:
                continue
            parent = next((parents[above] for above in range(level - 1, 0, -1) if above in parents), None)
            item = QTreeWidgetItem([block.text()])
            item.setData(0, _BLOCK, block.blockNumber())
            if parent is None:
                self.contents.addTopLevelItem(item)
            else:
                parent.addChild(item)
            parents = {above: entry for above, entry in parents.items() if above < level} | {level: item}
        self.contents.expandAll()

    def _on_chapter(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._scroll_to(self.browser.document().findBlockByNumber(item.data(0, _BLOCK)))

    def _scroll_to(self, block: QTextBlock) -> None:
        self.browser.setTextCursor(QTextCursor(block))
        top = self.browser.document().documentLayout().blockBoundingRect(block).top()
        self.browser.verticalScrollBar().setValue(int(top) - 6)


class _Browser(QTextBrowser):
    """Text with pictures that are never wider than the column.

    Signals:
        narrowed: Pictures need another width now.
    """

    narrowed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.folder = Path()
        self._picture_width = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._on_resized)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setObjectName("handbookText")
        self.document().setDocumentMargin(_TEXT_MARGIN)

    def loadResource(self, _kind: int, name: QUrl | str) -> object:  # noqa: N802 -- Qt's name
        """Qt's hook for the files that a text refers to; only local ones are read."""
        url = QUrl(name)
        path = Path(url.toLocalFile()) if url.isLocalFile() else self.folder / url.path()
        image = QImage(str(path)) if path.is_file() else QImage()
        self._picture_width = self._room()
        if image.width() > self._picture_width:
            width = min(image.width(), round(self._picture_width * self.devicePixelRatioF()))
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            image.setDevicePixelRatio(width / self._picture_width)
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Qt's hook; pictures follow once the dragging is over."""
        super().resizeEvent(event)
        self._pause.start()

    def _room(self) -> int:
        return max(120, min(_PICTURE_WIDTH, self.viewport().width() - 2 * _TEXT_MARGIN - 8))

    def _on_resized(self) -> None:
        if self._picture_width and self._picture_width != self._room():
            self.narrowed.emit()


def slug(heading: str) -> str:
    """Anchor of a heading, as GitHub makes it."""
    return _NO_SLUG.sub("", heading.strip().lower()).replace(" ", "-")


def find_section(widget: QWidget | None) -> str:
    """Section that is about a widget, from the nearest part around it that names one."""
    while widget is not None:
        section = widget.property(SECTION_PROPERTY)
        if section:
            return str(section)
        widget = widget.parentWidget()
    return ""


def _iter_headings(document: QTextDocument) -> list[tuple[str, QTextBlock, int]]:
    found = []
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            found.append((slug(block.text()), block, level))
        block = block.next()
    return found


def _relative_to(folder: Path, page: str, target: str) -> str:
    path = Path(target)
    full = path if path.is_absolute() else (folder / page).parent / path
    try:
        return full.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return full.as_posix()


def _dress(document: QTextDocument) -> None:
    """Tables with lines and room; headings set apart; long commands wrapped."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shape = QTextTableFormat(frame.format())
            shape.setBorder(1)
            shape.setBorderCollapse(True)
            shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            shape.setBorderBrush(QGuiApplication.palette().mid())
            shape.setCellPadding(5)
            shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 98))
            shape.setBottomMargin(10)
            frame.setFormat(shape)
    code = document.begin()
    while code.isValid():
        form = code.blockFormat()
        if form.nonBreakableLines():
            form.setNonBreakableLines(False)
            QTextCursor(code).setBlockFormat(form)
        code = code.next()
    for _anchor, block, level in _iter_headings(document):
        cursor = QTextCursor(block)
        form = block.blockFormat()
        form.setTopMargin(18 if level > 1 else 4)
        form.setBottomMargin(6)
        cursor.setBlockFormat(form)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        letters = cursor.charFormat()
        letters.setFontWeight(QFont.Weight.Bold)
        cursor.mergeCharFormat(letters)
