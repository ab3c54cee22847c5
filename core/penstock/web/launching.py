"""Starting and stopping: a plan is shown with its hash, and only a plan with that hash is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.assets import AssetKey
from penstock.change import UNDECIDED
from penstock.plan import Plan, PlanItem
from penstock.service import inspect, launching
from penstock.service.documents import PlanDocument, plan_document
from penstock.service.flags import FAIL_FAST, REBUILD, given, offered
from penstock.service.inspect import NoRuns
from penstock.service.launching import Wanted, asked_of
from penstock.service.narrowing import planned_apart
from penstock.service.people import Right
from penstock.service.permission import Question, questions, said
from penstock.service.running import usual_seconds
from penstock.web import schema
from penstock.web.routes import Answer, Call, Route
from penstock.web.runs import detail_of

FORMAT = 1


class PlanAnswer(PlanDocument, frozen=True, kw_only=True):
    """What `penstock plan --json` prints, with the `hash` by which it is started. `standing`: bad verdicts of checks that are not
    run again; where nothing is built they are told, and fail the run. `takes`: the seconds of each item when it was last made; `work`:
    their sum by decision (`maybe`: decided once something else is made), a step once. `asks`: the work elsewhere that may cost money, and
    whether this plan starts it."""

    hash: str
    standing: int
    takes: tuple[float | None, ...]
    work: dict[str, float]
    asks: tuple[Question, ...]


def _wanted(body: schema.PlanRequest) -> Wanted:
    own = {REBUILD: body.full_refresh, FAIL_FAST: body.fail_fast}
    asked = asked_of(
        select=body.select,
        exclude=body.exclude,
        selector=body.selector,
        checks=body.checks,
        start=body.start,
        flags={**own, **given(body.flags)},
    )
    return Wanted(asked=asked, retry_of=body.retry_of, step=body.step)


def _planned(call: Call) -> Plan:
    """The plan, if the person may run every asset of it."""
    asked = call.told(schema.PlanRequest)
    if asked.retry_of is not None:
        detail_of(call, asked.retry_of)
    if call.view.visible is not None:  # what is hidden is as unknown here as what is not there
        call.view.chosen(" ".join(asked.select), " ".join(asked.exclude))
        if which := said(asked.start)[1]:
            call.view.chosen(which, "")
    plan = call.serving.planned(_wanted(asked))
    call.view.require(Right.OPERATE, (item.key for item in plan.to_end()))
    return plan


def flags(call: Call) -> schema.FlagsDocument:
    """What the tools have declared; not all of it can be given from here."""
    found = tuple(
        schema.FlagDocument(
            field=one.flag.field,
            name=one.flag.spelt,
            tool=one.integration,
            kind=one.flag.kind.value,
            help=one.flag.help,
            metavar=one.flag.metavar,
            choices=one.flag.choices,
        )
        for one in offered()
    )
    return schema.FlagsDocument(format=FORMAT, flags=found)


def plan(call: Call) -> PlanAnswer:
    made = _planned(call)
    visible = call.view.visible
    if visible is not None:
        kept = tuple(planned_apart(item) for item in made.items if call.view.sees(item.key, visible))
        shown = msgspec.structs.replace(made, items=kept, notes=())
    else:
        shown = made
    document = plan_document(shown)
    seconds = _seconds(call)
    return PlanAnswer(
        **msgspec.structs.asdict(document),
        hash=launching.hash_of(made),
        standing=sum(item.stands for item in shown.items),
        takes=tuple(seconds.get(item.key) for item in shown.items),
        work=_work(shown.items, seconds),
        asks=() if made.retry_of else questions(call.serving.seen().graph, shown.items),
    )


def _seconds(call: Call) -> Mapping[AssetKey, float]:
    environment = call.view.environment
    try:
        with call.serving.store() as store:
            made = store.latest_materializations(environment)  # a run that reused it tells nothing
            known = {key: one.seconds for key, one in made.items() if one.seconds is not None}
            return {**usual_seconds(store, environment), **known}
    except NoRuns:
        return {}


def _work(items: Iterable[PlanItem], seconds: Mapping[AssetKey, float]) -> dict[str, float]:
    """All tables of a sync are made in one step: the longest of them is what it takes."""
    units: dict[tuple[str, str], float] = {}
    for item in items:
        if item.key in seconds:
            decision = "maybe" if item.code == UNDECIDED else item.decision.value
            at = decision, item.unit or str(item.key)
            units[at] = max(units.get(at, 0.0), seconds[item.key])
    found: dict[str, float] = {}
    for (decision, _), takes in units.items():
        found[decision] = found.get(decision, 0.0) + takes
    return found


def start(call: Call) -> Answer:
    record = launching.launch(
        call.serving.workspace,
        _planned(call),
        shown=call.told(schema.LaunchRequest).hash,
        by=call.view.who.user,
        key=call.key,
    )
    return Answer(body=_started(record.number, record.id, record.state.value), status=202)


def _started(number: int, identity: str, state: str) -> schema.Started:
    return schema.Started(format=FORMAT, run=number, id=identity, state=state)


def _built(call: Call) -> str:
    """The id of a run of which the person may run every asset."""
    detail = detail_of(call, call.place["run"])
    with call.serving.store() as store:
        whole = store.detail(detail.run.id)
    call.view.require(Right.OPERATE, (item.key for item in whole.items if item.decision == "build"))
    found: str = detail.run.id
    return found


def cancel(call: Call) -> Answer:
    record = inspect.cancel(call.serving.workspace, _built(call))
    return Answer(body=_started(record.number, record.id, record.state.value), status=202)


def resume(call: Call) -> Answer:
    record = launching.resume(call.serving.workspace, _built(call))
    return Answer(body=_started(record.number, record.id, record.state.value), status=202)


ROUTES = (
    Route(method="GET", path="/api/v1/flags", name="flags", about="Flags of the tools that a plan may be given.", right=Right.VIEW,
          handle=flags, answer=schema.FlagsDocument),
    Route(method="POST", path="/api/v1/plans", name="plan", about="What would run, what not, and why. Starts nothing.",
          right=Right.OPERATE, handle=plan, body=schema.PlanRequest, answer=PlanAnswer, command="plan"),
    Route(method="POST", path="/api/v1/runs", name="start", about="Start the plan that was shown, by its hash.",
          right=Right.OPERATE, handle=start, body=schema.LaunchRequest, answer=schema.Started, status=202),
    Route(method="POST", path="/api/v1/runs/{run}/cancel", name="cancel", about="Ask a run to stop.",
          right=Right.OPERATE, handle=cancel, body=schema.Nothing, answer=schema.Started, status=202),
    Route(method="POST", path="/api/v1/runs/{run}/resume", name="resume", about="Go on with a run that was left.",
          right=Right.OPERATE, handle=resume, body=schema.Nothing, answer=schema.Started, status=202),
)  # fmt: skip
