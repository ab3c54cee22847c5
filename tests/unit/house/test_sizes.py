"""No module of the program or of its tests is longer than somebody reads in one sitting."""

from __future__ import annotations

import ast

from tests.support import ROOT

MOST = 400
# It runs alone in the user's interpreter, and so is one file.
EXCEPTED = {"integrations/penstock_dbt/worker.py"}


def test_modules_are_short() -> None:
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("core/penstock", "integrations", "manifests", "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert len(sizes) > 800
    assert {name: size for name, size in sizes.items() if size > MOST and name not in EXCEPTED} == {}


def test_most_modules_and_functions_are_short() -> None:
    trees = {
        path: path.read_text(encoding="utf-8")
        for folder in ("core/penstock", "integrations", "manifests")
        for path in (ROOT / folder).rglob("*.py")
    }
    lines = sorted(len(text.splitlines()) for text in trees.values())
    assert lines[len(lines) * 90 // 100] <= 250
    functions = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for text in trees.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert functions[len(functions) * 95 // 100] <= 30
