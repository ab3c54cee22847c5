"""Checks of random projects: their verdicts reused, and judged again beside it. What they read is told by the product's own code."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

import duckdb

from penstock.assets import AssetKey, ObservedCheck, Recipe
from penstock.change import Judged, MadeFrom, Now, Pending, Verdict, Want, judge_check, wants
from penstock.change.records import Input
from penstock.graph import AssetGraph
from penstock.integration import Content
from penstock.service.verdicts import Reading

Read = Callable[[AssetKey, Want | None], Input | None]
Pend = Callable[[Mapping[AssetKey, Want | None]], Mapping[AssetKey, Pending]]
_FORMS = (
    "select {c} from {m} where {c} is null",
    "select count(*) as n from {m} having count(*) > 3",
    "select * from {m} where {c} is not null",
    "select {c}, count(*) as n from {m} group by 1 having count(*) > 1",
    "select x.{c} from {m} x left join {o} y on cast(x.{c} as text) = cast(y.{d} as text) where y.{d} is null",
    "select {c} from {m} where exists (select 1 from {o} where {d} is not null)",
    "with t as (select {c} as v from {m}) select max(v) as v from t",
)


class Checks:
    """Of one estate: SQL by name, and what is recorded of each."""

    def __init__(self, rng: random.Random, columns: Mapping[str, tuple[str, ...]]) -> None:
        self.texts: dict[str, tuple[str, tuple[str, ...]]] = {}
        for at in range(4):
            (one, mine), (other, theirs) = (rng.choice(sorted(columns.items())) for _ in range(2))
            form = rng.choice(_FORMS)
            names = {"c": rng.choice(mine), "d": rng.choice(theirs)}
            sql = form.format(m=f"memory.main.{one}", o=f"memory.main.{other}", **names)
            self.texts[f"check{at}"] = (sql, (one, other) if "{o}" in form else (one,))
        self.known: dict[AssetKey, MadeFrom] = {}

    def observed(self) -> tuple[ObservedCheck, ...]:
        return tuple(
            ObservedCheck(
                id=name,
                kind="data_test",
                name=name,
                assets=read,
                recipe=Recipe(form="check", settings="", template=sql),
            )
            for name, (sql, read) in self.texts.items()
        )

    def judged(
        self, graph: AssetGraph, models: Mapping[AssetKey, MadeFrom], read: Read, pend: Pend
    ) -> dict[AssetKey, Judged | None]:
        found: dict[AssetKey, Judged | None] = {}
        for key, check in graph.checks.items():
            made = self.known.get(key)
            assert check.recipe is not None
            if made is None:
                found[key] = None
                continue
            needed = wants(graph, "check", made.reads, models)
            now = Now(
                recipe=check.recipe,
                output=None,
                inputs={one: read(one, want) for one, want in needed.items()},
                names={one: one.name for one in needed},
                pending=pend(needed),
                age=float("inf"),
            )
            found[key] = judge_check(now, made)
        return found

    def run(
        self,
        graph: AssetGraph,
        models: Mapping[AssetKey, MadeFrom],
        read: Read,
        content: Callable[[AssetKey], Content | None],
        decided: Mapping[AssetKey, Judged | None],
        connection: duckdb.DuckDBPyConnection,
    ) -> Iterator[tuple[str, bool]]:
        """Judge every check; of each whether its verdict was reused. A wrong one fails."""
        again = self.judged(graph, models, read, lambda needed: {})
        for key, check in graph.checks.items():
            judged = decided.get(key)
            if judged is not None and not judged.reuse:
                judged = again[key]
            verdict = outcome(connection, self.texts[check.name][0])
            reused = judged is not None and judged.reuse
            if reused:
                assert judged is not None
                assert judged.verdict == verdict, (
                    f"wrong verdict: {self.texts[check.name][0]}: {judged.reason}; {verdict}"
                )
            else:
                self._remember(graph, key, models, read, content, verdict)
            yield check.name, reused

    def _remember(
        self,
        graph: AssetGraph,
        key: AssetKey,
        models: Mapping[AssetKey, MadeFrom],
        read: Read,
        content: Callable[[AssetKey], Content | None],
        verdict: Verdict | None,
    ) -> None:
        self.known.pop(key, None)
        check = graph.checks[key]
        shown = [(one, held) for one in check.assets if (held := content(one)) is not None]
        told = Reading(graph, models, {key: (self.texts[check.name][0], "duckdb")}).of(check, shown)
        if told is None or verdict is None:
            return
        needed = wants(graph, "check", told[0], models)
        inputs = {one: read(one, want) for one, want in needed.items()}
        if all(inputs.values()) and check.recipe is not None:
            self.known[key] = MadeFrom(
                recipe=check.recipe,
                reads=told[0],
                inputs={one: seen for one, seen in inputs.items() if seen},
                output="",
                run=1,
                at=0.0,
                volatile=told[1],
                verdict=verdict,
            )


def outcome(connection: duckdb.DuckDBPyConnection, sql: str) -> Verdict | None:
    """None: it broke."""
    try:
        found = connection.execute(sql).fetchall()
    except duckdb.Error:
        return None
    return Verdict("fail" if found else "success", repr(sorted(found, key=repr)))
