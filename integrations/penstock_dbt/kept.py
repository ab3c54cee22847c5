"""Compiled SQL kept per node, each with the identity of all that it was made from: it is used only while that is unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from penstock.system.files import private_folder, write_private
from penstock_dbt.fingerprints import Macros, checksum_text
from penstock_manifests.dbt import Compiled, CompiledNode


class Kept(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One node's SQL; or None with the reason why dbt could not compile it, at `at` (epoch seconds)."""

    identity: str
    sql: str | None
    inlined: tuple[str, ...] = ()
    reason: str | None = None
    at: float = 0.0


_DECODER = msgspec.msgpack.Decoder(dict[str, Kept])


def load_kept(path: Path) -> dict[str, Kept]:
    """What is kept; nothing when the file is absent or of another penstock."""
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return {}


def save_kept(path: Path, kept: dict[str, Kept]) -> None:
    """Replace the file as a whole: another process reads the old one or the new one."""
    private_folder(path.parent)
    write_private(path, msgspec.msgpack.encode(kept))


class Identities:
    """What each node of one manifest is compiled from: its file, macros and settings, and the relations it reads.

    Two manifests (parsed now, compiled then) that agree on a node's identity agree on its SQL, vars and target being equal.
    """

    def __init__(self, manifest: Compiled) -> None:
        self._manifest = manifest
        self._macros = Macros(manifest.macros)
        self._known: dict[str, str] = {}

    def of(self, node: CompiledNode) -> str:
        known = self._known.get(node.unique_id)
        if known is None:
            text = hashlib.blake2b(digest_size=12)
            macros = self._macros.digest(node.depends_on.macros)
            text.update(f"{checksum_text(node.checksum)}\0{macros}\0".encode())
            text.update(bytes(node.config))
            text.update(f"\0{node.relation_name}".encode())
            for parent in node.depends_on.nodes:
                text.update(f"\0{parent}\0{self._read_as(parent)}".encode())
            known = self._known[node.unique_id] = text.hexdigest()
        return known

    def _read_as(self, parent: str) -> str:
        """A relation's name; an ephemeral node stands in the SQL itself, so its own identity counts."""
        source = self._manifest.sources.get(parent)
        if source is not None:
            return source.relation_name or ""
        node = self._manifest.nodes.get(parent)
        if node is None:
            return ""
        return node.relation_name or self.of(node)


def has_sql(node: CompiledNode) -> bool:
    return bool(node.compiled_code and node.compiled_code.strip())
