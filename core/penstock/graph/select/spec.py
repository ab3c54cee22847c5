"""Selectors as data: dbt's command-line grammar in, criteria and set operations out. Knows no graph."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from penstock.errors import SelectionError

Indirect = Literal["eager", "cautious", "buildable", "empty"]
Operation = Literal["union", "intersection", "difference"]
INDIRECT: tuple[Indirect, ...] = ("eager", "cautious", "buildable", "empty")

_TERM = re.compile(
    r"(?P<closure>@)?"
    r"(?P<parents>(?P<parents_depth>\d*)\+)?"
    r"(?:(?P<method>[\w.]+):)?(?P<value>.*?)"
    r"(?P<children>\+(?P<children_depth>\d*))?",
    re.DOTALL,
)


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """One term: a method with its value, and how far to walk from what it finds. `method` None is a bare value."""

    raw: str
    method: str | None
    arguments: tuple[str, ...] = ()
    value: object
    closure: bool = False  # `@`: descendants, and all that those need
    parents: bool = False
    parents_depth: int | None = None
    children: bool = False
    children_depth: int | None = None
    indirect: Indirect = "eager"


class Combination(msgspec.Struct, frozen=True, kw_only=True):
    """A set operation over selectors; `raw` is its text when it was typed as one."""

    operation: Operation
    parts: tuple[Spec, ...]
    indirect: Indirect = "eager"
    raw: str = ""


class Reference(msgspec.Struct, frozen=True):
    """The definition of another selector, taken over as it stands."""

    name: str


Spec = Criterion | Combination | Reference


def parse_word(word: str, indirect: Indirect) -> Combination:
    """One word after `--select`: an intersection of its comma-separated terms."""
    terms = word.split(",")
    if len(terms) > 1 and "" in terms:
        raise SelectionError(
            f"'{word}': nothing stands on one side of a comma", hint="tag:nightly,path:models/marts"
        )
    parts = tuple(parse_term(term, indirect) for term in terms)
    return Combination(operation="intersection", parts=parts, indirect=indirect, raw=word)


def whole_name(name: str, indirect: Indirect) -> Combination:
    """A bare name that holds what the grammar would split on."""
    term = Criterion(raw=name, method=None, value=name, indirect=indirect)
    return Combination(operation="intersection", parts=(term,), indirect=indirect, raw=name)


def parse_term(raw: str, indirect: Indirect) -> Criterion:
    """One term of the grammar: `@`, `2+`, `method.argument:value`, `+3`."""
    match = _TERM.fullmatch(raw)
    assert match is not None  # `value` takes whatever the rest leaves
    method = match["method"]
    name, *arguments = method.split(".") if method else ("",)
    return criterion(
        raw=raw,
        method=name or None,
        arguments=tuple(arguments),
        value=match["value"],
        closure=match["closure"] is not None,
        parents=match["parents"] is not None,
        parents_depth=_depth(match["parents_depth"]),
        children=match["children"] is not None,
        children_depth=_depth(match["children_depth"]),
        indirect=indirect,
    )


def _depth(digits: str | None) -> int | None:
    """No graph is deeper than nine digits tell, and Python refuses to read thousands."""
    return int(digits[:9]) if digits else None


def criterion(
    *,
    raw: str,
    method: str | None,
    arguments: tuple[str, ...],
    value: object,
    closure: bool,
    parents: bool,
    parents_depth: int | None,
    children: bool,
    children_depth: int | None,
    indirect: Indirect,
) -> Criterion:
    """A criterion whose parts fit each other. Raises SelectionError for `@` together with a `+` behind, and for a method without
    a value: `path:$UNSET` would be everything."""
    if method is not None and not str(value).strip():
        raise SelectionError(
            f"'{raw}' has no value behind its colon", hint=f"{method}:VALUE, or leave it out"
        )
    if closure and children:
        raise SelectionError(
            f"'{raw}': '@' in front and '+' behind cannot go together",
            hint="'@' already takes all descendants; leave the '+' out",
        )
    return Criterion(
        raw=raw,
        method=method,
        arguments=arguments,
        value=value,
        closure=closure,
        parents=parents,
        parents_depth=parents_depth,
        children=children,
        children_depth=children_depth,
        indirect=indirect,
    )


def indirect_mode(word: str) -> Indirect:
    """The mode of that name. Raises SelectionError for another word."""
    for mode in INDIRECT:
        if mode == word:
            return mode
    raise SelectionError(f"unknown indirect selection '{word}'", hint="one of: " + ", ".join(INDIRECT))


class ColumnWalk(msgspec.Struct, frozen=True, kw_only=True):
    """A `column:` term: the column as written (`orders.amount`), and the directions in which to follow it."""

    column: str
    upstream: bool
    upstream_depth: int | None
    downstream: bool
    downstream_depth: int | None


def column_walk(term: str) -> ColumnWalk:
    """What a tracer is asked for: `2+orders.amount+` as column and directions."""
    match = re.fullmatch(r"(?:(\d*)(\+))?(.*?)(?:(\+)(\d*))?", term, re.DOTALL)
    assert match is not None
    above, up, column, down, below = match.groups()
    return ColumnWalk(
        column=column,
        upstream=up is not None,
        upstream_depth=_depth(above),
        downstream=down is not None,
        downstream_depth=_depth(below),
    )
