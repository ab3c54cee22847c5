"""A whole text: parsed once, its statements derived one after another."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.assembly import new_walk
from penstock.lineage.dialects.rules import rules
from penstock.lineage.emit import flows, statement_lineage
from penstock.lineage.errors import LineageError
from penstock.lineage.read.parse import Reader
from penstock.lineage.read.script import ADDS, ASIDE, BRANCH, PLACE, TRIGGER, Script, read_script
from penstock.lineage.records import NO_DATA, StatementLineage
from penstock.lineage.scope.catalog import Catalog, Schema, Waiting
from penstock.lineage.scope.results import NOTHING
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.accounting import account, answered, tell_of
from penstock.lineage.statements.create_copy import derive_statement
from penstock.lineage.statements.procedural import Blocks, go_over, noted, rows_of_trigger
from penstock.lineage.statements.targets import Outcome


def derive_script(
    sql: str, *, dialect: str, schema: Schema | None, database: str | None, default_schema: str | None
) -> StatementLineage:
    name = dialect.lower()
    script = read_script(sql, Reader(name))
    ways = rules(name)
    walk = new_walk(ways, Catalog(ways, schema, database, default_schema), script.spans)
    try:
        outcomes = derive_all(walk, script)
    except RecursionError:
        raise LineageError(f"{name}: nested too deeply to be followed", dialect=name) from None
    return statement_lineage(walk, outcomes, script, sql)


def derive_all(w: Walk, script: Script) -> list[Outcome]:
    """Every statement in order."""
    w.variables = {w.fold(name): NOTHING for name in script.variables}
    w.undone = script.undone
    w.fetched = frozenset(w.fold(name) for _, names in script.fetches for name in names)
    session = ("session",) if w.rules.has.session_variables else ()
    w.routines = frozenset(map(w.fold, (*script.routines, *session)))
    blocks = Blocks(script.declared, w.fold)
    found: list[Outcome] = []
    quiet: list[Any] = []
    for statement in script.statements:
        before = None if isinstance(statement, exp.Query) else answered(w)
        try:
            meta = statement._meta or {}
            rows_of_trigger(w, meta.get(TRIGGER, ()))
            w.branch = meta.get(BRANCH, ())
            blocks.upto(w, meta.get(PLACE, 0))
            aside = meta.get(ASIDE)
            if aside is None:
                outcomes = derive_statement(w, statement)
                found.extend(outcomes)
                account(w, statement, script.nodes(statement))
                if before is not None and not outcomes and before == answered(w):
                    quiet.append(statement)
            else:
                found.extend(noted(w, statement, aside, adds=bool(meta.get(ADDS))))
                go_over(w, script)
        except (Waiting, RecursionError):
            raise
        except Exception as error:  # one statement's failure must not hide the others': told as a finding
            w.begin()
            w.finding("internal-error", f"{type(error).__name__}: {error}", statement)
    for statement in quiet:
        tell_of(w, statement)
    _told_of_kept(w, found)
    return found


def _told_of_kept(w: Walk, outcomes: list[Outcome]) -> None:
    """What conditions and variables read, and no column is made of."""
    if not w.kept:
        return
    carried = {
        place[:2] for one in outcomes for _, deps in flows(w, one) for place, _, _ in w.refs.told(deps)
    }
    of_relations = {relation for relation, _ in carried}
    for deps, node in w.kept:
        places = {place[:2]: None for place, _, _ in w.refs.told(deps)}
        left = [
            place
            for place in places
            if place not in carried and place[0] >= 0 and not (place[1] == "*" and place[0] in of_relations)
        ]
        if left:
            named = ", ".join(".".join((*w.relations[relation], column)) for relation, column in left)
            w.finding(
                NO_DATA, f"{named}: read for a condition or a variable, and no data goes on from there", node
            )
