"""Cases in a process of their own, so that a crash or a hang is a finding and not the end."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from tests.fuzz.cases import HANG_SECONDS, Finding, Guard, limit_memory, run_case


def run_batch(name: str, seeds: list[int], scratch: Path) -> list[Finding]:
    """What went wrong in these cases."""
    context = multiprocessing.get_context("spawn")
    findings: list[Finding] = []
    while seeds:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(name, seeds, scratch, sender))
        process.start()
        sender.close()
        at: int | None = None
        with contextlib.suppress(EOFError):
            while True:
                at, finding = receiver.recv()
                if finding is not None:
                    findings.append(finding)
        process.join()
        if process.exitcode == 0:
            return findings
        started = seeds.index(at) if at in seeds else 0
        what = f"the process died ({process.exitcode}); a hang of {HANG_SECONDS} s shows above with its stack"
        findings.append(Finding(name, seeds[started], what))
        seeds = seeds[started + 1 :]
    return findings


def _work(name: str, seeds: list[int], scratch: Path, sender: Connection) -> None:
    limit_memory()
    guard = Guard()
    for seed in seeds:
        sender.send((seed, None))
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        finding = run_case(name, seed, scratch / "case", guard)
        faulthandler.cancel_dump_traceback_later()
        if finding is not None:
            sender.send((seed, finding))
