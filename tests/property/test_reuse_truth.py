"""Executed truth of reuse: random edits of projects on real rows, decided with the boldest cut-off, against building everything."""

from __future__ import annotations

import os
import random
from collections import Counter

import duckdb
import pytest

from tests.property.reuse_estate import Estate
from tests.property.reuse_projects import Project, edited, loads, one_column
from tests.property.reuse_rows import Side

_NONE = "none that builds"
_SHOWN = 100  # edits between two lines of a long run


def works(trial: Project) -> bool:
    """Whether it can be built from nothing, and once more."""
    side = Side(1)
    try:
        for one in trial.models.values():
            side.make(trial, one)
        for one in trial.models.values():
            if one.form in ("incremental", "snapshot"):
                side.make(trial, one)
    except duckdb.Error:
        return False
    finally:
        side.close()
    return True


def step(estate: Estate) -> str:
    """An edit of the project, or of its data, and its kind; what does not build from nothing is taken back."""
    of_one = estate.by_column and estate.rng.random() < 0.8
    if not of_one and estate.rng.random() < 0.2:
        statement = loads(estate.rng)
        estate.bold.load(statement)
        estate.plain.load(statement)
        return "rows of a source"
    kind, change = (one_column if of_one else edited)(estate.rng, estate.project)
    old = estate.project.models[change.name]
    estate.project.models[change.name] = change
    if works(estate.project):
        return kind
    estate.project.models[change.name] = old
    return _NONE


def working(rng: random.Random) -> Estate:
    while True:
        estate = Estate(rng)
        if works(estate.project):
            return estate
        estate.close()


class Truth:
    """Counts of what was reused, built in need and built needlessly, and every wrong reuse in words."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.wrong: list[str] = []

    def tried(self, edits: int, *, shown: bool = False) -> Truth:
        while self.counts["edits"] < edits:
            estate = working(self.rng)
            try:
                list(estate.build())
                list(estate.checked())
                for _ in range(12):
                    done = self._edit(estate)
                    if shown and done and self.counts["edits"] % _SHOWN == 0:
                        print(dict(self.counts), f"wrong: {len(self.wrong)}", flush=True)
            except duckdb.Error:  # rows that its SQL cannot take: both would end with an error
                self.counts["projects that break on rows"] += 1
            estate.close()
        return self

    def _edit(self, estate: Estate) -> bool:
        """One more run, and whether anything was edited before it."""
        before = {name: estate.plain.rows_if_any(name) for name in estate.project.models}
        kind = step(estate)
        self.kinds[kind] += 1
        for one, judged, reused in estate.build():
            right, mine = estate.plain.rows(one.name), estate.bold.rows(one.name)
            self.counts["unread"] += judged is not None and judged.code == "unread" and reused
            if one.name in estate.restless:
                self.counts["excluded"] += 1
                if mine != right:
                    estate.again(one)
            elif reused and mine != right:
                told = f"seed {self.seed}, edit {self.counts['edits']}, {one.name}: {judged}"
                if estate.again(one):
                    self.wrong.append(f"{told}\n{estate.project.compiled(one.name)}\n{mine}\n{right}")
                else:
                    self.counts["excluded"] += 1
            else:
                needless = not reused and before.get(one.name) == right
                self.counts["reused" if reused else "needless" if needless else "built"] += 1
        self.counts.update("verdicts reused" if reused else "checks run" for _, reused in estate.checked())
        self.counts["edits"] += kind != _NONE
        return kind != _NONE


def test_nothing_is_reused_that_would_be_made_otherwise() -> None:
    found = Truth(seed=7).tried(24)
    assert not found.wrong, found.wrong[0]
    assert found.counts["reused"] > found.counts["needless"]


@pytest.mark.long
def test_two_thousand_edits() -> None:
    found = Truth(int(os.environ.get("PENSTOCK_SEED", "11"))).tried(2000, shown=True)
    print(dict(found.counts), f"wrong: {len(found.wrong)}", dict(found.kinds), *found.wrong[:5], sep="\n")
    assert not found.wrong
    assert found.counts["reused"] > 0
