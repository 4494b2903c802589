"""Rater packages of a few flat pictures, for tests of the rater's window."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from db.rater_package.names import name_picture
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageInfo, PackageTrial

QUESTION = "Which body fits the person in the photograph better?"


def draw_picture(colour: tuple[int, int, int], side_px: int = 48, steps: int = 1) -> bytes:
    """PNG of a flat square, or of a strip of them that grow lighter."""
    squares = [np.full((side_px, side_px, 3), colour, dtype=np.uint8) // steps * (step + 1) for step in range(steps)]
    file = io.BytesIO()
    Image.fromarray(np.concatenate(squares, axis=1)).save(file, "PNG")
    return file.getvalue()


def make_session_package(
    folder: Path,
    *,
    trials: int = 4,
    practice: int = 0,
    seats: int = 1,
    views: Sequence[str] = ("keypoints", "side"),
    min_exposure_s: float = 1.0,
    break_every: int = 50,
    cannot_decide: bool = False,
    side_px: int = 48,
) -> RaterPackage:
    """A package whose every picture has a colour of its own; the first ``practice`` of the trials are practice.

    The first view of both sides is one picture, as the photograph is; a turntable is a strip of 6 steps.
    """
    pictures: dict[str, bytes] = {}

    def picture(place: int, steps: int) -> str:
        data = draw_picture((40 + place % 200, 40 + place // 200 % 200, 90), side_px, steps)
        pictures[name_picture(data)] = data
        return name_picture(data)

    planned = []
    number = 0
    for seat in range(seats):
        for position in range(trials):
            sides = []
            shared = picture(number, 1)
            for _side in range(2):
                names = [shared]
                for view in views[1:]:
                    number += 1
                    names.append(picture(number, 6 if view == "turntable" else 1))
                sides.append(tuple(names))
            number += 1
            answer = ("left", "right")[position % 2] if position < practice else None
            planned.append(PackageTrial(seat, position, sides[0], sides[1], answer))  # type: ignore[arg-type]
    info = PackageInfo(
        study_uid="study",
        plan_hash="0" * 64,
        question=QUESTION,
        views=tuple(views),
        cannot_decide=cannot_decide,
        min_exposure_s=min_exposure_s,
        break_every=break_every,
    )
    return RaterPackage.create(folder, info, planned, list(pictures.values()))
