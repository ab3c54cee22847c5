"""A text as statements, each with the way back to its place: the whole parsed at once, or piece by piece."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from sqlglot import exp
from sqlglot.errors import SqlglotError

from penstock.lineage.errors import LineageError
from penstock.lineage.read import tree
from penstock.lineage.read.blocks import find_pieces
from penstock.lineage.read.client_commands import without_commands
from penstock.lineage.read.failures import nothing_in
from penstock.lineage.read.function_bodies import is_block
from penstock.lineage.read.kept_values import PUT_TOGETHER
from penstock.lineage.read.keywords import CONCERNING, CONDITIONS, OPENERS, SILENT
from penstock.lineage.read.moved_parts import with_inserted_texts
from penstock.lineage.read.parse import Reader, parsed, tokens_of
from penstock.lineage.read.pieces import Declared, Piece
from penstock.lineage.read.placeholders import with_placeholders
from penstock.lineage.read.spans import Spans
from penstock.lineage.read.table_moves import moved
from penstock.lineage.read.text_rewrites import (
    copied_to,
    filed,
    left_out,
    only,
    rewritten,
    unloaded,
    unquoted,
    update_from,
)
from penstock.lineage.read.tree import Nodes
from penstock.lineage.records import NO_DATA, LineageFinding, no_data

# What a parse leaves when it met code around statements, or a statement that it does not know.
_NOT_PLAIN = tuple(
    getattr(exp, name)
    for name in (
        "Command",
        "Block",
        "IfBlock",
        "WhileBlock",
        "LoopBlock",
        "RepeatBlock",
        "CaseStatement",
        "EndStatement",
        "Execute",
        "ExecuteSql",
    )
    if hasattr(exp, name)
)


BYTE_ORDER_MARK = "\ufeff"
ASIDE = "aside"
"""Marks a query inside procedural code, in the tree's `meta`: the name by which its result is known."""


ADDS = "adds"
"""Marks such a query whose value is a part of what the name has afterwards."""


PLACE = "place"
"""Marks where a statement of procedural code begins."""


BRANCH = "branch"
"""Marks what stands in branches or loops: where these begin."""


TRIGGER = "trigger"
"""Marks what stands in a trigger: the table whose rows NEW and OLD are, and other names of these."""


class Script(msgspec.Struct):
    """The statements of a text in order, where things stand in it, the names of its variables, what could not be read
    of it, the cursors whose rows its loops go over, and what is fetched from which. `whole`: it was read as it is written, not piece by
    piece. `undone`: a transaction is. `declared`: its variables, and where; `routines`: the names by which they can be
    qualified; `calls`: how many procedures and functions of triggers it runs."""

    statements: list[Any]
    spans: Spans
    variables: set[str] = msgspec.field(default_factory=set)
    findings: list[LineageFinding] = msgspec.field(default_factory=list)
    loops: dict[str, str] = msgspec.field(default_factory=dict)
    fetches: list[tuple[str, list[str]]] = msgspec.field(default_factory=list)
    whole: bool = False
    undone: bool = False
    declared: list[Declared] = msgspec.field(default_factory=list)
    routines: set[str] = msgspec.field(default_factory=set)
    calls: int = 0
    _nodes: dict[int, Nodes] = msgspec.field(default_factory=dict)

    def nodes(self, statement: Any) -> Nodes:
        """The nodes of one of the statements, listed once."""
        found = self._nodes.get(id(statement))
        if found is None:
            found = self._nodes[id(statement)] = Nodes(statement)
        return found

    def dismantle(self) -> None:
        """Frees the trees. Nothing can be derived from them afterwards."""
        for statement in self.statements:
            self.nodes(statement).dismantle()


def read_script(sql: str, reader: Reader) -> Script:
    """Raises LineageError when the text, or the only statement in it, cannot be read."""
    dialect, shown = reader.name, sql
    sql = with_placeholders(without_commands(sql.replace(BYTE_ORDER_MARK, " "), dialect), dialect)
    sql = with_inserted_texts(sql, dialect)
    try:
        trees, tokens = parsed(sql, reader)
    except LineageError:
        script = Script([], Spans(sql, shown))
        _read_pieces(script, sql, reader, sql)
        told = (
            script.statements
            or script.calls
            or any(
                one.code == NO_DATA
                or one.message == PUT_TOGETHER
                or "policy" in one.message
                or "semantic view" in one.message
                for one in script.findings
            )
        )
        if not told or not _is_balanced(tokens_of(sql, reader)):
            raise
        return script
    if not any(_is_special(tree) for tree in trees):
        spans = Spans(sql, shown)
        spans.add(tokens)
        return Script(trees, spans, whole=True, undone=any(isinstance(one, exp.Rollback) for one in trees))
    script = Script([], Spans(sql, shown))
    _read_pieces(script, sql, reader, sql)
    nothing = not (script.statements or script.findings or script.calls)
    if nothing and tokens[0].text.upper() not in _BEGIN_SOMETHING:
        raise nothing_in(tokens, sql, dialect)
    return script


_BEGIN_SOMETHING = SILENT | OPENERS | CONDITIONS | {"END", "DO", "EXECUTE", "EXEC"}


def _is_balanced(tokens: list[Any]) -> bool:
    texts = [token.text for token in tokens]
    return texts.count("(") == texts.count(")")


def _is_special(tree: Any) -> bool:
    if isinstance(tree, exp.Create):
        kind = str(tree.args.get("kind") or "").upper()
        return kind in ("PROCEDURE", "PROC", "TRIGGER") or (
            kind == "FUNCTION" and is_block(tree.args.get("expression"))
        )
    return isinstance(tree, (*_NOT_PLAIN, exp.Condition, exp.Alias))


def _read_pieces(script: Script, sql: str, reader: Reader, whole: str) -> None:
    """Every statement found in the tokens of `sql`, which is `whole` with parts of it blanked."""
    found = find_pieces(tokens_of(sql, reader), reader.name, script.variables)
    script.variables |= found.variables
    script.loops.update(found.loops)
    script.fetches.extend(found.fetches)
    script.undone = script.undone or found.undone
    script.declared.extend(found.declared)
    script.routines |= found.routines
    script.calls += found.calls
    for message, at in found.skipped:
        script.findings.append(_finding("not-followed", message, whole, at))
    for at in found.concerning:
        script.findings.append(_finding(NO_DATA, no_data(_line_of(whole, at)), whole, at))
    for message, at in found.broken:
        script.findings.append(_finding("not-parsed", message, whole, at))
    for piece in found.pieces:
        before = len(script.statements)
        _read_piece(script, piece, reader, whole)
        read = script.statements[before:]
        for one in read if script.declared else ():
            one.meta.setdefault(PLACE, piece.start)
        for one in read if piece.adds else ():
            one.meta[ADDS] = True
        for one in read if piece.branch else ():
            one.meta[BRANCH] = (*piece.branch, *one.meta.get(BRANCH, ()))
        for one in read if piece.trigger else ():
            one.meta[TRIGGER] = piece.trigger
        for one in read if piece.nested and piece.aside is not None else ():
            one.meta[ASIDE] = piece.aside  # EXECUTE IMMEDIATE '...' INTO x


def _read_piece(script: Script, piece: Piece, reader: Reader, whole: str) -> None:
    if piece.trigger:  # Oracle writes `:new.a`
        whole = (
            whole[: piece.start]
            + _ROW_OF_TRIGGER.sub(" ", whole[piece.start : piece.end])
            + whole[piece.end :]
        )
    text = whole[piece.start : piece.end]
    if piece.before or piece.behind:
        said = piece.before + text[len(piece.before) :] + piece.behind
        inner = only(whole, piece.start, piece.start) + said
        script.statements.extend(_read_one(script, inner, reader, whole, piece.start))
        return
    if piece.nested:
        _read_body(script, text, piece.start, reader, whole)
        return
    if piece.aside is not None:
        inner = only(whole, piece.start, piece.end)
        if piece.assigns:
            inner = (
                inner[: piece.start - len(_SELECT)] + _SELECT + text if piece.start >= len(_SELECT) else ""
            )
        for tree in _read_one(script, inner, reader, whole, piece.start):
            tree.meta[ASIDE] = piece.aside
            script.statements.append(tree)
        return
    file = filed(text, reader.name)
    if file is not None:
        inner = only(whole, piece.start, piece.start) + file[0]
        script.statements.extend(
            copied_to(one, file[1]) for one in _read_one(script, inner, reader, whole, piece.start)
        )
        return
    place = unloaded(text)
    if place is not None:
        start, end, target = place
        query = text[start:end] if text[start - 1] == "(" else unquoted(text[start:end])
        inner = only(whole, piece.start + start, piece.start + start) + query
        trees = _read_one(script, inner, reader, whole, piece.start + start)
        script.statements.extend(copied_to(tree, target) for tree in trees)
        return
    script.statements.extend(
        _read_one(script, only(whole, piece.start, piece.end), reader, whole, piece.start)
    )


_SELECT = "select "
_ROW_OF_TRIGGER = re.compile(r":(?=\w+\s*\.)")
_OPENING = re.compile(r"(?i)(?:[rbne]{0,2})('''|\"\"\"|'|\"|\$\w*\$)|q'.")


def _read_body(script: Script, text: str, start: int, reader: Reader, whole: str) -> None:
    found = _OPENING.match(text)
    opening = found.end() if found is not None else 1
    closing = len(found[1] or "..") if found is not None else 1
    body = text[opening : len(text) - closing]
    if text[0] == "'":
        body = unquoted(body)
    inner = with_placeholders(only(whole, start + opening, start + opening) + body, reader.name)
    _read_pieces(script, inner, reader, inner)


def _read_one(script: Script, text: str, reader: Reader, whole: str, start: int) -> list[Any]:
    """One statement; what cannot be read of it becomes a finding."""
    if _POLICY.match(text) or _SEMANTIC.match(text):
        of_policy = _POLICY.match(text) is not None
        what = "what it reads to decide" if of_policy else "a semantic view, what it is made of"
        told = f"{' '.join(text.split()[:4]).lower()} ...: {what} is not followed"
        script.findings.append(_finding("not-followed", told, whole, start))
        return []
    moves = moved(text, reader.dialect)
    if moves is not None:
        return moves
    failure: LineageError | None = None
    for attempt in (text, rewritten(text.lstrip(), reader.name)):
        if attempt is None:
            continue
        if attempt is not text:
            attempt = text[: len(text) - len(text.lstrip())] + attempt
        try:
            trees, tokens = parsed(attempt, reader)
        except LineageError as error:
            failure = error
            continue
        plain = [tree for tree in trees if not _is_special(tree)]
        if plain or not trees:
            script.spans.add(tokens)
            for told, at in left_out(text, reader.name) if attempt is not text else ():
                script.findings.append(_finding("not-followed", told, whole, at))
            return plain
    split = update_from(text, reader.name)
    if split is not None and (update := _update_of(script, text, split, reader)) is not None:
        return [update]
    words = whole[start : start + 60].split()
    if words and words[0].upper() in CONCERNING:
        script.findings.append(_finding(NO_DATA, no_data(_line_of(whole, start)), whole, start))
    elif failure is not None:
        script.findings.append(LineageFinding("not-parsed", failure.what, failure.line, failure.column))
    elif words and words[0].upper().rstrip(";") not in SILENT:
        message = f"{' '.join(words[:3])} ...: this kind of statement is not followed"
        script.findings.append(_finding("not-followed", message, whole, start))
    return []


_SEMANTIC = re.compile(r"(?i)\A\s*create\s+(?:or\s+replace\s+)?semantic\s+view\b")
_POLICY = re.compile(
    r"(?i)\A\s*create\s+(?:or\s+replace\s+)?(?:row\s+access|masking|aggregation|projection|join)\s+policy\b"
)


def _line_of(whole: str, at: int) -> str:
    """The statement that begins at `at`, as one short line."""
    words = " ".join(whole[at : at + 200].split(";", 1)[0].split())
    return words if len(words) <= _LONGEST else words[:_LONGEST] + "..."


_LONGEST = 100


def _update_of(script: Script, text: str, split: tuple[str, str], reader: Reader) -> Any:
    """An UPDATE put together from its two parts."""
    try:
        trees, _ = parsed(split[0], reader)
        source = reader.tree_of(exp.From, split[1])
    except (LineageError, SqlglotError):
        return None
    if len(trees) != 1 or not isinstance(trees[0], exp.Update):
        return None
    trees[0].set(tree.FROM, source)
    script.spans.add(reader.tokens(text))
    return trees[0]


def _finding(code: str, message: str, sql: str, at: int) -> LineageFinding:
    return LineageFinding(code, message, sql.count("\n", 0, at) + 1, at - sql.rfind("\n", 0, at))
