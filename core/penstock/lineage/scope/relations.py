"""Relations outside the statement: their names as written, and what is known of them."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.records import Parts
from penstock.lineage.scope.catalog import Entry
from penstock.lineage.scope.results import OneOfRelations, OutsideRelation, Result
from penstock.lineage.scope.walk import Walk

READ, WRITTEN, TEMPORARY = 1, 2, 4
_TEMPORARY_DATABASE = "tempdb"


def written_parts(w: Walk, node: Any) -> Parts:
    """A relation's name as written, each part as the warehouse stores it."""
    w.seen.add(id(node))
    parts: list[str] = []
    for part in ("catalog", "db", "this"):
        ident = node.args.get(part)
        if ident is None:
            continue
        if ident.__class__ is exp.Identifier:
            parts.append(_marked(ident) + w.name(ident))
            continue
        if ident == "" and part == "db" and w.rules.left_out_schema:  # `db..t`
            parts.append(w.rules.left_out_schema)
        while ident.__class__ is exp.Dot:  # more than three parts
            parts.append(w.name(ident.args["this"]))
            ident = ident.args["expression"]
        if ident.__class__ is exp.Parameter:
            parts.append(f"@{w.fold(ident.name)}")  # T-SQL: a table variable
        elif ident != "":
            parts.append(_marked(ident) + w.name(ident))
    in_tempdb = parts[:1] != [] and parts[0].lower() == _TEMPORARY_DATABASE
    if len(parts) > 1 and parts[-1][:1] == "#" and (in_tempdb or w.rules.has.table_variables):
        return (parts[-1],)  # `tempdb..#t`, `dbo.#t`
    return tuple(part for part in parts if part)


def _marked(ident: Any) -> str:
    """T-SQL's temporary tables: # and ## belong to the name."""
    args = ident.args
    return "##" if args.get("global_") else "#" if args.get("temporary") else ""


def relation(w: Walk, node: Any) -> Result:
    """A relation outside the statement, or one that the script made before."""
    parts = written_parts(w, node)
    if w.rules.has.wildcard_tables:
        parts = (*parts[:-1], parts[-1].split("$", 1)[0])
        if parts[-1].endswith("*"):
            return _wildcard(w, parts)
    return outside(w, parts, node)


def outside(w: Walk, parts: Parts, node: Any = None) -> Result:
    made = made_before(w, parts)
    if made is not None:
        return made
    entry = w.catalog.find(parts)
    if entry.names is None and len(parts) == 1 and parts[0].lower() == "dual" and w.rules.has.has_dual:
        return Result()
    if entry.candidates:
        named = ", ".join(".".join(other) for other in entry.candidates)
        w.finding("ambiguous-relation", f"{'.'.join(parts)} could be {named}", node.this if node else None)
        for other in entry.candidates:
            w.uses[other] = w.uses.get(other, 0) | READ
        return OneOfRelations(w.refs, [w.base(w.catalog.find(other)) for other in entry.candidates])
    w.uses[entry.parts] = w.uses.get(entry.parts, 0) | READ
    return w.base(entry)


def made_before(w: Walk, parts: Parts) -> Result | None:
    """The relation of that name, if an earlier statement of the text made it."""
    if not w.made:
        return None
    if len(parts) == 2 and parts[0].lower() in w.rules.temporary_schemas:
        parts = parts[1:]
    full = tuple(w.rules.relation_key(part) for part in w.catalog.full(parts))
    made = w.made.get(full)
    if isinstance(made, OutsideRelation):
        entry_parts = w.relations[made.id]
        w.uses[entry_parts] = w.uses.get(entry_parts, 0) | READ
    return made


def _wildcard(w: Walk, parts: Parts) -> Result:
    """`events_*`: the columns are those of the newest table that the name stands for."""
    entry = w.catalog.find(parts)
    if entry.names is None:
        alike = w.catalog.like(tuple(parts[:-1]), parts[-1][:-1])
        if alike:
            entry = Entry(parts, alike[-1].names, alike[-1].more)
    w.uses[entry.parts] = w.uses.get(entry.parts, 0) | READ
    return w.base(entry)


def written_so(w: Walk, rel: OutsideRelation, idents: list[Any]) -> bool:
    """Whether `schema.table` is the name of that relation."""
    fold = w.rules.fold_relation
    parts = tuple(fold(part) for part in w.relations[rel.id])
    named = tuple(fold(ident.name) for ident in idents)
    return parts[-len(named) :] == named
