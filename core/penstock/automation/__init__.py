"""What starts by itself and when: schedules, their ticks, and the daemon that turns ticks into runs. Plans nothing itself."""

from penstock.automation.cron import Ticks, read_ticks
from penstock.automation.daemon import Daemon, Perform, Performed
from penstock.automation.decide import decide
from penstock.automation.schedule import Schedule, read_schedules

__all__ = ["Daemon", "Perform", "Performed", "Schedule", "Ticks", "decide", "read_schedules", "read_ticks"]
