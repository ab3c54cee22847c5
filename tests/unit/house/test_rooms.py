"""The command line imports other rooms than service for their types only; and it starts the web, which is a window as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

CLI = ROOT / "core" / "penstock" / "cli"
# `errors` and `system` lie below everything; `web` is what `penstock web` starts.
ALLOWED = {"cli", "service", "errors", "system", "web"}


def needed(tree: ast.AST) -> Iterator[str]:
    """The modules of penstock that are imported when the code runs, not for a type checker."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "penstock":
            yield from (f"penstock.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        else:
            yield from needed(node)


def beyond(tree: ast.AST) -> list[str]:
    rooms = [name.split(".") for name in needed(tree)]
    return [
        ".".join(room) for room in rooms if room[0] == "penstock" and len(room) > 1 and room[1] not in ALLOWED
    ]


@pytest.mark.parametrize("path", sorted(CLI.rglob("*.py")), ids=lambda path: path.stem)
def test_a_command_calls_the_service_room(path: Path) -> None:
    assert beyond(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_an_import_within_a_function_counts() -> None:
    code = "if TYPE_CHECKING:\n    from penstock.plan import Plan\ndef f():\n    from penstock.store import RunHeld\n"
    assert beyond(ast.parse(code)) == ["penstock.store"]
