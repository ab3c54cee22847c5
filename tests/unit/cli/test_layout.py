"""On a terminal of any width: no line is longer than it, no word is broken in the middle, nothing but what is cut is lost."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.cli.layout import branch_lines, broken, cut, fitted, sentence, stacked, table_lines
from tests.tools.command import environ

WORDS = st.lists(st.text("abc_.()1", min_size=1, max_size=18), max_size=14)
NAMES = ("NAME", "KIND", "BY", "WHY")


@given(WORDS, st.integers(0, 6), st.integers(24, 120))
def test_a_sentence_is_broken_between_words(words: list[str], indent: int, width: int) -> None:
    line = " " * indent + " ".join(words)
    parts = sentence(line, width).split("\n")
    assert " ".join(parts).split() == words
    assert all(len(part) <= width or len(part.split()) == 1 for part in parts)
    assert all(part.startswith(" " * (indent + 2)) for part in parts[1:])


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), max_size=5), st.integers(60, 200))
def test_a_table_fits(cells: list[tuple[list[str], ...]], width: int) -> None:
    rows = [(" ".join(a)[:50], " ".join(b)[:12], " ".join(c)[:15], " ".join(d)) for a, b, c, d in cells]
    natural = [max(len(header), *(len(row[at]) for row in rows), 0) for at, header in enumerate(NAMES)]
    widths = fitted(natural, NAMES, width)
    assert sum(widths) + 2 * 3 <= width or sum(widths) <= sum(natural)
    for row, (_, _, _, last) in zip(rows, cells, strict=True):
        lines = list(table_lines(row, widths))
        for line in lines:
            assert sum(map(len, line)) + 2 * 3 <= max(width, sum(widths) + 6)
        told = " ".join(line[-1] for line in lines).split()
        assert len(told) == len(last)
        assert all(
            a == b or (a.endswith("…") and b.startswith(a[:-1])) for a, b in zip(told, last, strict=True)
        )


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.integers(24, 60), st.permutations(NAMES))
def test_a_row_that_does_not_fit_is_told_below_its_name(
    cells: tuple[list[str], ...], width: int, headers: list[str]
) -> None:
    row = [" ".join(words) for words in cells]
    first, *below = stacked(headers, row, width, lambda _head, _cell: str).split("\n")
    assert first == cut(row[headers.index("NAME")], width)
    assert all(line.startswith("  ") and len(line) <= width for line in below)
    told = " ".join(below).split()
    expected = [
        word for head, words in zip(headers, cells, strict=True) if head != "NAME" and words
        for word in (head.lower(), *words)
    ]  # fmt: skip
    assert told == expected


def test_the_last_column_is_narrowed_first() -> None:
    assert fitted([10, 10, 100], ("A", "B", "C"), 80) == [10, 10, 56]
    assert fitted([60, 10, 100], ("A", "B", "C"), 80) == [42, 10, 24]
    assert fitted([5, 5, 5], ("A", "B", "C"), 80) == [5, 5, 5]


def test_words_are_never_broken() -> None:
    assert broken("asked for: everything; last made at 23:43", 12) == [
        "asked for:",
        "everything;",
        "last made at",
        "23:43",
    ]
    assert broken("abcdefghij k", 5) == ["abcd…", "k"]
    assert broken("", 5) == [""]


@given(WORDS, st.integers(40, 120))
def test_a_branch_goes_on_below_itself(words: list[str], width: int) -> None:
    styled = [("orders.amount", click.unstyle), (" ".join(words), lambda text: click.style(text, dim=True))]
    lines = click.unstyle(branch_lines("│  ├─ ", "│  │     ", styled, width)).split("\n")
    assert all(len(line) <= width for line in lines)
    assert lines[0].startswith("│  ├─ orders.amount")
    assert all(line.startswith("│  │     ") for line in lines[1:])
    assert (
        "".join(re.sub(r"[│├─]", "", line) for line in lines).split() == ["orders.amount", *words]
        or len(lines) > 1
    )


def on_a_terminal(folder: Path, width: int, *arguments: str) -> list[str]:
    """The lines of a command on a terminal of that width."""
    master, slave = pty.openpty()
    env = {**environ(None), "COLUMNS": str(width), "TERM": "xterm"}
    env.pop("NO_COLOR")
    process = subprocess.Popen(
        [sys.executable, "-m", "penstock", *arguments],
        cwd=folder,
        env=env,
        stdin=slave,
        stdout=slave,
        stderr=subprocess.DEVNULL,
    )
    os.close(slave)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux: the other end was closed
            break
        if not part:
            break
        text += part
    process.wait()
    os.close(master)
    return text.decode().replace("\r\n", "\n").splitlines()


@pytest.fixture(scope="module")
def seen_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.fixtures.artefacts import NEWEST, artefact

    folder = tmp_path_factory.mktemp("seen")
    (folder / ".git").mkdir()
    (folder / "manifest.json").write_bytes(artefact(NEWEST, "manifest"))
    (folder / "penstock.yml").write_text("dbt: {shop: {manifest: manifest.json}}\n")
    return folder


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize(
    "command", [["plan", "--all"], ["assets"], ["lineage", "customers"], ["status"]], ids=" ".join
)
def test_commands_fit(seen_only: Path, width: int, command: list[str]) -> None:
    lines = on_a_terminal(seen_only, width, *command)
    assert len(lines) > 3, lines
    for line in lines:
        assert len(click.unstyle(line)) <= width, line
    assert any("\x1b[" in line for line in lines)
