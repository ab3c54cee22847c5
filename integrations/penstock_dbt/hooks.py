"""Hooks and macros that write, and what they name: one may change a table after others have read it, and no edge tells of that. Reads text,
runs nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from penstock_dbt.fingerprints import Macros
from penstock_dbt.writing import all_told, has_statement, is_upkeep, sends, writes
from penstock_manifests.dbt import Macro, Node

_HOOKED = re.compile(rb'"(?:pre|post)-hook"\s*:\s*(?!null|\[\s*\]|"")')
_WORD = re.compile(r"\w+")
_LOOKED_THROUGH = frozenset({"view", "ephemeral"})


class _Config(msgspec.Struct, frozen=True):
    pre: object = msgspec.field(name="pre-hook", default=None)
    post: object = msgspec.field(name="post-hook", default=None)
    materialized: object = None


_CONFIG = msgspec.json.Decoder(_Config)


class _Writer(msgspec.Struct, frozen=True):
    """`owner` is the node that it belongs to; `words` are those of its text, and of the macros that it calls. `anywhere`: the project's own code
    writes to a place that is computed. `told`: no code of it does, that of packages neither."""

    owner: str
    name: str
    words: frozenset[str]
    anywhere: bool
    told: bool


class Upkeep(msgspec.Struct, frozen=True):
    """The hooks of a node that change no rows: their text with that of the macros that they call. Empty for a node without hooks."""

    text: str = ""
    macros: tuple[str, ...] = ()


class Hooks:
    """Of one manifest. `project` is the name of the one at its root."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        texts: Mapping[str, Macro],
        macros: Macros,
        shipped: frozenset[str],
        project: str | None,
    ) -> None:
        self._nodes = nodes
        self._texts = {
            name: _decoded(one.macro_sql) for name, one in texts.items() if _package(name) not in shipped
        }
        self._sending = {name for name, text in self._texts.items() if sends(text)}
        self._macros = macros
        self._project = project
        digest = hashlib.blake2b(digest_size=8)
        self._found = tuple(self._writing(digest))
        self.untold = digest.hexdigest() if any(not one.told for one in self._found) else ""

    def of(self, node: Node) -> str:
        """Who else may write into it or into what it reads, in words; "" when nobody. What belongs to a node itself is over before it is read."""
        if not self._found:
            return ""
        read = self._read(node)
        for one in self._found:
            others = [names for key, names in read.items() if key != one.owner]
            if any(not names.isdisjoint(one.words) for names in others):
                return f"{one.name} may write into it, or into what it reads"
            if one.anywhere and others:
                return f"{one.name} writes, and where to is not known"
        return ""

    def upkeep(self, node: Node) -> Upkeep | None:
        """None where its own hooks may do more than that: then they run with every build."""
        text = _hooks(node)
        if not text:
            return Upkeep()
        return self._upkeep(text, self._macros.reached(self._called(text)) & self._texts.keys())

    def _upkeep(self, text: str, reached: Collection[str]) -> Upkeep | None:
        macros = tuple(sorted(reached))
        texts = (text, *(self._texts[name] for name in macros))
        names = frozenset(name.rpartition(".")[2] for name in macros)
        return Upkeep("\n".join(texts), macros) if all(is_upkeep(one, names) for one in texts) else None

    def unsettled(self, node: Node) -> bool:
        """Whether a hook of a package may write into it after others have read it: one that does not name where it writes to."""
        return any(not one.told and one.owner != node.unique_id for one in self._found)

    def _read(self, node: Node) -> dict[str, frozenset[str]]:
        """By node the names of itself and of what it reads, also through what holds no rows."""
        found: dict[str, frozenset[str]] = {}
        front = list(node.depends_on.nodes)
        if node.resource_type != "test":
            found[node.unique_id] = _names(node)
        while front:
            one = front.pop()
            if one in found:
                continue
            other = self._nodes.get(one)
            found[one] = frozenset({one.rpartition(".")[2].lower()}) if other is None else _names(other)
            if other is not None and _CONFIG.decode(other.config).materialized in _LOOKED_THROUGH:
                front += other.depends_on.nodes
        return found

    def _writing(self, digest: hashlib.blake2b) -> Iterator[_Writer]:
        for key, node in self._nodes.items():
            if text := _hooks(node):
                found = self._writer(key, node, text)
                if found is not None:
                    digest.update(
                        msgspec.json.encode([key, text, self._macros.digest(tuple(self._called(text)))])
                    )
                    yield found
            elif (found := self._rendering(key, node)) is not None:
                yield found

    def _writer(self, key: str, node: Node, text: str) -> _Writer | None:
        reached = self._macros.reached(self._called(text)) & self._texts.keys()
        whole = "\n".join((text, *(self._texts[name] for name in sorted(reached))))
        if not writes(whole) or self._upkeep(text, reached) is not None:
            return None
        own = [self._texts[name] for name in sorted(reached) if self._is_own(_package(name))]
        if self._is_own(node.package_name):
            own.append(text)
        return _Writer(
            key, f"a hook of {node.name}", _words(whole), not all_told("\n".join(own)), all_told(whole)
        )

    def _rendering(self, key: str, node: Node) -> _Writer | None:
        """A node whose own text sends statements while it is rendered, by itself or by macros of the project."""
        reached = self._macros.reached(node.depends_on.macros) & self._texts.keys()
        own = [name for name in reached if self._is_own(_package(name))]
        raw = _decoded(node.raw_code) if b"{" in bytes(node.raw_code) else ""
        if not raw or (self._sending.isdisjoint(reached) and not sends(raw)):
            return None
        whole = "\n".join((raw, *(self._texts[name] for name in sorted(own))))
        if not has_statement(whole):
            return None
        return _Writer(key, f"the code of {node.name}", _words(whole), False, True)

    def _called(self, text: str) -> list[str]:
        words = _words(text)
        return sorted(name for name in self._texts if name.rpartition(".")[2].lower() in words)

    def _is_own(self, package: str) -> bool:
        return self._project is None or package == self._project


def _package(macro: str) -> str:
    return macro.removeprefix("macro.").partition(".")[0]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _names(node: Node) -> frozenset[str]:
    return frozenset(name.lower() for name in (node.name, node.alias or "") if name)


def _decoded(text: msgspec.Raw) -> str:
    return str(msgspec.json.decode(text) or "") if len(text) > 2 else ""


def _hooks(node: Node) -> str:
    """The hooks of a node, or the operation that it is, as one text."""
    if node.resource_type == "operation":
        return _decoded(node.raw_code)
    if not _HOOKED.search(bytes(node.config)):
        return ""
    config = _CONFIG.decode(node.config)
    return "\n;\n".join(_sql(config.pre) + _sql(config.post))


def _sql(hooks: object) -> list[str]:
    """A hook is a text, or {sql, transaction}."""
    several = hooks if isinstance(hooks, list) else [hooks]
    told = (one.get("sql") if isinstance(one, dict) else one for one in several)
    return [one for one in told if isinstance(one, str)]
