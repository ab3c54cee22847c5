"""No module keeps state: what is assigned at its top is never changed, and no cache holds the objects of a class."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support import ROOT

FOLDERS = ("core/penstock", "integrations", "manifests")
EXCEPTED = {
    "integrations/penstock_dbt/worker.py": "runs alone in the user's interpreter: its module is its process",
    "integrations/penstock_duckdb/connect.py": "a lock for each file, as DuckDB has for each process",
}
_CONTAINERS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
_MADE = {
    "dict",
    "list",
    "set",
    "defaultdict",
    "deque",
    "Counter",
    "OrderedDict",
    "WeakValueDictionary",
    "WeakKeyDictionary",
}
_CHANGING = {
    *(
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "popitem",
        "clear",
        "update",
        "setdefault",
        "add",
        "discard",
        "sort",
    ),
    *(
        "reverse",
        "appendleft",
        "popleft",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
    ),
}
_CACHES = {"cache", "lru_cache", "cached"}


def containers(tree: ast.Module) -> set[str]:
    """The names at the top of a module that hold something that could be changed."""
    found: set[str] = set()
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        made = isinstance(value, ast.Call) and _last(value.func) in _MADE
        if made or isinstance(value, _CONTAINERS):
            found.update(target.id for target in targets if isinstance(target, ast.Name))
    return found


def changes(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """Where one of those names, or one that is imported under it, is changed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"{node.lineno}: global {', '.join(node.names)}"
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _CHANGING
        ):
            if _last(node.func.value) in names and isinstance(node.func.value, ast.Name | ast.Attribute):
                yield f"{node.lineno}: {ast.unparse(node.func)}"
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            if isinstance(node.value, ast.Name) and node.value.id in names:
                yield f"{node.lineno}: {ast.unparse(node)} ="
        elif (
            isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in names
        ):
            yield f"{node.lineno}: {node.target.id} is added to"


def kept_objects(tree: ast.AST) -> Iterator[str]:
    """Methods with a cache of functools: it would keep every object that they were called on."""
    for node in ast.walk(tree):
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if not isinstance(method, ast.FunctionDef) or not method.args.args:
                continue
            cached = any(
                _last(one.func if isinstance(one, ast.Call) else one) in _CACHES
                for one in method.decorator_list
            )
            if cached and method.args.args[0].arg in ("self", "cls"):
                yield f"{method.lineno}: {method.name}"


def _last(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _local(tree: ast.Module, names: set[str]) -> set[str]:
    """Those of the names that some function of the module has for itself: they cannot be told apart here."""
    if not names:
        return set()
    inner = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    return names & inner


def faults(path: Path, everywhere: set[str]) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in everywhere
    }
    names = containers(tree) | imported
    return [*changes(tree, names - _local(tree, names)), *kept_objects(tree)]


def test_no_module_keeps_state() -> None:
    paths = [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in EXCEPTED
    ]
    everywhere = {
        name
        for path in paths
        for name in containers(ast.parse(path.read_text(encoding="utf-8")))
        if name.isupper() or name[0] == "_"
    }
    found = {
        path.relative_to(ROOT).as_posix(): wrong for path in paths if (wrong := faults(path, everywhere))
    }
    assert found == {}


def test_state_is_found() -> None:
    tree = ast.parse(
        "SEEN: dict[str, int] = {}\nDONE = set()\n"
        "def f(x):\n    SEEN[x] = 1\n    DONE.add(x)\n    global G\n"
        "class A:\n    @lru_cache\n    def m(self): ...\n"
    )
    assert containers(tree) == {"SEEN", "DONE"}
    assert len(list(changes(tree, containers(tree)))) == 3
    assert len(list(kept_objects(tree))) == 1


def test_a_key_of_a_dependency_is_taken_apart_in_one_module() -> None:
    lineage = ROOT / "core/penstock/lineage"
    # The stored form of a graph has a byte of its own for each edge.
    homes = {lineage / "scope/dependencies.py", lineage / "project/column_graph.py"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(lineage.rglob("*.py"))
        if path not in homes
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitAnd | ast.LShift | ast.RShift)
        and ast.unparse(node.right) in ("4", "15", "-16")
    ]
    assert found == []
