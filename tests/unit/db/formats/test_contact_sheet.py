"""Pages of contact sheets: what stands where, on either paper, and files that are whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from db.formats.contact_sheet import write_sheet
from db.formats.errors import FormatError
from db.formats.parts.files import hash_file
from db.formats.parts.sheet_page import PAPERS, PEOPLE_PER_PAGE, Paper, SheetEntry, SheetInfo, draw_page
from db.formats.parts.sheet_text import measure, shorten, spell, wrap

INFO = SheetInfo("street — зима", ("Accepted fits · where " + "state:accepted " * 30, "12 people"))


def make_entries(count: int, **changes: Any) -> list[SheetEntry]:
    random = np.random.default_rng(count)
    fields: dict[str, Any] = {"title": "walk/000007.jpg #2", "figures": "annotation 7 · eft", "state": "accepted"}
    return [
        SheetEntry(random.integers(0, 255, (60, 180, 3), dtype=np.uint8), **(fields | changes)) for _ in range(count)
    ]


class Recorder:
    """A pen that keeps what it is told as boxes: left, top, right, bottom."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, tuple[float, float, float, float]]] = []
        self.pictures: list[tuple[float, float, float, float]] = []

    def text(self, at: tuple[float, float], text: str, size: float, _color: object, *, bold: bool, anchor: str) -> None:
        width = measure(text, size, bold=bold)
        left = at[0] - (width if anchor == "right" else 0)
        self.texts.append((text, (left, at[1] - 0.75 * size, left + width, at[1] + 0.2 * size)))

    def picture(self, corner: tuple[float, float], size: tuple[float, float], _pixels: object) -> None:
        self.pictures.append((*corner, corner[0] + size[0], corner[1] + size[1]))

    def polygon(self, corners: Sequence[tuple[float, float]], color: object) -> None: ...

    def disc(self, middle: tuple[float, float], radius: float, color: object) -> None: ...


@pytest.mark.parametrize("paper", list(PAPERS))
def test_nothing_overlaps_or_leaves_the_page(paper: Paper) -> None:
    pen = Recorder()
    entries = make_entries(
        PEOPLE_PER_PAGE,
        title="a_folder/" * 20 + "000007.jpg",
        figures="annotation 123456789 · " * 9,
        state="second look",
        notes="Other (see comment) · " * 9,
    )
    info = SheetInfo("a project with a name " * 9, INFO.lines, paper)
    draw_page(pen, info, entries, 12, 345)
    width, height = PAPERS[paper]
    boxes = [box for _, box in pen.texts] + pen.pictures
    assert len(pen.pictures) == PEOPLE_PER_PAGE
    assert len(pen.texts) == 4 + 4 * PEOPLE_PER_PAGE + 5
    for left, top, right, bottom in boxes:
        assert left >= 35.9
        assert top >= 30
        assert right <= width - 35.9
        assert bottom <= height - 20
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)
    for left, top, right, bottom in pen.pictures:
        assert (right - left) / (bottom - top) == pytest.approx(3)


def test_the_head_and_the_captions_say_what_is_shown() -> None:
    pen = Recorder()
    draw_page(pen, INFO, make_entries(1, notes="Pose is wrong", state="rejected"), 2, 2)
    texts = [text for text, _ in pen.texts]
    assert {"street — зима", "Page 2 of 2", "12 people", "walk/000007.jpg #2", "annotation 7 · eft"} <= set(texts)
    assert {"rejected", "Pose is wrong", "left", "right", "middle"} <= set(texts)
    (asked,) = [text for text in texts if text.startswith("Accepted fits")]
    assert "…" in asked


def test_a_person_without_pictures_has_the_reason_in_their_place() -> None:
    pen = Recorder()
    reason = "The picture walk/000007.jpg is not there any more; " * 9
    draw_page(pen, INFO, [SheetEntry(None, "walk/000007.jpg", "", "fitted", reason)], 1, 1)
    assert pen.pictures == []
    lines = [text for text, _ in pen.texts if "picture" in text]
    assert len(lines) > 2
    assert lines[0].startswith("The picture walk/000007.jpg is not there")


def test_a_pdf_has_every_page_and_jpeg_pictures(tmp_path: Path) -> None:
    written = write_sheet(tmp_path / "out.pdf", iter(make_entries(21)), 21, INFO)
    content = written.path.read_bytes()
    assert (written.count, written.sha256) == (21, hash_file(written.path))
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\s", content)) == 3
    assert content.count(b"/DCTDecode") == 21
    assert content.count(b"/ASCII85Decode") == 0
    assert content.count(b"/FontFile2") == 2  # the typeface travels with the file
    again = write_sheet(tmp_path / "again.pdf", iter(make_entries(21)), 21, INFO)
    assert again.sha256 == written.sha256


def test_pages_as_pictures_go_into_a_folder_or_one_file(tmp_path: Path) -> None:
    folder = write_sheet(tmp_path / "pages", iter(make_entries(11)), 11, INFO)
    pages = sorted(file.name for file in folder.path.glob("*.png"))
    assert (folder.count, pages) == (11, ["page_0001.png", "page_0002.png"])
    one = write_sheet(tmp_path / "one.png", iter(make_entries(10)), 10, SheetInfo("street", (), "letter"))
    with Image.open(one.path) as picture:
        assert (picture.size, picture.mode) == ((1700, 2200), "RGB")
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_too_many_people_for_a_file_are_told_the_cure(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"11 people need 2 pages, and .*one\.png holds one; name a \.pdf"):
        write_sheet(tmp_path / "one.png", iter(()), 11, INFO)
    with pytest.raises(FormatError, match="5001 people are too many for one PDF, which takes 5000; select fewer"):
        write_sheet(tmp_path / "out.pdf", iter(()), 5001, INFO)
    assert list(tmp_path.iterdir()) == []


def test_texts_are_cut_wrapped_and_spelt() -> None:
    assert shorten("short", 100, 8) == "short"
    cut = shorten("a_very_long_name_of_a_picture.jpg", 60, 8)
    assert measure(cut, 8) <= 60
    assert (cut[:3], cut[-3:]) == ("a_v", "jpg")
    assert shorten("wide", 0.1, 8) == "…"
    lines = wrap("one two three four five six seven", 40, 8, 2)
    assert len(lines) == 2
    assert "…" in lines[1]
    assert all(measure(line, 8) <= 40 for line in lines)
    assert spell("Straße/日本.jpg\nβ Ж") == "Straße/\\u65e5\\u672c.jpg β Ж"
