"""Fixtures that the stories of several files share."""

from tests.helpers.stories import program_state

__all__ = ["program_state"]
