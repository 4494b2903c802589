"""A process that fits one person by exact EFT and prints its peak memory in MB."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from fitting.fit import run_fit_job
from tests.bench.hmr import EXACT, picture_job


def _peak_megabytes() -> float:
    """Largest resident size of this process. Linux hands ``ru_maxrss`` down to children, so it is not asked there."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    job = picture_job(Path(sys.argv[1]), EXACT)
    for _ in range(2):
        run_fit_job(job)
    print(_peak_megabytes())
