"""Which code made a figure. A version number stays the same from one release to the next, sources do not."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

_FITTING: Final = Path(__file__).resolve().parents[1]
_WITHOUT_EFFECT: Final = (
    *("render", "runners", "synthetic", "training", "body/mannequin"),
    *(f"evaluation/{name}.py" for name in ("charts", "plots", "report", "statistics", "summary")),
)
"""Neither fits nor measures: what of ``fitting`` may change without changing anybody's figures."""


@lru_cache(maxsize=1)
def hash_code() -> str:
    """SHA-256 of the sources that fit and measure."""
    digest = hashlib.sha256()
    for path in sorted(_FITTING.rglob("*.py")):
        name = path.relative_to(_FITTING).as_posix()
        if not any(name == part or name.startswith(f"{part}/") for part in _WITHOUT_EFFECT):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
