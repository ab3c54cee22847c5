"""Column edges in OpenLineage's words: upstream column -> column, with type, subtype and certainty."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets.key import AssetKey


class EdgeType(StrEnum):
    DIRECT = "DIRECT"
    INDIRECT = "INDIRECT"


class EdgeSubtype(StrEnum):
    """The subtypes of OpenLineage's column lineage facet; the first three are DIRECT."""

    IDENTITY = "IDENTITY"
    TRANSFORMATION = "TRANSFORMATION"
    AGGREGATION = "AGGREGATION"
    JOIN = "JOIN"
    GROUP_BY = "GROUP_BY"
    FILTER = "FILTER"
    SORT = "SORT"
    WINDOW = "WINDOW"
    CONDITIONAL = "CONDITIONAL"

    @property
    def type(self) -> EdgeType:
        return EdgeType.DIRECT if self in _DIRECT else EdgeType.INDIRECT


_DIRECT = frozenset({EdgeSubtype.IDENTITY, EdgeSubtype.TRANSFORMATION, EdgeSubtype.AGGREGATION})


class Certainty(StrEnum):
    RESOLVED = "resolved"
    AMBIGUOUS = "ambiguous"
    UNRESOLVED = "unresolved"


class ColumnRef(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A column of an asset. `path` is the sub-field below it, if any: `event` + `user.id`."""

    asset: AssetKey
    column: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.asset.name}.{self.column}" + (f".{self.path}" if self.path else "")


class ColumnEdge(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """`source` feeds `target`. `target.column` is "" for an INDIRECT edge that concerns every column of the asset.

    `expression` is the source text that derives the target, as written; `candidates` are the assets that could hold
    the column when `certainty` is ambiguous. `masking`: the value cannot be read back (hashed, counted).
    """

    source: ColumnRef
    target: ColumnRef
    subtype: EdgeSubtype
    certainty: Certainty = Certainty.RESOLVED
    expression: str | None = None
    candidates: tuple[AssetKey, ...] = ()
    masking: bool = False

    @property
    def type(self) -> EdgeType:
        return self.subtype.type
