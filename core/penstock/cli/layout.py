"""What fits a terminal: widths of columns, and text broken between words, never inside one. Prints nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence

GAP = 2
# How narrow the last column and the others may become, one step after another until all fit.
_STEPS = ((24, 46), (24, 24), (16, 16), (10, 10))

Styled = tuple[str, Callable[[str], str]]


def terminal_width() -> int:
    return max(20, shutil.get_terminal_size().columns)


def fitted(natural: Sequence[int], headers: Sequence[str], room: int) -> list[int]:
    """Widths that together take `room`: the last column is narrowed first (its text is broken), then the widest other one."""
    widths = list(natural)
    room -= GAP * (len(widths) - 1)
    for least_last, least in _STEPS:
        over = sum(widths) - room
        widths[-1] = max(min(widths[-1], least_last), widths[-1] - max(0, over))
        while sum(widths) > room:
            at = max(range(len(widths) - 1), key=widths.__getitem__, default=0)
            if widths[at] <= max(least, len(headers[at])):
                break
            widths[at] -= 1
        if sum(widths) <= room:
            break
    return widths


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def broken(text: str, width: int) -> list[str]:
    """Lines of at most `width`, broken between words; a word that is longer is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(cut(word, width))
    return lines or [""]


def sentence(text: str, width: int, below: str = "  ") -> str:
    """Each line of `text` broken between words; what does not fit goes on under its own indent and `below`. A word is left whole: a
    path or a command is copied."""
    return "\n".join(part for line in text.split("\n") for part in _parted(line, width, below))


def _parted(line: str, width: int, below: str) -> Iterator[str]:
    indent = line[: len(line) - len(line.lstrip())] + below
    while len(line) > width:
        at = line.rfind(" ", len(indent), width + 1)
        at = at if at > 0 else line.find(" ", width)
        if at < 0 or not line[:at].strip():
            break
        yield line[:at].rstrip()
        line = indent + line[at:].lstrip()
    yield line


def table_lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[list[str]]:
    """The cells of each line that a row takes."""
    first, *more = broken(row[-1], widths[-1])
    yield [*(cut(cell, width) for cell, width in zip(row[:-1], widths, strict=False)), first]
    for line in more:
        yield [*("" for _ in widths[:-1]), line]


def stacked(
    headers: Sequence[str], row: Sequence[str], width: int, style: Callable[[str, str], Callable[[str], str]]
) -> str:
    """A row of a table whose columns do not fit side by side: its name, and below it each cell behind its header."""
    at = headers.index("NAME") if "NAME" in headers else 0
    name = cut(
        row[at].rstrip() if at or headers[0] == "NAME" else f"{headers[0].lower()} {row[0]}".rstrip(), width
    )
    cells = [pair for place, pair in enumerate(zip(headers, row, strict=True)) if place != at]
    told = [(f"{head.strip().lower()} {cell}", style(head, cell)) for head, cell in cells if cell.strip()]
    return f"{name}\n{branch_lines('  ', '  ', told, width)}" if told else name


def branch_lines(first: str, below: str, parts: Sequence[Styled], width: int) -> str:
    """One entry of a tree: `parts` stand two blanks apart; what does not fit goes on below, under the same branch."""
    lines, used = [first], len(first)
    empty = True
    for text, style in parts:
        gap = GAP
        for word in text.split():
            if not empty and used + gap + len(word) > width:
                lines.append(below)
                used, empty = len(below), True
            shown = cut(word, max(8, width - used))
            lines[-1] += ("" if empty else " " * gap) + style(shown)
            used += (0 if empty else gap) + len(shown)
            empty, gap = False, 1
    return "\n".join(lines)
