"""How results look: aligned tables, colour only on a terminal, JSON. Knows no project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click

from penstock.cli.streams import discard_unread, unread

# Keys in click's context.
QUIET = "penstock.cli.quiet"
_PROGRESS = "penstock.cli.progress"


def is_quiet() -> bool:
    """Whether the command was given -q: nothing but errors and the last line is wanted."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET))


def hint(text: str, *, important: bool = False) -> None:
    """A line beside the result: on stderr, dim. -q leaves it out, unless it is important."""
    if is_quiet() and not important:
        return
    with unread_is_no_failure():
        clear_progress()
        say(text, err=True, dim=True)


def say(text: str, *, err: bool = False, dim: bool = False, below: str = "  ", before: int = 0) -> None:
    """A sentence. On a terminal it is broken between words; piped it stays whole. `before`: so much stands on its first line."""
    if (sys.stderr if err else sys.stdout).isatty():
        from penstock.cli.layout import sentence, terminal_width

        text = sentence(" " * before + text, terminal_width(), below)[before:]
    click.echo(click.style(text, dim=True) if dim else text, err=err)


class ProgressLine:
    """One short line for who waits: redrawn in place on a terminal, printed once each when stderr is piped."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._last = ""

    def show(self, text: str) -> None:
        if text == self._last or self._quiet:
            return
        if sys.stderr.isatty():
            _clear_line()
            from penstock.cli.layout import cut, terminal_width

            # A line that wraps would be cleared in part.
            click.echo(click.style(cut(text, min(150, terminal_width() - 1)), dim=True), err=True, nl=False)
        else:
            with unread_is_no_failure():
                click.echo(text, err=True)
        self._last = text

    def clear(self) -> None:
        if self._last and sys.stderr.isatty():
            _clear_line()
        self._last = ""


def progress_line() -> ProgressLine:
    """The one of this command. Outside a command, and in a thread of its own, it is a new one."""
    context = click.get_current_context(silent=True)
    if context is None:
        return ProgressLine()
    if _PROGRESS not in context.meta:
        context.meta[_PROGRESS] = ProgressLine(quiet=is_quiet())
    found: ProgressLine = context.meta[_PROGRESS]
    return found


def clear_progress() -> None:
    progress_line().clear()


def _clear_line() -> None:
    stream = sys.stderr
    getattr(stream, "control", stream.write)("\r\x1b[2K")


def print_json(document: object) -> None:
    """One JSON document on stdout, indented for people, valid for machines."""
    import msgspec

    clear_progress()
    text = msgspec.json.format(msgspec.json.encode(document), indent=2)
    click.echo(text.decode())


# One colour for one state, wherever it is shown.
_COLOURS = {
    **dict.fromkeys(("success", "succeeded", "ok", "build"), "green"),
    **dict.fromkeys(("fail", "failed", "error", "partial"), "red"),
    **dict.fromkeys(
        (
            "warn",
            "skipped",
            "cancelled",
            "retrying",
            "detached",
            "interrupted",
            "stopping",
            "at risk",
            "missed",
        ),
        "yellow",
    ),
    **dict.fromkeys(("running", "queued", "reuse", "reused"), "cyan"),
}
_STATES = frozenset({"STATE", "LAST TRY", "DECISION"})  # columns that hold one


def state_colour(state: str) -> str | None:
    return _COLOURS.get(state)


def state_style(state: str, text: str | None = None, *, bold: bool = False) -> str:
    """A state's word (or `text`) in its colour; plain when stdout is no terminal."""
    shown = state if text is None else text
    if not sys.stdout.isatty():
        return shown
    return click.style(shown, fg=state_colour(state), bold=bold or None)


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, limits: Sequence[int] | None = None
) -> None:
    """Aligned columns. On a terminal it fits: cells are cut at `limits` and to the width, the last column is broken between
    words, states have their colour. Piped text stays whole, a row on a line: what a tool says may have several."""
    clear_progress()
    columns = [
        [cell.replace("\n", " ") for cell in column]
        for column in zip(headers, *map(tuple, rows), strict=True)
    ]
    widths = [max(map(len, column)) for column in columns]
    if sys.stdout.isatty():
        _fitting(headers, list(zip(*columns, strict=True))[1:], widths, limits)
        return
    form = "  ".join([f"%-{width}s" for width in widths[:-1]]) + "  %s"
    lines = [(form % row).rstrip() for row in zip(*columns, strict=True)]
    sys.stdout.write("\n".join([*lines, ""]))


def _fitting(
    headers: Sequence[str], rows: list[tuple[str, ...]], widths: list[int], limits: Sequence[int] | None
) -> None:
    from penstock.cli.layout import GAP, fitted, stacked, table_lines, terminal_width

    capped = [
        min(width, limit) if limit else width for width, limit in zip(widths, limits or widths, strict=True)
    ]
    widths = fitted([*capped[:-1], widths[-1]], headers, terminal_width())
    if sum(widths) + GAP * (len(widths) - 1) > terminal_width():
        lines = [stacked(headers, row, terminal_width(), _shown) for row in rows]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        return
    form = "  ".join(f"{{:<{width}}}" for width in widths[:-1]) + "  {}"
    states = [at for at, header in enumerate(headers) if header in _STATES]
    text = [click.style(form.format(*headers).rstrip(), bold=True)]
    for row in rows:
        for cells in table_lines(row, widths):
            padded = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)]
            for at in states:
                padded[at] = click.style(padded[at], fg=state_colour(cells[at]))
            text.append("  ".join(padded).rstrip())
    sys.stdout.write("\n".join(text) + "\n")


def _shown(header: str, cell: str) -> Callable[[str], str]:
    """The style of a word that is of a header, or of its cell, where both stand in one line."""
    colour = state_colour(cell) if header in _STATES else None
    words = frozenset(cell.split())
    return lambda word: click.style(word, fg=colour) if word in words else click.style(word, dim=True)


@contextmanager
def unread_is_no_failure() -> Iterator[None]:
    """For what is printed beside work that goes on: when nobody reads it any more (`| head`), it goes nowhere."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if not unread(error):
            raise
        discard_unread()


def count(number: int, word: str, plural: str | None = None) -> str:
    """`1 asset`, `2 assets`, `1,204 rows`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


def ago(seconds: float) -> str:
    """How long ago, in one unit: `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. `2 d ahead` is what a clock says that was set
    back; less than a minute is the difference between two machines."""
    word = "ago" if seconds >= 0 else "ahead"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{int(abs(seconds) // size)} {unit} {word}"
    return f"{max(0, int(seconds))} s ago"


def size(number: int | None) -> str:
    if number is None:
        return ""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
