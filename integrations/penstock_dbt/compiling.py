"""The SQL of a project's nodes: what is kept and still holds, what builds and the user's own dbt left, else compiled anew."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from penstock.assets import Definition
from penstock.errors import DocumentError
from penstock.integration import ObserveContext
from penstock_dbt.artefacts import read
from penstock_dbt.definitions import defines, definition, reason_without
from penstock_dbt.dialects import dialect_of
from penstock_dbt.fingerprints import checksum_text
from penstock_dbt.kept import Identities, Kept, has_sql, load_kept, save_kept
from penstock_dbt.parsed import ParsedProject, parsed_project
from penstock_manifests.dbt import Compiled, CompiledNode, read_compiled_with_parts, read_run_results

_RETRY_AFTER = 600.0  # seconds: what dbt could not compile is not tried again at once
_CALL_NOT_ALLOWED = "not compiled: only files were read; penstock refresh lets dbt compile it"


class _Built(msgspec.Struct, frozen=True):
    """What a build of our own left of one node."""

    id: str
    checksum: str
    sql: str
    relation: str | None = None


_BUILT = msgspec.json.Decoder(_Built)


def project_definitions(context: ObserveContext, ids: frozenset[str] | None) -> list[Definition]:
    """A definition for every node that has (or could have) SQL, or for `ids`."""
    parsed = parsed_project(context)
    search = _Search(parsed, _sql(parsed.paths.manifest))
    wanted = [
        node
        for node in search.current.nodes.values()
        if defines(node) and (ids is None or node.unique_id in ids)
    ]
    compilable = {node.unique_id: node for node in wanted if reason_without(node) is None}
    for look in (search.kept_before, search.built_by_us, search.compiled_by_user):
        look(compilable)
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
    """The search for the SQL of one project's nodes. `found` grows from place to place."""

    parsed: ParsedProject
    current: Compiled
    found: dict[str, Kept] = field(default_factory=dict)
    _identities: Identities = field(init=False)
    _before: dict[str, Kept] = field(init=False)

    def __post_init__(self) -> None:
        self._identities = Identities(self.current)
        self._before = load_kept(self._file)

    @property
    def _file(self) -> Path:
        return self.parsed.settings.folder / "compiled.msgpack"

    def missing(self, compilable: dict[str, CompiledNode]) -> list[CompiledNode]:
        return [node for key, node in compilable.items() if key not in self.found]

    def kept_before(self, compilable: dict[str, CompiledNode]) -> None:
        """What an earlier search has kept."""
        for node in self.missing(compilable):
            kept = self._before.get(node.unique_id)
            if kept is None or kept.identity != self._identities.of(node):
                continue
            if kept.sql is not None or time.time() - kept.at < _RETRY_AFTER:
                self.found[node.unique_id] = kept

    def built_by_us(self, compilable: dict[str, CompiledNode]) -> None:
        """What penstock's own builds wrote since the project was parsed."""
        folder = self.parsed.settings.folder / "compiled"
        if not folder.is_dir():
            return
        parsed_at = self.parsed.paths.manifest.stat().st_mtime_ns
        for node in self.missing(compilable):
            path = folder / f"{node.unique_id.replace('/', '_')}.json"
            try:
                if path.stat().st_mtime_ns < parsed_at:
                    continue
                built = _BUILT.decode(path.read_bytes())
            except (OSError, msgspec.MsgspecError):
                continue
            if (built.checksum, built.relation) == (checksum_text(node.checksum), node.relation_name):
                self._keep(node, built.sql, self._inlined(node, built.sql))

    def compiled_by_user(self, compilable: dict[str, CompiledNode]) -> None:
        """The user's own target/manifest.json, where the run results beside it prove the same vars and target."""
        missing = self.missing(compilable)
        theirs = self.parsed.layout.target / "manifest.json"
        if not missing or not theirs.is_file() or not self._same_flags(theirs):
            return
        try:
            self._adopt(_sql(theirs), missing)
        except DocumentError:
            return  # half written by a dbt that runs right now, or of another time: there is nothing to learn from it

    def compile(self, context: ObserveContext, compilable: dict[str, CompiledNode]) -> None:
        """Let dbt compile what is missing; it goes on after a node that cannot be compiled."""
        missing = self.missing(compilable)
        if not missing:
            return
        from penstock_dbt.invoke import compile_project

        settings = self.parsed.settings
        ids = frozenset(node.unique_id for node in missing)
        result = compile_project(context, settings.project, settings.config, ids)
        self._adopt(_sql(result.manifest), missing)
        now = time.time()
        for node in self.missing(compilable):
            reason = result.failed.get(node.unique_id, "dbt compiled without it and gave no reason")
            self.found[node.unique_id] = Kept(self._identities.of(node), None, (), reason, now)

    def save(self) -> None:
        """Keep what is new, and forget nodes that no longer exist."""
        kept = {key: value for key, value in self._before.items() if key in self.current.nodes} | self.found
        if kept != self._before:
            save_kept(self._file, kept)

    def _adopt(self, compiled: Compiled, missing: list[CompiledNode]) -> None:
        theirs = Identities(compiled)
        for node in missing:
            other = compiled.nodes.get(node.unique_id)
            if other is not None and has_sql(other) and theirs.of(other) == self._identities.of(node):
                self._keep(node, other.compiled_code or "", tuple(cte.id for cte in other.extra_ctes))

    def _keep(self, node: CompiledNode, sql: str, inlined: tuple[str, ...]) -> None:
        self.found[node.unique_id] = Kept(self._identities.of(node), sql, inlined)

    def _inlined(self, node: CompiledNode, sql: str) -> tuple[str, ...]:
        """The ephemeral ancestors whose CTE is in the SQL."""
        found: list[str] = []
        seen: set[str] = set()
        stack = list(node.depends_on.nodes)
        while stack:
            parent = self.current.nodes.get(stack.pop())
            if parent is None or parent.relation_name is not None or parent.unique_id in seen:
                continue
            seen.add(parent.unique_id)
            stack.extend(parent.depends_on.nodes)
            if f"__dbt__cte__{parent.unique_id.split('.')[2]}" in sql:
                found.append(parent.unique_id)
        return tuple(found)

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


def _invocation(manifest: Path) -> str | None:
    with manifest.open("rb") as opened:
        head = opened.read(8192)
    at = head.find(b'"invocation_id"')
    text = head[at:].split(b'"', 4) if at >= 0 else []
    return text[3].decode() if len(text) > 3 else None
