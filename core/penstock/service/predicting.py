"""Predictions of promises are kept, and compared with what came: when newer data is expected with nine chances in ten. Starts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from penstock.assets import AssetKey
from penstock.integration import Diagnosis
from penstock.service.freshness import FreshnessInputs, Kept
from penstock.service.history import reading_store
from penstock.service.observe import GraphView
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace
from penstock.store import Coverage, Prediction, RunStore

FEW = 20  # below that many a share says nothing
_ENOUGH = 0.8


def look_ahead(workspace: Workspace, seen: GraphView, store: RunStore, command_of: CommandOf) -> list[Kept]:
    """Every promise as it stands. What is expected of new data is recorded, and what came of the expectations before. Raises
    ConfigError, StoreError."""
    environment = workspace.project.environment
    estate = FreshnessInputs(workspace, seen, store, command_of, store.automation(environment).now())
    promises = estate.promises()
    found = [estate.kept(asset, fresh) for asset, fresh in promises.items()]
    predictions = store.predictions(environment)
    known = predictions.open()
    arrived = [
        came
        for one in known
        if one.asset in promises and (came := estate.arrived(one, promises[one.asset])) is not None
    ]
    made = _made(estate, found, {(one.asset, one.as_of) for one in known})
    if made or arrived:
        predictions.write(made, arrived)
    return found


def _made(
    estate: FreshnessInputs, found: Sequence[Kept], known: set[tuple[AssetKey, float]]
) -> list[Prediction]:
    made = []
    for one in found:
        as_of, expected = one.verdict.as_of, estate.expected(one)
        if as_of is None or as_of == inf or expected is None or (one.asset, as_of) in known:
            continue
        made.append(Prediction(asset=one.asset, as_of=as_of, made_at=estate.now, expected_at=expected))
    return made


def diagnosis(workspace: Workspace) -> Diagnosis | None:
    """How predictions came out, where anything is promised. Raises StoreError."""
    environment = workspace.project.environment
    with reading_store(workspace) as store:
        if store is None:
            found = Coverage()
        else:
            found = store.predictions(environment).coverage(store.automation(environment).now())
    promised = any(policy.fresh is not None for policy in workspace.project.document.policies)
    if not promised and found == Coverage():
        return None
    return told(found)


def told(found: Coverage) -> Diagnosis:
    number = found.came + found.late
    subject = "predictions"
    waiting = f"; {found.open} still open" if found.open else ""
    if not number:
        return Diagnosis(
            subject=subject,
            ok=True,
            message=f"none can be judged yet{waiting}",
            hint="penstock up records when newer data is expected, and when it came",
        )
    came = f"newer data came when expected in {found.came} of {number}"
    if number < FEW:
        message = f"{came}, too few to judge by ({FEW} are needed){waiting}"
        return Diagnosis(subject=subject, ok=True, message=message)
    share = found.came / number
    message = f"{came} ({share:.0%}; nine in ten are meant to){waiting}"
    if share >= _ENOUGH:
        return Diagnosis(subject=subject, ok=True, message=message)
    hint = "runs take longer than they did, or penstock up was away: give promises more room, or see penstock freshness"
    return Diagnosis(subject=subject, ok=True, message=message, hint=hint)
