"""A comparison as Markdown for a comment: what matters first, what is long folded, all of it within the limit of a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

import msgspec

from penstock.change.revision import AssetChange, Level, Place
from penstock.report import sentences
from penstock.report.document import DiffDocument

LIMIT = 65_536
_NODES = 60
_CUT = 3  # sections of this rank and below
_ROOM = 40
_MORE = re.compile(r"(?:- |\| )and (\d+) more(?: \|)*")
_SIGN = {Level.BREAKS: "🔴", Level.DATA: "🟡", Level.ADDITIVE: "🟢", Level.COSMETIC: "🟢", Level.NONE: "🟢"}


class _Section(msgspec.Struct, frozen=True):
    """`rank`: the highest is left out first when it gets too long; the lowest ones are cut, and never left out."""

    title: str
    body: str
    rank: int
    folded: bool = False


def mark(document: DiffDocument) -> str:
    """By this line a comment is found again; each project of a repository has its own, and each environment of it."""
    parts = (document.project, document.environment, document.base_kind)
    named = " ".join(quote(one, safe="").replace("--", "-%2D") for one in parts)
    return f"<!-- penstock diff: {named} -->"


def markdown(document: DiffDocument, limit: int = LIMIT) -> str:
    sections = [section for section in _sections(document) if section.body]
    left_out: list[str] = []
    text = _whole(document, sections, left_out)
    while len(text) > limit and any(one.rank > _CUT for one in sections):
        last = max(sections, key=lambda one: one.rank)
        sections.remove(last)
        left_out.append(last.title)
        text = _whole(document, sections, left_out)
    while len(text) > limit and sections:
        longest = max(sections, key=lambda one: len(one.body))
        shorter = _shorter(longest, len(text) - limit)
        if shorter == longest:
            break
        sections[sections.index(longest)] = shorter
        text = _whole(document, sections, left_out)
    return text if len(text) <= limit else text[: limit - 4] + " ..."


def _shorter(section: _Section, by: int) -> _Section:
    """The first of its lines, and how many there are more."""
    lines = section.body.split("\n")
    said = _MORE.fullmatch(lines[-1])
    more = int(said[1]) if said else 0
    kept = lines[:-1] if said else lines
    size = sum(len(line) + 1 for line in kept)
    most = max(0, size - by - _ROOM)
    while len(kept) > 1 and size > most:
        size -= len(kept.pop()) + 1
        more += 1
    ending = f"| and {more} more | | |" if lines[0].startswith("|") else f"- and {more} more"
    return msgspec.structs.replace(section, body="\n".join([*kept, ending])) if more else section


def _whole(document: DiffDocument, sections: Iterable[_Section], left_out: list[str]) -> str:
    found = document.comparison
    parts = [
        mark(document),
        f"### {_SIGN[found.level]} penstock: {escaped(sentences.verdict(document))}",
        escaped(sentences.models(document)) + ".",
        *(_drawn(section) for section in sections),
    ]
    if left_out:
        parts.append(
            f"_Left out to fit a comment: {', '.join(left_out)}. The whole of it: `penstock diff --json`._"
        )
    return "\n\n".join(parts) + "\n"


def _drawn(section: _Section) -> str:
    if not section.folded:
        return f"**{section.title}**\n\n{section.body}"
    return f"<details><summary>{section.title}</summary>\n\n{section.body}\n\n</details>"


def _sections(document: DiffDocument) -> Iterator[_Section]:
    found = document.comparison
    own, inherited, again = sentences.changed(document)
    yield _Section("Breaks", _list(_breaks(document)), 0)
    yield _Section("Shown in", _list(_hits(document)), 1)
    yield _Section("Contracts, removed and retyped columns", _list(_contracts(document)), 2)
    yield _Section("Changed by their own code", _own(own), 3)
    yield _Section("How it spreads", _mermaid(document), 8, folded=True)
    yield _Section(f"Changed by what they read ({len(inherited)})", _inherited(inherited), 7, folded=True)
    yield _Section(
        f"Same rows ({len(again)})",
        _list(f"{_name(one.name)} {escaped(sentences.change(one))}" for one in again),
        9,
        folded=True,
    )
    yield _Section("Tests", _list(_tests(document)), 4)
    yield _Section(
        "Keep what older code made",
        _list(f"{_name(one.asset)} ({one.form}): {escaped(one.message)}" for one in found.redo),
        5,
    )
    yield _Section("Read from elsewhere", _list(escaped(sentences.reading(one)) for one in found.readings), 6)
    yield _Section("Cost", escaped(sentences.cost(document.cost)), 5)
    how = [f"{document.base} -> {document.head}", *document.how]
    yield _Section(
        "How this was told, and what it cannot know", _list(escaped(line) for line in how), 6, folded=True
    )


def _breaks(document: DiffDocument) -> Iterator[str]:
    for one in document.comparison.breaks:
        place = f" {code(str(one.place))}" if one.place else ""
        yield f"{'❌' if one.sure else '❓ may break:'} {escaped(one.message)}{place}"


def _hits(document: DiffDocument) -> Iterator[str]:
    for hit in document.comparison.hits:
        owner = f" ({escaped(hit.owner)})" if hit.owner else ""
        yield f"{_name(hit.name)}{owner}: {', '.join(code(one) for one in hit.columns[:8])}" + _rest(
            hit.columns, 8
        )


def _contracts(document: DiffDocument) -> Iterator[str]:
    for one in document.comparison.contracts:
        yield f"{_name(one.asset)}: {escaped(one.message)}{_read_by(one.readers)}"
    for asset, column in sentences.removed_columns(document):
        place = f" {code(str(column.place))}" if column.place else ""
        yield f"{code(f'{asset}.{column.column}')} {escaped(column.what)}{_read_by(column.readers)}{place}"


def _read_by(readers: tuple[str, ...]) -> str:
    if not readers:
        return "; read by nothing here"
    return "; read by " + ", ".join(code(one) for one in readers[:8]) + _rest(readers, 8)


def _own(changed: list[AssetChange]) -> str:
    if not changed:
        return ""
    rows = ["| what | before | after |", "|---|---|---|"]
    for one in changed:
        edits = [(column, edit) for column in one.changes for edit in column.edits]
        if not edits or one.what in ("added", "removed"):
            rows.append(f"| {_name(one.name)}: {escaped(sentences.change(one))}{_below(one.place)} | | |")
        for column, edit in edits:
            before, after = sentences.edit(edit)
            what = escaped(sentences.column(column)) + (f" in {code(edit.inside)}" if edit.inside else "")
            rows.append(
                f"| {_name(one.name)} {what}{_below(column.place)} | {code(before)} | {code(after)} |"
            )
    return "\n".join(rows)


def _below(place: Place | None) -> str:
    """In the same cell: a column of paths is wider than a comment."""
    return f"<br>{code(str(place))}" if place else ""


def _inherited(changed: list[AssetChange]) -> str:
    lines = []
    for one in changed:
        source = f" from {', '.join(code(name) for name in one.because[:4])}" if one.because else ""
        lines.append(f"{_name(one.name)} {escaped(sentences.change(one))}{source}")
    return _list(lines)


def _tests(document: DiffDocument) -> Iterator[str]:
    yield from (escaped(line) for line in sentences.tests(document.comparison.tests))
    yield from (f"failed when it ran last: {escaped(name)}" for name in document.failing)


def _mermaid(document: DiffDocument) -> str:
    """The models whose data changes and what shows them, up to a number that can still be seen."""
    found = document.comparison
    levels = {
        one.name: one.level for one in found.assets if one.level in (Level.BREAKS, Level.DATA, Level.ADDITIVE)
    }
    shown = {hit.name for hit in found.hits}
    nodes = {*levels, *shown}
    edges = [(one, other) for one, other in found.edges if one in nodes and other in nodes]
    if not edges:
        return ""
    if len(nodes) > _NODES:
        return f"{len(nodes)} models and exposures, too many to draw: `penstock diff --json` names them."
    ids = {name: f"n{at}" for at, name in enumerate(sorted(nodes))}
    lines = ["```mermaid", "flowchart LR"]
    for name, id in ids.items():
        left, right = ("([", "])") if name in shown else ("[", "]")
        lines.append(
            f'  {id}{left}"{_label(name)}"{right}{":::breaks" if levels.get(name) is Level.BREAKS else ""}'
        )
    lines += [f"  {ids[one]} --> {ids[other]}" for one, other in sorted(set(edges))]
    return "\n".join([*lines, "  classDef breaks stroke:#d1242f,stroke-width:3px", "```"])


def _label(name: str) -> str:
    return "".join(c if c.isalnum() or c in "_-./ " else f"#{ord(c)};" for c in name)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _rest(names: tuple[str, ...], most: int) -> str:
    return f" and {len(names) - most} more" if len(names) > most else ""


def _name(name: str) -> str:
    return f"**{escaped(name)}**"


_MEANT = re.compile(r"([\\`*_\[\]<>|#~@])")


def escaped(text: str) -> str:
    """Plain text: nothing in it is Markdown, HTML, or the name of somebody."""
    return (
        _MEANT.sub(r"\\\1", " ".join(text.split()))
        .replace("\\@", "@&#8203;")
        .replace("\\<", "&lt;")
        .replace("\\>", "&gt;")
    )


def code(text: str) -> str:
    """A code span that may stand in a table, whatever is in it."""
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")
