"""`column_lineage` in eight threads at once: the same answers as one after another, and nothing of the process changed."""

from __future__ import annotations

import gc
import logging
import pkgutil
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Barrier

import pytest

from penstock import lineage
from penstock.lineage import Parts, column_lineage
from tests.unit.lineage.golden import GOLDEN, Case

THREADS = 8
CASES = [case for path in sorted(GOLDEN.rglob("*.sql")) if (case := Case(path)).readable][::3]
# Each column of COLUMNS(...) is derived for itself: what is derived just now must not be seen by another thread.
TABLES: dict[str | Parts, list[str]] = {
    f"t{at}": [f"c{at}_{number}" for number in range(40)] for at in range(THREADS)
}


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns every few microseconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(2e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_eight_threads_find_what_one_finds() -> None:
    alone = {case.path: case.found() for case in CASES}
    work = CASES * 2
    random.Random(8).shuffle(work)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(Case.found, work))
    wrong = [case.path.name for case, lines in zip(work, found, strict=True) if lines != alone[case.path]]
    assert wrong == []


@pytest.mark.usefixtures("hurried")
def test_expressions_over_many_columns_do_not_meet_between_threads() -> None:
    start = Barrier(THREADS)

    def wrong(at: int) -> list[str]:
        start.wait()
        found = []
        for _ in range(15):
            edges = column_lineage(
                f"select coalesce(columns(*)::varchar || 'x', 'y') as '\\0' from t{at}",
                dialect="duckdb",
                schema=TABLES,
            ).edges
            found += [edge.column for edge in edges if edge.output != edge.column]
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(wrong, range(THREADS))) == [[]] * THREADS


def tables_of_facts() -> dict[str, str]:
    """Everything that a module of lineage holds and that could be changed."""
    found = {}
    for info in pkgutil.walk_packages(lineage.__path__, f"{lineage.__name__}."):
        for name, held in vars(import_module(info.name)).items():
            if isinstance(held, dict | list | set) and not name.startswith("__"):
                found[f"{info.name}.{name}"] = repr(held)
    return found


def test_nothing_of_the_process_is_changed() -> None:
    def state() -> tuple[object, ...]:
        logger = logging.getLogger("sqlglot")
        return logger.disabled, logger.level, gc.isenabled(), gc.get_threshold(), tables_of_facts()

    before = state()
    for case in CASES[::4]:
        case.found()
    assert state() == before
