"""A rater in a process of its own: ``package_voter FOLDER PSEUDONYM SEED [DIES AFTER]``.

With the last two words, ``inside`` or ``behind`` and a number, it kills itself (SIGKILL) with its next vote written and
not committed, or committed and not reported, once it has reported so many.

It prints ``ready``, waits for a line, sits down, and prints ``seat position choice`` after each vote has returned, so
everything printed must be in the package. At the end it prints ``done``, and ``no seat`` if there was none.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from db.rater_package.errors import SeatError
from db.rater_package.package import RaterPackage
from tests.helpers.rater_packages import SHOWN


def die(*_: object) -> None:
    """As ``kill -9`` would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, pseudonym: str, seed: int, dies: str = "", after: int = -1) -> None:
    rng = random.Random(seed)
    reported = 0
    with RaterPackage.open(Path(folder)) as package:
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            place = package.sit_down(pseudonym)
        except SeatError:
            print("no seat", flush=True)
            return
        while (trial := package.next_trial(place)) is not None:
            choice = rng.choice(("left", "right"))
            if dies == "inside" and reported == after:
                event.listen(Engine, "commit", die)
            package.vote(place, trial, choice, response_s=2.0, focus_losses=0, enlarged_s=0.0, shown_at=SHOWN)
            if dies == "behind" and reported == after:
                die()
            print(trial.seat, trial.position, choice, flush=True)
            reported += 1
        package.stand_up(place)
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:5], *map(int, sys.argv[5:6]))
