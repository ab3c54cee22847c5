"""Versions of data as text: equal text means the same data in what was read of it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from penstock.change.inputs import Want
from penstock.change.records import Input, MadeFrom
from penstock.change.shape import Edit
from penstock.integration import UNSEEN, Content


def version(content: Content | None, want: Want | None, made: MadeFrom | None = None) -> Input | None:
    """The version of an input, as far as it is read; None: not known. The names of all columns count: a name more may make another
    one ambiguous, or be brought along by a star. `made` is what is known of it: of a view those columns count that are read through
    it, while it is the one that was made."""
    if content is None or want is None or content.kind == UNSEEN:
        return None
    if not want.rows and want.columns is None and want.shape:
        return Input(f"{content.kind} {_shape(content, None)}")
    if not want.rows and content.kind != "view":
        return (
            None  # what stands for the view that was expected has no definition that could tell of its rows
        )
    if not want.rows:
        return Input(f"{content.kind} {_definition(content, want, made)}")
    found = content.hashes.get(want.columns) or content.state
    if content.kind != "table" or not found:
        return None
    return Input(f"rows {_shape(content, want.columns)} {found}", content.rows)


def _definition(content: Content, want: Want, made: MadeFrom | None) -> str:
    known = made is not None and made.marks and made.output == output_version(content)
    if made is None or not known or want.columns is None or not {*want.columns} <= made.marks.keys():
        return f"{content.definition or '-'} {_shape(content, None)}"
    marks = [made.marks[""], *(made.marks[name] for name in want.columns)]
    return f"{_digest(marks)} {_shape(content, want.columns)}"


def marks(now: str, columns: tuple[str, ...], was: Mapping[str, str], edit: Edit) -> dict[str, str]:
    """The words of a view that has these columns, made by SQL with the digest `now`: those that it had, as far as the edit leaves
    its rows and columns as they are."""
    if not was or edit.whole or edit.listing:
        return dict.fromkeys(("", *columns), now)
    changed = {name.lower() for name in edit.changed}
    kept = {name: was.get(name, now) for name in columns if name not in changed}
    return {"": was[""], **dict.fromkeys(columns, now), **kept}


def output_version(content: Content | None) -> str | None:
    """What an asset itself holds; None when it does not exist or that is not known."""
    if content is None:
        return None
    if content.kind == "view":
        return f"view {content.definition} {_shape(content, None)}"
    found = content.hashes.get(None) or content.state
    return f"rows {_shape(content, None)} {found}" if found else None


def as_it_lies(content: Content | None) -> str | None:
    """What it holds; or where that is told, that no row was written anew: between two looks it may have held something else."""
    return content.laid if content is not None and content.laid else output_version(content)


def _shape(content: Content, columns: tuple[str, ...] | None) -> str:
    return _digest(
        f"{name}\0{kind if columns is None or name.lower() in columns else ''}"
        for name, kind in content.columns
    )


def text_digest(text: str) -> str:
    return _digest([text])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\1".join(parts).encode(), digest_size=6).hexdigest()
