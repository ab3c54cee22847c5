"""Forms that sqlglot does not read, said in tokens that it reads. Every token keeps its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.dialects.traits import traits
from penstock.lineage.read import db2_rewrites as db2
from penstock.lineage.read.dialect_rewrites import AFTER_FAILURE
from penstock.lineage.read.left_clauses import from_file
from penstock.lineage.read.moved_parts import into_several, with_changes_before
from penstock.lineage.read.product_rewrites import upserts, without_place
from penstock.lineage.read.silent_words import WITHOUT, without_labels
from penstock.lineage.read.token_words import like, word, words_at

# The letter first: a pattern that begins with a letter is searched for several times as fast as one that looks for a digit.
_SEPARATED = re.compile(r"_(?<=\d_)\d")
_SHOWN = re.compile(r"(?i)show(?<=\bshow)\s")
_VALUE_OF = re.compile(r"(?i)value(?<=\bvalue)\s*\(")
_UNICODE_NAME = re.compile(r'(?i)u&(?<=\bu&)"')
_CODE = re.compile(r"\\(?:\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))")
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_BEFORE_CAST = _NAMES | {TokenType.R_PAREN, TokenType.NUMBER, TokenType.STRING}
_TYPES = frozenset(
    getattr(TokenType, name)
    for name in ("INT", "BIGINT", "SMALLINT", "TINYINT", "DECIMAL", "FLOAT", "DOUBLE", "CHAR", "VARCHAR", "BINARY", "VARBINARY")
)  # fmt: skip
_TYPES_THAT_ARE_CALLED = frozenset({TokenType.DATE, TokenType.TIME, TokenType.TIMESTAMP})
_ENDS = frozenset({TokenType.COMMA, TokenType.R_PAREN})


def read_in_any_case(tokens: list[Token], sql: str, dialect: str) -> list[Token]:
    """What sqlglot would read as something else: `1_000` as 1 with the alias _000."""
    ways = traits(dialect)
    # A search that looks for either case of a letter takes as long as a quarter of the tokenizer: so first what is fast.
    if ways.show_is_describe and "show" in sql.lower() and _SHOWN.search(sql):
        tokens = _shown(tokens)
    if '&"' in sql and _UNICODE_NAME.search(sql):
        tokens = _unicode_names(tokens)
    if ways.value_of_row and _VALUE_OF.search(sql):
        tokens = _rows_by_alias(tokens)
    tokens = with_changes_before(tokens, sql, dialect)
    if ways.tables_beside:
        tokens = db2.beside(db2.declared(tokens))
    if ways.remote_functions and "infile" in sql.lower():
        tokens = from_file(tokens)
    if ways.casts_behind:
        tokens = _cast_behind(without_labels(tokens))
    return _whole_numbers(tokens) if ways.digits_in_groups and _SEPARATED.search(sql) else tokens


def read_after_failure(tokens: list[Token], dialect: str) -> list[Token] | None:
    """The same text in other tokens; None when there is nothing to change."""
    changed = tokens
    for rewrite in (*_REWRITES, *AFTER_FAILURE.get(dialect, ()), *WITHOUT.get(dialect, ())):
        changed = rewrite(changed)
    if traits(dialect).into_names_a_table:
        changed = _into_several(changed)
    if not traits(dialect).output_into_tables:
        changed = into_several(changed)
    if traits(dialect).partitions_table_arguments:
        changed = _partitioned_arguments(changed)
    if traits(dialect).versions_by_at:
        changed = _without_versions(changed)
    return changed if changed is not tokens else None


def _past_name(tokens: list[Token], at: int) -> int:
    """The token after `a.b.c` that begins at `at`; `at` itself when no name does."""
    end = at
    while end < len(tokens) and (
        tokens[end].token_type in _NAMES or (end > at and tokens[end].text.isidentifier())
    ):
        end += 1
        if end + 1 >= len(tokens) or tokens[end].token_type != TokenType.DOT:
            return end
        end += 1
    return at


def _table_arguments(tokens: list[Token]) -> list[Token]:
    """`f(TABLE s.t, ...)` as `f(table(s.t), ...)`."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = (
            _past_name(tokens, at + 1)
            if token.token_type == TokenType.TABLE and _in_brackets(tokens, at)
            else at + 1
        )
        if (
            end == at + 1
            or end >= len(tokens)
            or not (tokens[end].token_type in _ENDS or _partitions(tokens, end))
        ):
            made.append(token)
            at += 1
            continue
        made += [token, like(token, TokenType.L_PAREN, "("), *tokens[at + 1 : end]]
        made.append(like(tokens[end - 1], TokenType.R_PAREN, ")"))
        at = end
    return made if len(made) != len(tokens) else tokens


def _in_brackets(tokens: list[Token], at: int) -> bool:
    return at > 0 and (
        tokens[at - 1].token_type in (TokenType.L_PAREN, TokenType.COMMA) or tokens[at - 1].text == "=>"
    )


def _partitions(tokens: list[Token], at: int) -> bool:
    return words_at(tokens, at, 1) in (["PARTITION BY"], ["ORDER BY"], ["PARTITION"], ["WITH"])


def _partitioned_arguments(tokens: list[Token]) -> list[Token]:
    """`f(table(s.t) PARTITION BY a ORDER BY b)` as `f(table(s.t, a, b))`."""
    made: list[Token] = []
    open_at: list[tuple[int, bool]] = []  # of each parenthesis where it opens, and whether it is TABLE's
    at, changed = 0, False
    while at < len(tokens):
        token = tokens[at]
        if token.token_type == TokenType.L_PAREN:
            open_at.append((at, at > 0 and word(tokens[at - 1]) == "TABLE"))
        elif token.token_type == TokenType.R_PAREN and open_at:
            _, is_table = open_at.pop()
            if is_table and open_at and _partitions(tokens, at + 1):
                end = _end_of_argument(tokens, at + 1)
                keys = [one for one in tokens[at + 1 : end] if word(one) not in ("DESC", "ASC")]
                made += [_as_comma(one) for one in keys] + [like(token, TokenType.R_PAREN, ")")]
                at, changed = end, True
                continue
        made.append(token)
        at += 1
    return made if changed else tokens


def _as_comma(token: Token) -> Token:
    return like(token, TokenType.COMMA, ",") if word(token) in ("PARTITION BY", "ORDER BY") else token


def _end_of_argument(tokens: list[Token], at: int) -> int:
    """Where the argument ends: the parenthesis that closes the function, or the comma before `name =>`."""
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        named = kind == TokenType.COMMA and place + 2 < len(tokens) and tokens[place + 2].text == "=>"
        if depth < 0 or (not depth and named):
            return place
    return len(tokens)


def _changes(tokens: list[Token]) -> list[Token]:
    """T-SQL's `changetable(CHANGES s.t, 0)` without the word."""
    spoken = {
        at + 2
        for at in range(len(tokens) - 2)
        if words_at(tokens, at, 2) == ["CHANGETABLE", "("]
        and words_at(tokens, at + 2, 1)[0] in ("CHANGES", "VERSION")
    }
    return [token for at, token in enumerate(tokens) if at not in spoken] if spoken else tokens


def _escapes(tokens: list[Token]) -> list[Token]:
    """`a like b ESCAPE c` as `a like b || c`: the third operand is one however it is written."""
    found = [
        at
        for at in range(len(tokens) - 1)
        if tokens[at].token_type == TokenType.ESCAPE and tokens[at + 1].token_type != TokenType.STRING
    ]
    if not found:
        return tokens
    return [like(one, TokenType.DPIPE, "||") if at in found else one for at, one in enumerate(tokens)]


def _offsets(tokens: list[Token]) -> list[Token]:
    """BigQuery's `from t, t.items as i WITH OFFSET` as `from t, unnest(t.items) as i with offset`."""
    changed = tokens
    for at in range(len(tokens) - 1, 1, -1):
        if word(tokens[at]) != "OFFSET" or word(tokens[at - 1]) != "WITH":
            continue
        end = at - 1
        if tokens[end - 2].token_type == TokenType.ALIAS:
            end -= 2
        elif tokens[end - 2].token_type in _NAMES:
            end -= 1
        start = end - 1
        while start > 1 and tokens[start - 1].token_type == TokenType.DOT:
            start -= 2
        if end - start < 3 or tokens[end - 1].token_type not in _NAMES:
            continue
        first, last = tokens[start], tokens[end - 1]
        before = [like(first, TokenType.UNNEST, "unnest"), like(first, TokenType.L_PAREN, "(")]
        after = like(last, TokenType.R_PAREN, ")")
        changed = [*changed[:start], *before, *changed[start:end], after, *changed[end:]]
    return changed


def _shown(tokens: list[Token]) -> list[Token]:
    """`from (show t)`: SHOW is a word for DESCRIBE there, and no relation of that name."""
    found = {
        at
        for at in range(1, len(tokens) - 2)
        if tokens[at].token_type == TokenType.SHOW
        and tokens[at - 1].token_type == TokenType.L_PAREN
        and tokens[at + 1].token_type in _NAMES
        and tokens[at + 2].token_type in (TokenType.R_PAREN, TokenType.DOT)
    }
    return [like(one, TokenType.DESCRIBE, one.text) if at in found else one for at, one in enumerate(tokens)]


def _unicode_names(tokens: list[Token]) -> list[Token]:
    """`U&"d\\0061t"` is the name `dat`."""
    made: list[Token] = []
    for token in tokens:
        marked = len(made) > 1 and made[-2].text in ("U", "u") and made[-1].token_type == TokenType.AMP
        if marked and token.token_type == TokenType.IDENTIFIER and made[-2].end + 2 == token.start:
            name = _whole(
                _CODE.sub(lambda found: chr(min(int(found[1] or found[2], 16), 0x10FFFF)), token.text)
            )
            token = Token(token.token_type, name, token.line, token.col, made[-2].start, token.end)
            del made[-2:]
        made.append(token)
    return made


def _whole(text: str) -> str:
    """Two halves of a character as one: half of one could be written nowhere."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rows_by_alias(tokens: list[Token]) -> list[Token]:
    """`value(x).a` as `x.a`, and `value(x)` as `x.*`."""
    made = list(tokens)
    for at in range(len(tokens) - 4, -1, -1):
        called, opening, alias, closing = tokens[at : at + 4]
        is_method = at > 0 and tokens[at - 1].token_type == TokenType.DOT
        if word(called) != "VALUE" or is_method or opening.token_type != TokenType.L_PAREN:
            continue
        if alias.token_type not in _NAMES or closing.token_type != TokenType.R_PAREN:
            continue
        steps = tokens[at + 4 : at + 5] and tokens[at + 4].token_type == TokenType.DOT
        star = [] if steps else [like(closing, TokenType.DOT, "."), like(closing, TokenType.STAR, "*")]
        made[at : at + 4] = [alias, *star]
    return made


def _cast_behind(tokens: list[Token]) -> list[Token]:
    """Teradata's `a (integer)` as `a :: integer`. `max(date)` is a call with the date of today."""
    made = list(tokens)
    for at in range(len(tokens) - 3, 0, -1):
        before, opening, kind = tokens[at - 1 : at + 2]
        if opening.token_type != TokenType.L_PAREN or before.token_type not in _BEFORE_CAST:
            continue
        apart = before.end + 1 < opening.start
        if kind.token_type not in _TYPES and not (apart and kind.token_type in _TYPES_THAT_ARE_CALLED):
            continue
        end = at + 2
        if tokens[end].token_type == TokenType.L_PAREN:
            while end < len(tokens) and tokens[end].token_type != TokenType.R_PAREN:
                end += 1
            end += 1
        if end < len(tokens) and tokens[end].token_type == TokenType.R_PAREN:
            made[at : end + 1] = [like(opening, TokenType.DCOLON, "::"), *tokens[at + 1 : end]]
    return made


def _called_windows(tokens: list[Token]) -> list[Token]:
    """`group by window(ts, '5 minutes')`: a function, and no WINDOW clause."""
    found = {
        at
        for at in range(len(tokens) - 1)
        if tokens[at].token_type == TokenType.WINDOW and tokens[at + 1].token_type == TokenType.L_PAREN
    }
    if not found:
        return tokens
    return [like(one, TokenType.VAR, one.text) if at in found else one for at, one in enumerate(tokens)]


def _without_versions(tokens: list[Token]) -> list[Token]:
    """Delta's `s.t@v3` and `s.t@20240101000000000` without the version."""
    gone: set[int] = set()
    for at in range(1, len(tokens) - 1):
        before, token, after = tokens[at - 1 : at + 2]
        if token.text == "@" and before.end + 1 == token.start and token.end + 1 == after.start:
            gone |= {at, at + 1}
    return [token for at, token in enumerate(tokens) if at not in gone] if gone else tokens


def _whole_numbers(tokens: list[Token]) -> list[Token]:
    """`1_000` is one number."""
    made: list[Token] = []
    for token in tokens:
        last = made[-1] if made else None
        digits = token.text.replace("_", "").isdigit() and token.text[:1] == "_"
        if (
            digits
            and last is not None
            and last.token_type == TokenType.NUMBER
            and last.end + 1 == token.start
        ):
            number = Token(
                last.token_type,
                last.text + token.text.replace("_", ""),
                last.line,
                token.col,
                last.start,
                token.end,
            )
            made[-1] = number
        else:
            made.append(token)
    return made if len(made) != len(tokens) else tokens


def _into_several(tokens: list[Token]) -> list[Token]:
    """plpgsql's `INTO STRICT x, y` as `INTO x (x, y)`."""
    made = list(tokens)
    for at in range(len(tokens) - 4, -1, -1):
        if tokens[at].token_type != TokenType.INTO:
            continue
        first = at + 1 + (word(tokens[at + 1]) == "STRICT")
        end = first + 1
        while end + 1 < len(tokens) and tokens[end].token_type == TokenType.COMMA:
            end += 2
        named = tokens[first:end]
        if len(named) > 2 and all(one.token_type in _NAMES for one in named[::2]):
            opening, closing = (
                like(named[0], TokenType.L_PAREN, "("),
                like(named[-1], TokenType.R_PAREN, ")"),
            )
            made[at + 1 : end] = [named[0], opening, *named, closing]
    return made if len(made) != len(tokens) else tokens


_REWRITES: tuple[Callable[[list[Token]], list[Token]], ...] = (
    _changes, _table_arguments, _escapes, _offsets, _whole_numbers, _called_windows, without_place, upserts,
)  # fmt: skip
