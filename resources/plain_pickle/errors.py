"""The one error of the restricted reader."""

from __future__ import annotations


class PlainPickleError(Exception):
    """A pickle holds something other than plain data, or is broken; one clause that names what was refused."""


def refuse(what: str) -> PlainPickleError:
    """The error for content that is more than plain data."""
    return PlainPickleError(
        f"{what}, which is refused: only numbers, text, containers and arrays are read, and nothing was run"
    )
