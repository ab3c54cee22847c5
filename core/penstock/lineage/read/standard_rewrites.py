"""Forms of the standard, of Teradata and of Db2 that sqlglot does not read, in tokens that it reads. Db2's are read where no dialect is named."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, word, words_at

_FRAMES = frozenset({"ROWS", "RANGE"})


def end_of(tokens: list[Token], at: int) -> int:
    """The semicolon behind `at`, or the end."""
    return next(
        (one for one in range(at, len(tokens)) if tokens[one].token_type == TokenType.SEMICOLON), len(tokens)
    )


def resets(tokens: list[Token]) -> list[Token]:
    """Teradata's `over (... order by d reset when e = 1 rows ...)`: what begins a window anew decides as its order does."""
    for at in range(len(tokens) - 1):
        if words_at(tokens, at, 2) != ["RESET", "WHEN"]:
            continue
        end = at + 2
        while (
            end < len(tokens)
            and tokens[end].token_type != TokenType.R_PAREN
            and word(tokens[end]) not in _FRAMES
        ):
            end = past_brackets(tokens, end)
        site = tokens[at]
        condition = [like(site, TokenType.L_PAREN, "("), *tokens[at + 2 : end]]
        said = [like(site, TokenType.COMMA, ","), *condition, like(site, TokenType.R_PAREN, ")")]
        return [*tokens[:at], *said, *resets(tokens[end:])]
    return tokens


def locked(tokens: list[Token]) -> list[Token]:
    """Teradata's `locking d.t for access` as `locking table d.t for access`."""
    for at in range(len(tokens) - 2):
        said = words_at(tokens, at, 2)
        if said[0] in ("LOCKING", "LOCK") and said[1] not in _LOCKED and said[1] not in (".", "("):
            site = tokens[at]
            return [*tokens[: at + 1], like(site, TokenType.TABLE, "table"), *locked(tokens[at + 1 :])]
    return tokens


_LOCKED = frozenset({"TABLE", "ROW", "DATABASE", "VIEW"})


def without_statistics(tokens: list[Token]) -> list[Token]:
    """Teradata's `with data and stats` as `with data`."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        said = words_at(tokens, at, 4)
        if said[:2] == ["DATA", "AND"] and {"STATS", "STAT", "STATISTICS"} & set(said[2:]):
            made.append(tokens[at])
            at += 3 + (said[2] == "NO")
        else:
            made.append(tokens[at])
            at += 1
    return made if len(made) != len(tokens) else tokens


def without_parameters(tokens: list[Token]) -> list[Token]:
    """Teradata's `using (x integer, y date) insert ...` as `insert ...`."""
    if words_at(tokens, 0, 2) != ["USING", "("]:
        return tokens
    end = past_brackets(tokens, 1)
    while words_at(tokens, end, 1) in (["("], [","]):
        end = past_brackets(tokens, end)
    return tokens[end:]


def recursive_views(tokens: list[Token]) -> list[Token]:
    """`create recursive view v (a) as select ...` as `create view v (a) as with recursive v (a) as (select ...) select * from v`."""
    for at in range(len(tokens) - 3):
        if words_at(tokens, at, 2) != ["RECURSIVE", "VIEW"]:
            continue
        opens = next(
            (one for one in range(at, len(tokens)) if tokens[one].token_type == TokenType.L_PAREN),
            len(tokens),
        )
        listed = past_brackets(tokens, opens)
        if words_at(tokens, listed, 1) != ["AS"]:
            return tokens
        end, site = end_of(tokens, listed), tokens[at]
        name, columns = tokens[opens - 1], tokens[opens:listed]
        made = [like(site, TokenType.WITH, "with"), site, name, *columns, tokens[listed]]
        query = [
            like(site, TokenType.L_PAREN, "("),
            *tokens[listed + 1 : end],
            like(site, TokenType.R_PAREN, ")"),
        ]
        shown = [
            like(site, TokenType.SELECT, "select"),
            like(site, TokenType.STAR, "*"),
            like(site, TokenType.FROM, "from"),
        ]
        rest = recursive_views(tokens[end:])
        return [*tokens[:at], *tokens[at + 1 : listed + 1], *made, *query, *shown, name, *rest]
    return tokens


_OF_DOCUMENTS = frozenset({"XMLQUERY", "XMLEXISTS"})


def xml_queries(tokens: list[Token]) -> list[Token]:
    """`xmlquery('/a' passing t.doc as "d" returning content)` as `xmlquery('/a', t.doc)`."""
    for at in range(len(tokens) - 3):
        if word(tokens[at]) not in _OF_DOCUMENTS or tokens[at + 1].token_type != TokenType.L_PAREN:
            continue
        end, inner, place = past_brackets(tokens, at + 1), [tokens[at + 1]], at + 2
        while place < end - 1:
            said = words_at(tokens, place, 3)
            if said[0] == "PASSING":
                inner.append(like(tokens[place], TokenType.COMMA, ","))
                place += 1 + (2 if said[1] == "BY" else 0)
            elif said[0] == "AS":
                place += 2
            elif said[0] == "RETURNING" or said[1:] == ["ON", "EMPTY"]:
                break
            else:
                inner.append(tokens[place])
                place += 1
        return [*tokens[: at + 1], *inner, tokens[end - 1], *xml_queries(tokens[end:])]
    return tokens
