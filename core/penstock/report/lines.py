"""A comparison as lines for a terminal, the most important first. Colours are names; who prints decides about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from penstock.change.revision import AssetChange, Level
from penstock.report import sentences
from penstock.report.document import DiffDocument


class Style(TypedDict, total=False):
    fg: str
    bold: bool


Line = tuple[str, Style]
_COLOUR = {
    Level.BREAKS: "red",
    Level.DATA: "yellow",
    Level.ADDITIVE: "green",
    Level.COSMETIC: "green",
    Level.NONE: "green",
}
_MOST = 25


def lines(document: DiffDocument) -> Iterator[Line]:
    found = document.comparison
    yield sentences.verdict(document), {"fg": _COLOUR[found.level], "bold": True}
    yield sentences.models(document), {}
    for title, body in _sections(document):
        if body:
            yield "", {}
            yield title, {"bold": True}
            for line in body:
                yield f"  {line}", {}


def _sections(document: DiffDocument) -> Iterator[tuple[str, list[str]]]:
    found = document.comparison
    yield (
        "breaks",
        [f"{'x' if one.sure else '? may break:'} {one.message}{_at(one.place)}" for one in found.breaks],
    )
    yield (
        "shown in",
        [f"{hit.name} ({hit.owner or 'no owner'}): {sentences.some(hit.columns)}" for hit in found.hits],
    )
    yield "contracts, removed and retyped columns", list(_contracts(document))
    own, inherited, again = sentences.changed(document)
    yield "changed by their own code", [line for one in own[:_MOST] for line in _own(one)] + _more(own)
    yield "changed by what they read", [_inherited(one) for one in inherited[:_MOST]] + _more(inherited)
    yield (
        "same rows",
        [f"{one.name}: {sentences.change(one)}{_at(one.place)}" for one in again[:_MOST]] + _more(again),
    )
    yield (
        "tests",
        [*sentences.tests(found.tests), *(f"failed when it ran last: {name}" for name in document.failing)],
    )
    yield "keep what older code made", [f"{one.asset} ({one.form}): {one.message}" for one in found.redo]
    yield "read from elsewhere", [sentences.reading(one) for one in found.readings]
    yield "cost", [sentences.cost(document.cost)]
    yield "how this was told", list(document.how)


def _contracts(document: DiffDocument) -> Iterator[str]:
    for one in document.comparison.contracts:
        yield f"{one.asset}: {one.message}{_read_by(one.readers)}{_at(one.place)}"
    for asset, column in sentences.removed_columns(document):
        yield f"{asset}.{sentences.column(column)}{_read_by(column.readers)}{_at(column.place)}"


def _read_by(readers: tuple[str, ...]) -> str:
    return f"; read by {sentences.some(readers)}" if readers else "; read by nothing here"


def _own(one: AssetChange) -> Iterator[str]:
    yield f"{one.name}: {sentences.change(one)}{_at(one.place)}"
    for column in one.changes:
        for edit in column.edits:
            before, after = sentences.edit(edit)
            within = f" in {edit.inside}" if edit.inside else ""
            yield f"  {sentences.column(column)}{within}: {before} -> {after}{_at(column.place)}"


def _inherited(one: AssetChange) -> str:
    return f"{one.name}: {sentences.change(one)}" + (
        f" (from {sentences.some(one.because)})" if one.because else ""
    )


def _more(found: list[AssetChange]) -> list[str]:
    return [f"and {len(found) - _MOST} more (--json has them all)"] if len(found) > _MOST else []


def _at(place: object) -> str:
    return f"  {place}" if place else ""
