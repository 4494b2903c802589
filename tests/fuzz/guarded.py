"""Cases in a process of their own, so that a crash or a hang is a finding and not the end."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from tests.fuzz.cases import HANG_SECONDS, Finding, Guard, limit_memory, run_case


def run_batch(cases: Sequence[tuple[str, int]], scratch: Path) -> list[Finding]:
    """What went wrong in these cases, each a target and a seed."""
    context = multiprocessing.get_context("spawn")
    findings: list[Finding] = []
    todo = list(cases)
    while todo:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(todo, scratch, sender))
        process.start()
        sender.close()
        at = 0
        with contextlib.suppress(EOFError):
            while True:
                at, finding = receiver.recv()
                if finding is not None:
                    findings.append(finding)
                    print(finding, file=sys.stderr, flush=True)
        process.join()
        if process.exitcode == 0:
            return findings
        what = f"the process died ({process.exitcode}); a hang of {HANG_SECONDS} s shows above with its stack"
        findings.append(Finding(*todo[at], what))
        todo = todo[at + 1 :]
    return findings


def _work(cases: list[tuple[str, int]], scratch: Path, sender: Connection) -> None:
    limit_memory()
    guard = Guard()
    for at, (name, seed) in enumerate(cases):
        sender.send((at, None))
        # By the wall clock only a real hang ends the process: other programs may want the processor too.
        faulthandler.dump_traceback_later(6 * HANG_SECONDS, exit=True)
        began = time.process_time()
        finding = run_case(name, seed, scratch / "case", guard)
        faulthandler.cancel_dump_traceback_later()
        if finding is None and (seconds := time.process_time() - began) > HANG_SECONDS:
            finding = Finding(name, seed, f"it took {seconds:.1f} s of the processor")
        if finding is not None:
            sender.send((at, finding))
