"""Where a node lies: a manifest's `relation_name` -> Relation, each part as the warehouse stores it."""

from __future__ import annotations

import re

from penstock.assets import Relation, stored

_BARE_PART = r"""([^\s."`\[\]'()]+)"""
_BARE = re.compile(rf"{_BARE_PART}(?:\.{_BARE_PART})?(?:\.{_BARE_PART})?")
_DOUBLE = re.compile(r'"([^"]+)"(?:\."([^"]+)")?(?:\."([^"]+)")?')
# One part of any rendered relation: "x", `x`, [x] or bare; a doubled quote stands for the quote itself.
_PART = re.compile(
    r"""\s*(?: "(?P<double>(?:[^"]|"")*)" | `(?P<tick>(?:[^`]|``)*)` | \[(?P<bracket>(?:[^\]]|\]\])*)\]
        | (?P<bare>[^\s."`\[\]'()]+) )\s*(?P<dot>\.|$)""",
    re.VERBOSE,
)
_QUOTES = (("double", '"'), ("tick", "`"), ("bracket", "]"))


class Namer:
    """Reads the relation names of one warehouse."""

    def __init__(self, namespace: str, dialect: str) -> None:
        self.namespace = namespace
        self.dialect = dialect
        self._folds = stored(dialect, "aB", quoted=False) != "aB"

    def relation(self, rendered: str) -> Relation | None:
        """The relation of a rendered name of one to three parts; None for what is no name
        (dbt-duckdb renders an external source as a file's path or a table function)."""
        parts = self.parts(rendered)
        if len(parts) == 3:
            database, schema, identifier = parts
            return Relation(self.namespace, self.dialect, database, schema, identifier)
        if not parts or len(parts) > 3:
            return None
        return Relation(self.namespace, self.dialect, None, parts[0] if len(parts) == 2 else None, parts[-1])

    def parts(self, rendered: str) -> tuple[str, ...]:
        """The parts as the warehouse stores them; empty when the text is no name."""
        quoted = rendered.startswith('"')
        if not quoted and not self._folds:
            bare = rendered.split(".")
            if len(bare) <= 3 and "" not in bare and "".join(bare).isidentifier():
                return tuple(bare)  # most names, at a third of what a pattern costs
        plain = (_DOUBLE if quoted else _BARE).fullmatch(rendered)
        if plain is None:
            return self._any_parts(rendered)
        parts = plain.groups()
        if None in parts:
            parts = tuple(part for part in parts if part is not None)
        if quoted or not self._folds:
            return parts
        return tuple([stored(self.dialect, part, quoted=False) for part in parts])

    def _any_parts(self, rendered: str) -> tuple[str, ...]:
        parts: list[str] = []
        at = 0
        while True:
            match = _PART.match(rendered, at)
            if match is None:
                return ()
            parts.append(self._part(match))
            at = match.end()
            if not match["dot"]:
                return tuple(parts) if at == len(rendered) else ()

    def _part(self, match: re.Match[str]) -> str:
        for group, quote in _QUOTES:
            if (quoted := match[group]) is not None:
                return stored(self.dialect, quoted.replace(quote * 2, quote), quoted=True)
        return stored(self.dialect, match["bare"], quoted=False)
