"""What `diff` says of random edits, held against what the edits do: every version is built on a real DuckDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from penstock.change.revision import AssetChange, Level
from penstock.report.document import DiffDocument
from tests.property.diff_projects import MODELS, compared, compiled, executed, parents, project
from tests.property.sql_edits import edited

Made = tuple[Any, ...] | str


def edits(random: Random, count: int) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(the model, the kind of edit, all models with the edited one)."""
    while count:
        name = random.choice(list(MODELS))
        found = edited(compiled(MODELS[name]), random)
        if found is not None:
            kind, text = found
            yield name, kind, {**MODELS, name: text}
            count -= 1


def judged(models: dict[str, str], before: dict[str, Made], found: DiffDocument) -> Counter[str]:
    return judge(before, executed(models), {one: parents(sql) for one, sql in models.items()}, found)


def judge(
    before: dict[str, Made], after: dict[str, Made], models: dict[str, list[str]], found: DiffDocument
) -> Counter[str]:
    """Counts of what was right; `models` with what each reads. Raises AssertionError for what was not."""
    changes = {one.name: one for one in found.comparison.assets}
    told = {one.asset for one in found.comparison.breaks}
    sure = {one.asset for one in found.comparison.breaks if one.sure}
    failed = {one for one, made in after.items() if isinstance(made, str)}
    behind = _behind(models, told)
    counts: Counter[str] = Counter()
    for one in models:
        change = changes.get(one)
        if one in failed:
            # A failure of types cannot be seen in names: nobody says that these were followed.
            foreseen = (
                one in told
                or one in behind
                or _of_types(str(after[one]))
                or bool(_behind(models, failed) & {one})
            )
            assert foreseen, f"{one} fails and nothing said so: {after[one]}"
            counts["fails as said"] += one in sure
            continue
        assert one not in sure, f"{one} was said to break, and is built"
        if change is None or change.level is Level.COSMETIC:
            same = _named(before[one]) == _named(after[one]) if change else before[one] == after[one]
            assert same, f"{one} was called untouched, and differs"
            counts["untouched and the same"] += 1
        else:
            _keeps(change, before[one], after[one])
            counts["changed" if before[one] != after[one] else "called changed, and the same"] += 1
    return counts


def _behind(models: dict[str, list[str]], start: set[str]) -> set[str]:
    found: set[str] = set()
    for one, above in models.items():
        if any(parent in start or parent in found for parent in above):
            found.add(one)
    return found


def _of_types(error: str) -> bool:
    return any(
        words in error
        for words in ("No function matches", "Conversion Error", "Cannot compare", "could not be cast", "Cannot mix",
                      "must appear in the GROUP BY", "must be of type",
                      "cannot contain aggregates", "out of range", "cannot contain", "data type mismatch")
    )  # fmt: skip


def _named(made: Made) -> Made:
    """The columns in the order of their names: one that is only moved holds the same."""
    if isinstance(made, str):
        return made
    columns, rows = made
    order = sorted(range(len(columns)), key=lambda at: columns[at])
    moved = sorted((tuple(row[at] for at in order) for row in rows), key=str)
    return tuple(columns[at] for at in order), tuple(moved)


def _keeps(change: AssetChange, before: Made, after: Made) -> None:
    """Of the columns that are not said to change, the rows are the same."""
    if change.everything or change.what == "added" or isinstance(before, str) or isinstance(after, str):
        return
    (old, old_rows), (new, new_rows) = before, after
    changed = set(change.columns)
    names = [name for name, _ in old if name.lower() not in changed and name in [one for one, _ in new]]
    places = [
        [next(at for at, (one, _) in enumerate(side) if one == name) for name in names] for side in (old, new)
    ]
    kept = [
        sorted((tuple(row[at] for at in here) for row in rows), key=str)
        for rows, here in ((old_rows, places[0]), (new_rows, places[1]))
    ]
    assert kept[0] == kept[1], f"{change.name}: a column beside {sorted(changed)} differs"


def run(folder: Path, seed: int, count: int) -> Counter[str]:
    before = executed(MODELS)
    assert not [made for made in before.values() if isinstance(made, str)]
    totals: Counter[str] = Counter()
    for name, kind, models in edits(Random(seed), count):
        found = compared(folder, models)
        try:
            totals += judged(models, before, found)
        except AssertionError as wrong:
            raise AssertionError(f"{kind} of {name}: {models[name]}\n{wrong}") from None
        totals[f"edits: {found.comparison.level.value}"] += 1
    return totals


def test_a_few_edits_do_what_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    totals = run(project(tmp_path), seed=20, count=15)
    assert totals["untouched and the same"] > 100
    with capsys.disabled():
        print(f"\n  {dict(totals)}")


@pytest.mark.long
def test_a_thousand_edits_do_what_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    totals = run(project(tmp_path), seed=11, count=1000)
    assert totals["untouched and the same"] > 5000
    assert totals["fails as said"] > 50
    with capsys.disabled():
        print(f"\n  {dict(totals)}")
