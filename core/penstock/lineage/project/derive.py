"""All models of a warehouse, each derived after those it reads, so that derived columns are the children's schema."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping

import msgspec

from penstock.lineage.project.cache import LineageCache
from penstock.lineage.project.compare import compared
from penstock.lineage.project.coverage import NOT_FOLLOWED, Declared, Known, known_columns
from penstock.lineage.project.derivation import Derivation, salt
from penstock.lineage.project.freed_trees import frees_trees
from penstock.lineage.project.implied_columns import implied
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.records import LineageFinding, Parts
from penstock.lineage.scope.catalog import Columns

__all__ = ["ModelSql", "ProjectLineage", "derive", "processes_that_pay"]


class ProjectLineage(msgspec.Struct, frozen=True):
    """The lineage of many models: each model's own, and all that does not fit, by the model's key."""

    models: dict[str, ModelLineage]
    findings: dict[str, tuple[LineageFinding, ...]]
    order: tuple[str, ...]
    declared: Declared

    def columns(self, key: str) -> Iterator[tuple[str, Known]]:
        """How each column of that model is known."""
        return known_columns(self.models[key], self.declared, self._codes(key))

    def is_not_followed(self, key: str) -> bool:
        """Whether nothing that is told of that model's columns holds: it has no SQL, or SQL that could not be read."""
        return bool(self._codes(key) & NOT_FOLLOWED)

    def _codes(self, key: str) -> frozenset[str]:
        return frozenset(finding.code for finding in self.findings.get(key, ()))


def derive(
    models: Iterable[ModelSql],
    sources: Mapping[Parts, Columns | None],
    *,
    database: str | None = None,
    default_schema: str | None = None,
    cache: LineageCache | None = None,
    processes: int = 1,
    partly: Container[Parts] = (),
) -> ProjectLineage:
    """Derives every model of one warehouse.

    `sources` are the relations that no model makes (tables of others, seeds) with their columns: names, or a mapping
    from name to type; None where they are not known; those that are in `partly` have further columns. Parts of relations, here and in `ModelSql.relation`, are as the
    warehouse stores them; SQL finds them by full name, by the defaults, or by a unique suffix.
    What `cache` holds and still holds true is not derived again. One model's failure is a finding of that model.
    Garbage collection costs more than the work: a process that does nothing else may turn it off. With `processes` above 1 the work
    is spread over forked processes, where the platform has them; see `processes_that_pay`.
    """
    run = Derivation(models, sources, database, default_schema, cache, partly)
    tidy = frees_trees()
    if processes > 1:
        from penstock.lineage.project.workers import derive_in_processes

        derive_in_processes(run, processes)
    for key in run.models:
        run.derive(key, tidy)
    lineages = implied(run.done, {model.parts: key for key, model in run.models.items() if model.parts})
    findings = {
        key: (*run.failures.get(key, ()), *lineages[key].findings, *_compared(run, model, lineages[key]))
        for key, model in run.models.items()
    }
    return ProjectLineage(
        lineages, {key: found for key, found in findings.items() if found}, tuple(run.done), run.declared()
    )


def processes_that_pay(models: Collection[ModelSql], at_most: int, cache: LineageCache | None = None) -> int:
    """How many processes are worth their start: 1 for what is done in about two seconds. Texts in `cache` are as good as done."""
    written = [(model, model.sql) for model in models if model.sql]
    letters = sum(len(sql) for _, sql in written)
    if cache is not None and letters >= 2 * _LETTERS_PER_PROCESS:
        letters = sum(len(sql) for model, sql in written if not cache.has(sql, salt(model)))
    return max(1, min(at_most, letters // _LETTERS_PER_PROCESS))


_LETTERS_PER_PROCESS = 2_000_000


def _compared(run: Derivation, model: ModelSql, lineage: ModelLineage) -> Iterator[LineageFinding]:
    return compared(model, lineage) if model.key not in run.failures else iter(())
