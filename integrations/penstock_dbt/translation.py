"""What translating one project's documents needs to know and fills: its place, memos, and the parts of the observation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from penstock.assets import FieldMap, Finding, Hold, ObservedAsset, ObservedCheck, ObservedProducer, Relation
from penstock_dbt.describe import describes
from penstock_dbt.fingerprints import Macros
from penstock_dbt.left_out import Configs
from penstock_dbt.relations import Namer
from penstock_manifests.dbt import Catalog, CatalogEntry, Group, Manifest, Owner
from penstock_manifests.dbt.records import NULL

if TYPE_CHECKING:  # given artefacts alone have none: their code is not loaded
    from penstock_dbt.recipes import Recipes, Values


class Splitting(msgspec.Struct, frozen=True):
    """How a project may be shared out over invocations, as penstock.yml says. `beside`: at one time in this warehouse."""

    hooks: str
    most: int
    beside: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The warehouse that a project's relations lie in. `batch` is None and `unrunnable` says why where nothing can be run."""

    namespace: str
    dialect: str
    holds: tuple[Hold, ...] = ()
    batch: str | None = None
    splitting: Splitting | None = None
    unrunnable: str | None = None
    values: Values | None = None  # what templates may read; None where nothing can be run


class NodeConfig(msgspec.Struct, frozen=True, gc=False):
    """The few settings that decide what a node is; the rest stays JSON text."""

    materialized: str | None = None
    severity: str | None = None
    group: str | None = None
    access: str | None = None
    incremental_strategy: str | None = None
    unique_key: str | tuple[str, ...] | None = None
    freshness: msgspec.Raw = NULL
    state: msgspec.Raw = NULL
    meta: msgspec.Raw = NULL


_COUNT = re.compile(rb'"count"\s*:\s*[0-9]')
_NODE_CONFIG = msgspec.json.Decoder(NodeConfig)


class Translation(msgspec.Struct, eq=False):
    """The parts of an observation while they grow. Many nodes share one config text: each is kept and decoded once."""

    instance: str
    place: Place
    manifest: Manifest
    catalog: Catalog | None
    macros: Macros
    names: Namer
    configs: Configs
    recipes: Recipes | None = None
    assets: list[ObservedAsset] = []
    checks: list[ObservedCheck] = []
    producers: list[ObservedProducer] = []
    fields: list[FieldMap] = []
    findings: list[Finding] = []
    facts: dict[str, str] = {}
    elsewhere: list[str] = []
    known: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    _decoded: dict[bytes, NodeConfig] = {}
    _texts: dict[bytes, str] = {}
    _criteria: tuple[msgspec.Raw, str] = (NULL, "")
    _owners: dict[str, str | None] = {}

    @property
    def source(self) -> str:
        return f"dbt/{self.instance}"

    def text(self, raw: msgspec.Raw) -> str:
        """JSON text, one object for all that have the same; "" for an empty object and for null."""
        data = bytes(raw)
        if len(data) <= 2 or data == b"null":
            return ""
        known = self._texts.get(data)
        if known is None:
            known = self._texts[data] = data.decode()
        return known

    def criteria(self, freshness: msgspec.Raw) -> str:
        """A source's freshness criteria as JSON text. Without any, dbt writes the same shape with nulls: "" for that. Neighbours
        often have the same: it is compared first."""
        if freshness != self._criteria[0]:
            data = bytes(freshness)
            self._criteria = freshness, data.decode() if _COUNT.search(data) else ""
        return self._criteria[1]

    def settings(self, text: bytes) -> NodeConfig:
        """The few settings of a config's text."""
        found = self._decoded.get(text)
        if found is None:
            found = self._decoded[text] = _NODE_CONFIG.decode(text or b"{}")
        return found

    def upstream(self, ids: tuple[str, ...], of: str) -> tuple[str, ...]:
        """Those of a node's parents that exist here; a parent that does not is a finding."""
        if not ids or self.known.issuperset(ids):
            return tuple(dict.fromkeys(ids)) if len(ids) > 1 else ids
        missing = [parent for parent in ids if parent not in self.known]
        self.finding(
            "unknown-upstream", f"{of} depends on {', '.join(missing)}, which the manifest does not hold"
        )
        return tuple(dict.fromkeys(parent for parent in ids if parent in self.known))

    def entry(
        self, entries: dict[str, CatalogEntry], unique_id: str, relation: Relation | None
    ) -> CatalogEntry | None:
        """What the catalog says of a relation. A catalog of another target describes other tables: it says nothing here."""
        found = entries.get(unique_id)
        if found is None or relation is None or describes(found, relation):
            return found
        self.elsewhere.append(unique_id)
        return None

    def unread_policy(self, message: str) -> None:
        self.finding("policy-unread", message, "it says nothing until it is mended")

    def finding(self, code: str, message: str, hint: str | None = None) -> None:
        self.findings.append(Finding(code=code, message=message, source=self.source, hint=hint))

    def owner_of_group(self, group: str | None) -> str | None:
        return self._owners.get(group) if group else None

    def learn_groups(self, groups: dict[str, Group]) -> None:
        self._owners = {group.name: owner_name(group.owner) for group in groups.values()}


def owner_name(owner: Owner | None) -> str | None:
    """An owner's name, else the (first) address."""
    if owner is None:
        return None
    return owner.name or ", ".join(texts(owner.email)) or None


def texts(value: tuple[str, ...] | str | None) -> tuple[str, ...]:
    """dbt allows one tag as a plain string."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else value
