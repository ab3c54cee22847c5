"""Models that differ in inert texts only, as one macro makes them by the hundred: one is derived, the others are told from it.

Whether two are twins is decided on their SQL before it is parsed. In doubt they are none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.records import Parts
from penstock.lineage.scope.catalog import Catalog

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

    from penstock.lineage.read.script import Script

_TEXTS = re.compile(r"'([^'\\]*)'")
# Words that reading looks for in the whole of a text before it looks at its tokens: where one stands decides how it is read.
_SAYS = re.compile(
    r"window|columns|match_recognize|merge|insert|value|replace|union|join|show|delimiter|infile|exec|function|query|openrowset|crosstab|dblink|within|&\x22|_\d|->|\|>|/\*|[:?]1|%s|%\(|\$\(|[{};\r\n\ufeff]",
    re.IGNORECASE,
)
_MOST = 32
"""So many of one shape are compared with: of hundreds that are nobody's twins each would be compared with all before it."""

_start_of = attrgetter("start")

Shape = tuple[str, ...]


class _Twin(msgspec.Struct, frozen=True):
    """A model that was derived: its texts and where they stand, which of them may be others, and what was looked up for it."""

    columns: tuple[str, ...] | None
    remade: bool
    texts: tuple[str, ...]
    starts: tuple[int, ...]
    inert: frozenset[str]
    asked: tuple[tuple[Parts, bytes], ...]
    lineage: ModelLineage


class Twins:
    """The models of a project that may have twins, and those of them that were derived."""

    def __init__(self, models: Iterable[ModelSql]) -> None:
        self._models = models
        self._shapes: dict[str, tuple[str, Shape]] | None = None
        self._derived: dict[tuple[str, Shape], list[_Twin]] = {}

    def of(self, model: ModelSql, catalog: Catalog) -> ModelLineage | None:
        """The lineage of a model by that of its twin; None where none was derived that is sure to be one."""
        shape = self._shape(model)
        if shape is None or model.sql is None:
            return None
        texts = _texts(model.sql)
        for twin in self._derived.get(shape, ()):
            same = twin.columns == model.columns and twin.remade == model.remade
            if same and _may_be(twin, texts) and _still_so(twin, catalog):
                catalog.asked.update(parts for parts, _ in twin.asked)
                return _moved(twin, texts)
        return None

    def note(self, model: ModelSql, script: Script, lineage: ModelLineage, catalog: Catalog) -> None:
        """Keeps what was derived, where others may be told from it."""
        shape = self._shape(model)
        if shape is None or model.sql is None or lineage.findings or script.findings:
            return
        from sqlglot import exp

        from penstock.lineage.read.inert_texts import inert_texts

        derived = self._derived.setdefault(shape, [])
        # What is read in pieces is looked at by patterns, which look into texts.
        one = script.statements[0] if script.whole and len(script.statements) == 1 else None
        if len(derived) >= _MOST or not isinstance(one, exp.Query):
            return
        tokens = script.spans.tokens
        starts = _starts(model.sql)
        if not _are_texts(starts, _texts(model.sql), tokens):
            return
        if any(catalog.find(parts).parts == model.parts for parts in catalog.asked):
            return  # it reads itself
        asked = tuple((parts, catalog.digest(parts)) for parts in sorted(catalog.asked))
        inert = inert_texts(one, tokens)
        twin = _Twin(model.columns, model.remade, _texts(model.sql), starts, inert, asked, lineage)
        derived.append(twin)

    def _shape(self, model: ModelSql) -> tuple[str, Shape] | None:
        if self._shapes is None:
            self._shapes = _repeated_shapes(self._models)
        return self._shapes.get(model.key)


def _repeated_shapes(models: Iterable[ModelSql]) -> dict[str, tuple[str, Shape]]:
    """By a model's key its dialect and its SQL without texts, where another has the same."""
    sized = [(model, _size(model.sql)) for model in models if model.sql is not None]
    counted = Counter(size for _, size in sized)
    shapes = {
        model.key: (model.dialect, tuple(_TEXTS.split(model.sql or "")[::2]))
        for model, size in sized
        if counted[size] > 1
    }
    alike = Counter(shapes.values())
    return {key: shape for key, shape in shapes.items() if alike[shape] > 1}


def _size(sql: str) -> tuple[int, int, str, str]:
    """What two texts have in common where they are twins, and few others have; told in no time."""
    return sql.count("'"), sql.count("\n"), sql[: sql.find("'")], sql[sql.rfind("'") :]


def _texts(sql: str) -> tuple[str, ...]:
    return tuple(_TEXTS.findall(sql))


def _starts(sql: str) -> tuple[int, ...]:
    return tuple(found.start() for found in _TEXTS.finditer(sql))


def _are_texts(starts: tuple[int, ...], texts: tuple[str, ...], tokens: list[Token]) -> bool:
    """Whether each of them is one token. A quote in a comment or in another kind of quotes is none."""
    from sqlglot.tokenizer_core import TokenType

    for start, text in zip(starts, texts, strict=True):
        at = bisect_left(tokens, start, key=_start_of)
        token = tokens[at] if at < len(tokens) else None
        if token is None or token.start != start:
            return False
        if token.token_type != TokenType.STRING or token.text != text:
            return False
    return True


def _may_be(twin: _Twin, texts: tuple[str, ...]) -> bool:
    """Whether the texts differ where they are inert only, and those that are equal in the one are so in the other."""
    if len(texts) != len(twin.texts):
        return False
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for own, other in zip(twin.texts, texts, strict=True):
        if there.setdefault(own, other) != other or back.setdefault(other, own) != own:
            return False
    return all(
        own == other or (own in twin.inert and not _SAYS.search(own) and not _SAYS.search(other))
        for own, other in there.items()
    )


def _still_so(twin: _Twin, catalog: Catalog) -> bool:
    """Whether what was looked up is known and has not changed."""
    return all(
        catalog.waits_for(parts) is None and catalog.digest(parts) == digest for parts, digest in twin.asked
    )


def _moved(twin: _Twin, texts: tuple[str, ...]) -> ModelLineage:
    """The same lineage, each place moved by as much as the texts before it are longer."""
    longer = [0, *accumulate(len(one) - len(own) for own, one in zip(twin.texts, texts, strict=True))]
    starts = twin.starts
    spans = tuple(
        (start + longer[bisect_left(starts, start)], end + longer[bisect_left(starts, end)])
        for start, end in twin.lineage.spans
    )
    return msgspec.structs.replace(twin.lineage, spans=spans)
