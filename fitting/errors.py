"""Errors of ``fitting`` that people can do something about. Everything else is a bug and is raised as it is."""

from __future__ import annotations


class FittingError(Exception):
    """The world is at fault; the message is one sentence that names the item and the cure."""


class AssetError(FittingError):
    """A body, regressor or card file is missing or malformed."""


class JobError(FittingError):
    """A job cannot be done with the numbers it carries (too few keypoints, NaN, an empty box)."""


class RenderError(FittingError):
    """No picture can be drawn on this machine (no EGL, no memory for the buffer)."""


class WorkCancelled(Exception):  # noqa: N818 - not an error, an answer
    """Long work was asked to end; what it had finished stays."""
