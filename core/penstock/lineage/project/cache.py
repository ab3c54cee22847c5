"""What is kept between runs: each model's lineage, with what it was derived from. Bytes in, bytes out, no I/O."""

from __future__ import annotations

import re
from hashlib import blake2b
from importlib.metadata import version

import msgspec

from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.records import Parts

LINEAGE_VERSION = 7
"""Raised whenever the same SQL would give other edges: what was kept before is then derived anew."""

# What changes at each compile and says nothing of columns. Masked letter by letter, so that spans stay true. A pattern that
# begins with a letter is searched for many times as fast as one that begins with any digit: so each kind has its own.
_TIMESTAMP = re.compile(r"'\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[\d.:+Z-]*(?=')")
_DASHES_OF_UUID = re.compile(r"-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TEMPORARY = re.compile(r"(?<=tmp)_?\d{8,}|(?<=temp)_?\d{8,}")


class Trace(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A model's lineage, the relations that were looked up for it and a hash of what each answered."""

    asked: tuple[tuple[Parts, bytes], ...]
    lineage: msgspec.Raw


class _Kept(msgspec.Struct, array_like=True):
    versions: str
    texts: dict[bytes, bytes]
    traces: dict[bytes, Trace]


class LineageCache:
    """Lineage by the text it was derived from. `load` what an earlier run gave as `dump`; a broken one is empty."""

    def __init__(self, data: bytes = b"") -> None:
        self._versions = f"{LINEAGE_VERSION} sqlglot {version('sqlglot')}"
        self._texts: dict[bytes, bytes] = {}
        self._traces: dict[bytes, Trace] = {}
        self._used_texts: dict[bytes, bytes] = {}
        self._used: dict[bytes, Trace] = {}
        self._missed: dict[bytes, bytes] = {}
        self.hits = 0
        self.misses = 0
        self.changed = False
        if data:
            self._load(data)

    def _load(self, data: bytes) -> None:
        try:
            kept = msgspec.msgpack.decode(data, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        if kept.versions == self._versions:
            self._texts, self._traces = kept.texts, kept.traces

    def has(self, sql: str, salt: str) -> bool:
        """Whether something was derived from this very text; it may have become stale."""
        return _hash(sql, salt) in self._texts

    def find(self, sql: str, salt: str) -> Trace | None:
        """What was derived from this text, or from one that differs only in timestamps and ids of a run."""
        text = _hash(sql, salt)
        key = self._texts.get(text) or self._used_texts.get(text)
        if key is None:
            key = _hash(masked(sql), salt)
        trace = self._traces.get(key) or self._used.get(key)
        if trace is None:
            self._missed[text] = key
        else:
            self._keep(text, key, trace)
        return trace

    def put(self, sql: str, salt: str, asked: tuple[tuple[Parts, bytes], ...], lineage: ModelLineage) -> None:
        trace = Trace(asked, msgspec.Raw(msgspec.msgpack.encode(lineage)))
        self.changed = True
        text = _hash(sql, salt)
        key = self._missed.pop(text, None) or self._used_texts.get(text) or _hash(masked(sql), salt)
        self._keep(text, key, trace)

    def _keep(self, text: bytes, key: bytes, trace: Trace) -> None:
        if text not in self._texts:
            self.changed = True
        self._used_texts[text] = key
        self._used[key] = trace

    def dump(self) -> bytes:
        """What was used since it was loaded; the rest is forgotten."""
        return msgspec.msgpack.encode(_Kept(self._versions, self._used_texts, self._used))


def lineage_of(trace: Trace) -> ModelLineage:
    return msgspec.msgpack.decode(trace.lineage, type=ModelLineage)


def masked(sql: str) -> str:
    """The text with what changes at each compile replaced by zeros of the same length."""
    sql = _TIMESTAMP.sub(lambda found: "'" + "0" * (len(found[0]) - 1), sql)
    if "tmp" in sql or "temp" in sql:
        sql = _TEMPORARY.sub(_zeros, sql)
    if _DASHES_OF_UUID.search(sql):
        sql = _UUID.sub(_zeros, sql)
    return sql


def _zeros(found: re.Match[str]) -> str:
    return "0" * len(found[0])


def _hash(sql: str, salt: str) -> bytes:
    return blake2b(f"{salt}\0{sql}".encode(), digest_size=16).digest()
