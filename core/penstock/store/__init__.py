"""The run store: the one source of truth of what happened. Rows and records, no decisions."""

from penstock.assets import DataVersion
from penstock.store.accounts import Account, AccountStore, AuditEntry, SessionRow, TokenRow
from penstock.store.alerts import AlertsDecided, AlertsKnown, AlertStore, Incident, IncidentSummary, Letter
from penstock.store.automation import (
    AutomationStore,
    Decided,
    Known,
    ScheduleRow,
    Tick,
    TickState,
)
from penstock.store.check import StoreFinding
from penstock.store.commits import Commits
from penstock.store.daemons import DaemonRow, Took
from penstock.store.database import StoreMissing, StoreReplaced
from penstock.store.decisions import DecisionRow, DecisionStore, SeenRow
from penstock.store.following import EventSink
from penstock.store.inbox import Arrival, InboxStore
from penstock.store.leases import LeaseLost, RunHeld
from penstock.store.made import MadeRow
from penstock.store.narrowed import Begun, Narrowed
from penstock.store.predictions import Coverage, Prediction
from penstock.store.prune import Pruned
from penstock.store.records import (
    AttemptRecord,
    AttemptState,
    CheckRecord,
    EventRecord,
    ItemRecord,
    ItemState,
    LeaseRecord,
    MaterializationRecord,
    NewEvent,
    OutsideRecord,
    Owner,
    ReuseAudit,
    RunDetail,
    RunRecord,
    RunState,
    StepRecord,
    StepState,
)
from penstock.store.runs import NewRun, UnknownRun
from penstock.store.sensors import News, Sighting
from penstock.store.session import RunSession
from penstock.store.store import LEASE_SECONDS, RunStore, open_reading, open_store

__all__ = [
    "LEASE_SECONDS",
    "Account",
    "AccountStore",
    "AlertStore",
    "AlertsDecided",
    "AlertsKnown",
    "Arrival",
    "AttemptRecord",
    "AttemptState",
    "AuditEntry",
    "AutomationStore",
    "Begun",
    "CheckRecord",
    "Commits",
    "Coverage",
    "DaemonRow",
    "DataVersion",
    "Decided",
    "DecisionRow",
    "DecisionStore",
    "EventRecord",
    "EventSink",
    "InboxStore",
    "Incident",
    "IncidentSummary",
    "ItemRecord",
    "ItemState",
    "Known",
    "LeaseLost",
    "LeaseRecord",
    "Letter",
    "MadeRow",
    "MaterializationRecord",
    "Narrowed",
    "NewEvent",
    "NewRun",
    "News",
    "OutsideRecord",
    "Owner",
    "Prediction",
    "Pruned",
    "ReuseAudit",
    "RunDetail",
    "RunHeld",
    "RunRecord",
    "RunSession",
    "RunState",
    "RunStore",
    "ScheduleRow",
    "SeenRow",
    "SessionRow",
    "Sighting",
    "StepRecord",
    "StepState",
    "StoreFinding",
    "StoreMissing",
    "StoreReplaced",
    "Tick",
    "TickState",
    "TokenRow",
    "Took",
    "UnknownRun",
    "open_reading",
    "open_store",
]
