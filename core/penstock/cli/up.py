"""`penstock up`: the daemon in the foreground, with the web pages beside it."""

from __future__ import annotations

import gc
import re
import signal
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.beside import Beside
from penstock.cli.output import duration, is_quiet, unread_is_no_failure
from penstock.cli.sections import SectionedCommand
from penstock.cli.times import clock, local
from penstock.cli.web import listen_arguments, listen_options

if TYPE_CHECKING:
    from penstock.automation import Performed
    from penstock.service.workspace import Workspace
    from penstock.store import DaemonRow, Tick


@click.command(cls=SectionedCommand)
@click.option("--once", is_flag=True, help="Run what is due now, then exit.")
@click.option("--no-web", is_flag=True, help="Serve no pages: the daemon alone.")
@listen_options
@options.quiet_option
@options.place_options
def up(once: bool, no_web: bool, **given: object) -> None:
    """Run the daemon: start what penstock.yml schedules, and serve the web pages (as `penstock web` does).

    Several daemons may share one run store.

    After Ctrl-C, SIGTERM or SIGHUP nothing new starts; what is running is left to the next `penstock up`. Exit code: 0 all good, 1 a run
    failed (--once), 3 something was left.
    """
    from penstock.cli.scheduled import read_command
    from penstock.service import alerting, automation, sensing

    workspace = options.workspace(given)
    gc.enable()
    shown = Shown(quiet=is_quiet())
    served = not once and not no_web
    workspace.progress = lambda line: shown.say("look", line)
    daemon, store, schedules = automation.daemon(
        workspace, read_command, shown, idle=served, patient=not once, check=_check
    )
    _hear(daemon.stop, shown)
    watching = alerting.Alerting(workspace, store, schedules, read_command, shown.say, lambda: daemon.decides)
    looking = sensing.Sensing(workspace, store, schedules.events, shown.say, lambda: daemon.decides)
    try:
        if once:
            if daemon.comes_first():
                looking.once()
            daemon.run(once=True)
            if daemon.decides:
                alerting.evaluate(workspace, store, schedules(), read_command)
                alerting.send_due(workspace, store)
        else:
            shown.say("up", f"{workspace.project.name} in {workspace.project.environment}")
            with _pages(workspace, given, shown) if served else nullcontext(), watching, looking:
                daemon.run()
    finally:
        store.close()
    if daemon.left:
        shown.say("left", "go on with: penstock up, or penstock run --resume")
        raise click.exceptions.Exit(3)
    if once and daemon.failed:
        raise click.exceptions.Exit(1)


def _check(workspace: Workspace) -> None:
    """What a daemon stands on beside its schedules. Raises ConfigError."""
    from penstock.service import alerting, deciding, inbox, sensing

    alerting.settings(workspace)
    inbox.sources(workspace)
    sensing.sensors(workspace, workspace.project.events())
    deciding.check(workspace)


def _pages(workspace: Workspace, given: dict[str, object], shown: Shown) -> Beside:
    project = workspace.project
    return Beside(project.root, project.environment, listen_arguments(given), shown.say)


def _hear(stop: Callable[[], None], shown: Shown) -> None:
    """The first signal stops in order; a second one of Ctrl-C ends at once, and leaves all to the run store."""

    def heard(number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, heard)


_VERSION = re.compile(r" \d{16,} \d+$")
_LONGEST = 100
_WRONG = frozenset({"trouble", "back", "failed", "left", "stand by", "take over"})  # the words that -q keeps


def _shortened(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip(" ,") + "…"


class Shown:
    """One line for each thing that happens; what stays as it is, is said once."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._waiting: tuple[float | None, str | None] | None = None

    def say(self, word: str, what: str) -> None:
        if self._quiet and word not in _WRONG:
            return
        with unread_is_no_failure():
            # Of the exact clock: that of the system's own strftime may say 06:59:59 of what came due at 07:00:00.
            click.echo(f"{clock(time.time())}  {word:<9}  {what}")

    def decided(self, tick: Tick, does: str) -> None:
        self._waiting = None
        word = "due" if tick.state.value == "waiting" else tick.state.value
        # Of a file its path tells enough: its time in nanoseconds and its size are what makes it one event.
        reason = _VERSION.sub("", tick.reason.removesuffix(": due"))
        why = "" if reason == "due" else f": {local(reason)}"
        doing = f": {_shortened(does)}" if word == "due" and does else ""
        self.say(word, f"{tick.schedule} of {clock(tick.at)}{why}{doing}")

    def started(self, tick: Tick) -> None:
        if tick.run is not None or tick.reason != "due":
            self.say("start", f"{tick.schedule} of {clock(tick.at)}")

    def ended(self, tick: Tick, performed: Performed) -> None:
        self._waiting = None
        word = "left" if performed.left else "ok" if performed.good else "failed"
        self.say(word, f"{tick.schedule} of {clock(tick.at)}: {local(performed.reason)}")

    def waiting(self, until: float | None, schedule: str | None, now: float) -> None:
        if (until, schedule) == self._waiting:
            return
        self._waiting = until, schedule
        if until is None:
            self.say("wait", "nothing is due; what changes is looked at")
        else:
            self.say("wait", f"{schedule} is next, at {clock(until)}")

    def standing_by(self, first: DaemonRow | None) -> None:
        self._waiting = None
        if first is None:
            self.say("take over", "the daemon with another project has gone")
            return
        self.say(
            "stand by",
            f"process {first.owner.pid} on {first.owner.host} works with another penstock.yml or other models; "
            "takes over when it goes",
        )

    def trouble(self, what: str) -> None:
        self.say("trouble", local(what))

    def back(self, away: float) -> None:
        self.say("back", f"the run store answers again, after {duration(away)}")
