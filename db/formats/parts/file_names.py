"""Names of files for the people of an export: safe on every system, unique, and the same every time."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from db.formats.fits import FitSample

# Separators, what Windows refuses, and what is invisible.
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2066-\u2069\ud800-\udfff\ufeff]+')
# A name has 255 bytes on common systems; the rest is for id, number and suffix.
_LONGEST_BYTES = 160


def build_file_name(sample: FitSample, place: int, suffix: str) -> str:
    """``000007_street_000123_ann42.obj``: place in the export, picture with its folders, annotation if there is one.

    Args:
        sample: The fit; its picture's name may hold anything.
        place: Place in the export from 0; it alone makes the name unique, and names sort by it.
        suffix: ``.obj``.
    """
    annotation = "" if sample.annotation_id is None else f"_ann{sample.annotation_id}"
    return f"{place:06d}_{build_stem(sample.image_name)}{annotation}{suffix}"


def build_stem(image_name: str) -> str:
    """Name of a picture with its folders, without its suffix, as the beginning of a file's name."""
    path = PurePosixPath(image_name)
    stem = _UNSAFE.sub("_", "_".join((*path.parts[:-1], path.stem))).strip("._")
    return stem.encode()[:_LONGEST_BYTES].decode(errors="ignore") or "picture"
