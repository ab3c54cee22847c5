"""The sentences that every form of a comparison shares. Knows no form."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.change.revision import AssetChange, ColumnChange, Level, Reading, TestChange
from penstock.change.sqlchange import Edit
from penstock.report.document import Cost, DiffDocument

_FIRST = 6


def verdict(document: DiffDocument) -> str:
    """The first line: how bad, and how much."""
    found = document.comparison
    sure = sum(one.sure for one in found.breaks)
    doubtful = len(found.breaks) - sure
    if found.level is Level.BREAKS:
        if not sure:
            return f"may break: {count(doubtful, 'thing')}"
        more = f", {doubtful} more may break" if doubtful else ""
        return f"{found.level.words}: {count(sure, 'thing')} will not build{more}"
    return {
        Level.DATA: f"{found.level.words} of {count(found.counts.data + found.counts.removed, 'model')}",
        Level.ADDITIVE: f"{found.level.words}: nothing that is there changes",
        Level.COSMETIC: f"{found.level.words}: no data changes",
        Level.NONE: f"{found.level.words}",
    }[found.level]


def models(document: DiffDocument) -> str:
    """`2 of 5 models hold other data, 1 with the same rows, 2 untouched`."""
    counts = document.comparison.counts
    parts = [f"{counts.data} of {count(counts.total, 'model')} hold other data or columns"]
    if counts.added:
        parts.append(f"{counts.added} new")
    if counts.removed:
        parts.append(f"{counts.removed} gone")
    if counts.rebuilt:
        parts.append(f"{counts.rebuilt} with the same rows")
    parts.append(f"{counts.untouched} untouched")
    text = ", ".join(parts)
    return f"{text} (by files and all that stands below: {counts.plain})" if counts.plain else text


def change(one: AssetChange) -> str:
    """What becomes of an asset, in a few words."""
    if one.what == "added":
        return "new"
    if one.what == "removed":
        return "not made any more"
    if one.everything:
        return f"all columns: {one.everything}"
    listed = [f"{_LISTED[column.what]}{column.column}" for column in one.changes if column.what in _LISTED]
    if one.columns or listed:
        return "columns " + some([*one.columns, *listed])
    if one.what == "rebuilt":
        return "made again with the same rows: " + (some(one.reasons) or "its columns stand in another order")
    if one.level is Level.COSMETIC:
        return "form only"
    return "its list of columns changes"


_LISTED = {"added": "+", "removed": "-"}


def column(one: ColumnChange) -> str:
    """`price: changed`, `amount: retyped int -> bigint`."""
    name = "rows" if one.column == "*" else one.column
    return f"{name} {one.what}" if one.what not in ("changed", "rows") else name


def edit(one: Edit) -> tuple[str, str]:
    """(before, after), with the place within the text where there is one."""
    return one.before or "(nothing)", one.after or "(nothing)"


def tests(found: tuple[TestChange, ...]) -> Iterator[str]:
    """Those without their column are among what breaks."""
    for one in found:
        if one.what != "without_column":
            yield f"{one.what}: {one.name}" + (f" of {one.asset}" if one.asset else "")


def reading(one: Reading) -> str:
    if one.whole == "newly":
        return f"{one.asset} is newly read" + (f": {some(one.newly)}" if one.newly else "")
    if one.whole == "no_longer":
        return f"{one.asset} is no longer read by anything here"
    parts = [
        f"newly read: {some(one.newly)}" if one.newly else "",
        f"no longer read: {some(one.no_longer)}" if one.no_longer else "",
    ]
    return f"{one.asset}: " + "; ".join(part for part in parts if part)


def cost(found: Cost | None) -> str:
    if found is None:
        return "not known: nothing that is built here has been timed yet"
    text = f"about {seconds(found.data)} by the latest builds in {found.environment}"
    if found.plain > found.data:
        text += f" (by files and all that stands below: {seconds(found.plain)})"
    return text + (f"; {found.unknown} never timed" if found.unknown else "")


def seconds(number: float) -> str:
    if number < 60:
        return f"{number:.1f} s"
    minutes, rest = divmod(int(number), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def count(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else word + 's'}"


def some(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(list(names)[:_FIRST])
    return shown + (f" and {len(names) - _FIRST} more" if len(names) > _FIRST else "")


def removed_columns(document: DiffDocument) -> Iterator[tuple[str, ColumnChange]]:
    """Columns that are gone or of another type, with their asset."""
    for asset in document.comparison.assets:
        for one in asset.changes:
            if one.what == "removed" or one.what.startswith("retyped"):
                yield asset.name, one


def changed(document: DiffDocument) -> tuple[list[AssetChange], list[AssetChange], list[AssetChange]]:
    """(changed by their own code, by what they read, made again with the same rows)."""
    own, inherited, again = [], [], []
    for one in document.comparison.assets:
        if one.level in (Level.COSMETIC, Level.NONE):
            again.append(one)
        elif one.own:
            own.append(one)
        else:
            inherited.append(one)
    return own, inherited, again
