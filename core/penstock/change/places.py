"""Where in a file a change stands: the line of the later text that is not in the earlier one, near the column's name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from penstock.change.revision import Member, Place
from penstock.change.sqlchange import Edit


def text_place(former: Member | None, member: Member) -> Place | None:
    """The first line that changed; the file alone where none did."""
    if member.path is None:
        return None
    lines = changed_lines(former.text, member.text) if former is not None else []
    return Place(path=member.path, line=lines[0][0] + member.first_line - 1 if lines else None)


def word_place(former: Member | None, member: Member, word: str) -> Place | None:
    """The first line that names it; else as `text_place`."""
    at = _naming(enumerate(member.text.splitlines(), 1), word) if word else None
    if member.path is None or at is None:
        return text_place(former, member)
    return Place(path=member.path, line=at + member.first_line - 1)


def column_place(former: Member, member: Member, column: str, edits: Iterable[Edit]) -> Place | None:
    """The changed line that names the column, or holds a word of the new expression; else the first one."""
    if member.path is None:
        return None
    lines = changed_lines(former.text, member.text)
    if not lines:
        lines = list(enumerate(member.text.splitlines(), 1)) if column else []
        at = _naming(lines, column)
    else:
        words = [column, *(edit.column for edit in edits), *(w for edit in edits for w in _words(edit.after))]
        at = next((found for word in words if word and (found := _naming(lines, word))), lines[0][0])
    return Place(path=member.path, line=at + member.first_line - 1 if at else None)


def changed_lines(before: str, after: str) -> list[tuple[int, str]]:
    """Lines of the later text, by number from 1, that are new or stand where some were taken away."""
    old, new = before.splitlines(), after.splitlines()
    found: dict[int, str] = {}
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal" and new:
            for at in range(start, max(end, start + 1)):
                at = min(at, len(new) - 1)
                found[at + 1] = new[at]
    return sorted(found.items())


def _naming(lines: Iterable[tuple[int, str]], word: str) -> int | None:
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return next((at for at, line in lines if pattern.search(line)), None)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
