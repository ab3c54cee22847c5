"""Whether the manifest that penstock parsed last still holds: files by stat, then by content; environment variables by value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import msgspec

from penstock.system.files import write_private

_ENV_VAR = re.compile(rb"""env_var\(\s*['"]([^'"]+)['"]""")
_LARGE = 4 * 1024 * 1024  # a seed of this size counts by stat alone


class _Seen(msgspec.Struct, frozen=True, gc=False, array_like=True):
    size: int
    mtime_ns: int
    digest: str  # "" for a folder or a large file


class ParseRecord(msgspec.Struct, frozen=True):
    """What a parse read, and the manifest that it wrote. Values of environment variables are kept as digests only."""

    manifest: str
    files: dict[str, _Seen]
    variables: dict[str, str]


_DECODER = msgspec.json.Decoder(ParseRecord)


def record(
    manifest: Path, inputs: Iterable[Path], environ: Mapping[str, str], packages: Path | None = None
) -> ParseRecord:
    """What these inputs are now, and the variables that they (and the installed packages) read."""
    files: dict[str, _Seen] = {}
    names: set[str] = set()
    for path in packages.rglob("*") if packages else ():
        if path.suffix in (".sql", ".yml", ".yaml") and path.is_file():
            names.update(_variables(path.read_bytes()))
    for path in inputs:
        try:
            stat = path.stat()
            small = S_ISREG(stat.st_mode) and stat.st_size < _LARGE
            data = path.read_bytes() if small else b""
        except OSError:
            continue  # absent: it is compared as absent
        files[str(path)] = _Seen(stat.st_size, stat.st_mtime_ns, _digest(data) if small else "")
        names.update(_variables(data))
    return ParseRecord(str(manifest), files, {name: _value(environ, name) for name in sorted(names)})


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
        if S_ISDIR(stat.st_mode) or (stat.st_size == seen.size and stat.st_mtime_ns == seen.mtime_ns):
            continue
        if stat.st_size != seen.size or not seen.digest or _digest(path.read_bytes()) != seen.digest:
            return False
    return present == was.files.keys()


def load_record(path: Path) -> ParseRecord | None:
    """The record of the last parse; None when there is none that can be read."""
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def save_record(path: Path, what: ParseRecord) -> None:
    write_private(path, msgspec.json.encode(what))


def _variables(data: bytes) -> list[str]:
    if b"env_var" not in data:
        return []
    return [name.decode("utf-8", "replace") for name in _ENV_VAR.findall(data)]


def _value(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    return "unset" if value is None else _digest(value.encode())


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()
