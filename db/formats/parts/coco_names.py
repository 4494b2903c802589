"""Names of COCO's pictures: the same picture is ``COCO_train2014_000000000042.jpg`` in the edition of 2014 and
``000000000042.jpg`` in that of 2017.
"""

from __future__ import annotations

import re

_OLD = re.compile(r"COCO_(?:train|val|test)20\d\d_(\d{12}\.jpg)", re.IGNORECASE)
_NEW = re.compile(r"\d{12}\.jpg", re.IGNORECASE)
_SETS = ("train2014", "val2014", "test2014", "test2015")


def to_plain_name(base_name: str) -> str:
    """The base name of a picture as the edition of 2017 has it; of a picture that is none of COCO's, the same."""
    found = _OLD.fullmatch(base_name)
    return found[1] if found else base_name


def list_other_names(base_name: str) -> tuple[str, ...]:
    """Base names the same picture has in other editions; none of a picture that is none of COCO's."""
    if found := _OLD.fullmatch(base_name):
        return (found[1],)
    return tuple(f"COCO_{name}_{base_name}" for name in _SETS) if _NEW.fullmatch(base_name) else ()
