"""Every runner there is, for the suites that all of them have to pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fitting.runners import Runner
from tests.helpers.runners import RUNNERS, Listener, Switch


@pytest.fixture(scope="module")
def switch() -> Switch:
    return Switch()


@pytest.fixture
def listener(switch: Switch) -> Listener:
    switch.listener = Listener()
    return switch.listener


@pytest.fixture(scope="module", params=list(RUNNERS))
def runner(request: pytest.FixtureRequest, switch: Switch) -> Iterator[Runner]:
    made = RUNNERS[request.param](switch)
    yield made
    made.close()
