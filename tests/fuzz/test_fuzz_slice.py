"""A slice of the fuzzer that is the same in every run; ``make fuzz`` goes on for an hour with other seeds."""

from pathlib import Path

import pytest

from tests.fuzz.guarded import run_batch
from tests.fuzz.targets import TARGETS

CASES = 30


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_files_are_refused_or_listed(name: str, tmp_path: Path) -> None:
    findings = run_batch(name, list(range(CASES)), tmp_path)
    assert not findings, "\n\n".join(map(str, findings))
