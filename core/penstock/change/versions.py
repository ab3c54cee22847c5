"""Versions of data as text: equal text means the same data in what was read of it. Pure."""

from __future__ import annotations

import hashlib

from penstock.change.inputs import Want
from penstock.change.records import Input
from penstock.integration import Content


def version(content: Content | None, want: Want | None) -> Input | None:
    """The version of an input, as far as it is read; None: not known. The names of all columns count: a name more may make another
    one ambiguous, or be brought along by a star."""
    if content is None or want is None:
        return None
    if not want.rows:
        return Input(f"{content.kind} {content.definition or '-'} {_shape(content, None)}")
    found = content.hashes.get(want.columns)
    if content.kind != "table" or found is None:
        return None
    return Input(f"rows {_shape(content, want.columns)} {found}", content.rows)


def output_version(content: Content | None) -> str | None:
    """What an asset itself holds; None when it does not exist or that is not known."""
    if content is None:
        return None
    if content.kind == "view":
        return f"view {content.definition} {_shape(content, None)}"
    found = content.hashes.get(None)
    return f"rows {_shape(content, None)} {found}" if found is not None else None


def _shape(content: Content, columns: tuple[str, ...] | None) -> str:
    parts = [
        f"{name}\0{kind if columns is None or name.lower() in columns else ''}"
        for name, kind in content.columns
    ]
    return hashlib.blake2b("\1".join(parts).encode(), digest_size=6).hexdigest()
