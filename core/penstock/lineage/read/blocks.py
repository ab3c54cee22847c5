"""Scripts with procedural code around their statements: BEGIN ... END, IF, loops, procedures, EXECUTE IMMEDIATE.

The code is not run or understood: each statement in it is found by its tokens and read for itself.
"""

from __future__ import annotations

import msgspec
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.dialects.traits import traits
from penstock.lineage.read import wrapped
from penstock.lineage.read.keywords import (
    AFTER_CONDITION,
    AFTER_END,
    BODIES,
    BODY_WORDS,
    CONCERNING,
    CONDITIONS,
    NAMELESS,
    OPENERS,
    OTHER_LANGUAGES,
    ROUTINES,
    SILENT,
    SPLITTERS,
    STARTERS,
    VIEW_OPTIONS,
    WITHOUT_QUERIES,
)
from penstock.lineage.read.table_moves import STARTERS as MOVING

_NATIONAL = TokenType.NATIONAL_STRING
_TEXTS = BODIES | {_NATIONAL}


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text, by offsets: one statement, or (`nested`) the body of a routine in quotes, or (`aside`) a query
    inside procedural code; its result is then known by the name `aside`, if that is not empty."""

    start: int
    end: int
    nested: bool = False
    aside: str | None = None


class Found(msgspec.Struct):
    """What a script consists of: its pieces, the names of its variables, what was left out, which loop's rows
    are those of which cursor, and the statements that only name relations."""

    pieces: list[Piece]
    variables: set[str]
    skipped: list[tuple[str, int]]
    loops: dict[str, str]
    broken: list[tuple[str, int]] = []
    concerning: list[int] = []


def find_pieces(tokens: list[Token], dialect: str) -> Found:
    reader = _Reader(tokens, dialect)
    reader.read()
    return reader.found


class _Reader:
    """Goes over the tokens once. `at` is always the first token of something."""

    def __init__(self, tokens: list[Token], dialect: str) -> None:
        self.tokens = tokens
        self.words = [token.text.upper() if token.token_type not in BODIES else "''" for token in tokens]
        self.bare = traits(dialect).no_semicolons
        self.declares = traits(dialect).declares_before_begin  # between IS and BEGIN, without a word for it
        self.found = Found([], set(), [], {}, [], [])
        self.at = 0

    def read(self) -> None:
        while self.at < len(self.tokens):
            word = self.words[self.at]
            if word in OPENERS:
                self.at += 1
            elif (runs := wrapped.made_to_run(self.words, self.at)) is not None:
                self.at = runs
            elif word == "END":
                self._after_end()
            elif word in CONDITIONS:
                self._condition()
            elif word == "DECLARE":
                self._declare()
            elif (word in ("CREATE", "ALTER", "REPLACE") and self._routine() is not None) or word in ROUTINES:
                self._into_routine()
            elif word in MOVING or self._renames():
                self._statement()
            elif word == "USE":
                self._use()
            elif word in ("DO", "EXECUTE", "EXEC"):
                self._text_in_quotes()
            elif (
                word in wrapped.OPENERS
                and (inner := wrapped.inner_statement(self.words, self.at)) is not None
            ):
                self._unwrap(inner)
            elif word in STARTERS or word == "(":
                self._statement()
            else:
                self._other_statement()

    def _other_statement(self) -> None:
        first = self.at
        asides = len(self.found.pieces)
        self._skip_statement()
        told = wrapped.not_followed(self.words[first : self.at])
        if told:
            self.found.skipped.append((told, self.tokens[first].start))
        word = self.words[first].split(" ")[0]
        if word not in wrapped.PLANS and word not in WITHOUT_QUERIES:
            self._asides(first, self.at)
        if word in CONCERNING and not told and len(self.found.pieces) == asides:
            self.found.concerning.append(self.tokens[first].start)
            return
        if not told and len(self.found.pieces) == asides:
            self._note(first)

    def _unwrap(self, inner: int) -> None:
        """On with the statement in EXPLAIN ANALYZE or PREPARE, which may be a text in quotes."""
        self.at = inner
        if self.tokens[inner].token_type in _TEXTS:
            self._body()

    def _use(self) -> None:
        """The names after it are completed by it. In T-SQL nothing has to stand behind its name."""
        if not self.bare:
            self._statement()
            return
        last = min(self.at + 1, len(self.tokens) - 1)
        self.found.pieces.append(Piece(self.tokens[self.at].start, self.tokens[last].end + 1))
        self.at = last + 1

    def _renames(self) -> bool:
        return self.words[self.at : self.at + 2] in (["EXEC", "SP_RENAME"], ["EXECUTE", "SP_RENAME"])

    def _note(self, at: int) -> None:
        """A statement that is left out is told, unless its kind says nothing of columns."""
        word = self.words[at]
        following = self.words[at + 1] if at + 1 < len(self.words) else ""
        if word in SILENT or following in (":=", "=", ":", "."):
            return
        token = self.tokens[at]
        from difflib import get_close_matches  # 5 ms, and only for what is left out

        meant = get_close_matches(word, STARTERS, n=1, cutoff=0.8)
        if meant and at + 1 < len(self.words) and word not in STARTERS:
            told = f"{token.text} {following.lower()} ...: no statement begins so; did you mean {meant[0]}?"
            self.found.broken.append((told, token.start))
            return
        if token.text.replace("_", "").isalpha() and at + 1 < len(self.words):
            self.found.skipped.append((f"{token.text} {following.lower()} ...: not followed", token.start))

    def _after_end(self) -> None:
        self.at += 1
        after = {"TRY", "CATCH"} if self.bare else AFTER_END  # T-SQL: what follows END is a statement
        while self.at < len(self.words) and self.words[self.at] in after:
            self.at += 1
        if self.words[self.at + 1 : self.at + 2] == [";"] and self.words[self.at : self.at + 1] != [";"]:
            self.at += 1  # the name of what ends

    def _condition(self) -> None:
        """Up to what follows the condition; the queries in it read, but write nothing."""
        first = self.at
        self._past_condition()
        record = self._loop(first) if self.words[first] == "FOR" else ""
        self._asides(first + 1, self.at, record)

    def _past_condition(self) -> None:
        depth = cases = 0
        self.at += 1
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if not depth:
                if cases == 0 and word in AFTER_CONDITION:
                    self.at += 1
                    return
                if word == ";" or (self.bare and (word in STARTERS or word in SPLITTERS)):
                    return
            cases += (word == "CASE") - (word == "END" and cases > 0)
            self.at += 1

    def _loop(self, first: int) -> str:
        """`FOR record IN query` or `FOR record IN cursor`: the record's name."""
        if first + 1 == len(self.words):
            return ""
        record, words = self.tokens[first + 1].text, self.words[first + 2 : first + 5]
        if len(words) == 3 and words[0] == "IN" and words[2] in AFTER_CONDITION:
            self.found.loops[record] = self.tokens[first + 3].text
        return record

    def _asides(self, first: int, last: int, record: str = "") -> None:
        """The queries inside procedural code from token `first` to `last`."""
        name = record
        at = first
        while at < min(last, len(self.words)):
            word = self.words[at]
            if word == ",":
                name = record
            elif word in ("SELECT", "WITH") and (at == first or self.words[at - 1] != "START"):
                end = self._end_of_query(at, last)
                self.found.pieces.append(
                    Piece(self.tokens[at].start, self.tokens[end - 1].end + 1, aside=name)
                )
                at = end
                continue
            elif not name and word.isidentifier() and word not in NAMELESS:
                name = self.tokens[at].text
            at += 1

    def _end_of_query(self, at: int, last: int) -> int:
        """The token after a query that ends with its parenthesis, with the loop's DO or LOOP, or at `last`."""
        depth = 0
        for place in range(at, min(last, len(self.words))):
            word = self.words[place]
            depth += (word == "(") - (word == ")")
            if depth < 0 or word == ";" or (not depth and word in ("LOOP", "DO")):
                return place
        return min(last, len(self.words))

    def _declare(self) -> None:
        """Names up to BEGIN or the end of the statement."""
        self.at += 1
        while self.at < len(self.words) and self.words[self.at] not in {"BEGIN", *STARTERS, *ROUTINES}:
            named = self.at + (self.words[self.at] in ("@", "CURSOR"))
            self.found.variables.add(self.tokens[min(named, len(self.tokens) - 1)].text)
            first = self.at
            self._skip_statement()
            self._asides(first, self.at)
            if self.at < len(self.words) and self.words[self.at] in OPENERS | CONDITIONS:
                return
            if self.bare:
                return

    def _routine(self) -> str | None:
        for word in self.words[self.at + 1 : self.at + 6]:
            if word in ROUTINES:
                return word
            if word in ("TABLE", "VIEW", "(", "AS", "SELECT"):
                return None
        return None

    def _into_routine(self) -> None:
        """To the body of a procedure; a function's body is left alone."""
        inside = self.words[self.at] in ROUTINES  # of a package
        kind, start = None if inside else self._routine(), self.at
        depth = 0
        language = ""
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if depth == 1 and word in ("(", ",") and self.at + 1 < len(self.tokens):
                mode = self.words[self.at + 1] in ("IN", "OUT", "INOUT")
                named = min(self.at + 1 + mode, len(self.tokens) - 1)
                self.found.variables.add(self.tokens[named].text)
            if word == "LANGUAGE" and self.at + 1 < len(self.words):
                language = self.words[self.at + 1]
            self.at += 1
            if depth == 0 and word in ("AS", "IS", "BEGIN", "ROW"):
                following = self.words[self.at] if self.at < len(self.words) else ""
                if word in ("AS", "IS") and following not in BODY_WORDS:
                    if self.declares:
                        self.at -= 1
                        self._declare()
                        return
                    continue
                break
        calls = kind == "TRIGGER" and self.words[self.at : self.at + 1] == ["EXECUTE"]
        if kind == "FUNCTION" or calls or language in OTHER_LANGUAGES:
            self.found.skipped.append(
                (f"the body of this {str(kind).lower()} is not followed", self.tokens[start].start)
            )
            self._skip_statement()
        elif self.at < len(self.tokens) and self.tokens[self.at].token_type in BODIES:
            self._body()

    def _text_in_quotes(self) -> None:
        """EXECUTE IMMEDIATE '...' and DO $$...$$."""
        self.at += 1
        immediate = self.words[self.at : self.at + 1] == ["IMMEDIATE"]
        self.at += immediate
        if self.at < len(self.words) and self.words[self.at] == "(":
            self.at += 1  # T-SQL: EXEC('...')
        named = self.at
        while self.words[named + 1 : named + 2] == ["."]:
            named += 2
        if self.words[named : named + 1] == ["SP_EXECUTESQL"]:
            self.at = named
            immediate = True
            self.at += 1
            if self.words[self.at + 2 : self.at + 3] == ["="]:
                self.at += 3  # @stmt = '...'
        if self.at < len(self.tokens) and self.tokens[self.at].token_type in _TEXTS:
            self._body()
        elif immediate and self.at < len(self.tokens):
            start = self.tokens[self.at].start
            self.found.skipped.append(
                ("EXECUTE IMMEDIATE of a text that is put together: not followed", start)
            )
        if self.words[self.at : self.at + 1] != [
            ";"
        ]:  # it ends right behind the text: what follows is another
            first = self.at
            self._skip_statement()
            self._asides(first, self.at)

    def _body(self) -> None:
        token = self.tokens[self.at]
        start = token.start + (token.token_type == _NATIONAL)  # the N before the quote
        self.found.pieces.append(Piece(start, token.end + 1, nested=True))
        self.at += 1

    def _statement(self) -> None:
        first = self.at
        last = self._end_of_statement()
        self.at = max(last, first + 1)
        self.found.pieces.append(Piece(self.tokens[first].start, self.tokens[max(last - 1, first)].end + 1))

    def _end_of_statement(self) -> int:
        """The token after the statement's last one."""
        depth = cases = selects = 0
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
                branches = branches or word == "MERGE"
                if self.bare and not branches and word in SPLITTERS and self._begins(at):
                    return at
                if self.bare and word in ("SELECT", "WITH") and self._begins_query(at, selects):
                    return at
            selects += word in ("SELECT", "VALUES", "EXEC") and depth == 0
            cases += (word == "CASE") - (word == "END" and cases > 0)
            at += 1
        return at

    def _begins_query(self, at: int, selects: int) -> bool:
        """T-SQL: whether a query at `at` is a statement of its own. `selects` were there before, outside parentheses."""
        before = self.words[at - 1]
        if self.words[at] == "WITH":
            named = self.words[at + 2 : at + 3] in (["AS"], ["("]) and self.words[at + 1] not in VIEW_OPTIONS
            return named and before not in ("AS", ")", "FOR")
        if before in ("UNION", "ALL", "EXCEPT", "INTERSECT", "AS", "FOR", "("):
            return False
        return selects > 0 or self.words[self.at] not in ("INSERT", "WITH", "CREATE", "MERGE")

    def _begins(self, at: int) -> bool:
        before = self.words[at - 1]
        if before in ("FOR", "ON", "AFTER", "OF", ",", "AS", "BULK", "THEN"):
            return False
        first = self.words[self.at]
        if self.words[at] == "IF" and (at == self.at + 2 or before in ("COLUMN", "CONSTRAINT")):
            return first not in ("DROP", "CREATE", "ALTER")  # DROP TABLE IF EXISTS
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
                word == ";" or (self.bare and (word in SPLITTERS or word in ("SELECT", "WITH", "END")))
            ):
                return
            self.at += 1
