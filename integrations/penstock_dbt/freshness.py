"""Whether the manifest that penstock parsed last still holds: files by stat, then by content; environment variables by value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

_ENV_VAR = re.compile(rb"""env_var\(\s*['"]([^'"]+)['"]""")
_LARGE = 4 * 1024 * 1024  # a seed of this size counts by stat alone


class _Seen(msgspec.Struct, frozen=True, gc=False, array_like=True):
    size: int
    mtime_ns: int
    digest: str  # "" for a folder or a large file


class ParseRecord(msgspec.Struct, frozen=True):
    """What a parse read. Values of environment variables are kept as digests only."""

    files: dict[str, _Seen]
    variables: dict[str, str]


_DECODER = msgspec.json.Decoder(ParseRecord)


def record(inputs: Iterable[Path], environ: Mapping[str, str]) -> ParseRecord:
    """What these inputs are now, and the variables that they read."""
    files: dict[str, _Seen] = {}
    names: set[str] = set()
    for path in inputs:
        try:
            stat = path.stat()
            data = path.read_bytes() if path.is_file() and stat.st_size < _LARGE else b""
        except OSError:
            continue  # absent: it is compared as absent
        digest = _digest(data) if path.is_file() and stat.st_size < _LARGE else ""
        files[str(path)] = _Seen(stat.st_size, stat.st_mtime_ns, digest)
        if b"env_var" in data:
            names.update(name.decode("utf-8", "replace") for name in _ENV_VAR.findall(data))
    return ParseRecord(files, {name: _value(environ, name) for name in sorted(names)})


def still_holds(was: ParseRecord, inputs: Iterable[Path], environ: Mapping[str, str]) -> bool:
    """Whether parsing these inputs again would give the same."""
    if any(_value(environ, name) != value for name, value in was.variables.items()):
        return False
    present: set[str] = set()
    for path in inputs:
        seen = was.files.get(str(path))
        try:
            stat = path.stat()
        except OSError:
            continue
        present.add(str(path))
        if seen is None:
            return False
        if path.is_dir() or (stat.st_size == seen.size and stat.st_mtime_ns == seen.mtime_ns):
            continue
        if stat.st_size != seen.size or not seen.digest or _digest(path.read_bytes()) != seen.digest:
            return False
    return present == was.files.keys()


def load_record(path: Path) -> ParseRecord | None:
    """The record of the last parse; None when there is none that can be read."""
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None


def save_record(path: Path, what: ParseRecord) -> None:
    path.write_bytes(msgspec.json.encode(what))


def _value(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    return "unset" if value is None else _digest(value.encode())


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()
