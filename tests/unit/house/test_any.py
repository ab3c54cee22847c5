"""`Any` says that nobody knows: how often it may stand in the code. `python -m tests.unit.house.test_any` counts it by package."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.support import ROOT

# It only shrinks. sqlglot's nodes have no types of their own: what reads them is not counted, nor the worker, which reads dbt's.
MOST = 87
# What would hide one: a type that is asserted and not checked. (mypy refuses a `dict` that does not say of what.)
CASTS, IGNORED = 19, 3
READERS = ("core/penstock/lineage/", "core/penstock/change/shape/", "integrations/penstock_dbt/worker.py")


def uses(path: Path) -> int:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree))


def counted() -> dict[str, int]:
    """By module."""
    return {
        path.relative_to(ROOT).as_posix(): uses(path)
        for folder in ("core/penstock", "integrations", "manifests")
        for path in (ROOT / folder).rglob("*.py")
    }


def test_any_stands_where_nothing_else_can() -> None:
    found = {name: number for name, number in counted().items() if number and not name.startswith(READERS)}
    assert sum(found.values()) <= MOST, sorted(found.items(), key=lambda one: -one[1])[:20]


def test_no_any_hides_behind_a_cast() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in counted() if not name.startswith(READERS)]
    calls = (node.func for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    assert sum(isinstance(func, ast.Name) and func.id == "cast" for func in calls) <= CASTS
    assert sum(text.count("# type: ignore") for text in texts) <= IGNORED


if __name__ == "__main__":
    packages: Counter[str] = Counter()
    for name, number in counted().items():
        packages["/".join(name.split("/")[:3])] += number
    for name, number in packages.most_common():
        print(f"{number:5}  {name}")
    print(f"{sum(packages.values()):5}  all")
