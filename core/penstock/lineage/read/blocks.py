"""Scripts with procedural code around their statements: BEGIN ... END, IF, loops, procedures, EXECUTE IMMEDIATE.

The code is not run or understood: each statement in it is found by its tokens and read for itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection

import msgspec
from sqlglot.tokenizer_core import Token

from penstock.lineage.dialects.traits import traits
from penstock.lineage.read import wrapped
from penstock.lineage.read.assignments import TEXTS, is_one_text
from penstock.lineage.read.branches import Branches
from penstock.lineage.read.keywords import (
    AFTER_CONDITION,
    AFTER_END,
    BODIES,
    BODY_WORDS,
    CONCERNING,
    CONDITIONS,
    OPENERS,
    OTHER_LANGUAGES,
    ROUTINES,
    SILENT,
    SPLITTERS,
    STARTERS,
    WITHOUT_QUERIES,
)
from penstock.lineage.read.pieces import Declared, Found, Piece
from penstock.lineage.read.returned_tables import inline_end, returned_table
from penstock.lineage.read.row_code import RowCode
from penstock.lineage.read.table_moves import STARTERS as MOVING

_FOR_ALL = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", ";"})
_BEFORE_BODY = frozenset({"AS", "IS", "BEGIN", "ROW", "STATEMENT"})
_BEGIN_BODIES = SPLITTERS | {"SET", "THROW", "RAISERROR"}  # of T-SQL
_LABELLED = frozenset({"LOOP", "WHILE", "REPEAT", "FOR", "BEGIN"})


def find_pieces(tokens: list[Token], dialect: str, outer: Collection[str]) -> Found:
    """`outer` are the variables of what is around the text."""
    reader = _Reader(tokens, dialect)
    reader.outer = outer
    reader.read()
    branches = Branches(reader.words, bare=reader.bare)
    _place_in_branches(reader.found, branches, tokens)
    ends = [*(token.start for token in tokens), tokens[-1].end + 1 if tokens else 0]
    for at, name, before in reader.declared:
        end = branches.end_of_block(at, before=before) if not reader.bare else len(tokens)
        reader.found.declared.append(Declared(name, ends[at], ends[end]))
    return reader.found


def _place_in_branches(found: Found, branches: Branches, tokens: list[Token]) -> None:
    found.undone = branches.undone
    starts = [token.start for token in tokens]
    for at, piece in enumerate(found.pieces):
        around = branches.around(bisect_right(starts, piece.start) - 1)
        if around:
            branch = tuple(starts[one] for one in around)
            found.pieces[at] = msgspec.structs.replace(piece, branch=branch)


class _Reader(RowCode):
    """Goes over the tokens once. `at` is always the first token of something."""

    def __init__(self, tokens: list[Token], dialect: str) -> None:
        super().__init__(tokens, bare=traits(dialect).no_semicolons)
        self.declares = traits(dialect).declares_before_begin  # between IS and BEGIN, without a word for it
        self.sections = traits(dialect).declares_in_sections
        self.made: Piece | None = None
        self.macros = traits(dialect).macros_hold_statements

    def read(self) -> None:
        self._read()
        self._gives()

    def _read(self) -> None:
        while self.at < len(self.tokens):
            word = self.words[self.at]
            if word in OPENERS:
                self.at += 1
                if word == "GO":
                    self._gives()
            elif (runs := wrapped.made_to_run(self.words, self.at)) is not None:
                self.at = runs
            elif word == "END":
                self._after_end()
            elif word in CONDITIONS:
                self._condition()
            elif self.words[self.at : self.at + 2] == ["ASYNC", "("]:
                self.at += 2
                self._statement()
                self.at += 1
            elif word == "FORALL":
                self._forall()
            elif self.macros and self.words[self.at + 1 : self.at + 2] == ["MACRO"]:
                self._into_macro()
            elif word == "CREATE" and "RULE" in self.words[self.at + 1 : self.at + 4]:
                self._into_rule()
            elif self.words[self.at : self.at + 3] == ["DECLARE", "GLOBAL", "TEMPORARY"]:
                self._statement()
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
        if self.words[first] == "LET" and first + 1 < len(self.words) and self.words[first + 1] != "CURSOR":
            self._variable(first + 1, before=False)
        if self.words[first + 1 : first + 2] == [":"] and not _LABELLED.isdisjoint(
            self.words[first + 2 : first + 3]
        ):
            self.at += 2  # `l: LOOP`
            return
        asides = len(self.found.pieces)
        self._skip_statement()
        if self._puts(first) or self._opens_text(first) or self._calls(first):
            return
        told = wrapped.not_followed(self.words[first : self.at])
        self.found.calls += self.words[first] == "CALL"
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
        if self.tokens[inner].token_type in TEXTS:
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
        place = self.at + 1
        while self.words[place : place + 1] == ["."] or self.words[place + 1 : place + 2] == ["."]:
            place += 1  # `tempdb..sp_rename`, `sys.sp_rename`
        return self.words[self.at] in ("EXEC", "EXECUTE") and self.words[place : place + 1] == ["SP_RENAME"]

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
                if word == ";" or (self.bare and (word in STARTERS or word in SPLITTERS or word == "SET")):
                    return
            cases += (word == "CASE") - (word == "END" and cases > 0)
            self.at += 1

    def _loop(self, first: int) -> str:
        """`FOR record IN query` or `FOR record IN cursor`: the record's name."""
        if first + 1 == len(self.words):
            return ""
        record, words = self.tokens[first + 1].text, self.words[first + 2 : first + 5]
        if words[:2] == ["IN", "EXECUTE"] and is_one_text(self.tokens, self.words, first + 4):
            self._keep(msgspec.structs.replace(self._text(first + 4), aside=record))
        elif len(words) == 3 and words[0] == "IN" and words[2] in {"(", *AFTER_CONDITION}:
            self.found.loops[record] = self.tokens[first + 3].text
        return record

    def _forall(self) -> None:
        """Oracle's `FORALL i IN 1 .. l.count INSERT ...`: once for each element."""
        self.at += 1
        self.found.variables.update(one.text for one in self.tokens[self.at : self.at + 1])
        while self.at < len(self.words) and self.words[self.at] not in _FOR_ALL:
            self.at += 1

    def _declare(self) -> None:
        """Names up to BEGIN or the end of the statement."""
        self.at += 1
        section = self.sections and "BEGIN" in self.words[self.at :]
        while self.at < len(self.words) and self.words[self.at] not in {"BEGIN", *STARTERS, *ROUTINES}:
            if section and self.words[self.at] == ";":
                self.at += 1
                continue
            named = self.at + (self.words[self.at] in ("@", "CURSOR", "TYPE"))
            self._variable(named, before=self.sections)
            first = self.at
            self._skip_statement()
            self._parameters(first)
            self._declared(first)
            if self.at < len(self.words) and self.words[self.at] in (OPENERS | CONDITIONS) and not section:
                return
            if self.bare:
                return

    def _parameters(self, first: int) -> None:
        """Of a cursor: `cursor c(x number) is`, `c cursor (x int) for`."""
        if "CURSOR" not in self.words[first : first + 2] or "(" not in self.words[first + 2 : first + 3]:
            return
        for at in range(first + 2, self.at - 1):
            if self.words[at] in ("(", ","):
                self.found.variables.add(self.tokens[at + 1].text)
            elif self.words[at] in ("IS", "FOR", "RETURN"):
                return

    def _routine(self) -> str | None:
        for at, word in enumerate(self.words[self.at + 1 : self.at + 10], self.at + 1):
            if word in ROUTINES and self.words[at + 1 : at + 2] != [
                "TABLE"
            ]:  # an EVENT TABLE holds what is logged
                return word
            if word in ("TABLE", "VIEW", "(", "AS", "SELECT"):
                return None
        return None

    def _into_routine(self) -> None:
        """To the body of a procedure; a function's body is left alone."""
        inside = self.words[self.at] in ROUTINES  # of a package
        kind, start = None if inside else self._routine(), self.at
        self.found.routines.update(self._name_of_routine(start))
        self._gives()
        ends = inline_end(self.words, self.tokens, start) if self.bare and kind == "FUNCTION" else None
        if ends is not None:
            self.found.pieces.append(Piece(self.tokens[start].start, self.tokens[ends - 1].end + 1))
            self.at = ends
            return
        if self.bare and kind == "FUNCTION" and (made := returned_table(self.words, self.tokens, start)):
            self.found.pieces.append(made[0])
            self.made, kind = made[1], "PROCEDURE"
        depth = 0
        language = ""
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if self.bare and word == "GO" and not depth:
                break  # its body is elsewhere: `as external name a.b.c`
            if depth == 1 and word in ("(", ",") and self.at + 1 < len(self.tokens):
                mode = self.words[self.at + 1] in ("IN", "OUT", "INOUT")
                self._variable(self.at + 1 + mode, before=True)
            if word == "LANGUAGE" and self.at + 1 < len(self.words):
                language = self.words[self.at + 1]
            self.at += 1
            if depth == 0 and kind == "EVENT" and word == "DO":
                return
            if depth == 0 and word in _BEFORE_BODY and not (kind == "TRIGGER" and self._names_rows()):
                following = self.words[self.at] if self.at < len(self.words) else ""
                begins = following in BODY_WORDS or (self.bare and following in _BEGIN_BODIES)
                if word in ("AS", "IS") and not begins:
                    if self.declares:
                        self.at -= 1
                        self._declare()
                        return
                    continue
                break
        if kind == "TRIGGER" and self.words[self.at : self.at + 1] == ["MODE"]:
            self.at += 2  # `for each row mode db2sql`
        if kind == "TRIGGER" and self.words[self.at : self.at + 1] == ["WHEN"]:
            self._past_when()
        self.trigger = self._rows_of(start) if kind == "TRIGGER" else ()
        calls = kind == "TRIGGER" and self.words[self.at : self.at + 1] == ["EXECUTE"]
        if (calls and self._runs_followed()) or (kind == "FUNCTION" and self._read_for_triggers(start)):
            self._skip_statement()
        elif kind == "FUNCTION" or calls or language in OTHER_LANGUAGES:
            self.found.skipped.append(
                (f"the body of this {str(kind).lower()} is not followed", self.tokens[start].start)
            )
            self._skip_statement()
        elif self.at < len(self.tokens) and self.tokens[self.at].token_type in BODIES:
            self._body()
            if self.words[self.at : self.at + 1] == ["LANGUAGE"]:
                self._skip_statement()

    def _into_macro(self) -> None:
        """Teradata's `create macro m (x int) as (insert ...; sel ...;)`: to the first of its statements."""
        while self.at < len(self.words) and self.words[self.at : self.at + 2] != ["AS", "("]:
            self.at += 1
        self.at += 2

    def _gives(self) -> None:
        """The function whose body has been read, if it is one that returns a table."""
        if self.made is not None:
            self.found.pieces.append(self.made)
            self.made = None

    def _name_of_routine(self, start: int) -> list[str]:
        """The last part of `CREATE PROCEDURE a.p`, by which its parameters may be qualified."""
        at = next((at for at in range(start, len(self.words)) if self.words[at] in ROUTINES), start) + 1
        while self.words[at + 1 : at + 2] == ["."]:
            at += 2
        return [self.tokens[at].text] if at < len(self.tokens) else []

    def _statement(self) -> None:
        first = self.at
        last = self._end_of_statement()
        self.at = max(last, first + 1)
        self._forget(first)
        self._keep(Piece(self.tokens[first].start, self.tokens[max(last - 1, first)].end + 1))
