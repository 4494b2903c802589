"""XML too large for memory, a child of the root at a time; nothing of it leads out of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from db.formats.errors import FormatError
from db.formats.parts.files import check_file

_ROOT = "annotations"


@dataclass(frozen=True, slots=True)
class Piece:
    """A child of the root.

    Attributes:
        element: The child, cleared when the next one is asked for.
        share: Of the file that has been read, 0 to 1.
        fault: What is wrong with the file from here on; empty if nothing is.
    """

    element: Element
    share: float
    fault: str = ""


def iter_elements(source: Path) -> Iterator[Piece]:
    """Children of the root, one at a time.

    A file that breaks off gives what stands before the break, and last a piece without content that says so.

    Raises:
        FormatError: It is no XML or none of CVAT's, or wants something that is not in it.
    """
    check_file(source)
    try:
        size = max(1, source.stat().st_size)
        with source.open("rb") as file:
            root: Element | None = None
            depth = 0
            try:
                for event, element in iterparse(file, ("start", "end"), forbid_dtd=True):
                    if event == "start":
                        depth += 1
                        if root is None:
                            root = _check_root(source, element)
                        continue
                    depth -= 1
                    if depth == 1:
                        yield Piece(element, min(1.0, file.tell() / size))
                        root.clear() if root is not None else None
            except DefusedXmlException as error:
                raise FormatError(f"{source} declares entities or a document type, which CVAT never does") from error
            except (ParseError, ValueError, LookupError) as error:
                if root is None:
                    reason = " ".join(str(error).split())
                    raise FormatError(f"{source} is not XML ({reason}); export it again") from error
                yield Piece(
                    Element("broken"), 1.0, f"it breaks off ({error}); what stands before was read, export it again"
                )
    except OSError as error:
        raise FormatError(f"{source} cannot be read ({error.strerror or error}); check its permissions") from error


def _check_root(source: Path, element: Element) -> Element:
    if element.tag != _ROOT:
        raise FormatError(f"{source} is XML of something else (<{element.tag[:40]}>); expected CVAT's <annotations>")
    return element
