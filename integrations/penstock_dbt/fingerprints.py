"""A node's code version: it changes when the node's own file, the macros it uses or the settings that shape its result change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from penstock_manifests.dbt import Checksum, Macro, Node

# Settings that describe or organise a node without changing what is built. dbt's own state comparison leaves out the same.
COSMETIC = (
    "tags",
    "meta",
    "docs",
    "group",
    "access",
    "enabled",
    "packages",
    "freshness",
    "on_error",
    "event_time",
)
_SETTINGS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_IN_ORDER = msgspec.json.Encoder(order="sorted")


# Adapters whose macros stand on another adapter's.
_STANDS_ON = {
    "databricks": "spark",
    "fabric": "sqlserver",
    "greenplum": "postgres",
    "materialize": "postgres",
    "redshift": "postgres",
    "synapse": "fabric",
}


def shipped_packages(adapter_type: str | None) -> frozenset[str]:
    """The packages of macros that come with dbt and its adapter: their text changes with an upgrade, not with the project."""
    packages = {"dbt"}
    while adapter_type:
        packages.add(f"dbt_{adapter_type}")
        adapter_type = _STANDS_ON.get(adapter_type)
    return frozenset(packages)


class Macros:
    """Digests of macros, each over the macro's text and all that it calls. The text of `shipped` packages does not count."""

    def __init__(self, macros: Mapping[str, Macro], shipped: frozenset[str] = frozenset()) -> None:
        self._macros = macros
        self._shipped = shipped
        self._own: dict[str, bytes] = {}
        self._by_use: dict[tuple[str, ...], str] = {}
        self._named: dict[tuple[tuple[str, ...], str], dict[str, str]] = {}
        self._reach: dict[str, frozenset[str]] = {}

    def digest(self, used: tuple[str, ...]) -> str:
        """One digest for what these macros do, all that they reach included; "" for none."""
        if not used:
            return ""
        known = self._by_use.get(used)
        if known is None:
            known = self._by_use[used] = self._digest(used)
        return known

    def named(self, used: tuple[str, ...], package: str) -> dict[str, str]:
        """The macros of that package among all that these reach, each by its own text: to tell which one changed."""
        known = self._named.get((used, package))
        if known is None:
            prefix = f"macro.{package}."
            own = sorted(name for name in self.reached(used) if name.startswith(prefix))
            known = {f"macro {name.removeprefix(prefix)}": self._text(name).hex() for name in own}
            self._named[used, package] = known
        return known

    def reached(self, used: Iterable[str]) -> set[str]:
        """These macros and all that they call."""
        found: set[str] = set()
        for name in used:
            found |= self._reached(name)
        return found

    def _digest(self, used: Iterable[str]) -> str:
        reached = self.reached(used)
        text = hashlib.blake2b(digest_size=8)
        for name in sorted(reached):
            if name.removeprefix("macro.").partition(".")[0] not in self._shipped:
                text.update(self._text(name))
        return text.hexdigest()

    def _reached(self, start: str) -> frozenset[str]:
        found = self._reach.get(start)
        if found is None:
            seen = {start}
            stack = [start]
            while stack:
                macro = self._macros.get(stack.pop())
                for name in macro.depends_on.macros if macro else ():
                    if name not in seen:
                        seen.add(name)
                        stack.append(name)
            found = self._reach[start] = frozenset(seen)
        return found

    def _text(self, name: str) -> bytes:
        own = self._own.get(name)
        if own is None:
            macro = self._macros.get(name)
            text = hashlib.blake2b(name.encode(), digest_size=8)
            if macro is not None:
                text.update(bytes(macro.macro_sql))
            own = self._own[name] = text.digest()
        return own


def code_version(node: Node, macros: str, materialized: str | None) -> str:
    """A short digest of what makes a node's result: its file, its macros, the settings that its author has written.

    Settings as written, not as rendered: those name every default of the dbt version, and an upgrade is no change of code.
    """
    text = hashlib.blake2b(digest_size=10)
    text.update(f"{checksum_text(node.checksum)}\0{macros}\0{materialized}\0".encode())
    text.update(_shaping(node.unrendered_config))
    return text.hexdigest()


def checksum_text(checksum: Checksum | str | None) -> str:
    """The digest alone; unit tests (and dbt v2) write it without its method."""
    return (checksum.checksum if isinstance(checksum, Checksum) else checksum) or ""


def _shaping(written: msgspec.Raw) -> bytes:
    if len(written) <= 2:
        return b""
    settings = _SETTINGS.decode(written)
    for name in COSMETIC:
        settings.pop(name, None)
    return _IN_ORDER.encode(settings) if settings else b""
