"""Forms of products that are read as another's dialect (Greenplum, Netezza, Vertica as PostgreSQL; Impala as Hive), in tokens that it reads."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, word, words_at

_TEMPORARY = frozenset({"TEMP", "TEMPORARY", "VOLATILE"})
_KEPT_WHERE = frozenset({"LOCAL", "GLOBAL", "ROWSTORE", "COLUMNSTORE"})
_SPREADS = frozenset({"DISTRIBUTED", "DISTRIBUTE", "SEGMENTED", "UNSEGMENTED", "ORGANIZE"})
_SPREAD_BY = frozenset({"BY", "ON", "RANDOMLY", "REPLICATED", "ALL"})
_HINTS = frozenset({"SHUFFLE", "NOSHUFFLE", "BROADCAST", "CLUSTERED", "NOCLUSTERED"})
_QUERIES = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN})


def without_place(tokens: list[Token]) -> list[Token]:
    """`create local temp table`, `create rowstore temporary table`: a temporary table is one wherever it is kept."""
    gone = {
        at
        for at in range(1, len(tokens) - 1)
        if word(tokens[at]) in _KEPT_WHERE
        and (word(tokens[at + 1]) in _TEMPORARY or word(tokens[at + 1]) == "TABLE")
        and word(tokens[at - 1]) in ("CREATE", "REPLACE")
    }
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens


def without_spread(tokens: list[Token]) -> list[Token]:
    """`create table t as select ... distributed by (a)`, `segmented by hash(a) all nodes`: where rows are kept."""
    made: list[Token] = []
    at, creates = 0, False
    while at < len(tokens):
        creates = (creates or word(tokens[at]) == "CREATE") and tokens[at].token_type != TokenType.SEMICOLON
        said = words_at(tokens, at, 2)
        if creates and said[0] in _SPREADS and said[1:] and said[1] in _SPREAD_BY:
            while at < len(tokens) and tokens[at].token_type != TokenType.SEMICOLON:
                at += 1
            continue
        made.append(tokens[at])
        at += 1
    return made if len(made) != len(tokens) else tokens


def minus(tokens: list[Token]) -> list[Token]:
    """`select ... minus select ...` as EXCEPT."""
    found = [
        at
        for at in range(1, len(tokens) - 1)
        if word(tokens[at]) == "MINUS" and tokens[at + 1].token_type in _QUERIES
    ]
    if not found:
        return tokens
    return [like(one, TokenType.EXCEPT, "except") if at in found else one for at, one in enumerate(tokens)]


def limited_over(tokens: list[Token]) -> list[Token]:
    """Vertica's `limit 1 over (partition by a order by b)` as `qualify rank() over (...) <= 1`."""
    for at in range(len(tokens) - 3):
        if tokens[at].token_type == TokenType.LIMIT and words_at(tokens, at + 2, 2) == ["OVER", "("]:
            site, end = tokens[at], past_brackets(tokens, at + 3)
            said = [like(site, TokenType.QUALIFY, "qualify"), like(site, TokenType.VAR, "rank")]
            said += [like(site, TokenType.L_PAREN, "("), like(site, TokenType.R_PAREN, ")")]
            counted = [like(site, TokenType.LTE, "<="), tokens[at + 1]]
            return [*tokens[:at], *said, *tokens[at + 2 : end], *counted, *limited_over(tokens[end:])]
    return tokens


def upserts(tokens: list[Token]) -> list[Token]:
    """`upsert into t select ...` as INSERT."""
    found = [at for at in range(len(tokens) - 1) if words_at(tokens, at, 2) == ["UPSERT", "INTO"]]
    if not found:
        return tokens
    return [like(one, TokenType.INSERT, "insert") if at in found else one for at, one in enumerate(tokens)]


def without_branch(tokens: list[Token]) -> list[Token]:
    """Dremio's `from t at branch main`: which version of the relation."""
    gone = {
        place
        for at in range(1, len(tokens) - 2)
        if word(tokens[at]) == "AT"
        and word(tokens[at + 1]) in ("BRANCH", "TAG", "COMMIT", "REF", "REFERENCE")
        for place in (at, at + 1, at + 2)
    }
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens


def without_hints(tokens: list[Token]) -> list[Token]:
    """Impala's `join [broadcast] u`, `insert into t [shuffle] select ...`."""
    gone = {
        place
        for at in range(len(tokens) - 2)
        if tokens[at].token_type == TokenType.L_BRACKET
        and word(tokens[at + 1]) in _HINTS
        and tokens[at + 2].token_type == TokenType.R_BRACKET
        for place in (at, at + 1, at + 2)
    }
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens
