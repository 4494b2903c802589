"""How deep the tuples of a pickle nest, told without building anything of it.

For readers that are not ours: Python hashes nested tuples by recursion in C, so that one deep key in a small file ends
the whole program, whoever reads it.
"""

from __future__ import annotations

import io
import pickletools

from resources.plain_pickle.errors import PlainPickleError, refuse
from resources.plain_pickle.instructions import BROKEN, MOST_STEPS, iter_instructions

_DEEPEST = 1000
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS = ("PUT", "BINPUT", "LONG_BINPUT")
_GETS = ("GET", "BINGET", "LONG_BINGET")
_TAKES = {operation.name: [part.name for part in operation.stack_before] for operation in pickletools.opcodes}
_LEAVES = {operation.name: len(operation.stack_after) for operation in pickletools.opcodes}


def check_tuple_depth(stream: io.BytesIO) -> None:
    """Let a pickle pass whose tuples are not nested too deep; the stream is left behind its end.

    Raises:
        PlainPickleError: They are nested more than a thousand deep, or it is cut or broken.
    """
    depths = _Depths()
    try:
        for name, argument in iter_instructions(stream, MOST_STEPS):
            if name == "STOP":
                return
            depths.follow(name, argument)
    except BROKEN as error:
        raise PlainPickleError("the pickle is cut or broken") from error
    raise PlainPickleError(f"the pickle has more than {MOST_STEPS:,} instructions, more than such a file needs")


class _Depths:
    """Pickle's stack with the depth of each tuple in its place, and zero for everything else."""

    def __init__(self) -> None:
        self._stack: list[int] = []
        self._marks: list[int] = []
        self._memo: dict[int, int] = {}

    def follow(self, name: str, argument: object) -> None:
        """Do to the stack what an instruction does."""
        stack = self._stack
        if name == "TUPLE" or name in _TUPLES:
            parts = self._take_marked() if name == "TUPLE" else [stack.pop() for _ in range(_TUPLES[name])]
            stack.append(1 + max(parts, default=0))
            if stack[-1] > _DEEPEST:
                raise refuse(f"the pickle has tuples nested more than {_DEEPEST} deep")
        elif name == "MARK":
            self._marks.append(len(stack))
        elif name == "POP" and self._marks and self._marks[-1] == len(stack):
            self._marks.pop()
        elif name == "DUP":
            stack.append(stack[-1])
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in _PUTS:
            self._memo[int(str(argument))] = stack[-1]
        elif name in _GETS:
            stack.append(self._memo[int(str(argument))])
        else:
            self._follow_any(name)

    def _follow_any(self, name: str) -> None:
        takes = _TAKES[name]
        if "mark" in takes:
            self._take_marked()
            takes = takes[: takes.index("mark")]
        for _ in takes:
            self._stack.pop()
        self._stack.extend([0] * _LEAVES[name])

    def _take_marked(self) -> list[int]:
        place = self._marks.pop()
        taken = self._stack[place:]
        del self._stack[place:]
        return taken
