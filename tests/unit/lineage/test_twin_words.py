"""Whatever reading looks for in the whole of a text makes no twins where it stands in quotes. What is looked for is read off the code."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from penstock.lineage import read
from penstock.lineage.project.derive import ProjectLineage, derive
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.project.twins import _SAYS
from tests.unit.lineage.models import SOURCES

_READ = Path(read.__file__).parent
_WHOLE = frozenset({"sql", "lower", "text", "whole", "changed", "upper"})  # what a whole text is called there
_SEARCHES = frozenset(
    {"count", "find", "rfind", "index", "split", "partition", "replace", "startswith", "endswith"}
)
_PATTERNS = frozenset({"search", "match", "fullmatch", "finditer", "findall", "sub", "split"})
# Reached only where a text is read piece by piece, where it cannot be read, or for a place inside MATCH_RECOGNIZE: none of these has a twin.
_NO_TWINS = frozenset(
    {"_read_piece", "_read_one", "_read_body", "_line_of", "rewritten", "_without_subsets", "left_out", "update_from", "unloaded", "filed",
     "copied_to", "unquoted", "blank", "only", "moved", "_columns_behind", "_load", "_renames", "_unclosed", "tokens_of", "_plain", "one_line",
     "told", "told_at", "_finding", "_delimited", "_extent", "_words", "_loaded",
     # These change no text in quotes: commands are whole lines or have a backslash, placeholders are looked for outside quotes.
     "without_commands", "with_placeholders", "_has_marks", "_said"}
)  # fmt: skip


def _is_whole(node: ast.expr) -> bool:
    """`sql`, `self.sql`, `sql.lower()`."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("lower", "upper")
    ):
        return _is_whole(node.func.value)
    if isinstance(node, ast.Attribute):
        return node.attr == "sql"
    return isinstance(node, ast.Name) and node.id in _WHOLE


def _constants(node: ast.expr | None) -> list[str]:
    return (
        [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if node
        else []
    )


def _first_signs(node: ast.AST) -> Iterator[ast.expr]:
    """`"|" in sql and "|>" in sql`: the first only makes the second faster."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for first, second in pairwise(node.values):
            if isinstance(first, ast.Compare) and isinstance(second, ast.Compare):
                signs, sought = _constants(first.left), _constants(second.left)
                if len(signs) == len(sought) == 1 and signs[0] in sought[0]:
                    yield first


def _searched(function: ast.FunctionDef, values: dict[str, list[str]]) -> Iterator[str]:
    """The texts and the patterns that a function looks for in a whole text."""
    signs = {id(first) for node in ast.walk(function) for first in _first_signs(node)}
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Compare)
            and isinstance(node.ops[0], ast.In | ast.NotIn)
            and _is_whole(node.comparators[0])
            and id(node) not in signs
        ):
            yield from _constants(node.left)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        method, on = node.func.attr, node.func.value
        if method in _SEARCHES and _is_whole(on) and node.args:
            first = node.args[0]
            yield from values.get(first.id, [first.id]) if isinstance(first, ast.Name) else _constants(first)
        elif method in _PATTERNS and any(map(_is_whole, node.args)):
            pattern = node.args[0] if isinstance(on, ast.Name) and on.id == "re" else on
            named = isinstance(pattern, ast.Name)
            yield from values.get(pattern.id, [pattern.id]) if named else _constants(node.args[0])  # type: ignore[attr-defined]


@functools.cache
def _sought() -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for file in sorted(_READ.glob("*.py")):
        module = ast.parse(file.read_text())
        values = {
            target.id: _constants(one.value)
            for one in module.body
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        }
        for function in (
            one for one in ast.walk(module) if isinstance(one, ast.FunctionDef) and one.name not in _NO_TWINS
        ):
            for names in ast.walk(function):  # `any(sql.count(words) > 3 for words in _UNIONS_ALL)`
                if (
                    isinstance(names, ast.comprehension)
                    and isinstance(names.target, ast.Name)
                    and isinstance(names.iter, ast.Name)
                ):
                    values = {**values, names.target.id: values.get(names.iter.id, [names.iter.id])}
            found.update(
                dict.fromkeys((f"{file.stem}.{function.name}", one) for one in _searched(function, values))
            )
    return list(found)


def _plain(sought: str) -> str:
    """A text that a pattern finds, or the text itself: `(?im)^[ \\t]*delimiter[ \\t]+(\\S+)` is sure to hold `delimiter`."""
    if not re.search(r"\\[a-zA-Z]|\(\?|\[", sought):
        return sought
    return (
        re.sub(r"\(\?[a-z]*\)|\(\?<?[=!][^)]*\)", "", sought)
        .replace(r"\d", "1")
        .replace(r"\s", " ")
        .replace("^", "\n")
        .replace("\\", "")
    )


def test_what_is_looked_for_makes_no_twin() -> None:
    """Another one: into `_SAYS` with its word; or, where no text that is read whole gets there, into `_NO_TWINS`."""
    makes_twins = [
        f"{where} looks for {sought!r} in the whole text"
        for where, sought in _sought()
        if not _SAYS.search(_plain(sought))
    ]
    assert makes_twins == []


def test_the_searches_that_are_known_are_found() -> None:
    found = {sought for _, sought in _sought()}
    assert {
        "window",
        "->",
        "|>",
        "{{",
        ";",
        "columns",
        "merge",
        "values",
        "join",
        "union all",
        "show",
        "\ufeff",
    } <= found
    assert {r"(?i)value(?<=\bvalue)\s*\(", r"_(?<=\d_)\d"} <= found


_SHAPES = (
    ("postgres", "select 1_000 as n, sum(amount) over (order by id) as s from raw.orders where status = '{0}'"),
    ("databricks", "select window.start as a, count(*) as n from raw.orders where status <> '{0}' group by window(id, '5 minutes')"),
    ("oracle", "select value(o).id as a, value(o) from raw.orders o where o.status = '{0}'"),
    ("mysql", "select json_extract(id, '$.a') as a, id -> '$.b' as b from raw.orders where status = '{0}'"),
    ("clickhouse", "select * apply toString, status = '{0}' is_so from raw.orders"),
    ("bigquery", "select p.x from (select o.status as x from raw.orders as o, o.items as i with offset) as p where p.o.x = '{0}' offset 5"),
)  # fmt: skip


def _words() -> list[str]:
    """Each word that the code of reading has anywhere, but those that make no twins, and all of them in one text."""
    modules = (ast.parse(file.read_text()) for file in sorted(_READ.glob("*.py")))
    said = {
        part
        for module in modules
        for one in ast.walk(module)
        if isinstance(one, ast.Constant)
        for part in str(one.value).split()
    }
    words = sorted(
        word.lower() for word in said if word.isupper() and word.isalpha() and not _SAYS.search(word)
    )
    others = ["--", "/*", "$$", "(", ")", '"', "@", "#", "into outfile ", "delete where x", "with no data"]
    return list(dict.fromkeys([*words, *others, " ".join(words), " (".join(others)]))


def _derived(shape: str, dialect: str, texts: list[str]) -> ProjectLineage:
    return derive(
        [ModelSql(key=text, sql=shape.format(text, at), dialect=dialect) for at, text in enumerate(texts)],
        SOURCES,
    )


@pytest.mark.parametrize(("dialect", "shape"), _SHAPES, ids=[dialect for dialect, _ in _SHAPES])
def test_a_twin_with_a_word_of_the_code_is_told_truly(dialect: str, shape: str) -> None:
    texts = ["paid", *_words()]
    together, apart = _derived(shape, dialect, texts), _derived(shape + " /* {1} */", dialect, texts)
    for text in texts:
        assert together.models[text] == apart.models[text], shape.format(text)
        assert together.findings.get(text) == apart.findings.get(text), shape.format(text)


def test_what_is_read_piece_by_piece_has_no_twin() -> None:
    shape = "begin select id from raw.orders where status = '{0}' and status <> 'y'; end"
    texts = ["a", "into outfile ", "b"]
    together, apart = _derived(shape, "mysql", texts), _derived(shape + " /* {1} */", "mysql", texts)
    assert [together.models[text] for text in texts] == [apart.models[text] for text in texts]
    assert together.findings == apart.findings
