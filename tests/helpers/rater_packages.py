"""Small rater packages for tests: real pictures, real folders."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from db.rater_package.names import name_picture
from db.rater_package.package import RaterPackage
from db.rater_package.records import PackageInfo, PackageTrial, Place

INFO = PackageInfo(
    study_uid="study-of-tests",
    plan_hash="0" * 64,
    question="Which body fits the person in the photograph better?",
    views=("overlay",),
    cannot_decide=False,
    min_exposure_s=1.0,
    break_every=50,
)
SHOWN = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)


def build_picture(seed: int, size: int = 8) -> bytes:
    """A PNG of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def build_trials(seats: int, trials: int, pictures: Sequence[bytes], practice: int = 1) -> list[PackageTrial]:
    """Trials of some seats: the first are practice, and sides take turns."""
    names = [name_picture(picture) for picture in pictures]
    return [
        PackageTrial(
            seat,
            position,
            (names[(seat + position) % len(names)],),
            (names[(seat + position + 1) % len(names)],),
            "left" if position < practice else None,
        )
        for seat in range(seats)
        for position in range(trials)
    ]


def build_package(
    folder: Path,
    seats: int = 3,
    trials: int = 4,
    info: PackageInfo = INFO,
    database: str | None = None,
    **options: Any,
) -> RaterPackage:
    """A package with six pictures."""
    pictures = [build_picture(seed) for seed in range(6)]
    return RaterPackage.create(folder, info, build_trials(seats, trials, pictures), pictures, database, **options)


def cast_vote(package: RaterPackage, place: Place, choice: Any = "left", **changes: Any) -> PackageTrial | None:
    """Vote on the next trial; gives it, None when all are answered."""
    trial = package.next_trial(place)
    if trial is not None:
        values = {"response_s": 1.5, "focus_losses": 0, "enlarged_s": 0.0, "shown_at": SHOWN, **changes}
        package.vote(place, trial, choice, **values)
    return trial
