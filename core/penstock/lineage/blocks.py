"""Scripts with procedural code around their statements: BEGIN ... END, IF, loops, procedures, EXECUTE IMMEDIATE.

The code is not run or understood: each statement in it is found by its tokens and read for itself.
"""

from __future__ import annotations

import msgspec
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.moves import STARTERS as MOVING

_STARTERS = frozenset(
    [
        "SELECT",
        "SEL",
        "WITH",
        "INSERT",
        "INS",
        "UPDATE",
        "DELETE",
        "MERGE",
        "CREATE",
        "REPLACE",
        "COPY",
        "UNLOAD",
        "EXPORT",
        "FROM",
        "VALUES",
        "ALTER",
        "DROP",
        "CACHE",
        "PIVOT",
        "UNPIVOT",
        "TRUNCATE",
    ]
)
_OPENERS = frozenset(
    {"BEGIN", "THEN", "ELSE", "LOOP", "REPEAT", "GO", ";", "TRANSACTION", "TRAN", "ATOMIC", "TRY", "CATCH"}
)
_CONDITIONS = frozenset({"IF", "ELSEIF", "ELSIF", "ELIF", "WHILE", "CASE", "UNTIL", "FOR", "WHEN"})
_AFTER_CONDITION = frozenset({"THEN", "LOOP", "DO", "BEGIN"})
_AFTER_END = frozenset({"IF", "LOOP", "WHILE", "CASE", "REPEAT", "FOR", "TRY", "CATCH"})
_ROUTINES = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "TASK", "EVENT", "PACKAGE"})
_OTHER_LANGUAGES = frozenset(
    {"JAVASCRIPT", "PYTHON", "JAVA", "SCALA", "PLPYTHON3U", "PLPYTHONU", "PLPERL", "PLV8", "R"}
)
# T-SQL needs no semicolons: these words begin a statement wherever they stand outside parentheses.
_SPLITTERS = frozenset(
    [
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "CREATE",
        "DROP",
        "TRUNCATE",
        "DECLARE",
        "EXEC",
        "EXECUTE",
        "PRINT",
        "RETURN",
        "IF",
        "WHILE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "GO",
    ]
)
_BODIES = frozenset(
    kind
    for kind in (getattr(TokenType, name, None) for name in ("STRING", "RAW_STRING", "HEREDOC_STRING"))
    if kind is not None
)


# Statements that are left as they are: nothing flows in them.
SILENT = frozenset(
    [
        "SHOW",
        "GRANT",
        "REVOKE",
        "VACUUM",
        "ANALYZE",
        "ANALYSE",
        "EXPLAIN",
        "CALL",
        "SET",
        "RESET",
        "PRAGMA",
        "INSTALL",
        "LOAD",
        "ATTACH",
        "DETACH",
        "REFRESH",
        "OPTIMIZE",
        "COMMENT",
        "LOCK",
        "UNLOCK",
        "REINDEX",
        "CLUSTER",
        "LIST",
        "REMOVE",
        "PUT",
        "GET",
        "DESCRIBE",
        "DESC",
        "MSCK",
        "UNCACHE",
        "ADD",
        "KILL",
        "CHECKPOINT",
        "IMPORT",
        "FETCH",
        "OPEN",
        "CLOSE",
        "DECLARE",
        "USE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "START",
        "SAVEPOINT",
        "RELEASE",
        "END",
        "PRINT",
        "RETURN",
        "RAISE",
    ]
)


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text, by offsets: one statement, or (`nested`) the body of a routine in quotes."""

    start: int
    end: int
    nested: bool = False


class Found(msgspec.Struct):
    """What a script consists of: its pieces, the names of its variables, and what was left out."""

    pieces: list[Piece]
    variables: set[str]
    skipped: list[tuple[str, int]]


def find_pieces(tokens: list[Token], dialect: str) -> Found:
    reader = _Reader(tokens, dialect)
    reader.read()
    return reader.found


class _Reader:
    """Goes over the tokens once. `at` is always the first token of something."""

    def __init__(self, tokens: list[Token], dialect: str) -> None:
        self.tokens = tokens
        self.words = [token.text.upper() if token.token_type not in _BODIES else "''" for token in tokens]
        self.bare = dialect in ("tsql", "fabric")
        self.found = Found([], set(), [])
        self.at = 0

    def read(self) -> None:
        while self.at < len(self.tokens):
            word = self.words[self.at]
            if word in _OPENERS:
                self.at += 1
            elif word == "END":
                self._after_end()
            elif word in _CONDITIONS:
                self._condition()
            elif word == "DECLARE":
                self._declare()
            elif word == "CREATE" and self._routine() is not None:
                self._into_routine()
            elif word in MOVING or self._renames():
                self._statement()
            elif word in ("DO", "EXECUTE", "EXEC"):
                self._text_in_quotes()
            elif word in _STARTERS or word == "(":
                self._statement()
            else:
                self._note()
                self._skip_statement()

    def _renames(self) -> bool:
        return self.words[self.at : self.at + 2] in (["EXEC", "SP_RENAME"], ["EXECUTE", "SP_RENAME"])

    def _note(self) -> None:
        """A statement that is left out is told, unless its kind says nothing of columns."""
        word = self.words[self.at]
        following = self.words[self.at + 1] if self.at + 1 < len(self.words) else ""
        if word in SILENT or following in (":=", "=", ":", "."):
            return
        token = self.tokens[self.at]
        if token.text.replace("_", "").isalpha() and self.at + 1 < len(self.words):
            self.found.skipped.append((f"{token.text} {following.lower()} ...: not followed", token.start))

    def _after_end(self) -> None:
        self.at += 1
        while self.at < len(self.words) and self.words[self.at] in _AFTER_END:
            self.at += 1

    def _condition(self) -> None:
        """Up to what follows the condition; the queries in it read, but write nothing."""
        depth = cases = 0
        self.at += 1
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if not depth:
                if cases == 0 and word in _AFTER_CONDITION:
                    self.at += 1
                    return
                if word == ";" or (self.bare and (word in _STARTERS or word in _SPLITTERS)):
                    return
            cases += (word == "CASE") - (word == "END" and cases > 0)
            self.at += 1

    def _declare(self) -> None:
        """Names up to BEGIN or the end of the statement."""
        self.at += 1
        while self.at < len(self.words) and self.words[self.at] not in ("BEGIN", *_STARTERS):
            self.found.variables.add(self.tokens[self.at].text)
            self._skip_statement()
            if self.at < len(self.words) and self.words[self.at] in _OPENERS | _CONDITIONS:
                return
            if self.bare:
                return

    def _routine(self) -> str | None:
        for word in self.words[self.at + 1 : self.at + 6]:
            if word in _ROUTINES:
                return word
            if word in ("TABLE", "VIEW", "(", "AS", "SELECT"):
                return None
        return None

    def _into_routine(self) -> None:
        """To the body of a procedure; a function's body is left alone."""
        kind, start = self._routine(), self.at
        depth = 0
        language = ""
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if depth == 1 and word in ("(", ",") and self.at + 1 < len(self.tokens):
                self.found.variables.add(self.tokens[self.at + 1].text)
            if word == "LANGUAGE" and self.at + 1 < len(self.words):
                language = self.words[self.at + 1]
            self.at += 1
            if depth == 0 and word in ("AS", "IS", "BEGIN", "ROW"):
                following = self.words[self.at] if self.at < len(self.words) else ""
                if word in ("AS", "IS") and following not in _BODY_WORDS:
                    continue
                break
        if kind == "FUNCTION" or language in _OTHER_LANGUAGES:
            self.found.skipped.append(
                (f"the body of this {str(kind).lower()} is not followed", self.tokens[start].start)
            )
            self._skip_statement()
        elif self.at < len(self.tokens) and self.tokens[self.at].token_type in _BODIES:
            self._body()

    def _text_in_quotes(self) -> None:
        """EXECUTE IMMEDIATE '...' and DO $$...$$."""
        self.at += 1
        if self.at < len(self.words) and self.words[self.at] == "IMMEDIATE":
            self.at += 1
        if self.at < len(self.tokens) and self.tokens[self.at].token_type in _BODIES:
            self._body()
        self._skip_statement()

    def _body(self) -> None:
        token = self.tokens[self.at]
        self.found.pieces.append(Piece(token.start, token.end + 1, nested=True))
        self.at += 1

    def _statement(self) -> None:
        first = self.at
        last = self._end_of_statement()
        self.at = max(last, first + 1)
        self.found.pieces.append(Piece(self.tokens[first].start, self.tokens[max(last - 1, first)].end + 1))

    def _end_of_statement(self) -> int:
        """The token after the statement's last one."""
        depth = cases = 0
        first = self.words[self.at]
        branches = first == "MERGE" or (
            first == "INSERT" and self.words[self.at + 1 : self.at + 2] in (["ALL"], ["FIRST"])
        )
        at = self.at
        while at < len(self.words):
            word = self.words[at]
            depth += (word == "(") - (word == ")")
            if depth <= 0 and at > self.at:
                if word == ";" or depth < 0:
                    return at
                if not cases and not branches and word in ("ELSE", "ELSEIF", "ELSIF", "LOOP"):
                    return at
                if not cases and word == "END":
                    return at
                if self.bare and not branches and word in _SPLITTERS and self._begins(at):
                    return at
            cases += (word == "CASE") - (word == "END" and cases > 0)
            at += 1
        return at

    def _begins(self, at: int) -> bool:
        before = self.words[at - 1]
        if before in ("FOR", "ON", "AFTER", "OF", ",", "AS", "BULK"):
            return False
        first = self.words[self.at]
        within = (
            first == "WITH" and self.words[at] in ("INSERT", "UPDATE", "DELETE", "MERGE") and before == ")"
        )
        return not within

    def _skip_statement(self) -> None:
        depth = 0
        self.at += 1
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if depth <= 0 and (
                word == ";" or (self.bare and (word in _SPLITTERS or word in ("SELECT", "WITH", "END")))
            ):
                return
            self.at += 1


_BODY_WORDS = _STARTERS | {"BEGIN", "DECLARE", "''", "IF", "$$"}
