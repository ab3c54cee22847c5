"""Tests that mostly wait, marked `together`: those of a module that were chosen are begun side by side, and each is judged by itself.

Such a test takes what it is parametrized with and `tmp_path`, a folder of its own; no other fixture.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

_BESIDE = 6
_BEGUN = pytest.StashKey[dict[str, "Future[object]"]]()
_MODULES = pytest.StashKey[set[Path]]()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not _marked(pyfuncitem):
        return None
    begun = pyfuncitem.session.stash.setdefault(_BEGUN, {})
    modules = pyfuncitem.session.stash.setdefault(_MODULES, set())
    if pyfuncitem.path in modules and pyfuncitem.nodeid not in begun:
        return None  # its second try, alone
    if pyfuncitem.path not in modules:
        modules.add(pyfuncitem.path)
        folder = pyfuncitem.funcargs["tmp_path"]
        assert isinstance(folder, Path)
        begun.update(_begin(pyfuncitem, folder))
    begun.pop(pyfuncitem.nodeid).result()
    return True


def _marked(item: pytest.Item) -> bool:
    return item.get_closest_marker("together") is not None


def _begin(first: pytest.Function, folder: Path) -> dict[str, Future[object]]:
    pool = ThreadPoolExecutor(_BESIDE)
    first.session.config.add_cleanup(lambda: pool.shutdown(cancel_futures=True))
    chosen = [item for item in first.session.items if item.path == first.path and _marked(item)]
    begun = {}
    for number, item in enumerate(chosen):
        assert isinstance(item, pytest.Function)
        own = folder / str(number)
        own.mkdir()
        given = item.callspec.params if hasattr(item, "callspec") else {}
        begun[item.nodeid] = pool.submit(item.obj, **given, tmp_path=own)
    return begun
