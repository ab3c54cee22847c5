"""Names of others as names of files: nothing that a name holds can lead out of the folder it is meant for."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}")
_ODD = re.compile(r"[^A-Za-z0-9_.\-]+")


def is_plain_name(name: str) -> bool:
    """Letters, digits, `-`, `_` and `.`, not beginning with `.` or `-`: safe as a file's name and on a command line."""
    return _PLAIN.fullmatch(name) is not None


def file_name(name: str) -> str:
    """The name itself where it is plain; else a readable part of it and a hash, so that two names never share a file."""
    if is_plain_name(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", errors="surrogatepass")).hexdigest()[:8]
    readable = _ODD.sub("_", name).strip("._-")[:60]
    return f"{readable or 'x'}-{digest}"
