"""Human3.6M as SPIN, PARE and EFT preprocess it: an npz, or a pickle, with one row a frame; mmpose's json too.

``S`` holds the 3D joints, centred on the pelvis; files for evaluation have no 2D keypoints and a tighter crop (0.9 of
the longer side instead of 1.2), which is kept. Poses, where there are any, are truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.evidence import Evidence
from db.formats.parts.h36m_json import read_json, recognises_json
from db.formats.parts.spin_people import names_match, read_people

_NAME = re.compile(r"S\d{1,2}_[^/]*(54138969|55011271|58860488|60457274)|s_\d\d_act_\d\d_subact_\d\d_ca_\d\d")
"""Subject and camera, as the names of frames have them."""
_MARGIN = 0.9
"""Files without keypoints are those for evaluation (eft_method.md 6.2)."""


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read a file (a :class:`~db.formats.base.Reader`).

    Raises:
        FormatError: It is no such file.
    """
    if Evidence(source).is_json:
        return read_json(source, images, on_share)
    return read_people(source, images, on_share, has_truth=True, margin=_MARGIN)


def recognises(evidence: Evidence) -> bool:
    """Whether it is such an npz (a :class:`~db.formats.evidence.Recogniser`)."""
    return recognises_json(evidence) or names_match(evidence, _NAME)
