"""What a run looks like while it goes on: a redrawn region on a terminal, plain lines when piped. Decides nothing."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from penstock.cli.eventlines import (
    SHOWN_STATES,
    WHOLE,
    details,
    never_came_to_its_turn,
    note,
    plain_line,
    subject,
)
from penstock.cli.output import count, duration, state_colour

if TYPE_CHECKING:
    from rich.text import Text

    from penstock.plan import PlanItem
    from penstock.run import RunEvent

_MOST_LINES = 16
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
            self.waits[subject(event)] = ", ".join(str(waiting) for waiting in event.waiting[:2])
        elif kind == "step" and event.step:
            self.waits.pop(event.step, None)
            self.waits.pop(WHOLE, None)
            if event.state in ("succeeded", "failed", "cancelled"):
                self.phases.pop(event.step, None)

    def _item(self, event: RunEvent) -> None:
        key = str(event.items[0].key)
        if event.state == "running":
            self.running[key] = (event.items[0], event.at, None)
        elif event.state in SHOWN_STATES:
            self.running.pop(key, None)
            self.done += 1
            self.failed += event.state in ("error", "fail", "partial")


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
            if words is not None and self._waits.get(subject(event)) == words:
                return
            self._waits[subject(event)] = words or ""
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
        if event.kind.value == "item" and event.state in SHOWN_STATES and not never_came_to_its_turn(event):
            from rich.text import Text

            item = event.items[0]
            line = Text.assemble(
                (f"{event.state:<9}", state_colour(event.state) or ""),
                "  ",
                item.name,
                (details(event), "dim"),
            )
            self._console.print(line, soft_wrap=True)
        elif told := note(event):
            from rich.text import Text

            self._console.print(Text.assemble((f"{told[0]:<9}", "yellow"), "  ", told[1]), soft_wrap=True)

    def _show_question(self, text: str) -> None:
        self.board.question = text

    def close(self) -> None:
        self._live.stop()

    def _render(self) -> Text:
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
