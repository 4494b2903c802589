"""One case: a sound dataset, spoilt by a seed, read under guard."""

from __future__ import annotations

import os
import random
import resource
import shutil
import struct
import sys
import traceback
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.growing import count_places, grow
from tests.fuzz.mutations import choose_mutation
from tests.fuzz.targets import TARGETS

HANG_SECONDS = 10
MEMORY_BYTES = 6 << 30
_PICTURES = frozenset({".jpg", ".jpeg", ".png"})
_WRITES = frozenset({"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
                     "shutil.rmtree", "os.chmod", "os.chown", "os.utime"})  # fmt: skip
_RUNS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect", "socket.bind"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not happen: the case that shows it again, and what it was."""

    target: str
    seed: int
    what: str

    def __str__(self) -> str:
        return f"{self.target}: python -m tests.fuzz --target '{self.target}' --seed {self.seed} --cases 1\n{self.what}"


class Guard:
    """Listens to Python's audit events: no write outside a folder, no program started, nothing sent."""

    def __init__(self) -> None:
        self.allowed: Path | None = None
        self.broken: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if (
            event in _RUNS
            or (event == "open" and self._writes(*arguments))
            or (
                event in _WRITES
                and not _is_relative_to_open_folder(event, arguments)
                and not self._is_inside(arguments[0])
            )
        ):
            self.broken.append(f"{event} {arguments!r:.200}")

    def _writes(self, path: object, _mode: object, flags: object) -> bool:
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        wants = bool(isinstance(flags, int) and flags & writing)
        return wants and not isinstance(path, int) and not self._is_inside(path)

    def _is_inside(self, path: object) -> bool:
        if self.allowed is None or not isinstance(path, str | bytes | os.PathLike):
            return True
        place = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 -- resolve() would call audited functions
        return place.is_relative_to(self.allowed) or str(place) in ("/dev/null", "/dev/tty")


def _is_relative_to_open_folder(event: str, arguments: tuple[Any, ...]) -> bool:
    """``shutil.rmtree`` removes names below a folder that it holds open, which was judged when it was opened."""
    has_folder = event != "os.truncate" and len(arguments) > 1
    return has_folder and isinstance(arguments[-1], int) and arguments[-1] >= 3


def limit_memory() -> None:
    """What inflates endlessly ends this process and not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def run_case(name: str, seed: int, folder: Path, guard: Guard | None = None) -> Finding | None:
    """Spoil and read; None if all went as it must.

    Args:
        name: Of :data:`~tests.fuzz.targets.TARGETS`.
        seed: Decides everything; a negative one names a place to grow the file at (:mod:`tests.fuzz.growing`).
        folder: Emptied first.
        guard: Told to listen while the file is read.
    """
    rng = random.Random(f"{name} {seed}")
    target, data = TARGETS[name], folder / "data"
    template, place = _make_template(name, folder)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, data)
    source = data / place
    files = target.list_files(data, source)
    if seed < 0:
        _grow(files, -1 - seed)
    else:
        _spoil(files, rng)
        if rng.random() < 0.15:
            _spoil_picture(data, rng)
    try:
        if guard is not None:
            guard.allowed, guard.broken = folder.resolve(), []
        target.attack(source, data, seed < 0 or rng.random() < 0.3)
    except Exception:  # noqa: BLE001 -- whatever escapes a reader is the finding
        return Finding(name, seed, traceback.format_exc())
    finally:
        if guard is not None:
            guard.allowed = None
    if guard is not None and guard.broken:
        return Finding(name, seed, "\n".join(guard.broken))
    return None


def _make_template(name: str, folder: Path) -> tuple[Path, str]:
    """The sound dataset, made once, and its source below it."""
    template = folder.with_name(f"template {name.replace('/', ' ')}")
    note = template.with_suffix(".source")
    if not note.exists():
        shutil.rmtree(template, ignore_errors=True)
        template.mkdir(parents=True)
        note.write_text(str(TARGETS[name].make(template).relative_to(template)))
    return template, note.read_text()


def count_growing(name: str, folder: Path) -> int:
    """How many cases of growing a target has."""
    template, place = _make_template(name, folder)
    return sum(count_places(file) for file in TARGETS[name].list_files(template, template / place))


def _grow(files: list[Path], number: int) -> None:
    for file in files:
        here = count_places(file)
        if number < here:
            grow(file, number)
            return
        number -= here


def _spoil(files: list[Path], rng: random.Random) -> None:
    annotations = [file for file in files if file.suffix.lower() not in _PICTURES] or files
    for file in rng.sample(annotations, min(rng.choice((1, 1, 2)), len(annotations))):
        content = file.read_bytes()
        try:
            file.write_bytes(choose_mutation(file, rng)(content, rng))
        except (ValueError, KeyError, OSError, RecursionError):
            file.write_bytes(content[: rng.randrange(len(content) + 1)])  # it is spoilt too much to be spoilt by rule


def _spoil_picture(folder: Path, rng: random.Random) -> None:
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES)
    if not pictures:
        return
    picture = rng.choice(pictures)
    match rng.randrange(4):
        case 0:
            picture.write_bytes(_png_of_size(rng.choice((60_000, 2**31 - 1)), rng.choice((60_000, 0, 1))))
        case 1:
            picture.write_bytes(picture.read_bytes()[: rng.randrange(40)])
        case 2:
            picture.unlink()
        case _:
            picture.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def _png_of_size(width: int, height: int) -> bytes:
    """A few bytes that claim to be a very large picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 4096))
        + chunk(b"IEND", b"")
    )
