"""Lineage against its floor (sqlglot's parse alone) and its peers, on the corpora. `python -m tests.perf.lineage [--peer]`.

Each figure is CPU seconds of a process of its own, the best of three, with the complete result: INDIRECT edges,
subtypes, certainty, spans.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock.lineage.cache import LineageCache
from penstock.lineage.estate import Estate, derive
from tests.corpus.projects import Project, project
from tests.support import CORPORA, ROOT

CACHE = ROOT / ".cache" / "bench"
PEER = "dbt-colibri==0.3.7"


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

    from penstock.lineage.estate import collected_rarely

    dialect = Dialect.get_or_raise(loaded.dialect)

    def work() -> None:
        with collected_rarely() as tidy:
            for model in loaded.models:
                if model.sql is not None:
                    try:
                        dialect.parse(model.sql)
                    except SqlglotError:
                        continue
                    tidy(len(model.sql))

    return _cpu(work)


def cold(loaded: Project) -> float:
    import sqlglot  # noqa: F401  # the floor has it imported as well

    return _cpu(lambda: derive(loaded.models, loaded.sources))


def cold_two(loaded: Project) -> tuple[float, float]:
    import sqlglot  # noqa: F401

    start = time.perf_counter()
    used = _cpu(lambda: derive(loaded.models, loaded.sources, processes=2))
    return used, time.perf_counter() - start


def unchanged(loaded: Project) -> float:
    cache = LineageCache()
    derive(loaded.models, loaded.sources, cache=cache)
    kept = cache.dump()
    return _cpu(lambda: derive(loaded.models, loaded.sources, cache=LineageCache(kept)))


def one_touched(loaded: Project) -> float:
    cache = LineageCache()
    derive(loaded.models, loaded.sources, cache=cache)
    kept = cache.dump()
    at = len(loaded.models) // 2
    models = list(loaded.models)
    touched = models[at]
    models[at] = type(touched)(
        key=touched.key,
        sql=f"{touched.sql}\n-- touched",
        dialect=touched.dialect,
        relation=touched.relation,
        columns=touched.columns,
        documented=touched.documented,
    )
    return _cpu(lambda: derive(models, loaded.sources, cache=LineageCache(kept)))


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
    "unchanged": unchanged,
    "touched": one_touched,
    "sqlglot": sqlglot_lineage,
}


def _in_a_process(measure: str, name: str, times: int = 3) -> Any:
    """The best of several runs, each on a fresh heap."""
    found = []
    for _ in range(times):
        command = [sys.executable, "-m", "tests.perf.lineage", "--measure", measure, "--corpus", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return min(found, key=lambda one: one[0] if isinstance(one, list) else one)


def _told(name: str, *, slow: bool) -> None:
    loaded = project(name)
    estate: Estate = derive(loaded.models, loaded.sources)
    edges = sum(len(lineage.rows) for lineage in estate.models.values())
    size = sum(len(model.sql or "") for model in loaded.models)
    print(f"\n{name}: {len(loaded.models)} models, {size / 1e6:.1f} MB of SQL, {edges} edges")
    floor = _in_a_process("parse", name)
    print(f"  {'parse alone':<34}{floor:8.2f} s CPU")
    for measure, label in (
        ("cold", "ours, cold, one process"),
        ("unchanged", "ours, unchanged"),
        ("touched", "ours, one touched"),
    ):
        found = _in_a_process(measure, name)
        print(f"  {label:<34}{found:8.2f} s CPU   {found / floor:5.2f}x parse")
    used, wall = _in_a_process("two", name)
    print(f"  {'ours, cold, two processes':<34}{used:8.2f} s CPU   {used / floor:5.2f}x parse, {wall:.2f} s")
    if slow:
        used, found, failed = _in_a_process("sqlglot", name, 1)
        told = f"{found} DIRECT edges, {failed} models failed"
        print(f"  {'sqlglot lineage, all columns':<34}{used:8.2f} s CPU   {used / floor:5.2f}x parse, {told}")


def _peer(name: str) -> None:
    """A packaged peer in an environment of its own, on the same artefacts."""
    home = CACHE / "peer"
    python = home / "bin" / "python"
    options = {"UV_PYTHON_DOWNLOADS": "never"}
    if not python.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["uv", "venv", "-q", str(home)], check=True, env={**os.environ, **options})
        install = ["uv", "pip", "install", "-q", "--python", str(python), PEER]
        subprocess.run(install, check=True, env={**os.environ, **options})
    target = CACHE / name
    target.mkdir(parents=True, exist_ok=True)
    from tests.support import unzip_corpus

    unzip_corpus(name, target)
    command = [str(home / "bin" / "colibri"), "generate", "--manifest", str(target / "manifest.json")]
    command += ["--catalog", str(target / "catalog.json"), "--output-dir", str(target / "out")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    state = "" if done.returncode == 0 else f" (exit {done.returncode})"
    print(f"  {PEER:<34}{used:8.2f} s CPU{state}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", choices=sorted(MEASURES))
    parser.add_argument("--corpus", default="tuva")
    parser.add_argument("--peer", action="store_true", help="run a packaged peer as well (downloads it once)")
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(MEASURES[chosen.measure](project(chosen.corpus))))
        return
    if not Path(CORPORA).is_dir():
        print("no corpora on this machine")
        return
    for name in ("tuva", "spellbook_dex"):
        _told(name, slow=True)
        if chosen.peer and name == "tuva":
            _peer(name)


if __name__ == "__main__":
    main()
