"""Derives models one after another, each after those it reads. Knows no processes: see workers."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING

from penstock.lineage.dialects.rules import rules
from penstock.lineage.errors import LineageError
from penstock.lineage.project.cache import LineageCache, lineage_of
from penstock.lineage.project.coverage import Declared
from penstock.lineage.project.model_lineage import ModelLineage
from penstock.lineage.project.model_sql import ModelSql
from penstock.lineage.project.twins import Twins
from penstock.lineage.records import LineageFinding, Parts
from penstock.lineage.scope.catalog import Catalog, Columns, Waiting

if TYPE_CHECKING:
    from penstock.lineage.read.parse import Reader

Asked = tuple[tuple[Parts, bytes], ...]


class Derivation:
    """The state of the derivation of a project: what is done, what is known, what failed."""

    def __init__(
        self,
        models: Iterable[ModelSql],
        sources: Mapping[Parts, Columns | None],
        database: str | None,
        default_schema: str | None,
        cache: LineageCache | None,
        partly: Container[Parts] = (),
    ) -> None:
        self.models = {model.key: model for model in models}
        self.cache = cache
        self.done: dict[str, ModelLineage] = {}
        self.failures: dict[str, list[LineageFinding]] = {}
        self._catalogs: dict[str, Catalog] = {}
        self._read: dict[str, object] = {}
        self._readers: dict[str, Reader] = {}
        self._twins = Twins(self.models.values())
        for dialect in {model.dialect for model in self.models.values()}:
            catalog = self._catalogs[dialect] = Catalog(rules(dialect), None, database, default_schema)
            catalog.shared = True
            for parts, columns in sources.items():
                catalog.add(parts, columns, more=parts in partly)
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
                    self.know(self.models[waiting.model], None)
                else:
                    stack.extend(key for key in self._needed(model, waiting.model) if key not in started)
                continue
            tidy(self.forget(model))
            self.finish(model, lineage)
            stack.pop()

    def finish(self, model: ModelSql, lineage: ModelLineage) -> None:
        self.done[model.key] = lineage
        self.know(model, lineage)

    def forget(self, model: ModelSql) -> int:
        """Frees the trees of a model that is done. Returns how many letters of SQL wait for garbage collection: cycles are all trees
        of a text that was not read at one go, and little of another."""
        from penstock.lineage.read.script import Script

        read, letters = self._read.pop(model.key, None), len(model.sql or "")
        if isinstance(read, Script):
            read.dismantle()
            return letters // _LETTERS_PER_LEFT_ONE if read.whole else letters
        return letters if model.key in self.failures else 0

    def _needed(self, model: ModelSql, first: str) -> list[str]:
        """All models that this one waits for, as far as its text tells, so that it is walked twice at most."""
        from penstock.lineage.project.derive_model import named_relations
        from penstock.lineage.read.script import Script

        read = self._read.get(model.key)
        if not isinstance(read, Script):
            return [first]
        catalog = self._catalogs[model.dialect]
        waited = (catalog.waits_for(parts) for parts in named_relations(read, model.dialect))
        return list(dict.fromkeys([first, *(key for key in waited if key is not None and key != model.key)]))

    def _lineage(self, model: ModelSql) -> ModelLineage:
        if model.sql is None:
            self._fail(model.key, "not-derived", model.reason or "there is no SQL of it")
            return ModelLineage(columns=model.columns or model.documented)
        kept = self.kept(model)
        if kept is not None:
            return kept
        lineage, asked = self.derived(model)
        self.keep(model, lineage, asked)
        return lineage

    def kept(self, model: ModelSql) -> ModelLineage | None:
        """The lineage from an earlier run, if what it was derived from has not changed."""
        if self.cache is None or model.sql is None:
            return None
        trace = self.cache.find(model.sql, salt(model))
        catalog = self._catalogs[model.dialect]
        if trace is not None and all(catalog.digest(parts) == digest for parts, digest in trace.asked):
            self.cache.hits += 1
            return lineage_of(trace)
        self.cache.misses += 1
        return None

    def keep(self, model: ModelSql, lineage: ModelLineage, asked: Asked) -> None:
        sound = model.key not in self.failures and all(
            one.code != "internal-error" for one in lineage.findings
        )
        if self.cache is not None and model.sql is not None and sound:
            self.cache.put(model.sql, salt(model), asked, lineage)

    def derived(self, model: ModelSql) -> tuple[ModelLineage, Asked]:
        """The lineage, and the relations that were looked up for it with a hash of what each answered."""
        catalog = self._catalogs[model.dialect]
        catalog.asked = set()
        try:
            lineage = self._derived(model, catalog)
        except Waiting as waiting:
            if waiting.model != model.key:
                raise
            lineage = self._with_itself(model, catalog)
        if self.cache is None:
            return lineage, ()
        asked = (parts for parts in sorted(catalog.asked) if catalog.find(parts).parts != model.parts)
        return lineage, tuple((parts, catalog.digest(parts)) for parts in asked)

    def _with_itself(self, model: ModelSql, catalog: Catalog) -> ModelLineage:
        """An incremental model reads what it made before: its own columns, known once it has been derived without."""
        self.know(model, None)
        lineage = self._derived(model, catalog)
        if model.columns is None and not lineage.is_open:
            self.know(model, lineage)
            lineage = self._derived(model, catalog)
        return lineage

    def _derived(self, model: ModelSql, catalog: Catalog) -> ModelLineage:
        from penstock.lineage.project.derive_model import derive_model
        from penstock.lineage.read.script import Script, read_script

        assert model.sql is not None
        told = self._twins.of(model, catalog)
        if told is not None:
            return told
        try:
            read = self._read.get(model.key)
            if not isinstance(read, Script):
                read = self._read[model.key] = read_script(model.sql, self._reader(model.dialect))
            lineage = derive_model(
                read,
                model.sql,
                dialect=model.dialect,
                catalog=catalog,
                parts=model.parts,
                known=model.columns,
                remade=model.remade,
            )
            self._twins.note(model, read, lineage, catalog)
            return lineage
        except LineageError as error:
            self._fail(model.key, "not-parsed", error.what, error.line, error.column)
        except RecursionError:
            self._fail(model.key, "too-deep", "its SQL is nested too deeply to be followed")
        except Waiting:
            raise
        except Exception as error:  # one model's failure must not hide the others': told as a finding
            self._fail(model.key, "internal-error", f"{type(error).__name__}: {error}")
        return ModelLineage(columns=model.columns or model.documented)

    def _reader(self, dialect: str) -> Reader:
        from penstock.lineage.read.parse import Reader

        found = self._readers.get(dialect)
        if found is None:
            found = self._readers[dialect] = Reader(dialect)
        return found

    def _fail(
        self, key: str, code: str, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.failures.setdefault(key, []).append(LineageFinding(code, message, line, column))

    def know(self, model: ModelSql, lineage: ModelLineage | None) -> None:
        """From here on the model's columns are what its children see: the catalog's, then what only the SQL has. Of one that is
        remade, what the SQL gives."""
        if not model.parts:
            return
        remade = model.remade and lineage is not None
        told = None if remade else model.columns
        known = [*(told or ())]
        more = told is None and (lineage is None or lineage.is_open or model.sql is None)
        if told is None and more:
            known.extend(model.documented)
        if lineage is not None and lineage.columns != told:
            known.extend(lineage.columns)
        known.extend(model.added)
        for dialect, catalog in self._catalogs.items():
            keys = rules(dialect).column_keys(known)
            names = dict(zip(keys, known, strict=True))
            if len(names) < len(keys):  # of two the first counts
                names = dict(reversed(dict(zip(reversed(keys), reversed(known), strict=True)).items()))
            catalog.learn(model.parts, names, model.types, more=more)

    def declared(self) -> Declared:
        """What is known of each relation's columns, once all models are derived."""
        names: dict[Parts, frozenset[str]] = {}
        whole: set[Parts] = set()
        for catalog in self._catalogs.values():
            for entry in catalog.entries():
                own = frozenset((entry.names or {}).values())
                names[entry.parts] = names[entry.parts] | own if entry.parts in names else own
                if entry.names is not None and not entry.more:
                    whole.add(entry.parts)
        return Declared(names, frozenset(whole))


def salt(model: ModelSql) -> str:
    return repr((model.dialect, model.parts, model.columns, model.remade))


_LETTERS_PER_LEFT_ONE = 8
