"""Leeds Sports Pose Extended, in: ``joints.mat``, 14 x 3 x N, beside ``im00001.jpg`` … (high resolution: ``.png``).

The third number of a joint is 1 where it was annotated. 0 means that it is **absent**, not occluded: its place is
negative or anywhere, and is cleared.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.parts.leeds import Leeds, is_leeds, read_leeds
from db.formats.parts.matlab import list_variables

_LSPET = Leeds(digits=5, unset=0, set=2)


def recognises(evidence: Evidence) -> bool:
    """Whether a file is LSPet's ``joints.mat`` (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.is_matlab and is_leeds(list_variables(evidence.path).get("joints", ()), (14, 3))


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of LSPet (a :class:`~db.formats.base.Reader`).

    Args:
        source: ``joints.mat``.
        images: Folder with ``im00001.jpg``, or the one above it.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none, or the folder of images does not exist.
    """
    return read_leeds(source, images, _LSPET, on_share)
