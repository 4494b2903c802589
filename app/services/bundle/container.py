"""The zip file of a bundle: written so that the same content gives the same bytes, read as if an enemy had sent it."""

from __future__ import annotations

import hashlib
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, BinaryIO, Final

from app.services.bundle.manifest import DATABASE, FILES, IMAGES, MANIFEST, Manifest, MemberEntry
from app.services.errors import ServiceError
from app.services.places import usable
from db.safe_paths import is_safe_path

_CHUNK: Final = 1 << 20
_MOST_MEMBERS: Final = 10_000
_LARGEST_MANIFEST: Final = 16 << 20
_MOST_INFLATION: Final = 200
"""A database inflates to some five times its size; zeros to a thousand times."""
_NEVER_A_BOMB: Final = 64 << 20
_ENCRYPTED: Final = 0x1
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises on files that are cut, damaged, encrypted or packed in another way."""

OnBytes = Callable[[int], None]
"""Called with the bytes done so far; what it raises ends the work."""


class BundleWriter:
    """Puts members into a zip file, and remembers what it put."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1)
        self.members: dict[str, MemberEntry] = {}

    def add_file(self, name: str, path: Path, on_bytes: OnBytes = lambda done: None) -> MemberEntry:
        """Put a file in under a name."""
        with path.open("rb") as source, self.open(name) as target:
            done = 0
            while chunk := source.read(_CHUNK):
                target(chunk)
                done += len(chunk)
                on_bytes(done)
        return self.members[name]

    @contextmanager
    def open(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """A function that takes the content of a member piece by piece."""
        digest, size = hashlib.sha256(), 0
        # Named, not given as an entry: so it carries no time, and the same content gives the same bytes.
        with self._archive.open(name, "w", force_zip64=True) as target:

            def write(piece: bytes) -> None:
                nonlocal size
                target.write(piece)
                digest.update(piece)
                size += len(piece)

            yield write
        self.members[name] = MemberEntry(size, digest.hexdigest())

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        """Write the table of contents; after an error the file is nobody's any more, and only has to be let go."""
        with suppress(OSError, ValueError) if kind else nullcontext():
            self._archive.close()


class Bundle:
    """An open bundle whose table of contents has been checked."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self._entries = _check_entries(path, archive)
        self.manifest = self._read_manifest()

    @property
    def unpacked_bytes(self) -> int:
        """Bytes of all members together."""
        return sum(entry.file_size for entry in self._entries.values())

    def extract(self, name: str, target: Path, on_bytes: OnBytes = lambda done: None) -> None:
        """Write a member to a new file, which stays only if size and hash are those of the manifest.

        Raises:
            ServiceError: The bundle is damaged.
        """
        with target.open("xb") as file:
            for piece in self._iter_checked(name, on_bytes):
                file.write(piece)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A member to be read; its hash must have been checked by :meth:`check`."""
        with _readable(self.path), self._archive.open(self._entries[name]) as file:
            yield file

    def check(self, name: str) -> None:
        """Read a member and compare it with the manifest; raises ServiceError."""
        for _ in self._iter_checked(name, lambda done: None):
            pass

    def _iter_checked(self, name: str, on_bytes: OnBytes) -> Iterator[bytes]:
        expected = self.manifest.members[name]
        digest, size = hashlib.sha256(), 0
        with _readable(self.path), self._archive.open(self._entries[name]) as source:
            while piece := source.read(_CHUNK):
                size += len(piece)
                digest.update(piece)
                if size > expected.size_bytes:
                    break
                yield piece
                on_bytes(size)
        if (size, digest.hexdigest()) != (expected.size_bytes, expected.sha256):
            raise ServiceError(
                f"{name} in {self.path} is not what the manifest says (its SHA-256 differs); the bundle was damaged"
                " or changed, use another copy of it."
            )

    def _read_manifest(self) -> Manifest:
        with _readable(self.path), self._archive.open(self._entries[MANIFEST]) as file:
            manifest = Manifest.from_bytes(file.read(_LARGEST_MANIFEST), str(self.path))
        names = set(self._entries) - {MANIFEST}
        if names != set(manifest.members):
            strange = sorted(names ^ set(manifest.members))[0]
            raise ServiceError(
                f"{self.path} does not hold what its manifest lists ({strange!r:.80}); use another copy of it."
            )
        for name, member in manifest.members.items():
            if member.size_bytes != self._entries[name].file_size:
                raise ServiceError(
                    f"{name} in {self.path} has {self._entries[name].file_size:,} bytes, its manifest says"
                    f" {member.size_bytes:,}; use another copy of it."
                )
        return manifest


@contextmanager
def opened_bundle(path: Path) -> Iterator[Bundle]:
    """Open a bundle and check its table of contents; nothing is unpacked.

    Raises:
        ServiceError: It is missing, cut, no bundle, of a newer version, or made to do harm.
    """
    with usable(path):
        if not path.exists():
            raise ServiceError(f"{path} does not exist; check the name.")
        if not path.is_file():
            raise ServiceError(f"{path} is no file; choose the bundle itself.")
        size = path.stat().st_size
    with _readable(path):
        archive = zipfile.ZipFile(path)
    with archive:
        packed = sum(entry.compress_size for entry in archive.infolist())
        if packed > size:
            raise ServiceError(f"{path} packs the same bytes several times, as zip bombs do; it is not opened.")
        yield Bundle(path, archive)


def is_bundle(path: Path) -> bool:
    """Whether a file is a bundle, by its table of contents and its manifest."""
    try:
        with opened_bundle(path):
            return True
    except ServiceError:
        return False


def _check_entries(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise ServiceError(f"{path} holds {len(infos):,} files, a bundle has at most {_MOST_MEMBERS:,}.")
    entries: dict[str, zipfile.ZipInfo] = {}
    plain: set[str] = set()
    for info in infos:
        name = info.orig_filename
        if not _is_member_name(name) or info.filename != name:
            raise ServiceError(f"{path} holds a file named {name!r:.80}, which could lie anywhere; it is not opened.")
        # Two names that are one on a disk that knows no case or composes letters would overwrite each other.
        same = unicodedata.normalize("NFC", name).casefold()
        if same in plain:
            raise ServiceError(f"{path} holds {name!r:.80} twice; use another copy of it.")
        plain.add(same)
        _check_entry(path, info)
        entries[name] = info
    for name in (MANIFEST, IMAGES, DATABASE):
        if name not in entries:
            raise ServiceError(f"{path} is a zip file without {name}, so it is no bundle of a project.")
    if entries[MANIFEST].file_size > _LARGEST_MANIFEST:
        raise ServiceError(f"The manifest of {path} would be {entries[MANIFEST].file_size:,} bytes; it is not opened.")
    return entries


def _is_member_name(name: str) -> bool:
    if not is_safe_path(name) or "\\" in name or ":" in name or not name.isprintable():
        return False
    return name in (MANIFEST, IMAGES, DATABASE) or name.startswith(FILES)


def _check_entry(path: Path, info: zipfile.ZipInfo) -> None:
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ServiceError(f"{info.filename} in {path} is a link or a device, not a file; it is not opened.")
    if info.flag_bits & _ENCRYPTED:
        raise ServiceError(f"{info.filename} in {path} is encrypted; bundles are not, decrypt it first.")
    if info.file_size > _NEVER_A_BOMB and info.file_size > _MOST_INFLATION * info.compress_size:
        raise ServiceError(
            f"{info.filename} in {path} would inflate {info.compress_size:,} bytes to {info.file_size:,}, as zip bombs"
            " do; it is not opened."
        )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise ServiceError(
            f"{path} cannot be read as a bundle ({error}); it may be cut short or damaged, use another copy of it."
        ) from error
    except OSError as error:
        raise ServiceError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions and the disk."
        ) from error
