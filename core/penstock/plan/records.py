"""The plan as data: for every asset and check a decision with its reason, and the order that must hold. Records only."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets import AssetKey, Batch, Hold, Relation, Severity, ToolRef, Window
from penstock.integration import ItemKind


class Decision(StrEnum):
    BUILD = "build"
    REUSE = "reuse"
    SKIP = "skip"


class PlanItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One asset or check of the plan.

    `reason` is the sentence for people, `code` its stable word. `unit` names the producer: all items of a unit are made
    by one step (the tables of a sync). `batch`: ready items of one batch may share a step (dbt nodes of one project);
    None means that the unit is a step of its own. `depends_on` are BUILD items of this plan that must end well first
    (upstream assets, and the checks that gate them); `upstream` is every direct upstream asset, planned or not. `apart` are
    those of `depends_on` that the tool does not know of: they must have ended before a step with this item begins. `appends`:
    made twice, its rows may be there twice. `remaining`: what a former run left to do of it, in its integration's own words.
    `payload` is the producer's, for its runner; `window` the range of time to fill (None: all); `facts` is what the decision rests on,
    in words. `verdict`: how a check that is reused came out (success, warn, fail). `anew`: what is there is replaced, not added to.
    """

    key: AssetKey
    ref: ToolRef
    kind: ItemKind
    name: str
    resource_type: str
    decision: Decision
    reason: str
    code: str
    unit: str = ""
    step_kind: str = ""
    batch: str | None = None
    holds: tuple[Hold, ...] = ()
    depends_on: tuple[AssetKey, ...] = ()
    apart: tuple[AssetKey, ...] = ()
    upstream: tuple[AssetKey, ...] = ()
    severity: Severity = Severity.ERROR
    code_version: str | None = None
    appends: bool = False
    remaining: str = ""
    relation: Relation | None = None
    payload: str = ""
    window: Window | None = None
    facts: dict[str, str] = {}
    verdict: str = ""
    anew: bool = False

    @property
    def stands(self) -> bool:
        """A check whose bad verdict stands: it is not run, and holds back what it gates."""
        return self.decision is Decision.REUSE and self.verdict not in ("", "success")


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would run, what not, and why. `options` are the flags per `integration/instance`, the same for every step and for
    `retry`; `selection` is what the user typed; `notes` are sentences shown with the plan (invocations expected, hooks);
    `control` is what was typed about the run itself (retries, group), which planning does not read."""

    environment: str
    graph_hash: str
    items: tuple[PlanItem, ...]
    selection: str = ""
    options: dict[str, dict[str, object]] = {}
    notes: tuple[str, ...] = ()
    retry_of: str | None = None
    fail_fast: bool = False
    batches: tuple[Batch, ...] = ()
    control: dict[str, object] = {}

    def to_end(self) -> tuple[PlanItem, ...]:
        """What the run brings to an end: what is built, and verdicts that stand."""
        return tuple(item for item in self.items if item.decision is Decision.BUILD or item.stands)

    def to_build(self) -> tuple[PlanItem, ...]:
        return tuple(item for item in self.items if item.decision is Decision.BUILD)
