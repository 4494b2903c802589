"""MPII Human Pose, in: ``mpii_human_pose_v1_u12_1.mat`` as released, or the json that training code makes of it.

All count from 1, as MATLAB does: 1 is taken off joints and centres, as HRNet and mmpose do when they read the json.
``scale`` is the person's height / 200 px; scale and centre are the crop as they stand (eft_method.md 3.4): the 15 px
and the factor 1.25 that some training code adds are not in the files. Nothing says where a body ends, so the box is the
tight one of the joints.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.formats.base import ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.matlab import list_variables
from db.formats.parts.mpii_json import looks_like_mpii_json, read_mpii_json
from db.formats.parts.mpii_mat import read_mpii_mat


def recognises(evidence: Evidence) -> bool:
    """Whether a file is MPII's (a :class:`~db.formats.evidence.Recogniser`)."""
    if evidence.head.startswith(b"MATLAB 7.3"):
        return True  # nobody reads it, and our reader says what to do
    if evidence.is_matlab:
        return "RELEASE" in list_variables(evidence.path)
    return looks_like_mpii_json(evidence)


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of MPII (a :class:`~db.formats.base.Reader`).

    Args:
        source: The release's ``.mat``, or a ``.json`` of training code.
        images: Folder the pictures lie in.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is neither, or the folder of images does not exist.
    """
    evidence = Evidence(source)
    try:
        is_json = not source.is_dir() and source.exists() and evidence.is_json
    except OSError as error:
        raise FormatError(f"{source} cannot be read ({error.strerror or error}); check its permissions") from error
    open_source = read_mpii_json if is_json else read_mpii_mat
    return open_source(source, images, on_share)
