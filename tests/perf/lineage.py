"""Lineage against its floor (sqlglot's parse alone) and its peers, on the corpora.

Each figure is CPU seconds of a process of its own, the best of several turns, with the complete result: INDIRECT edges,
subtypes, certainty, spans. sqlglot and the packaged peer run once, and give less: DIRECT edges.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from penstock.lineage.project.cache import LineageCache
from penstock.lineage.project.coverage import Known
from penstock.lineage.project.derive import ProjectLineage, derive
from tests.corpus.projects import Project, project
from tests.perf.assets import PENSTOCK, made_folder
from tests.perf.measure import clean_environ, process
from tests.support import CORPORA, ROOT, unzip_corpus


def _cpu(work: Callable[[], object]) -> float:
    """CPU of this process and its children while `work` runs, on a heap without garbage."""
    gc.collect()
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def parse_only(loaded: Project) -> float:
    """The floor: every model's text parsed once, the trees dropped, in the same regime of garbage collection."""
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import SqlglotError

    from penstock.lineage.project.freed_trees import frees_trees

    dialect = Dialect.get_or_raise(loaded.dialect)

    def work() -> None:
        tidy = frees_trees()
        for model in loaded.models:
            if model.sql is not None:
                try:
                    dialect.parse(model.sql)
                except SqlglotError:
                    continue
                tidy(len(model.sql))

    return _cpu(work)


def _parser_ready(loaded: Project) -> None:
    """sqlglot and its dialect imported, as they are before the floor is measured."""
    from sqlglot.dialects.dialect import Dialect

    Dialect.get_or_raise(loaded.dialect)


def cold(loaded: Project) -> float:
    _parser_ready(loaded)
    return _cpu(lambda: derive(loaded.models, loaded.sources))


def cold_two(loaded: Project) -> tuple[float, float]:
    _parser_ready(loaded)
    start = time.perf_counter()
    used = _cpu(lambda: derive(loaded.models, loaded.sources, processes=2))
    return used, time.perf_counter() - start


def warm(loaded: Project) -> tuple[float, float]:
    """Nothing changed since, and one model touched."""
    cache = LineageCache()
    derive(loaded.models, loaded.sources, cache=cache)
    kept = cache.dump()
    unchanged = _cpu(lambda: derive(loaded.models, loaded.sources, cache=LineageCache(kept)))
    at = len(loaded.models) // 2
    models = list(loaded.models)
    models[at] = msgspec.structs.replace(models[at], sql=f"{models[at].sql}\n-- touched")
    touched = _cpu(lambda: derive(models, loaded.sources, cache=LineageCache(kept)))
    return unchanged, touched


def sqlglot_lineage(loaded: Project) -> tuple[float, int, int]:
    """sqlglot's own road: parse, qualify, scope, all columns of a model at once; schemas as ours derived them."""
    from tests.corpus.reference import reference

    estate = derive(loaded.models, loaded.sources)
    counts = [0, 0]

    def work() -> None:
        for _, edges in reference(loaded, estate):
            if edges is None:
                counts[1] += 1
            else:
                counts[0] += len(edges)

    return _cpu(work), counts[0], counts[1]


MEASURES: dict[str, Callable[[Project], Any]] = {
    "parse": parse_only,
    "cold": cold,
    "two": cold_two,
    "warm": warm,
    "sqlglot": sqlglot_lineage,
}
_LARGE = 5_000_000


def _in_a_process(measure: str, name: str) -> Any:
    """One measure on a fresh heap."""
    command = [sys.executable, "-m", "tests.perf.lineage", "--measure", measure, "--corpus", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=clean_environ())
    return json.loads(done.stdout.splitlines()[-1])


def _whole_command(name: str) -> float:
    """CPU of `penstock lineage --check` of the corpus as a dbt project, nothing kept from before: the best of three."""
    used = []
    with tempfile.TemporaryDirectory() as place:
        folder = unzip_corpus(name, made_folder(Path(place) / name))
        for _ in range(3):
            shutil.rmtree(folder / ".penstock", ignore_errors=True)
            used.append(process([*PENSTOCK, "lineage", "--check"], folder, clean_environ())[0])
    return min(used)


def _told(name: str, *, with_peer: bool) -> None:
    loaded = project(name)
    estate: ProjectLineage = derive(loaded.models, loaded.sources)
    edges = sum(len(lineage.rows) for lineage in estate.models.values())
    size = sum(len(model.sql or "") for model in loaded.models)
    print(f"\n{name}: {len(loaded.models)} models, {size / 1e6:.1f} MB of SQL, {edges} edges", flush=True)
    known = Counter(one for key in estate.models for _, one in estate.columns(key))
    told = ", ".join(f"{known[one]:,} {one.name.lower()}" for one in Known)
    not_followed = sum(map(estate.is_not_followed, estate.models))
    print(f"coverage: {known.total():,} columns: {told}; {not_followed} models not followed", flush=True)
    # Turn by turn, so that what else the machine does falls on all alike; of each the best.
    rounds = [
        {one: _in_a_process(one, name) for one in ("parse", "cold", "two", "warm")}
        for _ in range(3 if size > _LARGE else 5)
    ]
    floor = min(one["parse"] for one in rounds)
    ours = min(one["cold"] for one in rounds)
    used, wall = min(one["two"] for one in rounds)
    _print("parse alone", floor, floor)
    _print("ours, cold, one process", ours, floor)
    _print("ours, cold, two processes", used, floor, f"{wall:.2f} s by the clock")
    _print("ours, nothing changed", min(one["warm"][0] for one in rounds), floor)
    _print("ours, one model touched", min(one["warm"][1] for one in rounds), floor)
    _print("lineage --check, whole, cold", _whole_command(name), floor)
    theirs, found, failed = _in_a_process("sqlglot", name)
    told = f"{theirs / ours:.1f}x ours; {found} DIRECT edges, {failed} models failed; one run"
    _print("sqlglot lineage, all columns", theirs, floor, told)
    if with_peer:
        _peer_told(name, loaded, estate, floor, ours)


def _print(label: str, used: float, floor: float, told: str = "") -> None:
    print(f"  {label:<30}{used:8.2f} s CPU   {used / floor:5.2f}x parse   {told}".rstrip(), flush=True)


def _peer_told(name: str, loaded: Project, estate: ProjectLineage, floor: float, ours: float) -> None:
    from tests.perf import lineage_peer

    found = lineage_peer.peer(name)
    if isinstance(found, str):
        print(f"  {found}")
        return
    if not found.ended:
        _print(lineage_peer.NAME, found.cpu, floor, "not finished: stopped")
        return
    own = lineage_peer.ours(loaded, estate, loaded.nodes)
    share = len(own & found.pairs) / max(1, len(own))
    told = (
        f"{found.cpu / ours:.1f}x ours; {len(found.pairs)} edges, {share:.0%} of our {len(own)} DIRECT ones"
    )
    _print(lineage_peer.NAME, found.cpu, floor, f"{told}; {found.complaints} complaints; one run")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", choices=sorted(MEASURES))
    parser.add_argument("--corpus", choices=("tuva", "spellbook_dex"))
    parser.add_argument(
        "--no-peer", action="store_true", help="leave the packaged peer out (it is downloaded once)"
    )
    chosen = parser.parse_args()
    if not Path(CORPORA).is_dir():
        print("no corpora on this machine")
        return
    if chosen.measure:
        gc.disable()  # as the command line does
        logging.getLogger("sqlglot").disabled = True
        print(json.dumps(MEASURES[chosen.measure](project(chosen.corpus or "tuva"))))
        return
    for name in [chosen.corpus] if chosen.corpus else ["tuva", "spellbook_dex"]:
        _told(name, with_peer=not chosen.no_peer)


if __name__ == "__main__":
    main()
