"""Contact sheets: pages of people with what was fitted to them, as one PDF, as one PNG, or as a folder of PNG pages.

The suffix of the name says which: ``.pdf``, ``.png`` (as long as everybody fits on one page), or none for a folder with
``page_0001.png`` and so on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from db.formats.errors import FormatError
from db.formats.parts.files import CONTENTS, hash_file, replacing, replacing_folder
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.sheet_page import PAPERS, PEOPLE_PER_PAGE, SheetEntry, SheetInfo, draw_page
from db.formats.parts.sheet_pens import PdfPages, PicturePage

LARGEST_PDF: Final = 5000
"""People of one PDF, which is put together in memory, about 50 kB a person."""

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "contact sheet: PDF with JPEG pictures, or pages as PNG of 200 dots an inch",
    "people": "ten on a page, in order of import, row by row",
    "pictures": "keypoints on the crop of the picture; the body through the fit's own camera over it; the body alone "
    "from the right of the picture. The crop is the square box of the fit",
    "marks": "joints of the left are discs, of the right rings, others diamonds; occluded ones are faint and struck "
    "through",
}
"""What is on the pages, for the manifest beside an export."""


def write_sheet(path: Path, entries: Iterable[SheetEntry], count: int, info: SheetInfo) -> WrittenExport:
    """Write people as they come; a folder of pages holds one page in memory, a PDF all of them.

    Args:
        path: The file, or a folder for pages.
        entries: The people.
        count: How many they are.
        info: Header and paper.

    Raises:
        FormatError: There are too many for the kind of file, its suffix is another, or the disk refuses; what was
            there stays.
    """
    pages = max(1, -(-count // PEOPLE_PER_PAGE))
    check_sheet_place(path, count)
    match path.suffix.lower():
        case ".pdf":
            pdf = PdfPages(PAPERS[info.paper], info.title)
            written = 0
            for number, page in _iter_pages(entries):
                draw_page(pdf, info, page, number, pages)
                pdf.finish_page()
                written += len(page)
            return _write_file(path, pdf.finish(), written)
        case ".png":
            ((_, page),) = _iter_pages(entries)
            return _write_file(path, _draw_picture(page, info, 1, pages), len(page))
        case _:
            return _write_folder(path, entries, info, pages)


def check_sheet_place(path: Path, count: int) -> None:
    """Raise FormatError unless a sheet of that many people can have this name."""
    suffix = path.suffix.lower()
    if suffix not in (".pdf", ".png", ""):
        raise FormatError(f"{path} is no name for a contact sheet; name a .pdf, a .png, or a folder for PNG pages")
    if suffix == ".png" and count > PEOPLE_PER_PAGE:
        pages = -(-count // PEOPLE_PER_PAGE)
        raise FormatError(
            f"{count} people need {pages} pages, and {path} holds one; name a .pdf, or a folder for a PNG a page"
        )
    if suffix == ".pdf" and count > LARGEST_PDF:
        raise FormatError(
            f"{count} people are too many for one PDF, which takes {LARGEST_PDF}; select fewer, or name a folder for a "
            "PNG a page"
        )


def _iter_pages(entries: Iterable[SheetEntry]) -> Iterator[tuple[int, list[SheetEntry]]]:
    """Pages with their number; nobody is one empty page."""
    people = iter(entries)
    number, page = 1, list(islice(people, PEOPLE_PER_PAGE))
    yield number, page
    while page := list(islice(people, PEOPLE_PER_PAGE)):
        number += 1
        yield number, page


def _draw_picture(page: list[SheetEntry], info: SheetInfo, number: int, pages: int) -> bytes:
    pen = PicturePage(PAPERS[info.paper])
    draw_page(pen, info, page, number, pages)
    return pen.finish()


def _write_file(path: Path, content: bytes, count: int) -> WrittenExport:
    with replacing(path) as (file, temporary):
        file.write(content)
        file.flush()
        _check_written(path, temporary, content)
    return WrittenExport(path=path, count=count, sha256=hashlib.sha256(content).hexdigest())


def _write_folder(path: Path, entries: Iterable[SheetEntry], info: SheetInfo, pages: int) -> WrittenExport:
    count = 0
    with replacing_folder(path) as folder:
        for number, page in _iter_pages(entries):
            content = _draw_picture(page, info, number, pages)
            file = folder / f"page_{number:04d}.png"
            file.write_bytes(content)
            _check_written(path / file.name, file, content)
            count += len(page)
    return WrittenExport(path=path, count=count, sha256=hash_file(path / CONTENTS))


def _check_written(path: Path, file: Path, content: bytes) -> None:
    if hash_file(file) != hashlib.sha256(content).hexdigest():
        raise FormatError(f"{path} did not read back as it was written; check the disk and export again")
