"""Files as their publishers write them: SMPL's pickles by Python 2 with chumpy and scipy, the prior, SPIN's matrices.

Neither library is imported: the classes are stand-ins, registered only while something is pickled.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

VERTICES = 6890
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)


class Python2Pickler(pickle._Pickler):
    """Protocol 2 as Python 2 writes it: bytes and text alike are byte strings, numpy is ``numpy.core``."""

    dispatch: ClassVar[dict[type, Any]] = dict(pickle._Pickler.dispatch)

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=2, fix_imports=True)

    def _save_string(self, value: str | bytes) -> None:
        raw = value.encode("latin-1") if isinstance(value, str) else value
        self.write(b"T" + struct.pack("<i", len(raw)) + raw)
        self.memoize(value)

    def save_global(self, value: Any, name: str | None = None) -> None:
        start = self.write
        written: list[bytes] = []
        self.write = written.append  # type: ignore[method-assign]
        super().save_global(value, name)
        self.write = start  # type: ignore[method-assign]
        start(b"".join(written).replace(b"numpy._core", b"numpy.core"))

    dispatch[str] = _save_string
    dispatch[bytes] = _save_string
    dispatch[type] = save_global
    dispatch[types.FunctionType] = save_global


def pickle_by_python2(value: object) -> bytes:
    """The pickle that Python 2 would have written."""
    buffer = io.BytesIO()
    Python2Pickler(buffer).dump(value)
    return buffer.getvalue()


@contextmanager
def stand_in(module: str, name: str) -> Iterator[type]:
    """A class that pickles as ``module.name`` by its ``__dict__``, as long as the block lasts."""
    made = type(name, (), {"__module__": module, "__qualname__": name})
    parts = module.split(".")
    names = [".".join(parts[: count + 1]) for count in range(len(parts))]
    before = {each: sys.modules.get(each) for each in names}
    for each in names:
        sys.modules[each] = types.ModuleType(each)
    setattr(sys.modules[module], name, made)
    try:
        yield made
    finally:
        for each, module_before in before.items():
            if module_before is None:
                del sys.modules[each]
            else:
                sys.modules[each] = module_before


def with_state(kind: type, **state: object) -> object:
    """An object of a class that needs no constructor."""
    made = kind.__new__(kind)
    made.__dict__.update(state)
    return made


def smpl_arrays(seed: int = 0, betas: int = 10, vertices: int = VERTICES) -> dict[str, np.ndarray]:
    """Plain arrays of a made-up body of SMPL's size; the joint regressor is dense."""
    generator = np.random.default_rng(seed)
    weights = np.zeros((vertices, 24))
    weights[np.arange(vertices), np.arange(vertices) % 24] = 1
    regressor = np.zeros((24, vertices))
    for joint in range(24):
        regressor[joint, generator.integers(0, vertices, 8)] = 1
    regressor /= regressor.sum(1, keepdims=True)
    return {
        "v_template": generator.normal(0, 0.3, (vertices, 3)),
        "shapedirs": generator.normal(0, 0.01, (vertices, 3, betas)),
        "posedirs": generator.normal(0, 0.001, (vertices, 3, 207)).astype(np.float32),
        "J_regressor": regressor,
        "weights": weights,
        "f": generator.integers(0, vertices, (13776, 3)).astype(np.uint32),
        "kintree_table": np.array([[4294967295, *PARENTS[1:]], range(24)], dtype=np.uint32),
    }


def pickle_smpl(arrays: dict[str, np.ndarray], sparse_module: str = "scipy.sparse.csc") -> bytes:
    """SMPL's pickle of arrays: shape directions in a ``Ch``, the template selected from one, a sparse regressor."""
    dense = arrays["J_regressor"]
    columns, rows = np.nonzero(dense.T)
    starts = np.searchsorted(columns, np.arange(dense.shape[1] + 1)).astype(np.int32)
    with (
        stand_in("chumpy.ch", "Ch") as ch,
        stand_in("chumpy.reordering", "Select") as select,
        stand_in(sparse_module, "csc_matrix") as sparse,
    ):
        regressor = with_state(
            sparse,
            _shape=dense.shape,
            data=dense[rows, columns],
            indices=rows.astype(np.int32),
            indptr=starts,
            maxprint=50,
        )
        template = arrays["v_template"]
        flat = with_state(ch, x=np.concatenate((np.zeros(7), template.ravel())), _dirty_vars=set(), _itr=None)
        held = {
            **arrays,
            "J_regressor": regressor,
            "J_regressor_prior": regressor,
            "shapedirs": with_state(ch, x=arrays["shapedirs"], _dirty_vars={"x"}, _itr=None, _depends_on_deps={}),
            "v_template": with_state(select, a=flat, idxs=np.arange(template.size) + 7, preferred_shape=template.shape),
            "J": with_state(ch, x=np.zeros((24, 3)), _dirty_vars=set()),
            "bs_style": "lbs",
            "bs_type": "lrotmin",
        }
        return pickle_by_python2(held)


def write_companions(folder: Path, vertices: int = VERTICES, seed: int = 5) -> dict[str, np.ndarray]:
    """SPIN's two regressor matrices."""
    generator = np.random.default_rng(seed)
    made = {}
    for name, rows in (("J_regressor_extra", 9), ("J_regressor_h36m", 17)):
        made[name] = generator.random((rows, vertices)) / vertices * 2
        np.save(folder / f"{name}.npy", made[name])
    return made


def prior_arrays(seed: int = 0, components: int = 8) -> dict[str, np.ndarray]:
    """A made-up mixture of Gaussians over poses."""
    generator = np.random.default_rng(seed)
    factors = generator.normal(0, 0.1, (components, 69, 69))
    return {
        "means": generator.normal(0, 0.2, (components, 69)),
        "covars": factors @ factors.swapaxes(1, 2) + 0.01 * np.eye(69),
        "weights": np.full(components, 1 / components),
    }
