"""What is wrong with a design, a plan or a study file; one sentence that names the item and the cure."""

from __future__ import annotations


class StudyError(Exception):
    """A study cannot be planned, read or written with what was given."""
