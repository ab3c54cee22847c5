"""What a text of SQL and Jinja writes, as far as it can be told: whether it writes, and whether each place that it writes to is named in it."""

from __future__ import annotations

import re
from collections.abc import Collection

# A word of these anywhere, also in a name: `adapter.drop_relation`. `updated_at` and `created` are others.
_VERBS = re.compile(
    r"(?<![a-z0-9])(?:insert|update|delete|merge|truncate|alter|drop|create|replace|copy|call|execute|exec|rename|swap|load|undrop)(?![a-z0-9])",
    re.IGNORECASE,
)
# `if execute` asks whether dbt runs; an index holds no rows; a macro's block is called, not a procedure.
_HARMLESS = re.compile(
    r"\b(?:if|and|or|not)\s+execute\b|\bcreate\s+(?:unique\s+)?index\b|\{%-?\s*(?:end)?call\b|\bload_result\b",
    re.IGNORECASE,
)
_SPACE = r"""(?:["`\w]+|\{\{\s*target\.\w+\s*\}\})"""
_NAME = r"""(?:["`\w]+|\{\{\s*(?:this|(?:ref|source)\((?:\s*['"]\w+['"]\s*+,?)+\))\s*\}\})"""
_TOLD = re.compile(
    r"\b(?:insert\s+into|delete\s+from|update|merge\s+into|truncate(?:\s+table)?|(?:alter|drop)\s+(?:table|view|schema)(?:\s+if\s+exists)?"
    r"|create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view|schema)(?:\s+if\s+not\s+exists)?)"
    rf"\s+(?:{_SPACE}\.){{0,2}}{_NAME}(?=[\s(;]|$)",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"\b(?:insert\s+(?:or\s+\w+\s+)?into|delete\s+from|update\s+\S+(?:\s+\w+)?\s+set|merge\s+into|truncate|(?:create|drop|alter)\s+(?:or\s+replace\s+)?"
    r"(?:temp\w*\s+|transient\s+)?(?:table|view|schema)|call\s+\w|execute\s+immediate)\b|\badapter\s*\.\s*(?:drop|rename|truncate|create)_",
    re.IGNORECASE,
)
_SENDS = re.compile(r"\b(?:run_query|statement)\b|\badapter\s*\.\s*(?:execute|drop|rename|truncate|create)")

_UPKEEP = re.compile(
    r"(?:grant|revoke|analy[sz]e|vacuum|comment\s+on|create\s+(?:unique\s+)?index|optimize(?!.*\b(?:final|deduplicate)\b))\b",
    re.IGNORECASE | re.DOTALL,
)
# What is quoted comes first: `comment on table a is '-- b'; delete from a` has no comment.
_QUOTED_OR_COMMENT = re.compile(
    r"(?P<quoted>'[^']*'|\"[^\"]*\"|`[^`]*`)|--[^\n]*"
    r"|/\*.*?(?:\*/|(?P<open>\Z))|\{#.*?(?:#\}|(?P<left>\Z))",
    re.DOTALL,
)
_UNSURE = ("\\", "$$", "'", '"', "`")  # beside what is quoted: where text ends is not certain
# What is not closed is one block to the end: it is not looked for again behind each further opening.
_CONTROL = re.compile(r"\{%.*?(?:%\}|\Z)", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{-?\s*([\w.]+).*?(?:\}\}|\Z)", re.DOTALL)
_BLOCK = re.compile(r"\{%.*?(?:%\}|\Z)|\{\{.*?(?:\}\}|\Z)", re.DOTALL)
_CALL = re.compile(r"([\w.]+)\s*\(")
_NAMES = frozenset(
    {"this", "ref", "source", "target", "var", "env_var", "is_incremental", "range", "log", "return"}
)
_WORDS = frozenset({"if", "elif", "in", "and", "or", "not", "else"})  # a bracket after them calls nothing


def is_upkeep(text: str, macros: Collection[str]) -> bool:
    """Whether a hook does nothing but grant, describe, index and gather statistics: it changes no rows and no setting of the session. `macros`
    are those whose own text is looked at, too. Each branch of a condition is a statement of its own."""
    if sends(text):
        return False
    bare = _QUOTED_OR_COMMENT.sub(_without_text, text)
    blocks = _BLOCK.findall(bare)
    if any(sign in bare for sign in _UNSURE) or not all(one.endswith(("%}", "}}")) for one in blocks):
        return False
    called = {head for block in blocks for head in _CALL.findall(block)} - _WORDS
    own = {head for head in called if head.rpartition(".")[2] in macros}
    if any(head.partition(".")[0] not in _NAMES for head in called - own):
        return False
    bare = _EXPRESSION.sub(lambda found: " " if found[1] in own else " x ", _CONTROL.sub(";", bare))
    return all(not one.strip() or _UPKEEP.match(one.strip()) for one in bare.split(";"))


def _without_text(found: re.Match[str]) -> str:
    is_open = found["open"] is not None or found["left"] is not None
    return " x " if found["quoted"] else _UNSURE[0] if is_open else " "


def writes(text: str) -> bool:
    """Of a hook: whether it may write. False only where no word of writing is in it."""
    return _VERBS.search(_HARMLESS.sub(" ", text)) is not None


def all_told(text: str) -> bool:
    """Whether every place that it writes to stands in it by name: not computed, and not up to a procedure."""
    return not writes(_TOLD.sub(" ", _HARMLESS.sub(" ", text)))


def sends(text: str) -> bool:
    """Of what is rendered: whether it sends a statement of its own."""
    return _SENDS.search(text) is not None


def has_statement(text: str) -> bool:
    """Whether a statement that writes stands in it; a function `replace` is none."""
    return _STATEMENT.search(text) is not None
