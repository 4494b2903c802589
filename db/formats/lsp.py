"""Leeds Sports Pose, in (sam.johnson.io/research/lsp.html): ``joints.mat``, 3 x 14 x 2000, beside ``im0001.jpg`` …

The third number of a joint is 1 where the joint is **occluded**: every joint has a place, and the README's words
("binary value specifying joint visibility") have it the wrong way round, as those who train on it found
(``1 - joints(3, :, :)``). The extension means the opposite by it; it is a format of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.parts.leeds import Leeds, is_leeds, read_leeds
from db.formats.parts.matlab import list_variables

_LSP = Leeds(digits=4, unset=2, set=1)


def recognises(evidence: Evidence) -> bool:
    """Whether a file is LSP's ``joints.mat`` (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.is_matlab and is_leeds(list_variables(evidence.path).get("joints", ()), (3, 14))


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of LSP (a :class:`~db.formats.base.Reader`).

    Args:
        source: ``joints.mat``.
        images: Folder with ``im0001.jpg``, or the one above it.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none, or the folder of images does not exist.
    """
    return read_leeds(source, images, _LSP, on_share)
