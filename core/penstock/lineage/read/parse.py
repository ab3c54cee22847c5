"""From text to trees: one parse, its tokens kept, its failures told in one line."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from penstock.errors import nearest_names
from penstock.lineage.dialects.names import ANSI
from penstock.lineage.errors import LineageError
from penstock.lineage.read.bare_joins import may_be_many, read_as_crossed
from penstock.lineage.read.json_arrows import steps_into_json
from penstock.lineage.read.pipe_syntax import has_pipes, read_pipes
from penstock.lineage.read.repeated_branches import may_repeat, without_repeated
from penstock.lineage.read.text_rewrites import only
from penstock.lineage.read.time_windows import with_time_windows
from penstock.lineage.read.token_rewrites import read_after_failure, read_in_any_case


def dialect_of(name: str) -> Dialect:
    """sqlglot's dialect of that name, its own without a name for the standard; an unknown one is an error that suggests the nearest."""
    found = Dialect if name == ANSI else Dialect.get(name.lower()) if name else None
    if found is None:
        nearest = nearest_names(name, Dialect.classes)
        hint = (
            f"did you mean {nearest[0]}?"
            if nearest
            else "known: " + ", ".join(sorted({ANSI, *filter(None, Dialect.classes)}))
        )
        raise LineageError(f"no SQL dialect is called '{name}'", dialect=name, hint=hint)
    return found()


class Reader:
    """One dialect's tokenizer and parser, made once and used for text after text. Not for two threads at a time."""

    __slots__ = ("_parser", "_tokenizer", "dialect", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.dialect = dialect_of(name)
        self._tokenizer = self.dialect.tokenizer()
        self._parser = self.dialect.parser()

    def tokens(self, sql: str) -> list[Token]:
        return self._tokenizer.tokenize(sql)

    def trees(self, tokens: list[Token], sql: str) -> list[Any]:
        """Raises ParseError, and LineageError for what would take too long."""
        if may_be_many(sql):
            tokens = read_as_crossed(tokens, self.name, self._parser.JOIN_KINDS)
        return self._parser.parse(tokens, sql)

    def tree_of(self, kind: type[exp.Expr], sql: str) -> Any:
        """A part of a statement, as that kind of node."""
        return self._parser.parse_into(kind, self.tokens(sql), sql)[0]


def parsed(sql: str, reader: Reader) -> tuple[list[Any], list[Token]]:
    """The statements of a text, and its tokens. Raises LineageError when it cannot be read."""
    name = reader.name
    try:
        tokens = read_in_any_case(reader.tokens(sql), sql, name)
        tokens, trees = _trees(tokens, sql, reader)
    except ParseError as error:
        raise _told(error, name) from None
    except TokenError:
        raise _unclosed(sql, reader) from None
    except RecursionError:
        raise LineageError(f"{name}: nested too deeply to be read", dialect=name) from None
    except (SqlglotError, ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise LineageError(f"{name}: cannot be read: {_one_line(str(error))}", dialect=name) from error
    _look_at(tokens, sql, name)
    if "window" in sql.lower():
        trees = [with_time_windows(tree, name) for tree in trees if tree is not None]
    if "->" in sql:
        return [steps_into_json(tree, name, reader.dialect) for tree in trees if tree is not None], tokens
    return [tree for tree in trees if tree is not None], tokens


def _trees(tokens: list[Token], sql: str, reader: Reader) -> tuple[list[Token], list[Any]]:
    """The trees, and the tokens they were read from. What cannot be read as it stands may be in other tokens."""
    if "|>" in sql and has_pipes(tokens):
        return tokens, read_pipes(tokens, lambda some: reader.trees(some, sql))
    try:
        trees = _all_that_matters(tokens, sql, reader) or reader.trees(tokens, sql)
    except ParseError:
        others = _in_other_tokens(tokens, sql, reader)
        if others is None:
            raise  # the failure of the text as it was written is the one to tell
        return others
    if any(tree.__class__ is exp.Command for tree in trees):  # sqlglot's word for a statement that it gave up
        others = _in_other_tokens(tokens, sql, reader)
        if others is not None and not any(tree.__class__ is exp.Command for tree in others[1]):
            return others
    return tokens, trees


def _all_that_matters(tokens: list[Token], sql: str, reader: Reader) -> list[Any] | None:
    """The trees of a text whose branches repeat one another, without those that add nothing; None where there are none."""
    if not may_repeat(sql):
        return None
    fewer = without_repeated(tokens)
    if len(fewer) == len(tokens):
        return None
    try:
        return reader.trees(fewer, sql)
    except ParseError:
        return None


def _in_other_tokens(tokens: list[Token], sql: str, reader: Reader) -> tuple[list[Token], list[Any]] | None:
    others = read_after_failure(tokens, reader.name)
    if others is None:
        return None
    try:
        return others, reader.trees(others, sql)
    except ParseError:
        return None


def _look_at(tokens: list[Token], sql: str, name: str) -> None:
    """What sqlglot lets pass and no warehouse does: a clause with nothing behind it, a template that was not rendered."""
    if "{" in sql and ("{{" in sql or "{%" in sql):
        for one, after in pairwise(tokens):
            opens = one.token_type == after.token_type == TokenType.L_BRACE and one.end + 1 == after.start
            if opens or one.token_type in _TEMPLATES:
                raise _told_at(one, "a template, not SQL", sql, name, hint=_RENDER)
    last = len(tokens) - 1
    for at, token in enumerate(tokens) if ";" in sql else ((last, tokens[last]),) if tokens else ():
        if token.token_type == TokenType.SEMICOLON:
            at -= 1
        elif at != last:
            continue
        if at >= 0 and _dangles(tokens, at):
            raise _told_at(tokens[at], "incomplete", sql, name)


def _dangles(tokens: list[Token], at: int) -> bool:
    kind = tokens[at].token_type
    if kind == TokenType.ON:  # `SET NOCOUNT ON` is whole
        return any(one.token_type == TokenType.JOIN for one in tokens[max(0, at - 8) : at])
    return kind in _DANGLING


_RENDER = "render it first: dbt compile writes the SQL to target/compiled"


def _told_at(token: Token, what: str, sql: str, name: str, *, hint: str | None = None) -> LineageError:
    line, column = sql.count("\n", 0, token.start) + 1, token.start - sql.rfind("\n", 0, token.start)
    text = _one_line(sql[token.start : token.end + 1])
    message = f"{name}: {what} at line {line}, column {column} near '{text}'"
    return LineageError(message, dialect=name, line=line, column=column, text=text, hint=hint)


def nothing_in(tokens: list[Token], sql: str, name: str) -> LineageError:
    """A text without any statement."""
    return _told_at(tokens[0], "no statement begins so", sql, name)


_TEMPLATES = frozenset(
    getattr(TokenType, one) for one in ("BLOCK_START", "BLOCK_END") if hasattr(TokenType, one)
)
_DANGLING = frozenset(
    getattr(TokenType, one)
    for one in (
        "SELECT", "FROM", "WHERE", "GROUP_BY", "ORDER_BY", "HAVING", "QUALIFY", "USING", "AND", "OR", "NOT", "ALIAS",
        "SET", "JOIN", "UNION", "INTERSECT", "EXCEPT", "COMMA", "DOT", "EQ", "PLUS", "DASH", "WHEN", "THEN", "CASE",
    )
    if hasattr(TokenType, one)
)  # fmt: skip


def tokens_of(sql: str, reader: Reader) -> list[Token]:
    """All tokens of a text, also of what sqlglot keeps as one piece behind a command that it does not know."""
    try:
        tokens = reader.tokens(sql)
    except TokenError:
        raise _unclosed(sql, reader) from None
    found: list[Token] = []
    for at, token in enumerate(tokens):
        after = tokens[at - 1].end + 1 if at else 0
        swallowed = at and token.token_type == TokenType.STRING
        if swallowed and token.text and sql[after : token.end + 1].strip() == token.text:
            found.extend(tokens_of(only(sql, after, token.end + 1), reader))
        else:
            found.append(token)
    return found


def _unclosed(sql: str, reader: Reader) -> LineageError:
    """A quote, a bracket or a comment without its end: the last one before which all is well."""
    at = 0
    for place in sorted((match.start() for match in _OPENINGS.finditer(sql)), reverse=True):
        try:
            reader.tokens(sql[:place])
        except TokenError:
            continue
        at = place
        break
    line, column = sql.count("\n", 0, at) + 1, at - sql.rfind("\n", 0, at)
    text = _one_line(sql[at : at + 30])
    name = reader.name
    what = f"{name}: not closed, from line {line}, column {column}: '{text}'"
    return LineageError(what, dialect=name, line=line, column=column, text=text)


_OPENINGS = re.compile(r"['\"`\[]|/\*|\$\w*\$")


def _told(error: ParseError, name: str) -> LineageError:
    facts = error.errors[0] if error.errors else {}
    line, column = facts.get("line"), facts.get("col")
    text = str(facts.get("highlight") or "")
    what = str(facts.get("description") or _one_line(str(error))).rstrip(".")
    if column is not None and text:
        column = max(1, column - len(text) + 1)
    near = f" near '{_one_line(text)}'" if text else ""
    where = f" at line {line}, column {column}" if line is not None else ""
    return LineageError(
        f"{name}: {_plain(what)}{where}{near}", dialect=name, line=line, column=column, text=text
    )


def _plain(text: str) -> str:
    """sqlglot's words without the names of its own classes."""
    text = re.sub(r"<Token token_type: [^>]*?text: (.*?), line: [^>]*>", r"'\1'", _one_line(text)).replace(
        "'SENTINEL'", "the end"
    )
    return re.sub(
        r"Required keyword: '\w+' missing for <class '[\w.]*?(\w+)'>",
        lambda found: f"{_words(found[1])} is incomplete",
        text,
    )


def _words(name: str) -> str:
    """`OrderBy` as ORDER BY."""
    symbol = {"EQ": "=", "NEQ": "<>", "GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="}.get(name)
    return symbol or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).upper()


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x1b[4m", "").replace("\x1b[0m", "").split())
