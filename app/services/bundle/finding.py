"""Where the pictures of a restored project lie now: by name below a new folder, else by content."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, TypeAlias

from app.services.bundle.hashing import iter_facts
from app.services.bundle.manifest import ImageEntry
from app.services.errors import ImageError, ServiceError
from app.services.images import read_size
from app.services.places import resolve_place, usable
from db.records import ImageId, ImageRecord

OnDone: TypeAlias = Callable[[int, int], None]
Place: TypeAlias = tuple[str, str]
"""Root and posix path of an image."""
_Candidate: TypeAlias = tuple[Path, Path]
"""A new root and a file below it."""
_Left: TypeAlias = tuple[ImageRecord, _Candidate | None]
"""An image that is still to be found, and the file of its name that is another."""

_DEEPEST: Final = 64


@dataclass(frozen=True, slots=True)
class NewRoot:
    """A folder the images of one old root, or of all (None), lie in now."""

    old: str | None
    new: Path


@dataclass(slots=True)
class Findings:
    """What was found of the images.

    Attributes:
        total: Images of the project.
        places: New places of images that were found.
        by_name: Images found under their name, with the content they had.
        unverified: Images found under their name whose content is not known: the bundle has no hash of them.
        by_content: Images found under another name by their content: old and new path.
        changed: Images under their name whose content is another, and whether they were linked all the same.
        missing: Paths of images that are nowhere.
        kept: Images of roots that no new folder was named for; they stay as they are.
    """

    total: int = 0
    places: dict[ImageId, Place] = field(default_factory=dict)
    by_name: int = 0
    unverified: int = 0
    by_content: list[tuple[str, str]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    kept: int = 0


def parse_roots(words: Sequence[str], known: Iterable[str]) -> tuple[NewRoot, ...]:
    """Folders as people name them: ``FOLDER`` for everything, or ``OLD=NEW`` for one root.

    Raises:
        ServiceError: A folder does not exist, or OLD is no root of the project.
    """
    roots = sorted(known)
    found: list[NewRoot] = []
    for word in words:
        old, is_pair, new = word.partition("=")
        if not is_pair or Path(word).is_dir():
            found.append(NewRoot(None, _resolve_folder(word)))
            continue
        if old.rstrip("/") not in roots:
            listed = "; ".join(roots) or "none"
            raise ServiceError(f"No image of the bundle lies in {old}; its folders are: {listed}.")
        found.append(NewRoot(old.rstrip("/"), _resolve_folder(new)))
    return tuple(found)


def find_pictures(
    images: Sequence[ImageRecord],
    entries: Mapping[ImageId, ImageEntry],
    roots: Sequence[NewRoot],
    *,
    verify: bool,
    on_checked: OnDone = lambda done, total: None,
    on_searched: OnDone = lambda done, total: None,
) -> Findings:
    """Look for every image below the new folders. Files are only read.

    Args:
        images: Of the project.
        entries: What is known of their files.
        roots: New folders; a root named itself goes before one for all.
        verify: Read each file and compare its hash; otherwise its size has to do.
        on_checked: For progress: images looked for under their name; what it raises cancels.
        on_searched: For progress: files looked into for the rest.
    """
    return _Search(images, entries, roots, verify).run(on_checked, on_searched)


class _Search:
    def __init__(
        self,
        images: Sequence[ImageRecord],
        entries: Mapping[ImageId, ImageEntry],
        roots: Sequence[NewRoot],
        verify: bool,
    ) -> None:
        self._images = images
        self._entries = entries
        self._verify = verify
        self._of_root = {root.old: root.new for root in roots if root.old is not None}
        self._of_all = [root.new for root in roots if root.old is None]
        self._taken: set[str] = set()
        self._findings = Findings(total=len(images))
        self._listed: dict[Path, bool] = {}

    def run(self, on_checked: OnDone, on_searched: OnDone) -> Findings:
        wanted = [image for image in self._images if self._folders(image)]
        self._findings.kept = len(self._images) - len(wanted)
        left = self._by_name(wanted, on_checked)
        left = self._by_content(left, on_searched)
        for image, candidate in left:
            self._settle(image, candidate)
        return self._findings

    def _folders(self, image: ImageRecord) -> list[Path]:
        own = self._of_root.get(image.root)
        return [own] if own is not None else self._of_all

    def _by_name(self, wanted: Sequence[ImageRecord], on_checked: OnDone) -> list[_Left]:
        """Place what lies under its name; the rest, each with the file of its name that is another."""
        candidates = {image.id: self._candidate(image) for image in wanted}
        there = [image for image in wanted if candidates[image.id] is not None]
        verdicts: dict[ImageId, bool] = {}
        facts = iter_facts(there, lambda image: _file_of(candidates[image.id]), with_hashes=self._verify)
        for done, (image, found) in enumerate(facts, start=1):
            entry = self._entries.get(image.id)
            known = None if entry is None else (entry.sha256 if self._verify else None) or entry.size_bytes
            has = found.sha256 if isinstance(known, str) else found.size_bytes
            verdicts[image.id] = known is None or known == has
            on_checked(done, len(there))
        left: list[_Left] = []
        for image in wanted:
            place = candidates[image.id]
            if place is None or not verdicts[image.id] or not self._take(image, *place):
                left.append((image, place))
                continue
            entry = self._entries.get(image.id)
            if entry is None or entry.sha256 is None or not self._verify:
                self._findings.unverified += 1
            else:
                self._findings.by_name += 1
        return left

    def _candidate(self, image: ImageRecord) -> _Candidate | None:
        """Root and file of an image's name below a new folder: one of the known size, else any."""
        entry = self._entries.get(image.id)
        size = None if entry is None else entry.size_bytes
        first: _Candidate | None = None
        for root in self._roots_for(image):
            file = root / image.path
            try:
                found = file.stat().st_size if file.is_file() else None
            except (OSError, ValueError):
                found = None
            if found is None:
                continue
            if size is None or found == size:
                return root, file
            first = first or (root, file)
        return first

    def _roots_for(self, image: ImageRecord) -> Iterator[Path]:
        """The new folder itself, then below it the last folders of the old root: a parent may have been named."""
        parts = _split_root(image.root)
        for folder in self._folders(image):
            for count in range(len(parts) + 1):
                root = folder.joinpath(*parts[len(parts) - count :])
                if self._is_folder(root):
                    yield root

    def _is_folder(self, folder: Path) -> bool:
        if folder not in self._listed:
            try:
                self._listed[folder] = folder.is_dir()
            except (OSError, ValueError):
                self._listed[folder] = False
        return self._listed[folder]

    def _by_content(self, left: list[_Left], on_searched: OnDone) -> list[_Left]:
        """Place what lies under another name; the rest."""
        sizes = {
            entry.size_bytes
            for image, _ in left
            if (entry := self._entries.get(image.id)) is not None and entry.sha256 is not None
        }
        if not self._verify or not sizes:
            return left
        roots = dict.fromkeys(folder for image, _ in left for folder in self._folders(image))
        files = [(root, file) for root in roots for file in _iter_files(root, sizes) if str(file) not in self._taken]
        alike: defaultdict[tuple[str, ...], list[_Candidate]] = defaultdict(list)
        for done, (place, facts) in enumerate(iter_facts(files, lambda place: place[1], with_hashes=True), start=1):
            if facts.sha256 is not None:
                root, file = place
                alike[str(root), facts.sha256].append(place)
                alike[str(root), facts.sha256, file.name].append(place)
            on_searched(done, len(files))
        rest: list[_Left] = []
        for image, candidate in left:
            if self._take_alike(image, alike):
                self._findings.by_content.append((image.path, self._findings.places[image.id][1]))
            else:
                rest.append((image, candidate))
        return rest

    def _take_alike(self, image: ImageRecord, alike: Mapping[tuple[str, ...], list[_Candidate]]) -> bool:
        """Place an image on a file of its content, rather one of its own name."""
        entry = self._entries.get(image.id)
        if entry is None or entry.sha256 is None:
            return False
        for folder in self._folders(image):
            for key in ((str(folder), entry.sha256, PurePosixPath(image.path).name), (str(folder), entry.sha256)):
                places = alike.get(key, [])
                while places:
                    if self._take(image, *places.pop()):
                        return True
        return False

    def _settle(self, image: ImageRecord, candidate: _Candidate | None) -> None:
        """An image that is nowhere, or whose name another picture has: linked if it could be the same picture."""
        if candidate is None or str(candidate[1]) in self._taken:
            self._findings.missing.append(image.path)
            return
        try:
            size = read_size(candidate[1], honour_exif=image.exif_honoured)
        except ImageError as error:
            self._findings.changed.append(f"{image.path}: not linked, {error}")
            return
        if size != (image.width, image.height):
            self._findings.changed.append(
                f"{image.path}: not linked, it has {size.width} x {size.height} pixels,"
                f" the project knows {image.width} x {image.height}"
            )
        elif self._take(image, *candidate):
            self._findings.changed.append(f"{image.path}: linked, its content is another (same size in pixels)")

    def _take(self, image: ImageRecord, root: Path, file: Path) -> bool:
        if str(file) in self._taken:
            return False
        self._taken.add(str(file))
        self._findings.places[image.id] = (str(root), file.relative_to(root).as_posix())
        return True


def _file_of(place: _Candidate | None) -> Path:
    assert place is not None
    return place[1]


def _split_root(root: str) -> tuple[str, ...]:
    """The folders of a root, which may be of another system, without its drive."""
    pure = PureWindowsPath(root) if "\\" in root else PurePosixPath(root)
    parts = pure.parts[1:] if pure.is_absolute() else pure.parts
    return tuple(part for part in parts if part not in ("..", "."))[-_DEEPEST:]


def _iter_files(root: Path, sizes: set[int | None]) -> Iterator[Path]:
    """Files below a folder that have one of these sizes; links to folders are not followed."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            file = Path(folder) / name
            try:
                if file.stat().st_size in sizes and file.is_file():
                    yield file
            except OSError:
                continue  # gone, or not ours to look at: then it is not found
    return


def _resolve_folder(word: str) -> Path:
    folder = resolve_place(Path(word))
    with usable(folder):
        if not folder.is_dir():
            raise ServiceError(f"{folder} is no folder; name the folder the pictures lie in now.")
    return folder
