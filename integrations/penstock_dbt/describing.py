"""What a project's manifest says of how each node is defined, for comparing two versions of the project; and where another is read.

Compares nothing itself. Reads the manifest that `observe` reads.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from penstock.errors import DocumentError
from penstock.integration import Described, Descriptions, ObserveContext, Setting
from penstock.system.files import regular_bytes
from penstock_dbt.artefacts import file_bytes, read, unreadable
from penstock_dbt.config import DbtConfig
from penstock_dbt.fingerprints import COSMETIC, Macros, checksum_text, shipped_packages
from penstock_dbt.layout import layout_of
from penstock_dbt.locate import locate
from penstock_dbt.observe import artefact_paths, values_that_templates_read
from penstock_dbt.profiles import profiles_file
from penstock_dbt.recipes import Uses, Values, asks_for_rows, uses_of
from penstock_dbt.settings import settings_of
from penstock_manifests.dbt import Manifest, Node, read_manifest
from penstock_manifests.errors import ManifestError

_MAPPING = msgspec.json.Decoder(dict[str, object])
_MADE = frozenset({"model", "seed", "snapshot"})
# Where a thing lies, and how it is stored: neither shapes its rows.
_PLACE = frozenset({"schema", "database", "alias", "dataset", "catalog"})
_UPKEEP = frozenset(
    {"partition_by", "cluster_by", "indexes", "sort", "dist", "sort_type", "transient", "file_format", "grants",
     "persist_docs", "copy_grants", "labels", "unlogged", "query_tag", "snowflake_warehouse", "location_root"}
)  # fmt: skip


def describe(context: ObserveContext[DbtConfig]) -> Descriptions:
    """Every model, seed and snapshot of the project. Raises DocumentError, and what parsing raises."""
    config: DbtConfig = context.config
    values: Values | None = None
    folder = ""
    if config.artefacts_only:
        path = artefact_paths(context).manifest
    else:
        from penstock_dbt.parsed import parsed_project

        parsed = parsed_project(context)
        path, values = parsed.paths.manifest, values_that_templates_read(parsed)
        folder = _relative(parsed.settings.project, context.project_root)
    manifest = read(path, "manifest", read_manifest).content
    try:
        found = tuple(_Descriptions(manifest, values, folder).all())
    except msgspec.MsgspecError as error:
        raise DocumentError(f"not a readable manifest: {error}", where=str(path)) from None
    return Descriptions(project=manifest.metadata.project_name or context.instance, assets=found)


def _relative(project: Path, root: Path) -> str:
    try:
        return project.relative_to(root.resolve()).as_posix()
    except ValueError:
        return project.as_posix()


class _Descriptions:
    """The descriptions of one manifest's nodes."""

    def __init__(self, manifest: Manifest, values: Values | None, folder: str) -> None:
        self._manifest = manifest
        self._values = values
        self._folder = folder
        self._shipped = shipped_packages(manifest.metadata.adapter_type)
        self._macros = Macros(manifest.macros, self._shipped)
        self._own: dict[str, str] = {}
        self._uses: dict[str, Uses] = {}
        self._rows: dict[str, bool] = {}
        self._root = manifest.metadata.project_name or ""

    def all(self) -> Iterator[Described]:
        for node in self._manifest.nodes.values():
            if node.resource_type in _MADE:
                yield self._of(node)

    def _of(self, node: Node) -> Described:
        config = _MAPPING.decode(node.config)
        text = (msgspec.json.decode(node.raw_code) if len(node.raw_code) > 2 else "") or ""
        reached = sorted(self._macros.reached(node.depends_on.macros))
        reads = uses_of(text)
        for name in reached:
            reads = reads.joined(self._reads(name))
        settings = self._settings(node, config)
        form = node.resource_type if node.resource_type != "model" else str(config.get("materialized"))
        return Described(
            id=node.unique_id,
            form=form,
            settings={name: one for name, one in settings.items() if name not in _UPKEEP},
            upkeep={name: one for name, one in settings.items() if name in _UPKEEP},
            uses={**self._used_macros(reached), **self._values_read(reads), **_file_of(node)},
            names=tuple(self._names(node, set())),
            text=text,
            path=self._path(node),
            contract=_contract(node, config),
            asks_rows=node.language == "python" or asks_for_rows(text) or any(map(self._asks_rows, reached)),
            asks="python" if node.language == "python" else reads.asks,
            on_columns=str(config.get("on_schema_change") or "ignore") if form == "incremental" else "",
        )

    def _reads(self, macro: str) -> Uses:
        known = self._uses.get(macro)
        if known is None:
            package = macro.removeprefix("macro.").partition(".")[0]
            found = self._manifest.macros.get(macro)
            known = Uses()
            if package not in self._shipped and found is not None and len(found.macro_sql) > 2:
                known = uses_of(msgspec.json.decode(found.macro_sql) or "")
            self._uses[macro] = known
        return known

    def _asks_rows(self, macro: str) -> bool:
        known = self._rows.get(macro)
        if known is None:
            package = macro.removeprefix("macro.").partition(".")[0]
            found = self._manifest.macros.get(macro)
            own = package not in self._shipped and found is not None and len(found.macro_sql) > 2
            known = self._rows[macro] = (
                own and asks_for_rows(msgspec.json.decode(found.macro_sql) or "") if found else False
            )
        return known

    def _used_macros(self, reached: Iterable[str]) -> dict[str, str]:
        found = {}
        for name in reached:
            package, _, plain = name.removeprefix("macro.").partition(".")
            macro = self._manifest.macros.get(name)
            if package in self._shipped or macro is None:
                continue
            if name not in self._own:
                self._own[name] = _digest(bytes(macro.macro_sql))
            shown = plain if package == self._root else f"{package}.{plain}"
            found[f"macro {shown}"] = self._own[name]
        return found

    def _values_read(self, reads: Uses) -> dict[str, str]:
        """Digests of what a template reads, as far as it is known: a manifest alone does not tell."""
        values = self._values
        if values is None:
            return {}
        found = {f"var {name}": values.vars.get(name, "unset") for name in sorted(reads.vars)}
        if reads.any_var:
            found["vars"] = values.every_var
        for name in sorted(reads.env):
            value = values.environ.get(name)
            found[f"environment variable {name}"] = "unset" if value is None else _digest(value.encode())
        return found

    def _settings(self, node: Node, config: Mapping[str, object]) -> dict[str, Setting]:
        """What is written of a node, and hooks. What dbt adds by itself is no change of the project."""
        written = _MAPPING.decode(node.unrendered_config) if len(node.unrendered_config) > 2 else {}
        names = {*written, "materialized"} - {*COSMETIC, "contract"}
        names.update(name for name in ("pre-hook", "post-hook") if config.get(name))
        found = {}
        for name in sorted(names):
            if name.replace("_", "-") in ("pre-hook", "post-hook"):
                name = name.replace("_", "-")
            value = _text(written.get(name) if name in _PLACE else config.get(name, written.get(name)))
            found[name] = Setting(_text(written.get(name, config.get(name))), value)
        return found

    def _names(self, node: Node, seen: set[str]) -> Iterator[tuple[str, str]]:
        """How the relations that its SQL may name are spelt: its own, its parents', those of ephemeral parents."""
        seen.add(node.unique_id)
        if node.relation_name:
            yield node.relation_name, node.unique_id
        for parent in node.depends_on.nodes:
            source = self._manifest.sources.get(parent)
            if source is not None and source.relation_name:
                yield source.relation_name, parent
            above = self._manifest.nodes.get(parent)
            if above is None or parent in seen:
                continue
            if above.relation_name:
                yield above.relation_name, parent
            else:
                yield from self._names(above, seen)

    def _path(self, node: Node) -> str | None:
        path = node.original_file_path
        if path is None:
            return None
        within = "" if node.package_name in ("", self._root) else f"dbt_packages/{node.package_name}"
        return "/".join(part for part in (self._folder, within, path) if part not in ("", "."))


def _file_of(node: Node) -> dict[str, str]:
    """A seed has no text: its file is what it is."""
    if node.resource_type != "seed":
        return {}
    return {"file": checksum_text(node.checksum) or ""}


def _contract(node: Node, config: Mapping[str, object]) -> dict[str, str] | None:
    contract = config.get("contract")
    if not isinstance(contract, dict) or not contract.get("enforced"):
        return None
    return {column.name: column.data_type or "" for column in node.columns.values()}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value, order="deterministic").decode()


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def at_checkout(
    context: ObserveContext[DbtConfig], now: ObserveContext[DbtConfig]
) -> ObserveContext[DbtConfig]:
    """See `penstock.integration.Describing`. Packages and the profile are taken from the project as it lies here now."""
    config: DbtConfig = context.config
    if config.artefacts_only or now.config.artefacts_only:
        return context
    here, there = settings_of(now), settings_of(context)
    options = dict(context.options)
    if not profiles_file(there).is_file():
        options["profiles_dir"] = str(profiles_file(here).parent)
    _take_packages(here.project, there.project)
    if not config.command and (dbt := locate(here)) is not None:
        config = msgspec.structs.replace(config, command=list(dbt.command))
    return msgspec.structs.replace(context, config=config, options=options)


_ASKED = ("packages.yml", "dependencies.yml", "package-lock.yml")


def _take_packages(here: Path, there: Path) -> None:
    """Installed packages of the same lock; else dbt installs what the other version asks for."""
    installed, wanted = layout_of(here).packages, layout_of(there).packages
    if wanted.exists() or not installed.is_dir():
        return
    if all(_bytes(here / name) == _bytes(there / name) for name in _ASKED[:2]):
        shutil.copytree(installed, wanted, symlinks=True)


def _bytes(path: Path) -> bytes:
    try:
        return regular_bytes(path)
    except OSError:
        return b""


def of_document(context: ObserveContext[DbtConfig], path: Path) -> ObserveContext[DbtConfig]:
    """See `penstock.integration.Describing`."""
    config = DbtConfig(manifest=str(path), warehouse=context.config.warehouse)
    try:
        read_manifest(file_bytes(path, "manifest"), str(path))
    except ManifestError as error:
        raise unreadable(error, path, "manifest") from None
    return msgspec.structs.replace(context, config=config, options={})


def documents(path: Path) -> Iterable[Path]:
    """manifest.json at or in `path`."""
    if path.is_dir():
        names = ("manifest.json", "manifest.json.gz", "target/manifest.json")
        return [path / name for name in names if (path / name).is_file()][:1]
    return [path] if path.name.endswith((".json", ".json.gz")) else []
