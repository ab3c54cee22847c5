"""Golden files of lineage: SQL, and below it what is expected of it, as text that anyone can read and add to.

    -- dialect: postgres
    -- schema: raw.orders(id, total), raw.users(id, address STRUCT<city STRING, zip STRING>)
    -- why: one line on what this case is about (not checked)
    select ...
    -- expected
    -- columns: id, name
    -- id <- raw.orders.id IDENTITY
    -- (all) <- raw.orders.total FILTER : total > 0

`database:` and `default_schema:` may be given in the head, and `sqlglot:`, the first version that reads the statement. A file without the expected part fails; `--update-golden`
writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from penstock.lineage import LineageEdge, LineageError, StatementLineage, column_lineage

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "lineage"
MARK = "-- expected"
_COLUMN = re.compile(r"""(`[^`]*`|"[^"]*"|\[[^]]*\]|\S+)(?:\s+(.*))?""")


class Case:
    """One golden file, read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = path.read_text()
        self.given, mark, expected = text.partition(f"\n{MARK}\n")
        self.expected = [line.removeprefix("-- ") for line in expected.splitlines()] if mark else None
        self.facts: dict[str, str] = {}
        lines = self.given.splitlines()
        while lines and lines[0].startswith("-- ") and ":" in lines[0]:
            key, _, value = lines.pop(0)[3:].partition(":")
            self.facts[key.strip()] = f"{self.facts.get(key.strip(), '')} {value}".strip()
        self.sql = "\n".join(lines).strip()

    @property
    def readable(self) -> bool:
        """Whether this version of sqlglot reads the statement at all."""
        first = self.facts.get("sqlglot")  # which is installed is asked for only where it matters
        return first is None or _numbers(version("sqlglot")) >= _numbers(first)

    def found(self) -> list[str]:
        """What lineage says, in the words of the file."""
        try:
            lineage = column_lineage(
                self.sql,
                dialect=self.facts["dialect"],
                schema=dict(_schema(self.facts.get("schema", ""))),
                database=self.facts.get("database"),
                default_schema=self.facts.get("default_schema"),
            )
        except LineageError as error:
            return [f"error: {error.what}"]
        return list(told(lineage))

    def write(self) -> None:
        lines = "\n".join(f"-- {line}" for line in self.found())
        self.path.write_text(f"{self.given.rstrip()}\n{MARK}\n{lines}\n")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _schema(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """`a.b(x, y), c(z)`; a column's type may follow its name."""
    for relation in _apart(text):
        name, _, columns = relation.removesuffix(")").partition("(")
        named = (_COLUMN.fullmatch(column) for column in _apart(columns))
        yield name, {column[1]: column[2] or "" for column in named if column}


def _apart(text: str) -> Iterator[str]:
    """At the commas outside of brackets."""
    depth, part = 0, ""
    for letter in f"{text},":
        depth += (letter in "(<") - (letter in ")>")
        if letter == "," and depth == 0:
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += letter


def told(lineage: StatementLineage) -> Iterator[str]:
    yield "columns: " + ", ".join(_output(column.target, column.name) for column in lineage.columns)
    read = [".".join(use.parts) for use in lineage.relations if use.read]
    if read:
        yield f"reads: {', '.join(read)}"
    for use in lineage.relations:
        if use.written:
            how = " (temporary)" if use.temporary else ""
            yield f"writes: {'.'.join(use.parts)}{how}"
    for edge in lineage.edges:
        yield _edge(edge)
    for finding in lineage.findings:
        place = f"{finding.line}:{finding.column} " if finding.line else ""
        yield f"finding: {place}{finding.code}: {finding.message}"


def _output(target: tuple[str, ...], name: str | None) -> str:
    shown = "(all)" if name is None else name or "(unnamed)"
    return f"{'.'.join(target)}/{shown}" if target else shown


def _edge(edge: LineageEdge) -> str:
    if len(edge.candidates) > 1:
        likely_first = sorted(edge.candidates, key=lambda parts: parts != edge.relation)
        where = "{" + " or ".join(".".join(parts) for parts in likely_first) + "}"
        where += "" if edge.relation is None else "!"
    elif edge.relation is not None:
        where = ".".join(edge.relation)
    else:
        where = "?"
    column = edge.column + (f"[{edge.path}]" if edge.path else "")
    doubt = "" if edge.certainty == "resolved" else f" {edge.certainty}"
    doubt += " masked" if edge.masking else ""
    text = " ".join(edge.expression.split()) if edge.expression else ""
    told_text = f" : {text}" if text and text != edge.column else ""
    return f"{_output(edge.target, edge.output)} <- {where}.{column} {edge.subtype}{doubt}{told_text}"
