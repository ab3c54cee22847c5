"""Statements inside others, by their words: EXPLAIN, PREPARE, PIPE, CALL. Says where the inner one begins, or why it is not followed."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from penstock.lineage.read.keywords import STARTERS

PLANS = frozenset({"EXPLAIN", "DESCRIBE", "DESC"})
OPENERS = PLANS | {"PREPARE"}
PLAN_ONLY = "EXPLAIN shows a plan and runs nothing: what it names is not followed"
_RUNS = frozenset({"ANALYZE", "ANALYSE"})
_RUNNING = MappingProxyType({"PIPE": "AS", "ALERT": "IF"})
_OFF = frozenset({"FALSE", "OFF", "0"})
_NO_NAMES = frozenset({"NULL", "TRUE", "FALSE", "DEFAULT", "''"})
_TEXT = "''"  # what stands for a text in quotes among the words


def inner_statement(words: Sequence[str], at: int) -> int | None:
    """Where the statement begins that EXPLAIN ANALYZE runs, or that PREPARE keeps; None where there is none to follow."""
    if words[at] == "PREPARE":
        return _prepared(words, at)
    start = _planned(words, at)
    return start if start is not None and _runs(words[at + 1 : start]) else None


def _planned(words: Sequence[str], at: int) -> int | None:
    """The first word of what is explained, behind the options."""
    depth = 0
    for place in range(at + 1, len(words)):
        word = words[place]
        if word == ";":
            return None
        if word in STARTERS and (depth == 0 or words[place - 1] == "("):
            while place - 1 > at and words[place - 1] == "(":
                place -= 1
            return place
        depth += (word == "(") - (word == ")")
    return None


def _runs(options: Sequence[str]) -> bool:
    following = [*options[1:], ""]
    return any(word in _RUNS and after not in _OFF for word, after in zip(options, following, strict=False))


def _prepared(words: Sequence[str], at: int) -> int | None:
    """`PREPARE p (int) AS ...`, `PREPARE p FROM ...`."""
    depth = 0
    for place in range(at + 1, len(words) - 1):
        word = words[place]
        if word == ";":
            return None
        if not depth and word in ("AS", "FROM"):
            following = words[place + 1]
            return place + 1 if following in STARTERS or following in ("(", _TEXT) else None
        depth += (word == "(") - (word == ")")
    return None


def made_to_run(words: Sequence[str], at: int) -> int | None:
    """Where that begins which a pipe (`AS COPY ...`) or an alert (`IF (...) THEN ...`) runs again and again."""
    if words[at : at + 2] == ["SUBMIT", "TASK"]:  # StarRocks: `submit task x as insert ...`
        end = words.index(";", at) if ";" in words[at:] else len(words)
        return words.index("AS", at, end) + 1 if "AS" in words[at:end] else None
    if words[at] in ("LOCKING", "LOCK"):
        return _behind_locks(words, at)
    if words[at] != "CREATE":
        return None
    kind = next((word for word in words[at + 1 : at + 4] if word in _RUNNING), None)
    for place in range(at + 2, len(words) - 1) if kind is not None else ():
        if words[place] == ";":
            return None
        if words[place] == _RUNNING[str(kind)] and words[place + 1] != "NOT":
            return place if kind == "ALERT" else place + 1
    return None


def _behind_locks(words: Sequence[str], at: int) -> int | None:
    """Teradata's `locking row for access select ...`, `lock table t for write insert ...`."""
    for place in range(at + 1, len(words)):
        if words[place] == ";":
            return None
        if words[place] in STARTERS and words[place - 1] in _LOCKS:
            return place
    return None


_LOCKS = frozenset({"ACCESS", "READ", "WRITE", "SHARE", "EXCLUSIVE", "NOWAIT", "CHECKSUM", "MODE"})


def not_followed(words: Sequence[str]) -> str:
    """Why what this statement names is not followed; "" when that is not for here to tell."""
    if words[0] in PLANS:
        return PLAN_ONLY if _planned(words, 0) is not None else ""
    if words[0] == "CALL" and "(" in words:
        given = words[words.index("(") + 1 :]
        named = any(_is_name(word) and given[at + 1 : at + 2] != ["=>"] for at, word in enumerate(given))
        told = "".join(words[1 : words.index("(")]).lower()
        return f"CALL {told}: what it does with what it is given is not followed" if named else ""
    return ""


def _is_name(word: str) -> bool:
    return word not in _NO_NAMES and word[:1].isidentifier()
