"""A process that fits one person by exact EFT and prints its peak memory in MB."""

from __future__ import annotations

import sys
from pathlib import Path

from fitting.fit import run_fit_job
from tests.bench.hmr import EXACT, picture_job
from tests.bench.measure import peak_megabytes

if __name__ == "__main__":
    job = picture_job(Path(sys.argv[1]), EXACT)
    for _ in range(2):
        run_fit_job(job)
    print(peak_megabytes())
