"""`*`, `t.*`, `s.*` of a struct, COLUMNS(...), with EXCEPT, EXCLUDE, REPLACE, RENAME and patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.expressions.visit import Handler
from penstock.lineage.read import tree
from penstock.lineage.scope.dependencies import TRANSFORMATION
from penstock.lineage.scope.lookup import ElementResult, column, source_named
from penstock.lineage.scope.results import Col, Fields, OpenStar, OutsideRelation, Pairs, Result
from penstock.lineage.scope.walk import Walk

Item = Col | OpenStar


def expand(w: Walk, node: Any, qualifier: Any = None) -> list[Item]:
    """The columns that a Star stands for, in order; a OpenStar where they are not known."""
    items = _of_source(w, node, qualifier) if qualifier is not None else _of_all(w, node)
    return _changed(w, node, items)


def _of_all(w: Walk, site: Any) -> list[Item]:
    scope = w.scope
    if not scope.sources:
        return []
    taken: set[str] = set()
    items: list[Item] = []
    if not w.rules.has.using_in_place:
        taken.update(scope.merged)
        items.extend(_as_starred(col, site) for col in scope.merged.values())
    for rel in scope.sources:
        if id(rel) in scope.unstarred:
            continue
        for item in _of_value(w, rel, site) or _listed(rel, site):
            if isinstance(item, OpenStar):
                item.hidden = item.hidden | frozenset(scope.merged)
            elif item.key in scope.merged:
                if item.key in taken:
                    continue
                taken.add(item.key)
                item = _as_starred(scope.merged[item.key], site)
            items.append(item)
    return items


def _of_value(w: Walk, rel: Result, site: Any) -> list[Item]:
    """BigQuery: of an array of structs a star lists the fields."""
    if rel.value is None or not w.rules.has.star_of_structs:
        return []
    items = of_fields(rel.value, site)
    return [*items, *rel.listing()[1:]] if items and isinstance(rel, ElementResult) else items


def _of_source(w: Walk, site: Any, qualifier: Any) -> list[Item]:
    """`t.*`; also `s.*` where s is a struct."""
    table = qualifier.args["table"]
    rel = source_named(w.scope, w.key(table))
    if rel is not None:
        if rel.value is not None and (items := of_fields(rel.value, site)):
            return items
        others = rel.listing()[1:]
        if rel.value is not None and not any(
            one.deps or not isinstance(rel, ElementResult) for one in others
        ):
            return [OpenStar(StructResult(w, rel.value), 0, site=site)]
        return _listed(rel, site)
    named = exp.Column(**{part: qualifier.args[up] for part, up in _UP if qualifier.args.get(up)})
    col = column(w, named)
    return of_fields(col, site) or [OpenStar(StructResult(w, col), 0, site=site)]


def of_fields(struct: Col, site: Any) -> list[Item]:
    """The fields of a struct as columns; none when nothing is known of them."""
    fields = struct.fields or {}
    if isinstance(fields, Pairs):
        return []
    items: list[Item] = [_as_starred(col, site) for col in fields.values()]
    if isinstance(fields, Fields):
        items.append(OpenStar(fields.rest, len(items), frozenset(fields), site=site))
    return items


_UP = (("this", "table"), ("table", "db"), ("db", "catalog"))


class StructResult(Result):
    """The fields of a struct whose type is not known: any name may be one."""

    __slots__ = ("_struct", "_walk")

    def __init__(self, w: Walk, struct: Col) -> None:
        super().__init__()
        self._walk = w
        self._struct = struct

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        from penstock.lineage.scope.fields import field

        col = self._struct if key == "*" else field(self._walk, self._struct, [name])
        return [col.renamed(key, name)]


def _listed(rel: Result, site: Any) -> list[Item]:
    """A source's columns with the open_stars in their places."""
    if isinstance(rel, OutsideRelation | StructResult):
        known: list[Item] = [_as_starred(col, site) for col in rel.listing()]
        if rel.is_open:
            return [OpenStar(rel, 0, frozenset(col.key for col in rel.listing()), site), *known]
        return known
    items: list[Item] = list(rel.listing())
    if rel.open_stars:
        for open_star in reversed(rel.open_stars):
            items.insert(open_star.at, OpenStar(open_star.rel, 0, open_star.hidden, open_star.site))
    elif rel.is_open:
        items.append(OpenStar(rel, 0, site=site))
    return items


def _as_starred(col: Col, site: Any) -> Col:
    if not col.base:
        return col
    return Col(col.key, col.name, dict.fromkeys(col.deps, site), access=col.access, fields=col.fields)


def _changed(w: Walk, node: Any, items: list[Item]) -> list[Item]:
    args = node.args
    hidden = {w.key(one) for one in _names(args.get(tree.EXCEPT))}
    replaced = {w.key(one.args["alias"]): one.args["this"] for one in _aliases(args.get("replace"))}
    renamed = {w.key(one.args["this"]): one.args["alias"] for one in _aliases(args.get("rename"))}
    like = args.get("ilike")
    if not (hidden or replaced or renamed or like):
        return items
    pattern = _like(like.name, ignore_case=True) if like is not None else None
    changed: list[Item] = []
    for item in items:
        if isinstance(item, OpenStar):
            gone = frozenset(hidden) | frozenset(renamed) | frozenset(replaced)
            changed.append(OpenStar(item.rel, item.at, item.hidden | gone, item.site))
            changed.extend(_kept_open(w, item, replaced, renamed, items))
            continue
        if item.key in hidden or (pattern is not None and not pattern.fullmatch(item.name)):
            continue
        if item.key in replaced:
            item = value(w, replaced[item.key], item.key, item.name)
        if item.key in renamed:
            ident = renamed[item.key]
            item = item.renamed(w.key(ident), w.name(ident))
        changed.append(item)
    return changed


def _aliases(written: Any) -> list[Any]:
    return [one for one in written or () if one.__class__ is exp.Alias]


def _kept_open(
    w: Walk, open_star: OpenStar, replaced: dict[str, Any], renamed: dict[str, Any], items: list[Item]
) -> Iterable[Col]:
    """REPLACE and RENAME name columns that an unknown list must have."""
    known = {item.key for item in items if isinstance(item, Col)}
    for key, node in replaced.items():
        if key not in known:
            yield value(w, node, key, key)
    for key, ident in renamed.items():
        if key not in known:
            for col in open_star.guess(key, key):
                yield _as_starred(col, open_star.site).renamed(w.key(ident), w.name(ident))


def _names(written: Any) -> Iterable[Any]:
    for one in written or ():
        if one.__class__ is exp.Column:
            yield one.args["this"]
        elif one.__class__ is exp.Tuple:
            yield from _names(one.expressions)
        else:
            yield one


def _like(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    parts = (".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)


def chosen(w: Walk, node: Any) -> list[Item]:
    """What COLUMNS(...) picks: a pattern, a star, a lambda over names, or a list."""
    this = node.args["this"]
    if this.__class__ is exp.Star:
        return expand(w, this)
    if this.__class__ is exp.Column and this.args["this"].__class__ is exp.Star:
        return expand(w, this.args["this"], this)
    items = _of_all(w, node)
    test = _picker(this)
    if test is None:
        return [item for item in items if isinstance(item, OpenStar) or item.deps]
    return [item for item in items if isinstance(item, OpenStar) or test(item.name)]


def _picker(this: Any) -> Any:
    if this.__class__ is exp.Literal:
        return re.compile(this.name, re.IGNORECASE).search
    if this.__class__ is exp.Lambda:
        body = this.args["this"]
        if body.__class__ in (exp.Like, exp.ILike) and body.expression.__class__ is exp.Literal:
            return _like(body.expression.name, ignore_case=body.__class__ is exp.ILike).fullmatch
    if this.__class__ in (exp.Array, exp.Tuple, exp.List):
        names = {one.name.lower() for one in this.expressions}
        return lambda name: name.lower() in names
    return None


def naming(many: Any, template: str) -> Callable[[str], str]:
    """DuckDB: `COLUMNS('(a)_(.*)') AS '\\2'`: each takes its name from what the pattern found in its own; \\0 is all of it."""
    pattern = many.args["this"] if many.__class__ is exp.Columns else None
    search = re.compile(pattern.name).search if isinstance(pattern, exp.Literal) else None

    def named(name: str) -> str:
        found = search(name) if search is not None else None
        parts = (name, *(found.groups("") if found else ()))
        return _GROUP.sub(lambda at: parts[int(at[1])] if int(at[1]) < len(parts) else "", template)

    return named


_GROUP = re.compile(r"\\(\d)")


def starred(w: Walk, node: Any) -> Any:
    """The COLUMNS(...) inside an expression that is applied to each column of it; None without one."""
    if not w.spans.has_columns:
        return None
    for inner in node.walk(prune=lambda one: isinstance(one, exp.Query | exp.Count)):
        if inner.__class__ is exp.Columns and not inner.args.get("unpack"):
            return inner  # `*columns(...)` is a list of arguments
    return None


@contextmanager
def one_column(w: Walk, col: Col) -> Iterator[None]:
    """While an expression over COLUMNS(...) is read for one of its columns, that column is what COLUMNS stands for."""
    outer, w.one = w.one, col
    try:
        yield
    finally:
        w.one = outer


def _columns(w: Walk, node: Any, sub: int) -> None:
    if w.one is not None and not node.args.get("unpack"):
        w.add(w.one, sub)
        return
    for item in chosen(w, node):
        if isinstance(item, Col):
            w.add(item, sub)
        else:
            for col in item.guess("*", "*"):
                w.add(col, max(sub, TRANSFORMATION))


HANDLERS: Mapping[type, Handler | None] = MappingProxyType({exp.Columns: _columns})
