"""The records of what an edit of one SQL text changes, and how parts of a tree are spelt and searched. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sqlglot import exp

_SHOWN = 160


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One expression before and after. `column` is its name ("" for a clause), `inside` the CTE that it stands in ("": the end)."""

    column: str
    before: str = ""
    after: str = ""
    inside: str = ""


class SqlChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`everything`: why every column may differ, "" when only `names` do (in lower case; some may be no output). `edits` are
    what was written otherwise, in the order of the text. `reordered`: the columns come in another order, or some stand between."""

    everything: str = ""
    names: frozenset[str] = frozenset()
    edits: tuple[Edit, ...] = ()
    reordered: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.everything or self.names or self.reordered)


SAME = SqlChange()


Scope = Mapping[str, SqlChange]


class Spelling:
    """The text of a part of a tree, without comments: what is equal there is equal."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect or None
        # ClickHouse takes a name for an alias of the select list first.
        self.columns_before_aliases = dialect != "clickhouse"
        self._known: dict[int, tuple[exp.Expr, str]] = {}

    def text(self, node: exp.Expr | None) -> str:
        if node is None:
            return ""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = node, node.sql(dialect=self._dialect, comments=False)
        return known[1]


def tables(node: exp.Expr) -> set[str]:
    """The names of one part that stand where a relation stands: those that may be a CTE's."""
    from sqlglot import exp

    return {table.name.lower() for table in node.find_all(exp.Table) if not table.args.get("db")}


def short_pair(before: str, after: str) -> tuple[str, str]:
    """Both texts, cut to where they differ when they are long."""
    one, other = " ".join(before.split()), " ".join(after.split())
    if max(len(one), len(other)) <= _SHOWN:
        return one, other
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    start = max(0, one.rfind(" ", 0, max(0, start - 20)) + 1)
    cut = [text[start:] for text in (one, other)]
    lead = "... " if start else ""
    return short(lead + cut[0]), short(lead + cut[1])


def short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 4] + " ..."
