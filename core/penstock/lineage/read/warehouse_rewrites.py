"""Forms of cloud warehouses that sqlglot does not read, said in tokens that it reads. Every token keeps its place in the text."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, words_at


def _end_of_statement(tokens: list[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].token_type != TokenType.SEMICOLON:
        at += 1
    return at


# The clauses of APPLY CHANGES in order, each by the words that begin it.
_CLAUSES = (
    ("KEYS",), ("WHERE",), ("IGNORE",), ("APPLY", "AS", "DELETE", "WHEN"), ("APPLY", "AS", "TRUNCATE", "WHEN"), ("SEQUENCE", "BY"), ("COLUMNS",), ("STORED",),
    ("TRACK",),
)  # fmt: skip
_CHANGES = (["APPLY", "CHANGES", "INTO"], ["AUTO", "CDC", "INTO"])


def changes_applied(tokens: list[Token]) -> list[Token]:
    """Databricks' `apply changes into t from s keys (k) sequence by q` as `insert into t select * from s qualify ...`: of
    each key the row that comes last."""
    for at in range(len(tokens) - 3):
        if words_at(tokens, at, 3) in _CHANGES:
            end = _end_of_statement(tokens, at)
            said = _last_of_each(tokens[at:end])
            return changes_applied([*tokens[:at], *said, *tokens[end:]]) if said else tokens
    return tokens


def _last_of_each(tokens: list[Token]) -> list[Token]:
    origin = next((at for at, one in enumerate(tokens) if one.token_type == TokenType.FROM), None)
    if origin is None:
        return []
    clauses = _clauses(tokens, origin + 1)
    first = tokens[0]
    first_clause = min((start for start, _ in clauses.values()), default=len(tokens))
    part = {name: tokens[start + len(name) : end] for name, (start, end) in clauses.items()}
    keys, order = part.get(("KEYS",), [])[1:-1], part.get(("SEQUENCE", "BY"), [])
    tests = [part[name] for name in _CLAUSES if name[-1] in ("WHERE", "WHEN") and part.get(name)]
    listed = _listed(first, part.get(("COLUMNS",), []))
    said = [like(first, TokenType.INSERT, "insert"), like(first, TokenType.INTO, "into"), *tokens[3:origin]]
    said += [like(first, TokenType.SELECT, "select"), *listed, *tokens[origin:first_clause]]
    for number, test in enumerate(tests):
        said += [
            like(test[0], TokenType.OR, "or") if number else like(test[0], TokenType.WHERE, "where"),
            *test,
        ]
    if not keys or not order:
        return said
    site = keys[0]
    opening, closing = like(site, TokenType.L_PAREN, "("), like(site, TokenType.R_PAREN, ")")
    said += [like(site, TokenType.QUALIFY, "qualify"), like(site, TokenType.VAR, "rank"), opening, closing]
    said += [
        like(site, TokenType.OVER, "over"),
        opening,
        like(site, TokenType.PARTITION_BY, "partition by"),
        *keys,
    ]
    said += [like(site, TokenType.ORDER_BY, "order by"), *order, closing]
    return [*said, like(site, TokenType.EQ, "="), like(site, TokenType.NUMBER, "1")]


def _clauses(tokens: list[Token], at: int) -> dict[tuple[str, ...], tuple[int, int]]:
    """Where each clause begins and ends."""
    starts: list[tuple[int, tuple[str, ...]]] = []
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth:
            continue
        name = next((one for one in _CLAUSES if words_at(tokens, place, len(one)) == list(one)), None)
        if name is not None:
            starts.append((place, name))
    ends = [place for place, _ in starts[1:]] + [len(tokens)]
    return {name: (place, end) for (place, name), end in zip(starts, ends, strict=True)}


def _listed(site: Token, columns: list[Token]) -> list[Token]:
    """`columns (a, b)` and `columns * except (a)` as a select list."""
    if not columns:
        return [like(site, TokenType.STAR, "*")]
    return columns[1:-1] if columns[0].token_type == TokenType.L_PAREN else columns


def flows_run(tokens: list[Token]) -> list[Token]:
    """Databricks' `create flow f as insert into [once] t ...` as the statement that the flow runs."""
    for at in range(len(tokens) - 4):
        words = words_at(tokens, at, 4)
        if words[0] != "CREATE" or "FLOW" not in words[1:2]:
            continue
        runs = next(
            (
                place
                for place in range(at + 2, len(tokens) - 1)
                if tokens[place].token_type == TokenType.ALIAS
            ),
            None,
        )
        if runs is None:
            return tokens
        rest = tokens[runs + 1 :]
        if words_at(rest, 0, 3) == ["INSERT", "INTO", "ONCE"]:
            del rest[2]
        if words_at(rest, 0, 3) == ["AUTO", "CDC", "ONCE"]:
            del rest[2]
        return flows_run([*tokens[:at], *rest])
    return tokens


def without_watermarks(tokens: list[Token]) -> list[Token]:
    """Databricks' `from t watermark ts delay of interval 10 minutes`: how late rows may be, and no alias."""
    made = list(tokens)
    for at in range(len(tokens) - 5, 0, -1):
        if tokens[at].text.upper() != "WATERMARK":
            continue
        delay = next(
            (
                place
                for place in range(at + 1, len(tokens) - 3)
                if words_at(tokens, place, 2) == ["DELAY", "OF"]
            ),
            None,
        )
        if delay is not None:
            del made[at : delay + 5]
    return made if len(made) != len(tokens) else tokens


def queries_as_tables(tokens: list[Token]) -> list[Token]:
    """Databricks' `f(table(select ...) partition by a order by b)` as `f(table((select ...), a, b))`."""
    for at in range(len(tokens) - 2):
        if words_at(tokens, at, 2) != ["TABLE", "("] or tokens[at + 2].token_type not in (
            TokenType.SELECT,
            TokenType.WITH,
        ):
            continue
        end = past_brackets(tokens, at + 1)
        query = [tokens[at + 1], *tokens[at + 2 : end - 1], tokens[end - 1]]
        keys, after = _keys(tokens, end)
        closing = tokens[end - 1]
        said = [tokens[at], tokens[at + 1], *query, *keys, closing]
        return [*tokens[:at], *said, *queries_as_tables(tokens[after:])]
    return tokens


def _keys(tokens: list[Token], at: int) -> tuple[list[Token], int]:
    """The keys of PARTITION BY and ORDER BY, each after a comma, and where the argument ends."""
    keys: list[Token] = []
    depth = 0
    while at < len(tokens):
        one = tokens[at]
        depth += (one.token_type == TokenType.L_PAREN) - (one.token_type == TokenType.R_PAREN)
        if depth < 0 or (not keys and one.token_type == TokenType.COMMA):
            break
        if one.text.upper() in ("PARTITION BY", "ORDER BY"):
            one = like(one, TokenType.COMMA, ",")
        if one.text.upper() not in ("DESC", "ASC"):
            keys.append(one)
        at += 1
    return keys, at


def external_columns(tokens: list[Token]) -> list[Token]:
    """Snowflake's `create external table t (a int as f(x))` as `... as (f(x))`."""
    made = list(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        if tokens[at].token_type == TokenType.TABLE and "EXTERNAL" in words_at(tokens, max(0, at - 1), 1):
            opening = next(
                (place for place in range(at, len(tokens)) if tokens[place].token_type == TokenType.L_PAREN),
                None,
            )
            if opening is not None:
                _in_parentheses(made, tokens, opening)
    return made if len(made) != len(tokens) else tokens


def _in_parentheses(made: list[Token], tokens: list[Token], opening: int) -> None:
    """Of each column of the list, the expression behind AS."""
    end = past_brackets(tokens, opening) - 1
    depth, stop = 0, end
    for place in range(end - 1, opening, -1):
        kind = tokens[place].token_type
        depth += (kind == TokenType.R_PAREN) - (kind == TokenType.L_PAREN)
        if depth:
            continue
        if kind == TokenType.COMMA:
            stop = place
        elif kind == TokenType.ALIAS:
            made.insert(stop, like(tokens[stop - 1], TokenType.R_PAREN, ")"))
            made.insert(place + 1, like(tokens[place], TokenType.L_PAREN, "("))


def without_privacy(tokens: list[Token]) -> list[Token]:
    """BigQuery's `select with differential_privacy options (...) a` without what says how values are blurred."""
    return _without(
        tokens, (["SELECT", "WITH", "DIFFERENTIAL_PRIVACY"], ["SELECT", "WITH", "AGGREGATION_THRESHOLD"]), 1
    )


def without_partition_columns(tokens: list[Token]) -> list[Token]:
    """BigQuery's external tables: `with partition columns (a int64)`, `with connection c`."""
    changed = _without(tokens, (["WITH", "PARTITION", "COLUMNS"],), 0)
    for at in range(len(changed) - 3):
        if words_at(changed, at, 2) == ["WITH", "CONNECTION"]:
            end = at + 2
            while end < len(changed) and changed[end].text.upper() not in ("OPTIONS", "AS", "WITH", ";"):
                end += 1
            return [*changed[:at], *changed[end:]]
    return changed


def _without(tokens: list[Token], said: Iterable[list[str]], kept: int) -> list[Token]:
    """Without those words but the first `kept`, and the parenthesis behind them."""
    made: list[Token] = []
    at, starts = 0, list(said)
    while at < len(tokens):
        if words_at(tokens, at, 3) not in starts:
            made.append(tokens[at])
            at += 1
            continue
        made += tokens[at : at + kept]
        at += 3 + (words_at(tokens, at + 3, 1) == ["OPTIONS"])
        if words_at(tokens, at, 1) == ["("]:
            at = past_brackets(tokens, at)
    return made if len(made) != len(tokens) else tokens
