"""What procedural code keeps in variables, in order of the text: queries in it, texts that it runs, what it fetches and sets."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.assignments import (
    JOINS,
    Assignment,
    assignments,
    fetched,
    is_all_of_value,
    is_one_text,
)
from penstock.lineage.read.keywords import NAMELESS, SILENT
from penstock.lineage.read.pieces import Found, Piece
from penstock.lineage.read.statement_ends import StatementEnds
from penstock.lineage.read.token_words import past_brackets

_NATIONAL = TokenType.NATIONAL_STRING


PUT_TOGETHER = "EXECUTE IMMEDIATE of a text that is put together: not followed"


class ValueReader(StatementEnds):
    """Finds pieces that give values to names."""

    def __init__(self, tokens: list[Token], *, bare: bool) -> None:
        super().__init__(tokens, bare=bare)
        self.found = Found([], set(), [], {}, [], [], [])
        self.texts: dict[str, int] = {}  # the tokens of texts that variables hold
        self.outer: Collection[str] = ()  # the variables of what is around the text
        self.declared: list[tuple[int, str, bool]] = []  # token, name, whether it stands before its block
        self.trigger: tuple[
            str, ...
        ] = ()  # the table of the trigger that is being read, and names of its rows

    def _variable(self, at: int, *, before: bool) -> None:
        """The token `at` names a variable, for the block that follows or for the one that it is in."""
        at = min(at, len(self.tokens) - 1)
        self.found.variables.add(self.tokens[at].text)
        self.declared.append((at, self.tokens[at].text, before))

    def _puts(self, first: int) -> bool:
        """Whether the statement from `first` to here puts something into variables that is known now."""
        fetch = fetched(self.words, self.tokens, first, self.at)
        if fetch is not None:
            self.found.fetches.append(fetch)
            self.found.variables.update(fetch[1])
            self._forget(first)
            return True
        if self.words[first : first + 2] == ["SET", "("]:
            return self._sets_several(first)
        held = (*self.found.variables, *self.found.loops, *(one.aside or "" for one in self.found.pieces))
        known = {name.lower() for name in held}
        followed = False
        for one in assignments(self.words, self.tokens, first, self.at):
            if self._has_run(one):
                followed = True
                continue
            adds = self.words[one.start - 2] in JOINS  # `set @s += '...'`
            if not adds and one.end - one.start == 1 and is_one_text(self.tokens, self.words, one.start):
                self.texts[one.name.lower()] = one.start
                followed = followed or self.words[first] == "LET"
            else:
                self.texts.pop(one.name.lower(), None)
            named = {self.words[at].lower() for at in range(one.start, one.end)}
            again = one.name.lower() in known and self.words[one.start - 2] == one.name.upper()
            if one.of_row or ((again or known & named) and "select" not in named):
                self._keep(
                    Piece(
                        self.tokens[one.start].start,
                        self.tokens[one.end - 1].end + 1,
                        aside=one.name,
                        assigns=True,
                        adds=not again,
                    )
                )
                followed = True
        return followed

    def _opens_text(self, first: int) -> bool:
        """Oracle's `open c for 'select ...' using x`: the cursor has the rows of a query in a text."""
        opens = self.words.index("FOR", first, self.at) if "FOR" in self.words[first : self.at] else self.at
        if self.words[first] != "OPEN" or not is_one_text(self.tokens, self.words, opens + 1):
            return False
        piece = self._text(opens + 1)
        self._keep(msgspec.structs.replace(piece, aside=self.tokens[first + 1].text))
        return True

    def _calls(self, first: int) -> bool:
        """`pk.load(1);` inside a block: a procedure runs, and what it does is not written here."""
        end = first + 1
        while self.words[end : end + 1] == ["."]:
            end += 2
        if self.words[end : end + 1] == ["("]:
            end = past_brackets(self.tokens, end)
        in_block = "BEGIN" in self.words[:first] and self.words[first].isidentifier()
        if not in_block or end != self.at or self.words[first] in SILENT:
            return False
        self.found.calls += 1
        return True

    def _has_run(self, one: Assignment) -> bool:
        """Snowflake's `rs := (execute immediate :q)`: the variable has the rows of a query in a text."""
        at = one.start + (self.words[one.start : one.start + 1] == ["("])
        if self.words[at : at + 2] != ["EXECUTE", "IMMEDIATE"]:
            return False
        here, self.at = self.at, at + 2
        held = self.at if is_one_text(self.tokens, self.words, self.at) else self._held()
        self.at = here
        if held is not None:
            self._keep(msgspec.structs.replace(self._text(held), aside=one.name))
        return held is not None

    def _sets_several(self, first: int) -> bool:
        """`SET (x, y) = (SELECT a, b ...)`: as if the row were fetched."""
        gives = self.words.index("=", first, self.at) if "=" in self.words[first : self.at] else self.at
        pieces = len(self.found.pieces)
        record = f"= {first}"
        self._asides(gives, self.at, record)
        if len(self.found.pieces) == pieces + 1:
            names = [self.tokens[at].text for at in range(first, gives) if self.words[at].isidentifier()]
            self.found.fetches.append((record, names[1:]))
        return len(self.found.pieces) > pieces

    def _keep(self, piece: Piece) -> None:
        self.found.pieces.append(
            msgspec.structs.replace(piece, trigger=self.trigger) if self.trigger else piece
        )

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
                adds = not record and not is_all_of_value(self.words, at, end, bare=self.bare)
                self._keep(Piece(self.tokens[at].start, self.tokens[end - 1].end + 1, aside=name, adds=adds))
                at = end
                continue
            elif not name and word.isidentifier() and word not in NAMELESS:
                name = self.tokens[at].text
            at += 1

    def _declared(self, first: int) -> None:
        """What a declaration gives to its name: the query of a cursor, a text, a query's value."""
        if self.words[first + 1 : first + 3] == ["CURSOR", "FOR"] and self.at == first + 4:
            self.found.loops[self.tokens[first].text] = self.tokens[
                first + 3
            ].text  # Snowflake: of a RESULTSET
            return
        if (
            self.bare
            and "CURSOR" in self.words[first : self.at]
            and self.words[self.at : self.at + 1] in (["SELECT"], ["WITH"])
        ):
            self.cursors.add(self.words[first])
            start, self.at = self.at, self._end_of_statement()
            self._keep(
                Piece(
                    self.tokens[start].start, self.tokens[self.at - 1].end + 1, aside=self.tokens[first].text
                )
            )
            return
        for one in assignments(
            ("DECLARE", *self.words[first : self.at]),
            (self.tokens[first], *self.tokens[first : self.at]),
            0,
            self.at - first + 1,
        ):
            at = first + one.start - 1
            if one.end - one.start == 1 and is_one_text(self.tokens, self.words, at):
                self.texts[one.name.lower()] = at
        is_cursor = "CURSOR" in self.words[first : first + 2]
        named = first + (self.words[first] == "CURSOR")
        self._asides(first, self.at, self.tokens[named].text if is_cursor else "")

    def _text_in_quotes(self) -> None:
        """EXECUTE IMMEDIATE '...' and DO $$...$$."""
        self.at += 1
        self.at += 2 * (self.words[self.at : self.at + 1] == ["LANGUAGE"])
        immediate = self.words[self.at : self.at + 1] == ["IMMEDIATE"]
        self.at += immediate
        opened = self.at < len(self.words) and self.words[self.at] == "("
        if opened and self._runs_elsewhere():
            return
        self.at += opened  # T-SQL: EXEC('...')
        named = self.at
        while self.words[named + 1 : named + 2] == ["."]:
            named += 2
        if self.words[named : named + 1] == ["SP_EXECUTESQL"]:
            self.at = named
            immediate = True
            self.at += 1
            if self.words[self.at + 2 : self.at + 3] == ["="]:
                self.at += 3  # @stmt = '...'
        held = self._held()
        if is_one_text(self.tokens, self.words, self.at):
            self._body()
            self._into()
        elif held is not None:
            self._keep(self._text(held))
        elif (immediate or opened or self._is_not_known()) and self.at < len(self.tokens):
            start = self.tokens[self.at].start
            self.found.skipped.append((PUT_TOGETHER, start))
        if self.words[self.at : self.at + 1] != [
            ";"
        ]:  # it ends right behind the text: what follows is another
            first = self.at
            self._skip_statement()
            self._asides(first, self.at)

    def _runs_elsewhere(self) -> bool:
        """T-SQL's `exec ('...') at server`: its names are not those of this database."""
        end = past_brackets(self.tokens, self.at)
        if self.words[end : end + 1] != ["AT"] or end + 1 >= len(self.tokens):
            return False
        told = f"EXEC ... AT {self.tokens[end + 1].text}: what runs on another server is not followed"
        self.found.skipped.append((told, self.tokens[self.at].start))
        self.at = end + 2
        return True

    def _into(self) -> None:
        """What the text before gives goes INTO variables."""
        if self.words[self.at : self.at + 1] != ["INTO"]:
            return
        first = self.at
        self._skip_statement()
        to = self.words.index("USING", first, self.at) if "USING" in self.words[first : self.at] else self.at
        names = [self.tokens[at].text for at in range(first + 1, to) if self.words[at].isidentifier()]
        self.found.variables.update(names)
        self.found.pieces[-1] = msgspec.structs.replace(self.found.pieces[-1], aside=f"= {first}")
        self.found.fetches.append((f"= {first}", names))

    def _held(self) -> int | None:
        """The token of the text that the variable here (`@x`, `:x`, `x`) holds, where nothing is put behind it."""
        at = self.at + (self.words[self.at : self.at + 1] in (["@"], [":"], ["$"]))
        if at >= len(self.words) or (at + 1 < len(self.words) and self.words[at + 1] in JOINS):
            return None
        return self.texts.get(self.words[at].lower())

    def _forget(self, first: int) -> None:
        """What the statement from `first` to here puts into variables (`select @s = ...`, `fetch c into s`) is no text that is known."""
        if not self.texts or self.words[first] not in ("SELECT", "FETCH"):
            return
        into = False
        for at in range(first + 1, self.at):
            before, word = self.words[at - 1 : at + 1]
            into = word != "FROM" and (into or before == "INTO")
            if into or (before == "@" and self.words[at + 1 : at + 2] == ["="]):
                self.texts.pop(word.lower(), None)

    def _is_not_known(self) -> bool:
        """`EXECUTE 'a' || b`, `EXECUTE format(...)`, `EXECUTE x` of a variable."""
        name = self.tokens[self.at].text if self.at < len(self.tokens) else ""
        if name in self.found.variables or name in self.outer:
            return True
        return self.words[self.at + 1 : self.at + 2] in (["||"], ["+"]) or self.words[
            self.at : self.at + 1
        ] == ["FORMAT"]

    def _body(self) -> None:
        self._keep(self._text(self.at))
        self.at += 1

    def _text(self, at: int) -> Piece:
        token = self.tokens[at]
        start = token.start + (token.token_type == _NATIONAL)  # the N before the quote
        return Piece(start, token.end + 1, nested=True)
