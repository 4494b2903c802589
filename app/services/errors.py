"""What goes wrong in a use-case and people can do something about; one sentence that names the item and the cure."""

from __future__ import annotations


class ServiceError(Exception):
    """A use-case cannot be carried out with what it was given."""


class ImageError(ServiceError):
    """A picture is missing, damaged, absurdly large or no picture."""
