"""The filter language: ``state:fitted,stale rms>10 -by:anna "two words"``, from text to conditions and back."""

from app.services.where.completing import Completion, complete
from app.services.where.parsing import Clause, Where, parse_where, require_where, write_where
from app.services.where.words import EXAMPLES, KEYS, Choices, KeyHelp

__all__ = [
    "EXAMPLES",
    "KEYS",
    "Choices",
    "Clause",
    "Completion",
    "KeyHelp",
    "Where",
    "complete",
    "parse_where",
    "require_where",
    "write_where",
]
