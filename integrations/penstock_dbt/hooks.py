"""Hooks that write, and what they name: one may change a table after its tests have judged it, and no edge tells of that. Reads text, runs
nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from penstock_dbt.fingerprints import Macros
from penstock_manifests.dbt import Macro, Node

_HOOKED = re.compile(rb'"(?:pre|post)-hook"\s*:\s*(?!null|\[\s*\]|"")')
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|truncate|alter|drop|create|replace|copy|call|execute)\b", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_LOOKED_THROUGH = frozenset({"view", "ephemeral"})


class _Config(msgspec.Struct, frozen=True):
    pre: object = msgspec.field(name="pre-hook", default=None)
    post: object = msgspec.field(name="post-hook", default=None)
    materialized: object = None


_CONFIG = msgspec.json.Decoder(_Config)


class _Hook(msgspec.Struct, frozen=True):
    """`owner` is the node that it belongs to; `words` are those of its text, and of the project's macros that it calls."""

    owner: str
    name: str
    words: frozenset[str]


class Hooks:
    """Of one manifest."""

    def __init__(
        self, nodes: Mapping[str, Node], texts: Mapping[str, Macro], macros: Macros, shipped: frozenset[str]
    ) -> None:
        self._nodes = nodes
        self._texts = {
            name: str(msgspec.json.decode(one.macro_sql) or "") if len(one.macro_sql) > 2 else ""
            for name, one in texts.items()
            if name.removeprefix("macro.").partition(".")[0] not in shipped
        }
        self._macros = macros
        self._found = tuple(self._writing())

    def of(self, test: Node) -> str:
        """Whose hook names what the test reads; "" when none does. What belongs to the tested node itself is over before its tests."""
        if not self._found:
            return ""
        read = self._read(test)
        return next(
            (
                hook.name
                for hook in self._found
                for node, names in read.items()
                if node != hook.owner and not names.isdisjoint(hook.words)
            ),
            "",
        )

    def _read(self, test: Node) -> dict[str, frozenset[str]]:
        """By node the names of what it reads, also through what holds no rows."""
        found: dict[str, frozenset[str]] = {}
        front = list(test.depends_on.nodes)
        for one in front:
            node = self._nodes.get(one)
            if one in found:
                continue
            names = (one.rpartition(".")[2],) if node is None else (node.name, node.alias or "")
            found[one] = frozenset(name.lower() for name in names if name)
            if node is not None and _CONFIG.decode(node.config).materialized in _LOOKED_THROUGH:
                front += node.depends_on.nodes
        return found

    def _writing(self) -> Iterator[_Hook]:
        for key, node in self._nodes.items():
            if text := _text(node):
                words, whole = self._words(text)
                if _WRITES.search(whole):
                    yield _Hook(key, node.name, words)

    def _words(self, text: str) -> tuple[frozenset[str], str]:
        words = {word.lower() for word in _WORD.findall(text)}
        called = [name for name in self._texts if name.rpartition(".")[2].lower() in words]
        reached = self._macros.reached(called) & self._texts.keys()
        whole = "\n".join((text, *(self._texts[name] for name in sorted(reached))))
        return frozenset(word.lower() for word in _WORD.findall(whole)), whole


def _text(node: Node) -> str:
    """The hooks of a node, or the operation that it is, as one text."""
    if node.resource_type == "operation":
        return str(msgspec.json.decode(node.raw_code) or "") if len(node.raw_code) > 2 else ""
    if not _HOOKED.search(bytes(node.config)):
        return ""
    config = _CONFIG.decode(node.config)
    return "\n".join(_sql(config.pre) + _sql(config.post))


def _sql(hooks: object) -> list[str]:
    """A hook is a text, or {sql, transaction}."""
    several = hooks if isinstance(hooks, list) else [hooks]
    told = (one.get("sql") if isinstance(one, dict) else one for one in several)
    return [one for one in told if isinstance(one, str)]
