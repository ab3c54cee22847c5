"""The smallest place in which two texts differ, for people: what stood there and what stands there now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from penstock.change.shape import Edit
from penstock.change.shape.tokens import tokens_of

_Tokens = Sequence[Any]  # those of sqlglot
_LONG = 60
_NEAR = 4
_ENDS = frozenset(
    {
        ",",
        "(",
        ")",
        "select",
        "from",
        "where",
        "and",
        "or",
        "on",
        "group by",
        "having",
        "when",
        "then",
        "else",
    }
)
_AFTER = _ENDS | {"as"}  # an expression has ended there; its name is told beside it


def told(old: str, new: str, dialect: str, edit: Edit) -> str:
    """`column price: price / 100 -> price / 100.0`."""
    return f"{_what(edit)}{_place(old, new, dialect)}"


def _what(edit: Edit) -> str:
    names = [*edit.changed, *(f"+{name}" for name in edit.added), *(f"-{name}" for name in edit.removed)]
    if edit.moved and not names:
        return "order of columns: "
    if edit.whole or not names:
        return ""
    shown = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
    return f"column {shown}: " if len(names) == 1 else f"columns {shown}: "


def _place(old: str, new: str, dialect: str) -> str:
    before, after = tokens_of(old, dialect), tokens_of(new, dialect)
    if before is None or after is None:
        return "its SQL changed"
    start = _alike(_texts(before), _texts(after))
    end = _alike(_texts(before)[start:][::-1], _texts(after)[start:][::-1])
    first, last = _start(before, start), end
    while last > 0 and str(before[len(before) - last].text).lower() not in _AFTER and end - last < 3:
        last -= 1
    first, last = _closed(before, after, first, last)
    first, last = _called(before, after, first, last)
    one = _cut(old, before, first, len(before) - last)
    other = _cut(new, after, first, len(after) - last)
    return f"{one or 'nothing'} -> {other or 'nothing'}"


def _start(tokens: _Tokens, at: int) -> int:
    """A few words before, for the reader to know the place; never half of `orders.amount`."""
    back = at
    while back > 0 and str(tokens[back - 1].text).lower() not in _ENDS:
        if at - back >= _NEAR and "." not in (tokens[back].text, tokens[back - 1].text):
            break
        back -= 1
    return back


def _closed(before: _Tokens, after: _Tokens, first: int, last: int) -> tuple[int, int]:
    """As much more of what is alike on both sides as closes the brackets that are open: `lower(email)`, not `lower(email`, nor `lower`."""
    pieces = (_texts(before), _texts(after))
    if last > 0 and pieces[0][-last] == "(":
        last -= 1
    while last > 0 and any(_open(one[first : len(one) - last]) > 0 for one in pieces):
        last -= 1
    while first > 0 and any(_open(one[first : len(one) - last]) < 0 for one in pieces):
        first -= 1
    return first, last


def _called(before: _Tokens, after: _Tokens, first: int, last: int) -> tuple[int, int]:
    """Of a word or two among arguments the whole call, when that is short: `round(price, 2)`, not `2`."""
    both, words = (before, after), _texts(before)
    opened = _opening(words[:first])
    if opened < 1 or words[opened - 1].lower() in _ENDS or any(len(one) - last - first > 3 for one in both):
        return first, last
    start = opened - (2 if words[opened - 1].lower() == "in" and opened > 1 else 1)
    while start > 1 and words[start - 1] == ".":
        start -= 2
    end = last
    while end > 0 and _open(words[start : len(words) - end]) > 0:
        end -= 1
    ends = [len(one) - end - 1 for one in both]
    short = all(one[at].end - one[start].start < _LONG - 4 for one, at in zip(both, ends, strict=True))
    return (start, end) if short else (first, last)


def _opening(words: Sequence[str]) -> int:
    """Where the innermost bracket begins that is still open; -1 where none is."""
    depth = 0
    for at in range(len(words) - 1, -1, -1):
        if words[at] == "(" and not depth:
            return at
        depth += (words[at] == ")") - (words[at] == "(")
    return -1


def _open(words: Sequence[str]) -> int:
    return words.count("(") - words.count(")")


def _texts(tokens: _Tokens) -> list[str]:
    return [str(token.text) for token in tokens]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number


def _cut(text: str, tokens: _Tokens, first: int, last: int) -> str:
    if first >= last or first >= len(tokens):
        return ""
    found = " ".join(text[tokens[first].start : tokens[last - 1].end + 1].split())
    return found if len(found) <= _LONG else f"{found[: _LONG - 4]} ..."
