"""Bodies of trials with a known answer: a good and a bad one of the same person, made so that anybody can tell.

*Good* is the person's fit with the least distance from the keypoints. *Bad* is the pose of another check person's good
fit in the good body's shape, laid on this person by the same camera rule and drawn like any other body. Its distance
from the keypoints counts as if left and right could be exchanged: a person seen from behind has every keypoint on the
wrong side, and the outline all the same. It has to be at least :data:`TIMES_WORSE` times that of the good body and
:data:`FARTHER` of the person's box; where no pose is, the good body itself is laid down by a quarter turn. Of the poses
that are, those come first that are not much smaller than the good body, then those taken least often before, so that
no body comes again and again, then the farthest.

Good and bad poses are both of good fits, so that no method's look goes with the right answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from app.services.blocking import BlockingJobs
from app.services.study.cameras import LaidBody, lay_bodies, lay_subject
from app.services.study.subjects import Subject, build_bad_body
from app.study.plan import BAD, GOOD, DrawnPerson
from db.records import FitId, FitRecord
from resources.skeleton import get_skeleton

TIMES_WORSE: Final = 4.0
FARTHER: Final = 0.12
"""Of the longer side of the person's box, root mean square over the keypoints."""
SMALL: Final = 0.6
"""A bad body below this share of the good one's size looks like a doll; others come first."""
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
    pool = [found.fit for found in good if found is not None]
    taken: Counter[FitId] = Counter()
    chosen: list[DrawnPerson | None] = []
    for subject, found in zip(checks, good, strict=True):
        if found is None:
            chosen.append(None)
            continue
        bad = _choose_bad(jobs, body_file, subject, found, pool, taken)
        taken[bad.id] += 1
        chosen.append(replace(subject.drawn, fits={GOOD: int(found.fit.id), BAD: int(bad.id)}))
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class _Good:
    fit: FitRecord
    laid: LaidBody


def _find_good(jobs: BlockingJobs, body_file: Path, subject: Subject) -> _Good | None:
    laid = lay_subject(jobs, body_file, subject)
    if laid is None:
        return None
    best = min(laid, key=lambda name: (laid[name].rms_px, subject.fits[name].rotations.tobytes()))
    return _Good(subject.fits[best], laid[best])


def _choose_bad(
    jobs: BlockingJobs,
    body_file: Path,
    subject: Subject,
    good: _Good,
    pool: Sequence[FitRecord],
    taken: Mapping[FitId, int],
) -> FitRecord:
    """Whose pose is the bad one; the good fit itself stands for it laid down."""
    others = [fit for fit in pool if fit.person_id != good.fit.person_id]
    bodies = [build_bad_body(good.fit, fit) for fit in others]
    plain = lay_bodies(jobs, body_file, subject, bodies)
    exchanged = lay_bodies(jobs, body_file, subject, bodies, keypoints_px=subject.keypoints_px[_MIRRORED])
    needed_px = max(TIMES_WORSE * good.laid.rms_px, FARTHER * max(subject.person.bbox_xywh[2:]))
    best: tuple[bool, int, float] | None = None
    bad = good.fit
    for fit, one, other in zip(others, list(plain), list(exchanged), strict=True):
        if one is None or other is None or (apart_px := min(one.rms_px, other.rms_px)) < needed_px:
            continue
        is_small = float(one.body.camera[0]) < SMALL * float(good.laid.body.camera[0])
        rank = (is_small, taken.get(fit.id, 0), -apart_px)
        if best is None or rank < best:
            best, bad = rank, fit
    return bad
