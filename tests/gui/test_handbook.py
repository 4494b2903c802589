"""The handbook in the window: opens at what is about the page, links and pictures work, and so does the search."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
import setuptools
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.handbook import SECTION_PROPERTY, Handbook
from resources import docs_folder
from tests.helpers.builders import build_project
from tests.helpers.ui_stories import annotator_at

ROOT = Path(__file__).parents[2]


@pytest.fixture
def handbook(qtbot: QtBot) -> Iterator[Handbook]:
    """The handbook on screen."""
    book = Handbook()
    qtbot.addWidget(book)
    book.show()
    return book


def pages() -> list[str]:
    """Markdown files that the handbook can show."""
    return sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", pages())
def test_every_link_within_the_documents_leads_to_a_section(handbook: Handbook, page: str) -> None:
    handbook.show_page(page)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for target in re.findall(r"(?<!!)\]\(([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        if target.startswith(("http:", "https:")) or not anchor or (name and not name.endswith(".md")):
            continue
        handbook.show_page(page)
        handbook.browser.anchorClicked.emit(QUrl(target))
        assert anchor in handbook.sections(), f"{page} -> {target}"


def test_a_link_goes_to_another_page_and_back(handbook: Handbook) -> None:
    handbook.browser.anchorClicked.emit(QUrl("sanity.md"))
    assert handbook.page == "sanity.md"
    handbook.back.click()
    assert handbook.page == "handbook.md"
    assert not handbook.back.isEnabled()


def test_the_pictures_are_shown_and_no_wider_than_the_text(handbook: Handbook) -> None:
    document = handbook.browser.document()
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        image = handbook.browser.loadResource(2, QUrl(picture))
        assert not image.isNull(), picture  # type: ignore[attr-defined]
        assert image.deviceIndependentSize().width() <= 661, picture  # type: ignore[attr-defined]
    assert document.idealWidth() < 800


def test_the_contents_list_every_section(handbook: Handbook) -> None:
    headings = re.findall(r"^##+ (.+)$", (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = []
    for index in range(handbook.contents.topLevelItemCount()):
        item = handbook.contents.topLevelItem(index)
        assert item is not None
        listed += [item.text(0), *(item.child(place).text(0) for place in range(item.childCount()))]
    assert listed == headings


def test_the_search_goes_round_and_says_when_there_is_nothing(handbook: Handbook) -> None:
    handbook.search.setText("max |β|")
    first = handbook.browser.textCursor().position()
    assert handbook.browser.textCursor().selectedText() == "max |β|"
    handbook.search.setText("occluded")
    places = set()
    for _ in range(50):
        places.add(handbook.browser.textCursor().position())
        handbook.find_next()
    assert len(places) > 1
    assert first not in places
    handbook.search.setText("quaternionic")
    assert handbook.found.text() == "Not on this page"


def test_f1_opens_at_what_is_about_the_part_with_the_focus(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path, 1)) as annotator:
        window = annotator.window
        named = {str(widget.property(SECTION_PROPERTY)) for widget in window.findChildren(QWidget)} - {"None"}
        annotator.page.canvas.setFocus()
        annotator.press("F1")
        book = window.guides.handbook
        assert book is not None
        assert named <= set(book.sections())
        top = book.browser.textCursor().block().text()
        assert top == "One person"
        annotator.press("F1")
        assert len([w for w in QApplication.topLevelWidgets() if isinstance(w, Handbook) and w.isVisible()]) == 1
        book.close()
        assert window.guides.handbook is None


def test_an_installed_copy_has_the_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What setup.py adds to the build: the documents as they are in the repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(setuptools, "setup", lambda **_options: None)
    build = runpy.run_path(str(ROOT / "setup.py"))["BuildWithDocs"](setuptools.Distribution())
    build.build_lib = str(tmp_path)
    build.copy_docs()
    packed = tmp_path / "resources" / "docs"
    assert (packed / "handbook.md").read_bytes() == (docs_folder() / "handbook.md").read_bytes()
    assert sorted(path.name for path in (packed / "pictures").iterdir()) == sorted(
        path.name for path in (ROOT / "docs" / "pictures").iterdir()
    )
