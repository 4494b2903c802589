"""``python -m tests.fuzz``: spoil files and read them, as long as asked; findings can be shown again by their seed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.cases import Finding, count_growing
from tests.fuzz.growing import spread
from tests.fuzz.guarded import run_batch
from tests.fuzz.targets import TARGETS

_BATCH = 150


def main() -> int:
    """Run until the time or the cases are over; 1 if anything was found."""
    arguments = _parse()
    rng = random.Random(arguments.seed)
    names = arguments.target or list(TARGETS)
    ends = time.monotonic() + 60 * arguments.minutes
    findings: list[Finding] = []
    done: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        if arguments.grown:
            return _run_grown(names, Path(scratch))
        while time.monotonic() < ends and (arguments.cases is None or sum(done.values()) < arguments.cases):
            name = min(names, key=lambda name: done[name])
            count = _BATCH if arguments.cases is None else min(_BATCH, arguments.cases - sum(done.values()))
            seeds = [arguments.seed] if arguments.cases == 1 else [rng.randrange(2**32) for _ in range(count)]
            found = run_batch([(name, seed) for seed in seeds], Path(scratch))
            done[name] += count
            findings += found
    print(f"{sum(done.values())} cases, {len(findings)} findings")
    for name in names:
        print(f"  {name}: {done[name]} cases, {sum(finding.target == name for finding in findings)} findings")
    return 1 if findings else 0


def _run_grown(names: list[str], scratch: Path) -> int:
    cases = spread({name: count_growing(name, scratch / "case") for name in names})
    findings = run_batch(cases, scratch)
    print(f"{len(cases)} files of a megabyte, {len(findings)} findings")
    return 1 if findings else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--cases", type=int, help="stop after so many")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--grown", action="store_true", help="files of a megabyte instead, each grown at one place")
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
