"""A slice of the fuzzer that is the same in every run; ``make fuzz`` goes on for an hour with other seeds."""

from pathlib import Path

from tests.fuzz.guarded import run_batch
from tests.fuzz.targets import TARGETS

CASES = 10


def test_spoilt_files_are_refused_or_listed(tmp_path: Path) -> None:
    findings = run_batch([(name, seed) for name in TARGETS for seed in range(CASES)], tmp_path)
    assert not findings, "\n\n".join(map(str, findings))
