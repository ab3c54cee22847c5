"""Clauses of PostgreSQL, ClickHouse, Oracle, MySQL, Teradata and Databricks that sqlglot does not read and that change no column: left out
of the tokens, or said in words that it reads."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, word, words_at

_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_COMPARES = frozenset({"<", ">", "<=", ">=", "~<~", "~>~"})


def _without(tokens: list[Token], gone: Iterable[int]) -> list[Token]:
    left_out = set(gone)
    return [one for at, one in enumerate(tokens) if at not in left_out] if left_out else tokens


def overriding(tokens: list[Token]) -> list[Token]:
    """`insert into t (a) overriding system value select ...`: what numbers rows."""
    return _without(
        tokens,
        (
            place
            for at in range(len(tokens) - 2)
            if word(tokens[at]) == "OVERRIDING"
            and word(tokens[at + 1]) in ("SYSTEM", "USER")
            and word(tokens[at + 2]) == "VALUE"
            for place in (at, at + 1, at + 2)
        ),
    )


def only_one(tokens: list[Token]) -> list[Token]:
    """`from only (t)` as `from (t)`, `order by a using <` as `order by a`."""
    alone = [at for at in range(len(tokens) - 1) if words_at(tokens, at, 2) == ["ONLY", "("]]
    using = [
        place
        for at in range(len(tokens) - 1)
        if word(tokens[at]) == "USING" and tokens[at + 1].text in _COMPARES
        for place in (at, at + 1)
    ]
    return _without(tokens, (*alone, *using))


def joined_as(tokens: list[Token]) -> list[Token]:
    """PostgreSQL's `join u using (k) as j`: `j.k` is the column `k` of both, and `j.*` all that are listed."""
    for at in range(len(tokens) - 5):
        if words_at(tokens, at, 2) != ["USING", "("]:
            continue
        end = past_brackets(tokens, at + 1)
        if words_at(tokens, end, 1) != ["AS"] or end + 1 >= len(tokens):
            continue
        listed = [one for one in tokens[at + 2 : end - 1] if one.token_type != TokenType.COMMA]
        rest = _unqualified([*tokens[:end], *tokens[end + 2 :]], tokens[end + 1].text, listed)
        return joined_as(rest)
    return tokens


def _unqualified(tokens: list[Token], alias: str, listed: list[Token]) -> list[Token]:
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        qualifies = tokens[at].text == alias and words_at(tokens, at + 1, 1) == ["."]
        if qualifies and words_at(tokens, at + 2, 1) == ["*"]:
            for number, one in enumerate(listed):
                made += [like(tokens[at], TokenType.COMMA, ",")] if number else []
                made.append(like(tokens[at], one.token_type, one.text))
            at += 3
        elif qualifies:
            at += 2
        else:
            made.append(tokens[at])
            at += 1
    return made


def one_limit(tokens: list[Token]) -> list[Token]:
    """ClickHouse's `limit 2 by a limit 10`: the second says how many rows there are of all."""
    gone: set[int] = set()
    depth, by = 0, {0: False}
    for at, token in enumerate(tokens):
        kind = token.token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if kind == TokenType.L_PAREN or kind == TokenType.SEMICOLON or kind == TokenType.UNION:
            by[depth] = False
        if kind != TokenType.LIMIT:
            continue
        if by.get(depth):
            end = at + 2
            while end + 1 < len(tokens) and word(tokens[end]) in (",", "OFFSET"):
                end += 2
            gone.update(range(at, end))
        by[depth] = by.get(depth, False) or "BY" in words_at(tokens, at + 2, 1) + words_at(tokens, at + 4, 1)
    return _without(tokens, gone)


def without_parts(tokens: list[Token]) -> list[Token]:
    """PostgreSQL's `insert into t (a[1], b.c) ...`: of each target the column, of which a part is given."""
    gone: set[int] = set()
    for at in range(len(tokens) - 3):
        if tokens[at].token_type != TokenType.INTO:
            continue
        place = at + 2
        while words_at(tokens, place, 1) == ["."]:
            place += 2
        if words_at(tokens, place, 1) != ["("] or word(tokens[place + 1]) in ("SELECT", "WITH", "VALUES"):
            continue
        end, named = past_brackets(tokens, place) - 1, False
        for one in range(place + 1, end):
            comma = tokens[one].token_type == TokenType.COMMA
            gone.update([one] if named and not comma else ())
            named = not comma
    return _without(tokens, gone)


def beside_one_another(tokens: list[Token]) -> list[Token]:
    """ClickHouse's `insert ... parallel with insert ...`: statements that run at the same time."""
    made: list[Token] = []
    for at, token in enumerate(tokens):
        if words_at(tokens, at, 2) == ["PARALLEL", "WITH"]:
            made.append(like(token, TokenType.SEMICOLON, ";"))
        elif not (at and token.token_type == TokenType.WITH and word(tokens[at - 1]) == "PARALLEL"):
            made.append(token)
    return made if len(made) != len(tokens) else tokens


def pivoted_rows(tokens: list[Token]) -> list[Token]:
    """Oracle's `pivot xml (...)` as `pivot (...)`."""
    return _without(
        tokens, (at for at in range(1, len(tokens)) if words_at(tokens, at - 1, 2) == ["PIVOT", "XML"])
    )


def joined_beside(tokens: list[Token]) -> list[Token]:
    """StarRocks' `t lateral join unnest(t.a)` as `t cross join unnest(t.a)`."""
    made = list(tokens)
    for at in range(1, len(tokens) - 1):
        if words_at(tokens, at, 2) == ["LATERAL", "JOIN"]:
            made[at] = like(tokens[at], TokenType.CROSS, "cross")
    return made if any(one is not two for one, two in zip(made, tokens, strict=True)) else tokens


def transformed(tokens: list[Token]) -> list[Token]:
    """Hive's `map a, b using 'x' as c` and `reduce ...` as `select transform(a, b) using 'x' as c`."""
    made = list(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        if word(tokens[at]) not in ("MAP", "REDUCE") or tokens[at + 1 : at + 2] == []:
            continue
        end = at + 1
        while end < len(tokens) and word(tokens[end]) not in ("USING", ";", ")", "FROM"):
            end = past_brackets(tokens, end)
        calls = tokens[at + 1].token_type == TokenType.L_PAREN and end == past_brackets(tokens, at + 1)
        script = [one.token_type for one in tokens[end + 1 : end + 2]] == [TokenType.STRING]
        if words_at(tokens, end, 1) != ["USING"] or calls or not script:
            continue
        site, last = tokens[at], tokens[end - 1]
        before = [like(site, TokenType.SELECT, "select"), like(site, TokenType.VAR, "transform")]
        before.append(like(site, TokenType.L_PAREN, "("))
        made[at:end] = [*before, *tokens[at + 1 : end], like(last, TokenType.R_PAREN, ")")]
    made = _listed_names(made)
    return made if len(made) != len(tokens) else tokens


def _listed_names(tokens: list[Token]) -> list[Token]:
    """`using 'x' as a, b` as `using 'x' as (a, b)`."""
    made = list(tokens)
    for at in range(len(tokens) - 4, -1, -1):
        gives = words_at(tokens, at, 1) == ["USING"] and tokens[at + 1].token_type == TokenType.STRING
        if not gives or words_at(tokens, at + 2, 1) != ["AS"] or tokens[at + 3].token_type not in _NAMES:
            continue
        end = at + 4
        while words_at(tokens, end, 1) == [","] and end + 1 < len(tokens):
            end += 2
        site, last = tokens[at + 3], tokens[end - 1]
        listed = [like(site, TokenType.L_PAREN, "("), *tokens[at + 3 : end]]
        made[at + 3 : end] = [*listed, like(last, TokenType.R_PAREN, ")")]
    return made


def modulo(tokens: list[Token]) -> list[Token]:
    """ClickHouse's `a mod b` as `a % b`."""
    found = {
        at
        for at in range(1, len(tokens) - 1)
        if word(tokens[at]) == "MOD"
        and tokens[at + 1].token_type != TokenType.L_PAREN
        and tokens[at - 1].token_type in (*_NAMES, TokenType.R_PAREN, TokenType.NUMBER)
    }
    if not found:
        return tokens
    return [like(one, TokenType.MOD, "%") if at in found else one for at, one in enumerate(tokens)]


def returning_many(tokens: list[Token]) -> list[Token]:
    """Oracle's `returning a bulk collect into v` as `returning a into v`."""
    made = list(tokens)
    for at in range(len(tokens) - 1, 0, -1):
        if tokens[at].text.upper() == "BULK COLLECT INTO" and _returns(tokens, at):
            made[at] = like(tokens[at], TokenType.INTO, "into")
    return made if any(one is not two for one, two in zip(made, tokens, strict=True)) else tokens


def _returns(tokens: list[Token], at: int) -> bool:
    while at > 0 and tokens[at].token_type not in (TokenType.SEMICOLON, TokenType.SELECT):
        if tokens[at].token_type == TokenType.RETURNING:
            return True
        at -= 1
    return False


def without_conversions(tokens: list[Token]) -> list[Token]:
    """Oracle's `to_date(a default '1' on conversion error)`: what is given where nothing can be made of `a`."""
    gone: set[int] = set()
    for at in range(len(tokens) - 4):
        if words_at(tokens, at, 3) == ["ON", "CONVERSION", "ERROR"]:
            first = at - 1
            while first > 0 and word(tokens[first]) not in ("DEFAULT", "(", ","):
                first -= 1
            if word(tokens[first]) == "DEFAULT":
                gone.update(range(first, at + 3))
    return _without(tokens, gone)


def matched_rows(tokens: list[Token]) -> list[Token]:
    """`from t match_recognize (...)` where the dialect has no word for it."""
    found = {
        at
        for at in range(1, len(tokens) - 1)
        if tokens[at].token_type == TokenType.VAR and words_at(tokens, at, 2) == ["MATCH_RECOGNIZE", "("]
    }
    if not found:
        return tokens
    return [
        like(one, TokenType.MATCH_RECOGNIZE, one.text) if at in found else one
        for at, one in enumerate(tokens)
    ]


def grouped_in_order(tokens: list[Token]) -> list[Token]:
    """MySQL's `group by a asc, b desc`."""
    gone: set[int] = set()
    for start in range(len(tokens)):
        if tokens[start].text.upper() != "GROUP BY":
            continue
        at = start + 1
        while at < len(tokens) and word(tokens[at]) not in _BEHIND_GROUPS:
            gone.update([at] if word(tokens[at]) in ("ASC", "DESC") else ())
            at = past_brackets(tokens, at)
    return _without(tokens, gone)


_BEHIND_GROUPS = frozenset(
    {"HAVING", "ORDER BY", "LIMIT", "WITH", "WINDOW", "UNION", "INTO", "FOR", ")", ";"}
)
_RANKING = frozenset({"RANK", "CSUM", "MSUM", "MAVG", "MDIFF", "MLINREG", "QUANTILE"})


def called_words(tokens: list[Token]) -> list[Token]:
    """Teradata's `begin(p)` and `end(p)` of a period, and `rank(a desc)`."""
    made = list(tokens)
    gone: set[int] = set()
    cases = 0
    for at in range(len(tokens) - 1):
        said, calls = word(tokens[at]), tokens[at + 1].token_type == TokenType.L_PAREN
        if calls and (said == "BEGIN" or (said == "END" and not cases)):
            made[at] = like(tokens[at], TokenType.VAR, tokens[at].text)
        cases += (said == "CASE") - (said == "END" and cases > 0)
        if calls and said in _RANKING:
            end = past_brackets(tokens, at + 1)
            gone.update(place for place in range(at, end) if word(tokens[place]) in ("ASC", "DESC"))
    changed = any(one is not two for one, two in zip(made, tokens, strict=True))
    return _without(made, gone) if gone or changed else tokens


def replaced_on(tokens: list[Token]) -> list[Token]:
    """Databricks' `insert into t replace on t.a = s.a select ...` as `... replace where ...`: which rows go before."""
    made = list(tokens)
    for at in range(1, len(tokens) - 1):
        if word(tokens[at]) == "REPLACE" and tokens[at + 1].token_type == TokenType.ON:
            made[at + 1] = like(tokens[at + 1], TokenType.WHERE, "where")
    return made if any(one is not two for one, two in zip(made, tokens, strict=True)) else tokens


def from_file(tokens: list[Token]) -> list[Token]:
    """ClickHouse's `insert into t from infile 'x'` as `insert into t from file('x')`."""
    for at in range(1, len(tokens) - 2):
        if words_at(tokens, at, 2) == ["FROM", "INFILE"] and tokens[at + 2].token_type == TokenType.STRING:
            site = tokens[at + 2]
            said = [like(tokens[at + 1], TokenType.VAR, "file"), like(site, TokenType.L_PAREN, "("), site]
            return [
                *tokens[: at + 1],
                *said,
                like(site, TokenType.R_PAREN, ")"),
                *from_file(tokens[at + 3 :]),
            ]
    return tokens
