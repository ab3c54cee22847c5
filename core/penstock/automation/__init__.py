"""What starts by itself and when: schedules, their ticks, and the daemon that turns ticks into runs. Plans nothing itself."""

from penstock.automation.cron import Ticks, read_ticks, read_time
from penstock.automation.daemon import Daemon, Perform, Performed
from penstock.automation.decide import decide
from penstock.automation.freshness import AsOf, Clock, Made, Shape
from penstock.automation.promise import (
    Covering,
    Fresh,
    FreshnessState,
    Verdict,
    foreseen,
    judged,
    path_p90,
    ready_at,
)
from penstock.automation.schedule import Schedule, read_schedules

__all__ = [
    "AsOf",
    "Clock",
    "Covering",
    "Daemon",
    "Fresh",
    "FreshnessState",
    "Made",
    "Perform",
    "Performed",
    "Schedule",
    "Shape",
    "Ticks",
    "Verdict",
    "decide",
    "foreseen",
    "judged",
    "path_p90",
    "read_schedules",
    "read_ticks",
    "read_time",
    "ready_at",
]
