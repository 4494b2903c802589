"""How fast people are decided, and when a project will be done: pure arithmetic on the times of decisions.

The definitions (docs/quality.md):

* **Working time** of a decision is the time since the same annotator's decision before, when that is
  :data:`BREAK_S` or less. After a longer pause, and for the first decision, it is the time the person was on screen,
  at most :data:`BREAK_S`: what was done before the pause ended is not known, and a night is no work.
* **Rate** is decisions an hour of working time.
* **Pace** is people decided a calendar day, over the last :data:`PACE_DAYS` days or since the first decision, nights
  and weekends included. The expected finish is what is left divided by the pace.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from db.queries.work import DecisionTimes
from db.records import FloatArray

BREAK_S: Final = 300.0
"""A longer pause between two decisions is a break."""
PACE_DAYS: Final = 7.0
SECONDS_A_DAY: Final = 86_400.0
FEWEST: Final = 5
"""With fewer decisions there is no rate and no finish: one person says nothing about the next hundred."""
_FARTHEST: Final = timedelta(days=36_500)


def working_seconds(decisions: DecisionTimes) -> FloatArray:
    """``(N,)`` working time of each decision of one annotator, oldest first."""
    gaps = np.diff(decisions.times_s, prepend=-np.inf)
    on_screen = np.clip(decisions.seconds, 0.0, BREAK_S)
    return np.where(gaps <= BREAK_S, gaps, on_screen)


def find_rate(seconds: FloatArray) -> float | None:
    """Decisions an hour of working time; None for fewer than :data:`FEWEST`, or when no time went by."""
    total_s = float(seconds.sum())
    return None if len(seconds) < FEWEST or total_s <= 0 else 3600.0 * len(seconds) / total_s


def find_pace(decided: int, first: datetime | None, now: datetime) -> float | None:
    """People a calendar day.

    Args:
        decided: People decided in the last :data:`PACE_DAYS` days.
        first: When the first decision of the project was made; None without any.
        now: The moment.

    Returns:
        None for fewer than :data:`FEWEST` people. A project younger than a day counts as a day old.
    """
    if first is None or decided < FEWEST:
        return None
    age_days = (now - first).total_seconds() / SECONDS_A_DAY
    return decided / min(max(age_days, 1.0), PACE_DAYS)


def find_finish(left: int, pace: float | None, now: datetime) -> datetime | None:
    """When the last of ``left`` people is decided at this pace; None when nobody can tell, or nothing is left."""
    if not left or pace is None:
        return None
    ahead = timedelta(days=min(left / pace, _FARTHEST.days))
    return now + ahead
