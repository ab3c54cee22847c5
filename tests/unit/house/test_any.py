"""`Any` says that nobody knows: how often it may stand in the code. `python -m tests.unit.house.test_any` counts it by package."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.support import ROOT

# It only shrinks. sqlglot's nodes have no types of their own: what reads them is not counted, nor the worker, which reads dbt's.
MOST = 87
# What would hide one: a type that is asserted and not checked. (mypy refuses a `dict` that does not say of what.)
CASTS, IGNORED = 19, 3
READERS = ("core/penstock/lineage/", "core/penstock/change/shape/", "integrations/penstock_dbt/worker.py")


class Uses(NamedTuple):
    any: int
    casts: int
    ignored: int


def uses(path: Path) -> Uses:
    text = path.read_text(encoding="utf-8")
    names = casts = 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            names += node.id == "Any"
        elif isinstance(node, ast.Call):
            casts += isinstance(node.func, ast.Name) and node.func.id == "cast"
    return Uses(names, casts, text.count("# type: ignore"))


@functools.cache
def counted() -> dict[str, Uses]:
    """By module."""
    return {
        path.relative_to(ROOT).as_posix(): uses(path)
        for folder in ("core/penstock", "integrations", "manifests")
        for path in (ROOT / folder).rglob("*.py")
    }


def ours() -> dict[str, Uses]:
    return {name: found for name, found in counted().items() if not name.startswith(READERS)}


def test_any_stands_where_nothing_else_can() -> None:
    found = {name: one.any for name, one in ours().items() if one.any}
    assert sum(found.values()) <= MOST, sorted(found.items(), key=lambda one: -one[1])[:20]


def test_no_any_hides_behind_a_cast() -> None:
    assert sum(one.casts for one in ours().values()) <= CASTS
    assert sum(one.ignored for one in ours().values()) <= IGNORED


if __name__ == "__main__":
    packages: Counter[str] = Counter()
    for name, found in counted().items():
        packages["/".join(name.split("/")[:3])] += found.any
    for name, number in packages.most_common():
        print(f"{number:5}  {name}")
    print(f"{sum(packages.values()):5}  all")
