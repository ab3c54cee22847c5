"""Words and clauses that say nothing of columns and that sqlglot does not read: left out of the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read import left_clauses as left
from penstock.lineage.read import worded_arguments as worded
from penstock.lineage.read.dialect_rewrites import Rewrite
from penstock.lineage.read.token_words import like, past_brackets, rewritten, word, words_at


def _without_modifiers(tokens: list[Token]) -> list[Token]:
    """MySQL's `insert high_priority t`, `update low_priority ignore t`, `{ oj a left join b on ... }`."""
    made: list[Token] = []
    opened = 0
    for at, token in enumerate(tokens):
        word = token.text.upper()
        before = made[-1].text.upper() if made else ""
        if before in _MODIFIED and word in _MODIFIERS:
            continue
        if token.token_type == TokenType.L_BRACE and words_at(tokens, at + 1, 1) == ["OJ"]:
            opened += 1
            continue
        if (word == "OJ" and tokens[at - 1].token_type == TokenType.L_BRACE) or (
            opened and token.token_type == TokenType.R_BRACE
        ):
            continue
        made.append(token)
    return made if len(made) != len(tokens) else tokens


_MODIFIED = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})
_MODIFIERS = frozenset({"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"})


def _into_first(tokens: list[Token]) -> list[Token]:
    """MySQL's `select a from t into @x` as `select a into @x from t`."""
    made: list[Token] = []
    start = 0
    for at in range(len(tokens) + 1):
        if at == len(tokens) or tokens[at].token_type == TokenType.SEMICOLON:
            made += _with_into_first(tokens[start:at])
            made += tokens[at : at + 1]
            start = at + 1
    return rewritten(tokens, made)


def _with_into_first(statement: list[Token]) -> list[Token]:
    depth, origin, into = 0, -1, -1
    for at, token in enumerate(statement):
        kind = token.token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if not depth and kind == TokenType.FROM and origin < 0:
            origin = at
        if not depth and kind == TokenType.INTO:
            into = at
    if not 0 < origin < into or statement[0].token_type != TokenType.SELECT:
        return statement
    return [*statement[:origin], *statement[into:], *statement[origin:into]]


def _into_many(tokens: list[Token]) -> list[Token]:
    """MySQL's `select a, b into @x, @y from t` as `into x (x, y)`: a list of names, as of a table's columns."""
    made = list(tokens)
    for at in range(len(tokens) - 4, 0, -1):
        if tokens[at].token_type != TokenType.INTO or word(tokens[at - 1]) in _MODIFIED | _MODIFIERS:
            continue
        named, end = [], at + 1
        while end < len(tokens):
            end += tokens[end].token_type == TokenType.PARAMETER
            named += tokens[end : end + 1]
            end += 1
            if end >= len(tokens) or tokens[end].token_type != TokenType.COMMA:
                break
            end += 1
        if len(named) > 1 and all(one.text.isidentifier() for one in named):
            site = named[0]
            listed = [like(site, TokenType.VAR, site.text), like(site, TokenType.L_PAREN, "(")]
            for one in named:
                listed += [one, like(one, TokenType.COMMA, ",")]
            made[at + 1 : end] = [*listed[:-1], like(site, TokenType.R_PAREN, ")")]
    return rewritten(tokens, made)


def _without_stars(tokens: list[Token]) -> list[Token]:
    """MySQL's `delete t.*, u.* from ...` as `delete t, u from ...`, and `create table t replace select` without REPLACE."""
    made: list[Token] = []
    deletes = creates = False
    at = 0
    while at < len(tokens):
        said = words_at(tokens, at, 2)
        deletes = (deletes or said[0] == "DELETE") and said[0] not in ("WHERE", "SELECT", ";", "USING")
        creates = (creates or said[0] == "CREATE") and said[0] not in ("SELECT", ";")
        if deletes and said == [".", "*"]:
            at += 2
        elif creates and said[0] in ("REPLACE", "IGNORE") and said[1:] == ["SELECT"]:
            at += 1
        else:
            made.append(tokens[at])
            at += 1
    return made if len(made) != len(tokens) else tokens


def _without_empty_answers(tokens: list[Token]) -> list[Token]:
    """JSON_TABLE's `default '0' on empty`, `null on error`, JSON_QUERY's `with wrapper`: what is given where nothing is found."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        words = words_at(tokens, at, 4)
        if words[:1] == ["DEFAULT"] and words[2:3] == ["ON"] and words[3:] in (["EMPTY"], ["ERROR"]):
            at += 4
        elif (
            words[:1]
            and words[0] in ("NULL", "ERROR", "TRUE", "FALSE", "UNKNOWN", "ABSENT")
            and words[1:2] == ["ON"]
            and words[2:3] in (["EMPTY"], ["ERROR"], ["NULL"])
        ):
            at += 3
        elif (
            words[:1] in (["WITH"], ["WITHOUT"])
            and "WRAPPER" in words
            and not {",", "(", ")"}.intersection(words[: words.index("WRAPPER")])
        ):
            at += words.index("WRAPPER") + 1
        else:
            made.append(tokens[at])
            at += 1
    return made if len(made) != len(tokens) else tokens


def _without_namespaces(tokens: list[Token]) -> list[Token]:
    """T-SQL's `with xmlnamespaces ('u' as n) select ...` as `select ...`."""
    for at in range(len(tokens) - 2):
        if words_at(tokens, at, 3) == ["WITH", "XMLNAMESPACES", "("]:
            end = past_brackets(tokens, at + 2)
            more = words_at(tokens, end, 1) == [","]  # `..., c as (...)`
            return tokens[: at + more] + tokens[end + more :]
    return tokens


def without_labels(tokens: list[Token]) -> list[Token]:
    """Teradata's `a (format 'x')`, `(title 'x')` and `select normalize a`: these say nothing of columns."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        words = words_at(tokens, at, 2)
        if (
            words[:1] == ["("]
            and words[1:] in (["FORMAT"], ["TITLE"])
            and words_at(tokens, at + 3, 1) == [")"]
        ):
            at += 4
        elif (
            words == ["SELECT", "NORMALIZE"]
            and at + 2 < len(tokens)
            and tokens[at + 2].token_type != TokenType.COMMA
        ):
            made.append(tokens[at])
            at += 2
            while words_at(tokens, at, 1)[0:1] and words_at(tokens, at, 1)[0] in _NORMALIZING:
                at += 1
        else:
            made.append(tokens[at])
            at += 1
    return made if len(made) != len(tokens) else tokens


_NORMALIZING = frozenset({"ON", "MEETS", "OVERLAPS", "OR"})


_OF_JSON = (worded.passed_values, _without_empty_answers, worded.without_returned_types)
WITHOUT: Mapping[str, tuple[Rewrite, ...]] = MappingProxyType(
    {
        "tsql": (_without_namespaces,),
        "fabric": (_without_namespaces,),
        "oracle": (
            worded.passed_values,
            _without_empty_answers,
            left.returning_many,
            left.without_conversions,
            left.pivoted_rows,
        ),
        "postgres": (
            worded.passed_values,
            _without_empty_answers,
            worded.without_returned_types,
            left.overriding,
            left.only_one,
            left.without_parts,
            left.joined_as,
        ),
        "mysql": (
            _without_modifiers,
            _into_first,
            _into_many,
            _without_stars,
            _without_empty_answers,
            worded.without_returned_types,
            left.grouped_in_order,
        ),
        "ansi": (left.overriding,),
        "bigquery": (left.matched_rows, worded.named_values),
        "clickhouse": (left.one_limit, left.modulo, left.beside_one_another),
        "databricks": (left.replaced_on, left.matched_rows),
        "hive": (left.transformed,),
        "trino": _OF_JSON,
        "athena": _OF_JSON,
        "spark": (left.transformed,),
        "starrocks": (left.joined_beside,),
        "teradata": (left.called_words,),
    }
)
