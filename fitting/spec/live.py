"""A body that follows the hand: a session of EFT for one person that goes on while the annotator drags.

How to use it, with any runner::

    job = LiveJob(job_id, fit_job)              # fit_job: what an ordinary fit of the person would be given
    runner.submit(job)                          # JobStarted, then LiveProgressed for every step
    runner.send(LiveUpdate(job_id, number, keypoints_px, depth_hints, joint_weights))   # as often as the mouse moves
    runner.send(LiveEnd(job_id))                # JobFinished with a LiveResult;  runner.cancel(job_id): JobCancelled

* The session works out what the network saw once, from ``fit_job``, then tunes late layers on the newest update with
  weights and optimiser kept warm from step to step. What the network *saw* (picture, keypoints) stays that of the
  start for as long as the session lasts; the loss alone moves. Box, options and method are those of ``fit_job`` too;
  its method is always EFT.
* **Newest wins**: an update replaces those that no step has taken yet. Each carries *all* keypoints, hints and weights.
  ``number`` is the sender's own count; :attr:`LiveProgressed.number` says which update a body belongs to (0 is the
  start), so whoever draws can tell how far behind it is.
* First it fits the person as it stands: bodies with ``settled`` false come from that run-up and need not be shown. Open
  a session when the person is shown or the mouse goes down, and it has settled before the hand has moved far.
* When the body lies on the keypoints, or no longer gets nearer, it sends one :class:`LiveProgressed` with ``resting``
  true and waits without using the processor; the next update wakes it.
* It takes its worker for itself until it ends, so jobs queued behind it wait. Send :class:`LiveEnd` before an ordinary
  fit is asked for: the network's weights are then given back untouched, and the fit is the one it would have been
  without the session. A live body is for the eye: what is stored should come from such a fit.
* Messages to jobs that have ended, or that nobody has heard of, are ignored; so a late update does no harm. An update
  that cannot be fitted (NaN, nothing labelled) fails the session with its sentence, as it would fail a fit.
* ``InlineRunner.submit`` returns when the session has ended, so send from within its events or from another thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fitting.spec.body import BodyFit, FloatArray, JobId
from fitting.spec.fits import FitJob, IterationStep
from resources.limbs import DepthHint

DRAG_WEIGHT = 10.0
"""Weight of the joint under the hand. With it the body's joint stays 1 px behind a drag of 40 px in a second and is
there after a step or two; without it the other joints hold the body back by some 10 px (docs/adr/0009)."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveJob:
    """Open a session.

    Attributes:
        job_id: Name of the session, unique within a runner; that of ``fit`` is not looked at.
        fit: The person as an ordinary fit would get it: keypoints, guidance, box, picture, files, options. A stopping
            L2d among these is when the session rests; by default it is a tenth of the card's.
        learning_rate: Adam's step size; None takes the card's for live sessions.
        layers: Layers to tune; None takes the card's.
    """

    job_id: JobId
    fit: FitJob
    learning_rate: float | None = None
    layers: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LiveUpdate:
    """What the person looks like now.

    Attributes:
        job_id: The session.
        number: The sender's count of updates, ascending from 1.
        keypoints_px: ``(49, 3)`` as in :class:`FitJob`.
        depth_hints: All that hold now.
        joint_weights: All that hold now; the joint under the hand should have at least :data:`DRAG_WEIGHT`.
    """

    job_id: JobId
    number: int
    keypoints_px: FloatArray
    depth_hints: Mapping[str, DepthHint] = field(default_factory=dict)
    joint_weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveEnd:
    """Finish the session: it answers with a :class:`LiveResult` and gives the network back."""

    job_id: JobId


LiveMessage: TypeAlias = LiveUpdate | LiveEnd
"""What can be sent to a session."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveProgressed:
    """One more step of a session.

    Attributes:
        job_id: The session.
        step: Body, losses and projected joints; ``iteration`` counts from the start of the session.
        number: The update that the step's losses belong to, 0 for the keypoints of the start.
        settled: The run-up is over.
        resting: Nothing more comes until the next update.
    """

    job_id: JobId
    step: IterationStep
    number: int
    settled: bool
    resting: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LiveResult:
    """What a session came to.

    Attributes:
        fit: The last body.
        l2d: Its unweighted L2d.
        steps: Steps of the whole session.
        number: The last update that was looked at.
    """

    job_id: JobId
    fit: BodyFit
    l2d: float
    steps: int
    number: int
