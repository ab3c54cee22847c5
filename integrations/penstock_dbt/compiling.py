"""The SQL of a project's nodes: what is kept and still holds, what builds and the user's own dbt left, else compiled anew."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from penstock.assets import Definition
from penstock.errors import DocumentError
from penstock.integration import ObserveContext
from penstock_dbt.artefacts import read
from penstock_dbt.config import DbtConfig
from penstock_dbt.defined import defines, definition, reason_without
from penstock_dbt.dialects import dialect_of
from penstock_dbt.fingerprints import checksum_text
from penstock_dbt.hiding import forget_compiled, hide_built
from penstock_dbt.kept import Identities, Kept, KeptSql, has_sql, load_kept, save_kept
from penstock_dbt.observe import values_that_templates_read
from penstock_dbt.parsed import ParsedProject, parsed_project
from penstock_manifests.dbt import Compiled, CompiledNode, read_compiled_with_parts, read_run_results

_RETRY_AFTER = 600.0  # seconds: what dbt could not compile is not tried again at once
_CALL_NOT_ALLOWED = "not compiled: only files were read; penstock refresh lets dbt compile it"


class _Built(msgspec.Struct, frozen=True):
    """What a build of our own left of one node. `macros`: all that were used, those of inlined nodes too."""

    id: str
    checksum: str
    sql: str
    relation: str | None = None
    inlined: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()


_BUILT = msgspec.json.Decoder(_Built)


def project_definitions(context: ObserveContext[DbtConfig], ids: frozenset[str] | None) -> list[Definition]:
    """A definition for every node that has (or could have) SQL, or for `ids`."""
    parsed = parsed_project(context)
    search = _Search(parsed, _sql(parsed.paths.manifest), context.afresh)
    wanted = [node for node in search.current.nodes.values() if defines(node, ids)]
    compilable = {node.unique_id: node for node in wanted if reason_without(node) is None}
    search.built_by_us(search.of_one_text(compilable))
    search.kept_before(compilable)
    search.compiled_by_user(search.of_one_text(compilable))
    if context.may_call:
        search.compile(context, compilable)
    search.save()
    dialect = dialect_of(search.current.metadata.adapter_type)
    return [_defined(node, dialect, search.found.get(node.unique_id)) for node in wanted]


def _sql(path: Path) -> Compiled:
    return read(path, "manifest", read_compiled_with_parts)


def _defined(node: CompiledNode, dialect: str, kept: Kept | None) -> Definition:
    if (reason := reason_without(node)) is not None:
        return definition(node, dialect, None, reason)
    if kept is None:
        return definition(node, dialect, None, _CALL_NOT_ALLOWED)
    if kept.sql is None:
        return definition(node, dialect, None, f"not compiled: {kept.reason}")
    return definition(node, dialect, kept.sql, None, kept.inlined)


@dataclass(slots=True)
class _Search:
    """The search for the SQL of one project's nodes. `found` grows from place to place; the newest SQL that holds wins."""

    parsed: ParsedProject
    current: Compiled
    afresh: bool = False
    found: dict[str, Kept] = field(default_factory=dict)
    _identities: Identities = field(init=False)
    _loaded: KeptSql = field(init=False)
    _before: KeptSql = field(init=False)
    _users: float = field(init=False)
    _last_build: float = 0.0

    def __post_init__(self) -> None:
        self._identities = Identities(self.current)
        variables = values_that_templates_read(self.parsed).every_var
        self._loaded = load_kept(self._file)
        self._before = self._loaded.under(variables, _modified(self.parsed.paths.manifest))
        self._users = self._before.users

    @property
    def _file(self) -> Path:
        return self.parsed.settings.folder / ("afresh.msgpack" if self.afresh else "compiled.msgpack")

    def of_one_text(self, compilable: dict[str, CompiledNode]) -> dict[str, CompiledNode]:
        """Those whose SQL is the same whether their table is there or not, where that is what is asked for."""
        if not self.afresh:
            return compilable
        return {key: node for key, node in compilable.items() if b'"incremental"' not in bytes(node.config)}

    def missing(self, compilable: dict[str, CompiledNode]) -> list[CompiledNode]:
        return [node for key, node in compilable.items() if key not in self.found]

    def _holds(self, node: CompiledNode) -> Kept | None:
        """What an earlier search kept of the node, if that is made from what the node is made from now."""
        kept = self._before.nodes.get(node.unique_id)
        return kept if kept and kept.identity == self._identities.of(node, kept.macros) else None

    def built_by_us(self, compilable: dict[str, CompiledNode]) -> None:
        """What penstock's own builds wrote since the project was parsed, where nothing newer is kept."""
        written = _written(self.parsed.settings.folder / "compiled")
        self._last_build = max(written.values(), default=(0.0, Path()))[0]
        parsed_at = self.parsed.paths.manifest.stat().st_mtime
        for node in self.missing(compilable):
            at, path = written.get(f"{node.unique_id.replace('/', '_')}.json", (0.0, Path()))
            kept = self._holds(node)
            if at < parsed_at or (kept is not None and kept.sql is not None and kept.at >= at):
                continue
            try:
                built = _BUILT.decode(path.read_bytes())
            except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if (built.checksum, built.relation) == (checksum_text(node.checksum), node.relation_name):
                self._keep(node, built.sql, built.inlined, built.macros, at)
                kept = self.found[node.unique_id]
                if kept.sql is not None and kept.sql != built.sql:
                    record = msgspec.json.encode(msgspec.structs.replace(built, sql=kept.sql))
                    hide_built(self.parsed.settings, path, record, at, node.original_file_path)

    def kept_before(self, compilable: dict[str, CompiledNode]) -> None:
        """What an earlier search has kept. A failure is tried again after a while, or when a build has made something."""
        for node in self.missing(compilable):
            kept = self._holds(node)
            if kept is None:
                continue
            fresh = time.time() - kept.at < _RETRY_AFTER and kept.at >= self._last_build
            if kept.sql is not None or fresh:
                self.found[node.unique_id] = self._without_secrets(kept)

    def _without_secrets(self, kept: Kept) -> Kept:
        """What was kept before a value was known to be secret has it still."""
        hidden = None if kept.sql is None else self.parsed.settings.secrets.redact_sql(kept.sql)
        return kept if hidden == kept.sql else msgspec.structs.replace(kept, sql=hidden)

    def compiled_by_user(self, compilable: dict[str, CompiledNode]) -> None:
        """The user's own target/manifest.json, where the run results beside it prove the same vars and target."""
        theirs = self.parsed.layout.target / "manifest.json"
        at = _modified(theirs)
        wanted = [
            node for key, node in compilable.items() if key not in self.found or self.found[key].at < at
        ]
        if not wanted or at <= self._before.users or not self._same_flags(theirs):
            return
        try:
            self._adopt(_sql(theirs), wanted, at, settings=True)
        except DocumentError:
            return  # half written by a dbt that runs right now, or of another time: there is nothing to learn from it
        self._users = at

    def compile(self, context: ObserveContext[DbtConfig], compilable: dict[str, CompiledNode]) -> None:
        """Let dbt compile what is missing; it goes on after a node that cannot be compiled."""
        missing = self.missing(compilable)
        if not missing:
            return
        from penstock_dbt.invoke import compile_project

        settings = self.parsed.settings
        ids = frozenset(node.unique_id for node in missing)
        result = compile_project(context, settings.project, settings.config, ids)
        now = time.time()
        compiled = _sql(result.manifest)
        self._adopt(compiled, missing, now, settings=False)
        texts = (one.compiled_code or "" for one in compiled.nodes.values())
        if any(settings.secrets.redact_sql(text) != text for text in texts):
            forget_compiled(settings)
        for node in self.missing(compilable):
            reason = result.failed.get(node.unique_id, "dbt compiled without it and gave no reason")
            self.found[node.unique_id] = Kept(self._identities.of(node), None, (), reason, now)

    def save(self) -> None:
        """Keep what is new, and forget nodes that no longer exist."""
        kept = {key: value for key, value in self._before.nodes.items() if key in self.current.nodes}
        everything = KeptSql(kept | self.found, self._users, self._before.vars)
        if everything != self._loaded:
            save_kept(self._file, everything)

    def _adopt(self, compiled: Compiled, wanted: list[CompiledNode], at: float, *, settings: bool) -> None:
        theirs = Identities(compiled)
        for node in wanted:
            other = compiled.nodes.get(node.unique_id)
            if other is None or not has_sql(other):
                continue
            if self._identities.agree(node, theirs, settings=settings):
                inlined = tuple(cte.id for cte in other.extra_ctes)
                within = [other, *(compiled.nodes[one] for one in inlined if one in compiled.nodes)]
                macros = tuple(macro for one in within for macro in one.depends_on.macros)
                self._keep(node, other.compiled_code or "", inlined, macros, at)

    def _keep(
        self, node: CompiledNode, sql: str, inlined: tuple[str, ...], macros: tuple[str, ...], at: float
    ) -> None:
        more = tuple(sorted({*macros} - {*node.depends_on.macros}))
        sql = self.parsed.settings.secrets.redact_sql(sql)
        self.found[node.unique_id] = Kept(self._identities.of(node, more), sql, inlined, None, at, more)

    def _same_flags(self, manifest: Path) -> bool:
        results = manifest.with_name("run_results.json")
        if not results.is_file():
            return False
        try:
            content = read(results, "run_results", read_run_results).content
        except DocumentError:
            return False
        settings = self.parsed.settings
        args = content.args or {}
        same = (args.get("vars") or {}) == settings.vars and (args.get("target") or None) == settings.target
        return same and content.metadata.invocation_id == _invocation(manifest)


def _written(folder: Path) -> dict[str, tuple[float, Path]]:
    """The files of a folder by name, with the time when each was written; none when there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: (entry.stat().st_mtime, Path(entry.path)) for entry in entries}
    except OSError:
        return {}


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _invocation(manifest: Path) -> str | None:
    with manifest.open("rb") as opened:
        head = opened.read(8192)
    at = head.find(b'"invocation_id"')
    text = head[at:].split(b'"', 4) if at >= 0 else []
    return text[3].decode() if len(text) > 3 else None
