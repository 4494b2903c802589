"""Work off the GUI thread: order, outcomes, errors, the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.services.errors import ServiceError
from app.ui.tasks import Tasks


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    tasks = Tasks("test")
    yield tasks
    tasks.close()
    tasks.deleteLater()


def test_the_outcome_comes_back_on_the_gui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    heard: list[tuple[str, str]] = []
    tasks.run(
        lambda: threading.current_thread().name, lambda name: heard.append((name, threading.current_thread().name))
    )
    assert tasks.busy
    qtbot.waitUntil(lambda: bool(heard))
    worker, listener = heard[0]
    assert worker.startswith("test")
    assert listener == threading.main_thread().name
    assert not tasks.busy


def test_first_come_first_served(tasks: Tasks, qtbot: QtBot) -> None:
    order: list[int] = []
    done: list[int] = []
    for number in range(20):

        def work(number: int = number) -> int:
            time.sleep(0.002 * (number % 3))
            order.append(number)
            return number

        tasks.run(work, done.append)
    with qtbot.waitSignal(tasks.idle):
        pass
    assert order == done == list(range(20))


def test_a_known_error_goes_to_the_caller_or_to_the_window(tasks: Tasks, qtbot: QtBot) -> None:
    def work() -> None:
        raise ServiceError("The disk is on holiday; call it back.")

    heard: list[str] = []
    tasks.run(work, on_error=lambda error: heard.append(str(error)))
    qtbot.waitUntil(lambda: heard == ["The disk is on holiday; call it back."])
    with qtbot.waitSignal(tasks.refused) as signal:
        tasks.run(work)
    assert signal.args == ["The disk is on holiday; call it back."]


def test_a_bug_is_never_handed_to_the_caller(tasks: Tasks, qtbot: QtBot) -> None:
    def work() -> None:
        raise ZeroDivisionError("nobody expected this")

    heard: list[Exception] = []
    with qtbot.waitSignal(tasks.crashed) as signal:
        tasks.run(work, on_error=heard.append)
    assert isinstance(signal.args[0], ZeroDivisionError)
    assert heard == []


def test_closing_finishes_and_delivers_what_was_asked_for(qtbot: QtBot) -> None:
    tasks = Tasks("closing")
    heard: list[int] = []
    for number in range(5):
        tasks.run(lambda number=number: number, heard.append)  # type: ignore[misc]
    tasks.close()
    assert heard == [0, 1, 2, 3, 4]
    tasks.run(lambda: 5, heard.append)
    assert heard == [0, 1, 2, 3, 4]
