"""The same derivation spread over forked processes: wave by wave, the models whose parents are done, in even chunks.

A process that dies (a memory killer) loses nothing: what it had is left to the caller.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

import msgspec

from penstock.lineage.project.derivation import Asked, Derivation
from penstock.lineage.project.freed_trees import frees_trees
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.records import LineageFinding
from penstock.lineage.scope.catalog import Waiting

_CHUNKS_PER_WORKER = 4

Told = tuple[str, ModelLineage]
Answer = tuple[str, bytes, Asked, list[LineageFinding]]
"""A model's key, its lineage encoded, what it was derived from, and its failures."""


def can_fork() -> bool:
    """Forking beside other threads can lock up; on macOS and Windows it is not the way."""
    return sys.platform.startswith("linux") and threading.active_count() == 1


def derive_in_processes(run: Derivation, count: int) -> None:
    """Derives all models whose order is known from `upstream`; what is left is for the caller to derive."""
    waves = _Waves(run)
    if count < 2 or not can_fork() or not waves.ready():
        return
    import penstock.lineage.project.derive_model  # noqa: F401  # imported once, before the fork

    crew: list[_Worker] = []
    try:
        with suppress(OSError):  # no room for one more process: those that there are do it, or the caller
            for _ in range(count):
                crew.append(_Worker(run, [worker.line for worker in crew]))
        while crew and (ready := waves.ready()):
            fresh = [model for model in ready if not _settled(run, model)]
            _spread(run, crew, fresh)
            waves.note(ready)
    finally:
        for worker in crew:
            worker.stop()


class _Waves:
    """Which models can be derived now: all that they read is done."""

    def __init__(self, run: Derivation) -> None:
        self._run = run
        self._left = dict(run.models)
        self._tried: set[str] = set()

    def ready(self) -> list[ModelSql]:
        done, known = self._run.done, self._run.models
        return [
            model
            for model in self._left.values()
            if all(one in done or one not in known or one == model.key for one in model.upstream)
        ]

    def note(self, models: list[ModelSql]) -> None:
        for model in models:
            del self._left[model.key]


def _settled(run: Derivation, model: ModelSql) -> bool:
    """Done without work: no SQL, or kept from before."""
    try:
        kept = run.kept(model)
    except Waiting:
        return True  # it reads more than its `upstream` says: left to the caller
    if kept is not None:
        run.finish(model, kept)
    return kept is not None or model.sql is None


def _spread(run: Derivation, crew: list[_Worker], models: list[ModelSql]) -> None:
    """One wave over all workers, the largest chunks first; each worker gets another when it has answered. The dead leave the crew."""
    chunks = _chunks(models, len(crew) * _CHUNKS_PER_WORKER)
    idle = list(crew)
    busy: dict[object, _Worker] = {}
    while busy or (chunks and idle):
        while chunks and idle:
            worker = idle.pop()
            if worker.ask(run, chunks[0]):
                busy[worker.line] = worker
                del chunks[0]
            else:
                crew.remove(worker)
        for line in wait([worker.line for worker in busy.values()]):
            worker = busy.pop(line)
            answers = worker.answers()
            if answers is None:
                crew.remove(worker)
                continue
            for key, encoded, asked, failures in answers:
                _take(run, key, encoded, asked, failures)
            idle.append(worker)


def _take(run: Derivation, key: str, encoded: bytes, asked: Asked, failures: list[LineageFinding]) -> None:
    model = run.models[key]
    lineage = msgspec.msgpack.decode(encoded, type=ModelLineage)
    if failures:
        run.failures.setdefault(key, []).extend(failures)
    run.keep(model, lineage, asked)
    run.finish(model, lineage)


def _chunks(models: list[ModelSql], count: int) -> list[list[str]]:
    """As many chunks of about the same number of letters, the largest models apart from one another."""
    bins: list[tuple[int, list[str]]] = [(0, []) for _ in range(min(count, len(models)))]
    for model in sorted(models, key=lambda one: -len(one.sql or "")):
        at = min(range(len(bins)), key=lambda place: bins[place][0])
        letters, keys = bins[at]
        keys.append(model.key)
        bins[at] = (letters + len(model.sql or ""), keys)
    return [keys for _, keys in sorted(bins, key=lambda one: -one[0]) if keys]


class _Worker:
    """A forked process with the derivation as it stood at the fork. It is told what became known since."""

    def __init__(self, run: Derivation, others: list[Connection]) -> None:
        context = multiprocessing.get_context("fork")
        self.line, theirs = context.Pipe()
        self._told = set(run.done)
        # A line ends only when nobody holds its far end: not the process itself, nor those forked later.
        self._process = context.Process(target=_work, args=(theirs, [self.line, *others], run), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, run: Derivation, keys: list[str]) -> bool:
        """Whether it lives and could be asked."""
        news: list[Told] = []
        for key, lineage in run.done.items():
            if key not in self._told:
                self._told.add(key)
                news.append((key, ModelLineage(columns=lineage.columns, is_open=lineage.is_open)))
        try:
            self.line.send((news, keys))
        except OSError:
            return False
        return True

    def answers(self) -> list[Answer] | None:
        """Nothing when it has died."""
        try:
            answers: list[Answer] = self.line.recv()
        except (EOFError, OSError):
            return None
        return answers

    def stop(self) -> None:
        """At once: it holds nothing that would be lost, and after an interrupt nobody waits for it."""
        self._process.kill()
        self._process.join()
        self.line.close()


def _work(line: Connection, far_ends: list[Connection], run: Derivation) -> None:
    """Until it is stopped, or the one that asks is gone. What ends a command ends it without a word: that one tells it."""
    for far_end in far_ends:
        far_end.close()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    gc.disable()
    tidy = frees_trees()
    with suppress(EOFError, OSError):
        while True:
            news, keys = line.recv()
            for key, lineage in news:
                run.know(run.models[key], lineage)
            line.send([answer for key in keys if (answer := _answer(run, key, tidy)) is not None])


def _answer(run: Derivation, key: str, tidy: Callable[[int], None]) -> Any:
    model = run.models[key]
    run.failures.pop(key, None)
    try:
        lineage, asked = run.derived(model)
    except Waiting:
        return None  # it reads more than its `upstream` says: left to the caller
    finally:
        tidy(run.forget(model))
    return key, msgspec.msgpack.encode(lineage), asked, run.failures.get(key, [])
