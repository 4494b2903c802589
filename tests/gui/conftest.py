"""Fixtures that the stories of several files share."""

from collections.abc import Iterator

import pytest

from tests.helpers.runners import KeptWorkers
from tests.helpers.stories import program_state

__all__ = ["program_state"]


@pytest.fixture(scope="module")
def kept_workers() -> Iterator[KeptWorkers]:
    """Worker processes that the windows of a file hand on."""
    workers = KeptWorkers()
    yield workers
    workers.close()
