"""Db2's words, which are read where no dialect is named: said in tokens that sqlglot reads. Every token keeps its place in the text."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.moved_parts import MOVED
from penstock.lineage.read.standard_rewrites import end_of
from penstock.lineage.read.token_words import like, past_brackets, rewritten, word, words_at

_ISOLATIONS = frozenset({"UR", "CS", "RS", "RR", "NC"})
# Clauses behind a statement that say nothing of columns: their first words, and how many words they have at least.
_ENDS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("FOR", "READ", "ONLY"), 3),
    (("FOR", "FETCH", "ONLY"), 3),
    (("WITH", "CHECK", "OPTION"), 3),
    (("WITH", "LOCAL", "CHECK", "OPTION"), 4),
    (("WITH", "CASCADED", "CHECK", "OPTION"), 4),
    (("WITH", "NO", "ROW", "MOVEMENT"), 4),
    (("WITH", "ROW", "MOVEMENT"), 3),
    (("ELSE", "IGNORE"), 2),
)
# From these words on a statement that makes or empties a table says how it is kept.
_TAILS = (("DATA", "INITIALLY", "DEFERRED"), ("ORGANIZE", "BY"), ("DISTRIBUTE", "BY"), ("NOT", "LOGGED"), ("ON", "COMMIT"))  # fmt: skip
_EMPTIES = frozenset({"IMMEDIATE", "DROP", "REUSE", "IGNORE", "RESTRICT", "CONTINUE"})
_NO_DATA = ((TokenType.WITH, "with"), (TokenType.VAR, "no"), (TokenType.VAR, "data"))
_UNITS = frozenset(f"{unit}{more}" for unit in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND") for more in ("", "S"))  # fmt: skip
_NOW = {
    "DATE": TokenType.CURRENT_DATE,
    "TIMESTAMP": TokenType.CURRENT_TIMESTAMP,
    "TIME": TokenType.CURRENT_TIME,
    "USER": TokenType.CURRENT_USER,
}
_SIGNS = frozenset({TokenType.PLUS, TokenType.DASH})
_STATES = frozenset({"FINAL", "NEW", "OLD"})
_CHANGES = frozenset({TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE, TokenType.MERGE})
_STARTS = frozenset({TokenType.SELECT, TokenType.INSERT, TokenType.WITH})


def without_ends(tokens: list[Token]) -> list[Token]:
    """`with ur`, `for read only`, `optimize for 10 rows`, `with check option`."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        length = _length_of_end(tokens, at)
        at += length
        if not length:
            made.append(tokens[at])
            at += 1
    return made if len(made) != len(tokens) else tokens


def _length_of_end(tokens: list[Token], at: int) -> int:
    said = words_at(tokens, at, 4)
    if said[0] == "WITH" and said[1:2] and said[1] in _ISOLATIONS and said[2:3] in ([], [";"], [")"]):
        return 2
    if said[:2] == ["OPTIMIZE", "FOR"]:
        return 4
    return next((length for words, length in _ENDS if tuple(said[: len(words)]) == words), 0)


def without_tails(tokens: list[Token]) -> list[Token]:
    """`create table t as (select ...) data initially deferred ...`, `... definition only`, `truncate table t immediate`."""
    made: list[Token] = []
    at, creates, empties = 0, False, False
    while at < len(tokens):
        ends = tokens[at].token_type == TokenType.SEMICOLON
        creates = (creates or word(tokens[at]) in ("CREATE", "DECLARE")) and not ends
        empties = (empties or word(tokens[at]) == "TRUNCATE") and not ends
        if words_at(tokens, at, 2) == ["DEFINITION", "ONLY"]:
            site = tokens[at]
            made += [like(site, kind, text) for kind, text in _NO_DATA]
            at += 2
            continue
        tail = creates and any(tuple(words_at(tokens, at, len(one))) == one for one in _TAILS)
        tail = tail or (creates and _is_space(tokens, at))
        if (tail and made and made[-1].token_type != TokenType.SEMICOLON) or (
            empties and word(tokens[at]) in _EMPTIES
        ):
            at = end_of(tokens, at)
            continue
        made.append(tokens[at])
        at += 1
    return rewritten(tokens, made)


def _is_space(tokens: list[Token], at: int) -> bool:
    """`... (a int) in ts1`: where the table is kept."""
    said = words_at(tokens, at - 1, 3) if at else []
    return said[:2] == [")", "IN"] and len(said) > 2 and said[2].isidentifier()


def durations(tokens: list[Token]) -> list[Token]:
    """`d + 1 day` as `d + 1`, `current date` as CURRENT_DATE, `a concat b` as `a || b`."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        token, said = tokens[at], words_at(tokens, at, 3)
        if said[0] == "CURRENT" and said[1:] and said[1] in _NOW:
            made.append(like(tokens[at + 1], _NOW[said[1]], said[1]))
            at += 2
        elif said[0] in _UNITS and len(made) > 1 and _is_counted(made):
            at += 1
        elif said[0] == "CONCAT" and said[1:2] != ["("]:
            made.append(like(token, TokenType.DPIPE, "||"))
            at += 1
        else:
            made.append(token)
            at += 1
    return rewritten(tokens, made)


def _is_counted(made: list[Token]) -> bool:
    """Whether what is made so far ends with `+ 3`, or `- (...)`."""
    at = len(made) - 1
    if made[at].token_type == TokenType.R_PAREN:
        depth = 0
        while at > 0:
            depth += (made[at].token_type == TokenType.R_PAREN) - (made[at].token_type == TokenType.L_PAREN)
            if not depth:
                break
            at -= 1
        at -= made[at - 1].token_type not in _SIGNS  # of a function
    return at > 0 and made[at - 1].token_type in _SIGNS


def counted(tokens: list[Token]) -> list[Token]:
    """`nextval for s.q`, `next value for q` and `prevval for q` as `nextval('s.q')`."""
    for at in range(len(tokens) - 2):
        said = words_at(tokens, at, 3)
        short = said[0] in ("NEXTVAL", "PREVVAL") and said[1] == "FOR"
        if not short and said not in (["NEXT", "VALUE", "FOR"], ["PREVIOUS", "VALUE", "FOR"]):
            continue
        first = at + (2 if short else 3)
        last = first
        while words_at(tokens, last + 1, 1) == ["."] and last + 2 < len(tokens):
            last += 2
        site, name = tokens[at], "".join(one.text for one in tokens[first : last + 1])
        call = (
            (TokenType.VAR, "nextval"),
            (TokenType.L_PAREN, "("),
            (TokenType.STRING, name),
            (TokenType.R_PAREN, ")"),
        )
        return [*tokens[:at], *(like(site, kind, text) for kind, text in call), *counted(tokens[last + 1 :])]
    return tokens


def changed_rows(tokens: list[Token]) -> list[Token]:
    """`select a from final table (insert ...)` as `with x as (insert ... returning *) select a from x`."""
    for at in range(1, len(tokens) - 4):
        said = words_at(tokens, at, 3)
        if said[0] not in _STATES or said[1:] != ["TABLE", "("] or tokens[at + 3].token_type not in _CHANGES:
            continue
        end, site = past_brackets(tokens, at + 2), tokens[at]
        start = at
        while start > 0 and tokens[start - 1].token_type != TokenType.SEMICOLON:
            start -= 1
        if tokens[start].token_type not in _STARTS or tokens[start].token_type == TokenType.WITH:
            return tokens
        name = like(site, TokenType.VAR, MOVED)
        rows = [like(site, TokenType.RETURNING, "returning")]
        if said[0] == "OLD":
            rows += [like(site, TokenType.VAR, "old"), like(site, TokenType.DOT, ".")]
        rows.append(like(site, TokenType.STAR, "*"))
        before = [like(site, TokenType.WITH, "with"), name, like(site, TokenType.ALIAS, "as")]
        moved = [*before, *tokens[at + 2 : end - 1], *rows, tokens[end - 1]]
        return [*tokens[:start], *moved, *tokens[start:at], name, *changed_rows(tokens[end:])]
    return tokens


def beside(tokens: list[Token]) -> list[Token]:
    """`from t, table (select ...) as x`: a query that sees the relations before it, which elsewhere is LATERAL."""
    made = list(tokens)
    for at in range(1, len(tokens) - 2):
        opens = tokens[at].token_type == TokenType.TABLE and tokens[at + 1].token_type == TokenType.L_PAREN
        if (
            opens
            and tokens[at + 2].token_type in (TokenType.SELECT, TokenType.WITH)
            and word(tokens[at - 1]) in _BEFORE
        ):
            made[at] = like(tokens[at], TokenType.LATERAL, "lateral")
    return made


_BEFORE = frozenset({"FROM", ",", "JOIN"})


def declared(tokens: list[Token]) -> list[Token]:
    """`declare global temporary table t ...` as `create temporary table t ...`."""
    for at in range(len(tokens) - 3):
        if words_at(tokens, at, 4) == ["DECLARE", "GLOBAL", "TEMPORARY", "TABLE"]:
            made = [like(tokens[at], TokenType.CREATE, "create"), *tokens[at + 2 : at + 4]]
            return [*tokens[:at], *made, *declared(tokens[at + 4 :])]
    return tokens


def without_named_rows(tokens: list[Token]) -> list[Token]:
    """`xmltable('$d/r' passing t.doc as "d" columns ...)` without the name that the document has in the path."""
    made: list[Token] = []
    at, passing = 0, False
    while at < len(tokens):
        said = word(tokens[at])
        passing = (passing or said == "PASSING") and said != "COLUMNS"
        if passing and said == "AS" and at + 1 < len(tokens):
            at += 2
            continue
        made.append(tokens[at])
        at += 1
    return made if len(made) != len(tokens) else tokens


def without_ends_of_windows(tokens: list[Token]) -> list[Token]:
    """`nth_value(a, 2) from first over (...)` without the end that is counted from."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        if (
            words_at(tokens, at, 2) in (["FROM", "FIRST"], ["FROM", "LAST"])
            and words_at(tokens, at + 2, 1)[:1]
            and words_at(tokens, at + 2, 1)[0] in _OVER
        ):
            at += 2
            continue
        made.append(tokens[at])
        at += 1
    return made if len(made) != len(tokens) else tokens


_OVER = frozenset({"OVER", "RESPECT", "IGNORE"})
