"""What commands print: words for people, or one JSON object on stdout; progress always on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_SECONDS_BETWEEN_LINES: Final = 30.0

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout instead of words.")]


def report_result(result: Mapping[str, object], as_json: bool, words: str) -> None:
    """Print a command's result, as JSON or in words."""
    print(json.dumps(result, indent=2, default=str) if as_json else words)


def report_error(sentence: str, as_json: bool) -> None:
    """Print one sentence on stderr, and with ``--json`` also ``{"error": …}`` on stdout."""
    if as_json:
        print(json.dumps({"error": sentence}))
    print(f"error: {sentence}", file=sys.stderr)


def report_cancelled(as_json: bool) -> None:
    """Say on stderr that Ctrl-C was heard, and with ``--json`` also ``{"cancelled": true}`` on stdout."""
    if as_json:
        print(json.dumps({"cancelled": True}))
    print("cancelled; what was stored stays", file=sys.stderr)


@contextmanager
def progress_bar_of_file(title: str) -> Iterator[Callable[[int, float], None]]:
    """A bar for reading a file, with rate and time left on stderr, or a line now and then where that is a file.

    Yields:
        A function that takes the number of items read so far and the share of the file, 0 to 1.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        tell = tell_in_lines(title, None)
        yield lambda done, share: tell(done)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]:,} · {task.fields[rate]:,.0f}/s"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=False) as progress:
        task = progress.add_task(title, total=1.0, done=0, rate=0.0)
        began = time.monotonic()

        def advance(done: int, share: float) -> None:
            rate = done / max(time.monotonic() - began, 1e-3)
            progress.update(task, completed=share, done=done, rate=rate)

        yield advance


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if not task.speed else f"{task.speed:.1f}/s", style="progress.data.speed")


def tell_in_lines(title: str, total: int | None, clock: Callable[[], float] = time.monotonic) -> Callable[[int], None]:
    """A function that takes the number done so far and prints it on stderr, a line every half minute: for logs."""
    tell = _tell_now_and_then(title, clock)
    return lambda done: tell(done, total)


def _tell_now_and_then(title: str, clock: Callable[[], float]) -> Callable[[int, int | None], None]:
    told = clock()

    def advance(done: int, total: int | None) -> None:
        nonlocal told
        if clock() - told >= _SECONDS_BETWEEN_LINES:
            told = clock()
            print(f"{title}: {done}" if total is None else f"{title}: {done} of {total}", file=sys.stderr, flush=True)

    return advance


@contextmanager
def progress_bar(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left on stderr, or a line now and then where that is a file.

    Yields:
        A function that takes the number done so far.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield tell_in_lines(title, total)
        return
    columns: tuple[ProgressColumn, ...] = (SpinnerColumn(), TextColumn("{task.description}"))
    if total is None:
        columns += (TextColumn("{task.completed}"),)
    else:
        columns += (BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def growing_progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Like :func:`progress_bar`, for work whose size shows while it goes on.

    Yields:
        A function that takes the number done so far and the number there are.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _tell_now_and_then(title, time.monotonic)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=False) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def staged_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage of work, as on :func:`progress_bar`; a total of 0 stands for one that is not known.

    Yields:
        A function that takes the stage in words, the number done so far and the number there are.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        telling: dict[str, Callable[[int, int | None], None]] = {}

        def tell(stage: str, done: int, total: int) -> None:
            telling.setdefault(stage, _tell_now_and_then(stage, time.monotonic))(done, total or None)

        yield tell
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total or None)
            progress.update(tasks[stage], completed=done, total=total or None)

        yield advance
