"""Bodies of trials with a known answer: a good and a bad one of the same person, made so that anybody can tell.

*Good* is the person's fit with the least distance from the keypoints. *Bad* is the pose of another check person's good
fit in the good body's shape, laid on this person by the same camera rule and drawn like any other body. Of all these
the one is taken that lies farthest from the keypoints even if left and right may be exchanged: a person seen from
behind has every keypoint on the wrong side, and the outline all the same. It has to be at least :data:`TIMES_WORSE`
times as far as the good one and :data:`FARTHER` of the person's box; where no pose is, the good body itself is laid
down by a quarter turn.

Good and bad poses are both of good fits, so that no method's look goes with the right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from msgspec.structs import replace

from app.services.blocking import BlockingJobs
from app.services.study.cameras import LaidBody, lay_bodies, lay_subject
from app.services.study.subjects import Subject, build_bad_body
from app.study.plan import BAD, GOOD, DrawnPerson
from db.records import FitRecord
from resources.skeleton import get_skeleton

TIMES_WORSE: Final = 4.0
FARTHER: Final = 0.12
"""Of the longer side of the person's box, root mean square over the keypoints."""
_MIRRORED: Final = list(get_skeleton("spin49").flip)


def choose_check_bodies(jobs: BlockingJobs, body_file: Path, checks: Sequence[Subject]) -> list[DrawnPerson | None]:
    """A good and a bad body for each check person, in their order.

    Args:
        jobs: What measures.
        body_file: Body of the project.
        checks: The people, with their fits by method.

    Returns:
        The same people with ``good`` and ``bad`` in place of methods; None for somebody whose bodies cannot be laid.
    """
    good = [_find_good(jobs, body_file, subject) for subject in checks]
    pool = [fit for fit, _ in filter(None, good)]
    return [
        None if found is None else _choose(jobs, body_file, subject, *found, pool)
        for subject, found in zip(checks, good, strict=True)
    ]


def _find_good(jobs: BlockingJobs, body_file: Path, subject: Subject) -> tuple[FitRecord, float] | None:
    laid = lay_subject(jobs, body_file, subject)
    if laid is None:
        return None
    best = min(laid, key=lambda name: (laid[name].rms_px, subject.fits[name].rotations.tobytes()))
    return subject.fits[best], laid[best].rms_px


def _choose(
    jobs: BlockingJobs, body_file: Path, subject: Subject, good: FitRecord, good_px: float, pool: Sequence[FitRecord]
) -> DrawnPerson:
    others = [fit for fit in pool if fit.person_id != good.person_id]
    bodies = [build_bad_body(good, fit) for fit in others]
    plain = list(lay_bodies(jobs, body_file, subject, bodies))
    exchanged = list(lay_bodies(jobs, body_file, subject, bodies, keypoints_px=subject.keypoints_px[_MIRRORED]))
    apart = np.array([_nearer(one, other) for one, other in zip(plain, exchanged, strict=True)])
    needed = max(TIMES_WORSE * good_px, FARTHER * max(subject.person.bbox_xywh[2:]))
    farthest = int(apart.argmax()) if len(apart) else -1
    bad = others[farthest] if len(apart) and apart[farthest] >= needed else good
    return replace(subject.drawn, fits={GOOD: int(good.id), BAD: int(bad.id)})


def _nearer(one: LaidBody | None, other: LaidBody | None) -> float:
    """Distance that exchanged sides cannot explain; below all others where there is none."""
    return -1.0 if one is None or other is None else min(one.rms_px, other.rms_px)
