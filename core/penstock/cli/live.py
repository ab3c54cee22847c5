"""What a run looks like while it goes on: a redrawn region on a terminal, plain lines when piped. Decides nothing."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.output import count, duration, state_colour

if TYPE_CHECKING:
    from penstock.plan import PlanItem
    from penstock.run import RunEvent

_SHOWN_STATES = frozenset(
    {"success", "warn", "fail", "error", "partial", "skipped", "cancelled", "reused", "no_op"}
)
_MOST_LINES = 16
_WHOLE = "this run"
_SETTLED = 0.1  # seconds after which a start is one


class Board:
    """Folds a run's events to what is going on now. `done` counts ended items of `total`."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self.began = time.time()
        self.running: dict[str, tuple[PlanItem, float, int | None]] = {}
        self.phases: dict[str, str] = {}
        self.waits: dict[str, str] = {}
        self.question = ""

    def take(self, event: RunEvent) -> None:
        kind = event.kind.value
        if kind == "item" and event.items:
            self._item(event)
        elif kind == "progress" and event.items:
            key = str(event.items[0].key)
            item, since, rows = self.running.get(key, (event.items[0], event.at, None))
            self.running[key] = (item, since, event.rows if event.rows is not None else rows)
        elif kind == "phase" and event.step:
            self.phases[event.step] = event.message or ""
        elif kind == "wait":
            self.waits[_subject(event)] = ", ".join(str(waiting) for waiting in event.waiting[:2])
        elif kind == "step" and event.step:
            self.waits.pop(event.step, None)
            self.waits.pop(_WHOLE, None)
            if event.state in ("succeeded", "failed", "cancelled"):
                self.phases.pop(event.step, None)

    def _item(self, event: RunEvent) -> None:
        key = str(event.items[0].key)
        if event.state == "running":
            self.running[key] = (event.items[0], event.at, None)
        elif event.state in _SHOWN_STATES:
            self.running.pop(key, None)
            self.done += 1
            self.failed += event.state in ("error", "fail", "partial")


def _never_came_to_its_turn(event: RunEvent) -> bool:
    """Cancelled with the run: the summary tells of all of them at once."""
    return event.state == "cancelled" and event.attempt is None


def plain_line(event: RunEvent) -> str | None:
    """One line for an event that a reader of a log wants to see; None for the rest."""
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    kind = event.kind.value
    if kind == "item" and event.items:
        item = event.items[0]
        if event.state == "running":
            return f"{clock}  start      {item.name}"
        if event.state not in _SHOWN_STATES or _never_came_to_its_turn(event):
            return None
        return f"{clock}  {event.state:<9}  {item.name}{_details(event)}"
    if kind == "phase" and event.message:
        return f"{clock}  {'phase':<9}  {event.step}: {event.message}"
    if kind == "wait" and event.waiting:
        return f"{clock}  {'wait':<9}  {_subject(event)}: {', '.join(map(str, event.waiting[:2]))}"
    if note := _note(event):
        return f"{clock}  {note[0]:<9}  {note[1]}"
    if kind == "log" and event.level in ("error", "fatal"):
        return f"{clock}  {event.level:<9}  {event.message}"
    return None


def _subject(event: RunEvent) -> str:
    return event.step or ", ".join(item.name for item in event.items[:2]) or _WHOLE


def _note(event: RunEvent) -> tuple[str, str] | None:
    """What happened to a step or to the run that is neither a beginning nor an end: a word, and the sentence."""
    kind = event.kind.value
    if not event.message or kind not in ("step", "run"):
        return None
    if kind == "step" and event.state == "retrying":
        return "retry", f"{event.step}: {event.message.strip().splitlines()[0]}"
    if kind == "run" and event.state == "stopping":
        return "stopping", event.message
    if event.level == "warn":
        return "note", f"{event.step}: {event.message}" if kind == "step" else event.message
    return None


def _details(event: RunEvent) -> str:
    parts = []
    if event.rows is not None and event.items[0].kind.value == "asset":
        parts.append(count(event.rows, "row"))
    if event.seconds is not None and event.state != "skipped":
        parts.append(duration(event.seconds))
    message = f": {event.message.strip().splitlines()[0]}" if event.message else ""
    return (f"  {', '.join(parts)}" if parts else "") + message


class _Asking:
    """Puts a question on stderr, where somebody sits at the terminal to answer it."""

    def ask(self, question: str) -> int | None:
        """The file descriptor on which the answer will be typed; None when nobody can be asked."""
        if not sys.stdin.isatty():
            return None
        self._show_question(f"{question} [y/N] ")
        return sys.stdin.fileno()

    def _show_question(self, text: str) -> None:
        click.echo(text, err=True, nl=False)


class PlainDisplay(_Asking):
    """Lines, one an event: for logs and pipes."""

    def __init__(self) -> None:
        self._phases: dict[str, str] = {}
        self._waits: dict[str, str] = {}
        self._starts: dict[str, RunEvent] = {}

    def __call__(self, event: RunEvent) -> None:
        kind = event.kind.value
        if kind == "phase" and event.step:
            if self._phases.get(event.step) == event.message:
                return
            self._phases[event.step] = event.message or ""
        if kind in ("wait", "step"):
            words = event.message if kind == "wait" else None
            if words is not None and self._waits.get(_subject(event)) == words:
                return
            self._waits[_subject(event)] = words or ""
        key = str(event.items[0].key) if event.items else ""
        if kind == "item" and event.state == "running":
            self._starts[key] = event
            return
        if kind == "item" and event.state == "skipped":
            # dbt starts a node before it sees that it must skip it: that is no start.
            self._starts.pop(key, None)
        self._say_starts(event.at, key)
        self._say(event)

    def _say_starts(self, now: float, ended: str) -> None:
        for key, start in list(self._starts.items()):
            if key == ended or now - start.at > _SETTLED:
                del self._starts[key]
                self._say(start)

    @staticmethod
    def _say(event: RunEvent) -> None:
        line = plain_line(event)
        if line:
            click.echo(line)
            sys.stdout.flush()

    def close(self) -> None:
        """Nothing is left to redraw."""


class LiveDisplay(_Asking):
    """Ended items scroll by; below them, redrawn in place, what runs and what waits for what."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.live import Live

        self.board = Board(total)
        # Rich moves the cursor: it writes past the screen that shows such sequences, and cleans no text itself.
        self._console = Console(highlight=False, file=sys.__stdout__)
        self._live = Live(
            get_renderable=self._render, console=self._console, refresh_per_second=8, transient=True
        )
        self._live.start()

    def __call__(self, event: RunEvent) -> None:
        self.board.take(event)
        if event.kind.value == "item" and event.state in _SHOWN_STATES and not _never_came_to_its_turn(event):
            from rich.text import Text

            item = event.items[0]
            line = Text.assemble(
                (f"{event.state:<9}", state_colour(event.state) or ""),
                "  ",
                item.name,
                (_details(event), "dim"),
            )
            self._console.print(line, soft_wrap=True)
        elif note := _note(event):
            from rich.text import Text

            self._console.print(Text.assemble((f"{note[0]:<9}", "yellow"), "  ", note[1]), soft_wrap=True)

    def _show_question(self, text: str) -> None:
        self.board.question = text

    def close(self) -> None:
        self._live.stop()

    def _render(self) -> Any:
        from rich.text import Text

        board, now = self.board, time.time()
        lines = [Text(f"{board.done} of {board.total} done, {duration(now - board.began)}", style="bold")]
        for step, phase in list(board.phases.items()):
            lines.append(Text(f"  {step}: {phase}", style="cyan"))
        for item, since, rows in list(board.running.values()):
            shown = f", {count(rows, 'row')}" if rows is not None else ""
            lines.append(Text(f"  {item.name}  {duration(now - since)}{shown}"))
        for name, what in list(board.waits.items()):
            lines.append(Text(f"  {name} waits for {what}", style="dim"))
        if len(lines) > _MOST_LINES:
            lines = [*lines[:_MOST_LINES], Text(f"  ... and {len(lines) - _MOST_LINES} more", style="dim")]
        if board.question:
            lines.append(Text(board.question, style="bold yellow"))
        return Text("\n").join(lines)


class QuietDisplay(_Asking):
    """Nothing: what is wanted is printed at the end."""

    def __call__(self, event: RunEvent) -> None:
        """Not shown."""

    def close(self) -> None:
        """Nothing is left to redraw."""


def display(total: int, *, quiet: bool = False) -> PlainDisplay | LiveDisplay | QuietDisplay:
    """The display that fits where the output goes."""
    if quiet:
        return QuietDisplay()
    return LiveDisplay(total) if sys.stdout.isatty() else PlainDisplay()
