"""Compiled SQL kept per node, each with the identity of all that it was made from: it is used only while that is unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from penstock.system.files import private_folder, write_private
from penstock_dbt.fingerprints import Macros, checksum_text
from penstock_manifests.dbt import Compiled, CompiledNode


class Kept(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One node's SQL, compiled at `at` (epoch seconds); or None with the reason why dbt could not compile it then.

    `macros` are those that dbt learns of only while it compiles (a call under `if execute`): part of `identity`.
    """

    identity: str
    sql: str | None
    inlined: tuple[str, ...] = ()
    reason: str | None = None
    at: float = 0.0
    macros: tuple[str, ...] = ()


class KeptSql(msgspec.Struct, frozen=True):
    """What is kept of one project, by node; how new the user's own manifest was when it was last looked into; and the digest of all
    vars of the project's files then: another value of one may stand in any SQL, and is in no manifest."""

    nodes: dict[str, Kept] = {}
    users: float = 0.0
    vars: str = ""

    def under(self, variables: str, parsed_at: float) -> KeptSql:
        """What of it holds under these vars; where they are others, what the user's dbt compiled before they were parsed does not either."""
        if self.vars == variables or not self.nodes:
            return KeptSql(self.nodes, self.users, variables)
        return KeptSql({}, parsed_at, variables)


_DECODER = msgspec.msgpack.Decoder(KeptSql)


def load_kept(path: Path) -> KeptSql:
    """What is kept; nothing when the file is absent or of another penstock."""
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return KeptSql()


def save_kept(path: Path, kept: KeptSql) -> None:
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
        self._known: dict[tuple[str, int, bool], str] = {}

    def of(self, node: CompiledNode, macros: tuple[str, ...] = ()) -> str:
        """`macros` count beside those that parsing finds."""
        own = self._digest(node, self, settings=True)
        return f"{own} {self._macros.digest(macros)}" if macros else own

    def agree(self, node: CompiledNode, compiled: Identities, *, settings: bool) -> bool:
        """Whether the manifest of `compiled` has the node as this one, which was parsed, has it.

        Compiling adds macros to a node: those that parsing finds are compared. `settings`: the configuration too. What is
        under `if execute` may change it, so of two manifests that one project gave at one time it is left out.
        """
        theirs = compiled._manifest.nodes.get(node.unique_id)
        if theirs is None:
            return False
        return self._digest(node, self, settings=settings) == compiled._digest(
            theirs, self, settings=settings
        )

    def _digest(self, node: CompiledNode, parsed: Identities, *, settings: bool) -> str:
        """The identity, with the macros that the node has in the manifest of `parsed`."""
        place = (node.unique_id, id(parsed), settings)
        known = self._known.get(place)
        if known is None:
            text = hashlib.blake2b(digest_size=12)
            as_parsed = parsed._manifest.nodes.get(node.unique_id, node)
            macros = self._macros.digest(as_parsed.depends_on.macros)
            text.update(f"{checksum_text(node.checksum)}\0{macros}\0".encode())
            if settings:
                text.update(bytes(node.config))
            text.update(f"\0{node.relation_name}".encode())
            for parent in node.depends_on.nodes:
                read = self._read_as(parent, parsed, settings=settings)
                text.update(f"\0{parent}\0{read}".encode())
            known = self._known[place] = text.hexdigest()
        return known

    def _read_as(self, parent: str, parsed: Identities, *, settings: bool) -> str:
        """A relation's name; an ephemeral node stands in the SQL itself, so its own identity counts."""
        source = self._manifest.sources.get(parent)
        if source is not None:
            return source.relation_name or ""
        node = self._manifest.nodes.get(parent)
        if node is None:
            return ""
        return node.relation_name or self._digest(node, parsed, settings=settings)


def has_sql(node: CompiledNode) -> bool:
    return bool(node.compiled_code and node.compiled_code.strip())
