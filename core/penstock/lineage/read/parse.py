"""From text to trees: one parse, its tokens kept, its failures told in one line."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from penstock.errors import nearest_names
from penstock.lineage.dialects.names import ANSI
from penstock.lineage.errors import LineageError
from penstock.lineage.read.bare_joins import may_be_many, read_as_crossed
from penstock.lineage.read.failures import look_at, look_for_templates, one_line, told
from penstock.lineage.read.function_bodies import may_have_bodies, with_bodies
from penstock.lineage.read.json_arrows import steps_into_json
from penstock.lineage.read.pipe_syntax import has_pipes, read_pipes
from penstock.lineage.read.query_texts import may_call_query, with_called_queries
from penstock.lineage.read.repeated_branches import may_repeat, without_repeated
from penstock.lineage.read.text_rewrites import only
from penstock.lineage.read.time_windows import with_time_windows
from penstock.lineage.read.token_rewrites import read_after_failure, read_in_any_case
from penstock.lineage.read.unclosed import unclosed


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
        look_for_templates(tokens, sql, name)
        raise told(error, name) from None
    except TokenError as error:
        raise unclosed(sql, error, reader.tokens, reader.name) from None
    except RecursionError:
        raise LineageError(f"{name}: nested too deeply to be read", dialect=name) from None
    except (SqlglotError, ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise LineageError(f"{name}: cannot be read: {one_line(str(error))}", dialect=name) from error
    look_at(tokens, sql, name)
    if may_have_bodies(sql):
        tokens = with_bodies(trees, tokens, sql, reader)
    lower = sql.lower()
    if may_call_query(lower):
        tokens = with_called_queries(trees, tokens, sql, reader)
    if "within" in lower:
        without_schemas(trees)
    if "window" in lower:
        trees = [with_time_windows(tree, name) for tree in trees if tree is not None]
    if ">" in sql and "->" in sql:
        return [steps_into_json(tree, name, reader.dialect) for tree in trees if tree is not None], tokens
    return [tree for tree in trees if tree is not None], tokens


def without_schemas(trees: list[Any]) -> None:
    """`pg_catalog.listagg(a, ',') within group (order by b)`: sqlglot reads a column of a table `pg_catalog`."""
    for tree in trees:
        for one in list(tree.find_all(exp.WithinGroup)) if tree is not None else ():
            if one.parent.__class__ is exp.Column:
                one.parent.replace(one)


def _trees(tokens: list[Token], sql: str, reader: Reader) -> tuple[list[Token], list[Any]]:
    """The trees, and the tokens they were read from. What cannot be read as it stands may be in other tokens."""
    if "|" in sql and "|>" in sql and has_pipes(tokens):
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


def tokens_of(sql: str, reader: Reader) -> list[Token]:
    """All tokens of a text, also of what sqlglot keeps as one piece behind a command that it does not know."""
    try:
        tokens = reader.tokens(sql)
    except TokenError as error:
        raise unclosed(sql, error, reader.tokens, reader.name) from None
    found: list[Token] = []
    for at, token in enumerate(tokens):
        after = tokens[at - 1].end + 1 if at else 0
        swallowed = at and token.token_type == TokenType.STRING
        if swallowed and token.text and sql[after : token.end + 1].strip() == token.text:
            found.extend(tokens_of(only(sql, after, token.end + 1), reader))
        else:
            found.append(token)
    return found
