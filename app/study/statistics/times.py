"""Response times: median and quartiles, on the logarithmic scale; never the mean of raw seconds."""

from __future__ import annotations

import numpy as np

from app.study.votes import FloatArray


def summarise_times(seconds: FloatArray) -> tuple[float | None, tuple[float, float] | None]:
    """Median and first and third quartile; nothing where nobody answered. Times that are not positive are left out."""
    timed = seconds[np.isfinite(seconds) & (seconds > 0)]
    if len(timed) == 0:
        return None, None
    low, middle, high = (float(value) for value in np.exp(np.quantile(np.log(timed), [0.25, 0.5, 0.75])))
    return middle, (low, high)
