"""What turns up in files where a number was meant, and every place of a document where it can."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# One folder serves all examples of a test: each example writes its file anew.
ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)

# Every format of people has three such tests, and the fuzzer goes on where they end (tests/fuzz).
FEW_IN_ONE_FOLDER = settings(ONE_FOLDER, max_examples=40)

ODD_NUMBERS = st.one_of(st.floats(), st.integers(), st.just(1e308), st.just(-(2**70)))
ODD_VALUES = st.recursive(
    st.none() | st.booleans() | ODD_NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def iter_places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of keys and indices to every value in nested dicts and lists, the outermost first."""
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path, *(place for key in keys for place in iter_places(value[key], (*path, key)))]
