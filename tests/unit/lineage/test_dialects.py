"""Dialects' ways are facts in tables: every name is a dialect, every fact tells some apart, case is decided in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlglot.dialects.dialect import Dialect

from penstock.assets import comparable, stored
from penstock.lineage.dialects import traits as table
from penstock.lineage.dialects.rules import rules

DIALECTS = sorted(filter(None, Dialect.classes))
ROOM = Path(table.__file__).parent.parent


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["aB", "ab", "AB"])
def test_relations_are_compared_as_assets_are(dialect: str, name: str) -> None:
    ways = rules(dialect)
    for other in ("aB", "ab", "AB"):
        same_asset = comparable(dialect, name) == comparable(dialect, other)
        assert (ways.relation_key(name) == ways.relation_key(other)) == same_asset
    kept, written = stored(dialect, name, quoted=False), ways.stores(name)
    assert comparable(dialect, kept) == comparable(dialect, written)


def test_every_way_is_of_some_dialects_that_exist() -> None:
    for name, having in table._HAVE.items():
        dialects = having.split()
        assert dialects, name
        assert set(dialects) <= {*DIALECTS, "spark2", "ansi"}, name
        assert len(dialects) == len(set(dialects)), name


def test_an_unknown_dialect_has_none_of_them() -> None:
    assert not any(getattr(table.traits("nobodys"), name) for name in table._HAVE)


def test_no_other_module_decides_by_the_name_of_a_dialect() -> None:
    names = {*DIALECTS, "spark2"}
    found = []
    for path in ROOM.rglob("*.py"):
        if path.parent.name == "dialects":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                compared = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
                if any(one.value in names for one in compared):
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []
