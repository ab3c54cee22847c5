"""All models of a warehouse, each derived after those it reads, so that derived columns are the children's schema."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from penstock.assets import Relation
from penstock.lineage.cache import LineageCache, lineage_of
from penstock.lineage.compact import ModelLineage
from penstock.lineage.compare import compared
from penstock.lineage.errors import LineageError
from penstock.lineage.implied import implied
from penstock.lineage.records import LineageFinding, Parts
from penstock.lineage.relations import Catalog, Columns, Waiting
from penstock.lineage.rules import rules


class ModelSql(msgspec.Struct, frozen=True, kw_only=True):
    """A model to derive. `key` is the caller's own name for it.

    `relation` is None for what has no place of its own: an ephemeral model (its SQL stands inside its children as
    CTEs, which are followed through), an analysis, a test. `columns` are those the catalog knows, in order, or None;
    `documented` those its documentation names; `added` those the tool adds beside the SQL (a snapshot's validity).
    `sql` is None with a `reason` where there is none: a Python model, a model that was not compiled. `upstream` are
    keys of models that this one is known to read: not needed, but with them no text is looked at twice.
    """

    key: str
    sql: str | None
    dialect: str
    relation: Relation | None = None
    columns: tuple[str, ...] | None = None
    documented: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    reason: str | None = None
    upstream: tuple[str, ...] = ()

    @property
    def parts(self) -> Parts:
        return self.relation.parts if self.relation is not None else ()


class Estate(msgspec.Struct, frozen=True):
    """The lineage of many models: each model's own, and all that does not fit, by the model's key."""

    models: dict[str, ModelLineage]
    findings: dict[str, tuple[LineageFinding, ...]]
    order: tuple[str, ...]


def derive(
    models: Iterable[ModelSql],
    sources: Mapping[Parts, Columns | None],
    *,
    database: str | None = None,
    default_schema: str | None = None,
    cache: LineageCache | None = None,
) -> Estate:
    """Derives every model of one warehouse.

    `sources` are the relations that no model makes (tables of others, seeds) with their columns: names, or a mapping
    from name to type; None where they are not known. Parts of relations, here and in `ModelSql.relation`, are as the
    warehouse stores them; SQL finds them by full name, by the defaults, or by a unique suffix.
    What `cache` holds and still holds true is not derived again. One model's failure is a finding of that model.
    Garbage collection is nearly off while this runs: it would cost more than the work.
    """
    run = _Run(models, sources, database, default_schema, cache)
    with collected_rarely() as tidy:
        for key in run.models:
            run.derive(key, tidy)
        lineages = implied(run.done, {model.parts: key for key, model in run.models.items() if model.parts})
    findings = {
        key: (*run.failures.get(key, ()), *lineages[key].findings, *_compared(run, model, lineages[key]))
        for key, model in run.models.items()
    }
    return Estate(lineages, {key: found for key, found in findings.items() if found}, tuple(run.done))


def _compared(run: _Run, model: ModelSql, lineage: ModelLineage) -> Iterator[LineageFinding]:
    return compared(model, lineage) if model.key not in run.failures else iter(())


@contextmanager
def collected_rarely() -> Iterator[Callable[[int], None]]:
    """Garbage collection off, but for a look at what is new after each few hundred thousand letters of SQL: trees are
    cycles, and nothing else would free them. The caller tells the letters."""
    was_on = gc.isenabled()
    gc.disable()
    since = 0

    def tidy(letters: int) -> None:
        nonlocal since
        since += letters
        if since >= _LETTERS:
            since = 0
            gc.collect(0)

    try:
        yield tidy
    finally:
        if was_on:
            gc.enable()


_LETTERS = 300_000


class _Run:
    """The state of one derivation of an estate."""

    def __init__(
        self,
        models: Iterable[ModelSql],
        sources: Mapping[Parts, Columns | None],
        database: str | None,
        default_schema: str | None,
        cache: LineageCache | None,
    ) -> None:
        self.models = {model.key: model for model in models}
        self.cache = cache
        self.done: dict[str, ModelLineage] = {}
        self.failures: dict[str, list[LineageFinding]] = {}
        self._catalogs: dict[str, Catalog] = {}
        self._read: dict[str, object] = {}
        for dialect in {model.dialect for model in self.models.values()}:
            catalog = self._catalogs[dialect] = Catalog(rules(dialect), None, database, default_schema)
            for parts, columns in sources.items():
                catalog.add(parts, columns)
            for model in self.models.values():
                if model.parts:
                    catalog.expect(model.parts, model.key)

    def derive(self, key: str, tidy: Callable[[int], None]) -> None:
        """Derives a model after those that it waits for: a stack, not a recursion, for projects hundreds deep."""
        stack = [key]
        started: set[str] = set()
        ordered: set[str] = set()
        while stack:
            model = self.models[stack[-1]]
            if model.key in self.done:
                stack.pop()
                continue
            if model.upstream and model.key not in ordered:
                ordered.add(model.key)
                known = (other for other in model.upstream if other in self.models)
                stack.extend(other for other in known if other not in self.done and other not in ordered)
                continue
            try:
                lineage = self._lineage(model)
            except Waiting as waiting:
                started.add(model.key)
                if waiting.model in started:
                    self._fail(waiting.model, "cycle", f"it is read by {model.key}, which it reads itself")
                    self._know(self.models[waiting.model], None)
                else:
                    stack.extend(self._needed(model, waiting.model) - started)
                continue
            self._read.pop(model.key, None)
            self.done[model.key] = lineage
            self._know(model, lineage)
            stack.pop()
            tidy(len(model.sql or ""))

    def _needed(self, model: ModelSql, first: str) -> set[str]:
        """All models that this one waits for, as far as its text tells, so that it is walked twice at most."""
        from penstock.lineage.model import named_relations
        from penstock.lineage.read import Script

        read = self._read.get(model.key)
        if not isinstance(read, Script):
            return {first}
        catalog = self._catalogs[model.dialect]
        waited = (catalog.waits_for(parts) for parts in named_relations(read, model.dialect))
        return {first, *(key for key in waited if key is not None and key != model.key)}

    def _lineage(self, model: ModelSql) -> ModelLineage:
        if model.sql is None:
            self._fail(model.key, "not-derived", model.reason or "there is no SQL of it")
            return ModelLineage(columns=model.columns or model.documented)
        catalog = self._catalogs[model.dialect]
        salt = repr((model.dialect, model.parts, model.columns))
        if self.cache is not None:
            trace = self.cache.find(model.sql, salt)
            if trace is not None and all(catalog.digest(parts) == digest for parts, digest in trace.asked):
                self.cache.hits += 1
                return lineage_of(trace)
            self.cache.misses += 1
        catalog.asked = set()
        lineage = self._derived(model, catalog)
        if self.cache is not None and model.key not in self.failures:
            asked = tuple((parts, catalog.digest(parts)) for parts in sorted(catalog.asked))
            self.cache.put(model.sql, salt, asked, lineage)
        return lineage

    def _derived(self, model: ModelSql, catalog: Catalog) -> ModelLineage:
        from penstock.lineage.model import derive_model
        from penstock.lineage.read import Script, read_script

        assert model.sql is not None
        try:
            read = self._read.get(model.key)
            if not isinstance(read, Script):
                read = self._read[model.key] = read_script(model.sql, model.dialect)
            return derive_model(
                read,
                model.sql,
                dialect=model.dialect,
                catalog=catalog,
                parts=model.parts,
                known=model.columns,
            )
        except LineageError as error:
            self._fail(model.key, "not-parsed", error.what, error.line, error.column)
        except RecursionError:
            self._fail(model.key, "too-deep", "its SQL is nested too deeply to be followed")
        except Waiting:
            raise
        except Exception as error:  # one model's failure must not hide the others': told as a finding
            self._fail(model.key, "internal-error", f"{type(error).__name__}: {error}")
        return ModelLineage(columns=model.columns or model.documented)

    def _fail(
        self, key: str, code: str, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.failures.setdefault(key, []).append(LineageFinding(code, message, line, column))

    def _know(self, model: ModelSql, lineage: ModelLineage | None) -> None:
        """From here on the model's columns are what its children see: the catalog's, then what only the SQL has."""
        if not model.parts:
            return
        known = [*(model.columns or ())]
        more = model.columns is None and (lineage is None or lineage.is_open or model.sql is None)
        if model.columns is None and more:
            known.extend(model.documented)
        if lineage is not None:
            known.extend(lineage.columns)
        known.extend(model.added)
        for dialect, catalog in self._catalogs.items():
            key = rules(dialect).column_key
            names: dict[str, str] = {}
            for name in known:
                names.setdefault(key(name), name)
            catalog.add(model.parts, tuple(names.values()), more=more)
