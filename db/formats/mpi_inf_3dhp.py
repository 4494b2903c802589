"""MPI-INF-3DHP as SPIN, PARE and EFT preprocess it: an npz, or a pickle, with one row a frame.

``part`` and ``S`` have 17 joints of the 24. Lists of 17 or 28 joints as published are told by their number, that of the
test set by its root (eft_method.md 3.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.parts.spin_people import names_match, read_people

_NAME = re.compile(r"S\d/Seq\d/(imageFrames/)?video_\d|mpi_inf_3dhp|TS\d/imageSequence|S\d_Seq\d_")
"""Subject, sequence and camera, as the names of frames have them."""


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read a file (a :class:`~db.formats.base.Reader`).

    Raises:
        FormatError: It is no such file.
    """
    return read_people(source, images, on_share, has_truth=True)


def recognises(evidence: Evidence) -> bool:
    """Whether it is such an npz (a :class:`~db.formats.evidence.Recogniser`)."""
    return names_match(evidence, _NAME)
