"""Ways to spoil a file: by its structure where it has one that we can write again, by its bytes always."""

from __future__ import annotations

import io
import json
import random
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from tests.helpers.odd_values import iter_places

Mutation: TypeAlias = Callable[[bytes, random.Random], bytes]

_NAMES = (
    *("../../escape.jpg", "/etc/passwd", "C:\\windows\\x.jpg", "..\\..\\x", "a\x00b.jpg", "", ".", "1.jpg/.."),
    *("~/x.jpg", "/dev/zero", "/dev/stdin", "file:///etc/passwd", "http://example.invalid/x.jpg", "ünïcödé.jpg"),
    *("\ud800.jpg", "\u202egpj.exe", "CON", "1.jpg\n2.jpg", "%s%n", "{}", "🙂" * 300, "x" * 5000 + ".jpg"),
)
_NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 2**31, -(2**31), 2**53 + 1, 2**63, 2**64, 10**30, 1e308, -1e308, 1e-320, 0.5, -0.0),
    *(float("nan"), float("inf"), float("-inf")),
)
_OTHERS: tuple[Any, ...] = (None, True, False, [], {}, "text", [[[]]], {"a": {"b": []}}, "1", "NaN", [None] * 3)


def spoil_bytes(content: bytes, rng: random.Random) -> bytes:
    """Cut, flip, repeat, insert or exchange bytes."""
    if not content:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(64)))
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        at = rng.randrange(len(out)) if out else 0
        match rng.randrange(6):
            case 0:
                del out[at:]
            case 1:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 2:
                out[at:at] = out[at : at + rng.choice((1, 8, 100, 4000))]
            case 3:
                out[at : at + rng.choice((1, 4, 64))] = b""
            case 4:
                out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f", b"NaN,"))
            case 5:
                other = rng.randrange(len(out)) if out else 0
                out[at : at + 16] = out[other : other + 16]
    return bytes(out)


def spoil_json(content: bytes, rng: random.Random) -> bytes:
    """Put odd values, names and numbers into places of a document, repeat or drop entries, nest deeply."""
    document = json.loads(content)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        places = iter_places(document)[1:]
        if not places:
            break
        *outer, last = rng.choice(places)
        holder = document
        for key in outer:
            holder = holder[key]
        _spoil_entry(holder, last, rng)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def _spoil_entry(holder: Any, key: Any, rng: random.Random) -> None:
    value = holder[key]
    match rng.randrange(10):
        case 0 | 1:
            holder[key] = rng.choice(_NUMBERS)
        case 2 | 3:
            holder[key] = rng.choice(_NAMES)
        case 4:
            holder[key] = rng.choice(_OTHERS)
        case 5:
            del holder[key]
        case 6:
            holder[key] = [value] * rng.choice((2, 3, 500))
        case 7 if isinstance(holder, list):
            holder.extend([value] * rng.choice((1, 2, 300)))
        case 8 if isinstance(value, list) and value:
            rng.shuffle(value)
            del value[rng.randrange(len(value)) :]
        case _:
            nested: Any = value
            for _ in range(rng.choice((1, 50, 900))):
                nested = [nested] if rng.random() < 0.5 else {"a": nested}
            holder[key] = nested


def spoil_text(content: bytes, rng: random.Random) -> bytes:
    """Exchange words and numbers of a text such as XML for odd ones."""
    text = content.decode("utf-8", "replace")
    words = text.replace('"', " ").replace(",", " ").split()
    for _ in range(rng.choice((1, 2, 6))):
        word = rng.choice(words) if words else ""
        odd = str(rng.choice((*_NAMES, *_NUMBERS, "<x>", "&lol;", "]]>", "<!--")))
        text = text.replace(word, odd, rng.choice((1, 1, -1)))
    if rng.random() < 0.2:
        text = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + text
    return text.encode("utf-8", "surrogatepass")


def spoil_npz(content: bytes, rng: random.Random) -> bytes:
    """Write an npz again with an array of another shape, kind or content, or a bomb beside it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(members))
    match rng.randrange(8):
        case 0:
            del members[name]
        case 1:
            members[name] = spoil_bytes(members[name], rng)
        case 2 | 3:
            members[name] = _dump(_odd_array(members[name], rng))
        case 4:
            members[rng.choice(("../../escape.npy", "/tmp/escape.npy", "bomb.npy"))] = _dump(np.zeros(10))
        case 5:
            members[name] = _claim(members[name], rng)
        case 6:
            members["bomb.npy"] = b"\x93NUMPY" + b"\0" * (64 << 20)
        case _:
            members[name] = members[rng.choice(list(members))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return out.getvalue() if rng.random() < 0.9 else spoil_bytes(out.getvalue(), rng)


def spoil_zip(content: bytes, rng: random.Random) -> bytes:
    """Write a zip again with a member spoilt, gone, twice, grown or under a name that leads elsewhere."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = rng.randrange(len(members))
    name, data = members[at]
    match rng.randrange(6):
        case 0:
            del members[at]
        case 1:
            members.append(members[at])
        case 2:
            members.append((rng.choice(("../../escape", "/tmp/escape", "a\\..\\b", "project.db-wal", "x" * 300)), data))
        case 3:
            members[at] = name, data + b"\0" * (32 << 20)
        case 4 if data[:1] in b"{[":
            members[at] = name, spoil_json(data, rng)
        case _:
            members[at] = name, spoil_bytes(data, rng)
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's of a name that is there twice
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content_of in members:
                archive.writestr(member, content_of)
    return out.getvalue()


def _odd_array(member: bytes, rng: random.Random) -> np.ndarray:  # noqa: PLR0911
    try:
        array = np.load(io.BytesIO(member), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return np.array(["text"])
    match rng.randrange(6):
        case 0:
            return array.reshape(-1)[: rng.randrange(array.size + 1)]
        case 1 if array.dtype.kind == "f" and array.size:
            spoilt = array.copy()
            spoilt.reshape(-1)[rng.randrange(array.size)] = rng.choice((np.nan, np.inf, 1e300, -1e9))
            return spoilt
        case 2 if array.dtype.kind in "US" and array.size:
            return np.full(array.shape, rng.choice([name for name in _NAMES if "\0" not in name and name.isascii()]))
        case 3:
            return np.repeat(array, 2, axis=0) if array.ndim else array
        case 4:
            return array.astype("complex128") if array.dtype.kind in "fiu" else np.zeros(array.shape)
        case _:
            return np.zeros((0, *array.shape[1:]), array.dtype)


def _claim(member: bytes, rng: random.Random) -> bytes:
    """A header that claims more than there is."""
    shape = rng.choice((b"(999999999,)", b"(-1,)", b"(2, 1000000)", b"(99999999999999999999,)"))
    start = member.find(b"'shape': ") + 9
    end = member.find(b")", start) + 1
    return member[:start] + shape + member[end:] if start > 8 and end else member


def _dump(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


def choose_mutation(path: Path, rng: random.Random) -> Mutation:
    """A way to spoil a file of this kind."""
    if rng.random() < 0.25:
        return spoil_bytes
    if path.suffix == ".exemplar":
        return spoil_zip
    return {".json": spoil_json, ".npz": spoil_npz, ".xml": spoil_text}.get(path.suffix.lower(), spoil_bytes)
