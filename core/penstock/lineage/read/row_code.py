"""Code that runs for each row that changes: what triggers and rules are about, and what they call the rows. Finds, and reads nothing."""

from __future__ import annotations

from itertools import pairwise

from penstock.lineage.read.function_bodies import is_block_text
from penstock.lineage.read.kept_values import ValueReader
from penstock.lineage.read.keywords import BODIES, OTHER_LANGUAGES, STARTERS
from penstock.lineage.read.pieces import Piece
from penstock.lineage.read.token_words import past_brackets

_AFTER_WHEN = frozenset({"BEGIN", "EXECUTE", "DECLARE", "CALL", ";"})
_OF_ROWS = frozenset({"NEW", "OLD", "ROW", "TABLE", "NEW_TABLE", "OLD_TABLE", "AS"})


class RowCode(ValueReader):
    """A reader that knows whose rows NEW and OLD are."""

    def _past_when(self) -> None:
        """A trigger's `WHEN (new.a > 1)`: which of the rows it runs for."""
        depth = 0
        told = "the condition of this trigger: which rows it runs for is not followed"
        self.found.skipped.append((told, self.tokens[self.at].start))
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if not depth and (word in _AFTER_WHEN or word in STARTERS):
                return
            self.at += 1

    def _names_rows(self) -> bool:
        """Whether what was just passed stands in `REFERENCING NEW ROW AS n`."""
        word, before = self.words[self.at - 1], self.words[self.at - 2]
        return (
            before in _OF_ROWS
            if word == "AS"
            else word in ("ROW", "STATEMENT") and before not in ("EACH", "FOR")
        )

    def _rows_of(self, start: int) -> tuple[str, ...]:
        """The table of a trigger, and what `REFERENCING NEW AS n OLD TABLE AS o` calls its rows."""
        words = self.words[start : self.at]
        if "REFERENCING" not in words:
            return (self._table_of(start),)
        first = start + words.index("REFERENCING")
        named = [
            self.tokens[at].text
            for at in range(first + 2, self.at)
            if self.words[at].isidentifier()
            and self.words[at] not in _OF_ROWS
            and self.words[at - 1] in _OF_ROWS
        ]
        return (self._table_of(start), *named[:2])

    def _table_of(self, start: int) -> str:
        """`CREATE TRIGGER x ... ON s.t`: the table as written."""
        on = next((at for at in range(start, self.at) if self.words[at] == "ON"), None)
        if on is None or on + 1 >= len(self.words):
            return ""
        last = on + 1
        while self.words[last + 1 : last + 2] == ["."] and last + 2 < len(self.words):
            last += 2
        return "".join(token.text for token in self.tokens[on + 1 : last + 1])

    def _read_for_triggers(self, start: int) -> bool:
        """PostgreSQL's function that returns TRIGGER: its body is read for each trigger of the text that runs it."""
        body = next(
            (at for at in range(start, self._end_here()) if self.tokens[at].token_type in BODIES), None
        )
        if body is None or "TRIGGER" not in self.words[start:body]:
            return self._read_block(body)
        tables = [rows for rows in self._triggers_of(self._name_at(self._routine_at(start))) if rows[0]]
        self.at = body
        for rows in tables:
            self.trigger = rows
            self._keep(self._text(body))
        self.trigger = ()
        self.found.calls += len(tables)
        return bool(tables)

    def _read_block(self, body: int | None) -> bool:
        """The statements of a function whose body is a block: they run when it is called, as those of a procedure do."""
        if body is None or not is_block_text(self.tokens[body].text):
            return False
        language = [two for one, two in pairwise(self.words[self.at : self._end_here()]) if one == "LANGUAGE"]
        if not OTHER_LANGUAGES.isdisjoint(language):
            return False
        self.at = body
        self._keep(self._text(body))
        self.found.calls += 1
        return True

    def _end_here(self) -> int:
        """The semicolon behind what is being read, or the end."""
        return next((at for at in range(self.at, len(self.words)) if self.words[at] == ";"), len(self.words))

    def _triggers_of(self, function: list[str]) -> list[tuple[str, ...]]:
        """What each trigger that runs the function is about."""
        here, found = self.at, []
        for at in range(len(self.words) - 2):
            if self.words[at] == "EXECUTE" and self._called(at) == function:
                start = at
                while start > 0 and self.words[start] != "CREATE":
                    start -= 1
                self.at = at
                found.append(self._rows_of(start))
        self.at = here
        return found

    def _called(self, at: int) -> list[str]:
        """The last part of the name in `EXECUTE FUNCTION s.f()` at `at`."""
        if self.words[at + 1 : at + 2] not in (["FUNCTION"], ["PROCEDURE"]):
            return []
        return self._name_at(at + 2)

    def _runs_followed(self) -> bool:
        """Whether the trigger at hand runs a function whose body stands in the text, and is read there."""
        name = self._called(self.at)
        for at in range(len(self.words) - 1):
            if self.words[at] == "FUNCTION" and self.words[at - 1] in ("CREATE", "REPLACE"):
                made = self._name_at(at + 1)
                returns = self.words[at : at + 12]
                if made == name and ["RETURNS", "TRIGGER"] in [
                    returns[one : one + 2] for one in range(len(returns))
                ]:
                    return True
        return False

    def _routine_at(self, start: int) -> int:
        return next((at for at in range(start, len(self.words)) if self.words[at] == "FUNCTION"), start) + 1

    def _name_at(self, at: int) -> list[str]:
        while self.words[at + 1 : at + 2] == ["."]:
            at += 2
        return [self.tokens[at].text] if at < len(self.tokens) else []

    def _into_rule(self) -> None:
        """PostgreSQL's `create rule r as on insert to t do also (insert ...; update ...)`."""
        start, end = self.at, len(self.words)
        to = next((at for at in range(start, end) if self.words[at] in ("TO", ";")), end)
        does = next((at for at in range(to, end) if self.words[at] in ("DO", ";")), end)
        if to + 1 >= end or self.words[does : does + 1] != ["DO"]:
            self._skip_statement()
            self.found.skipped.append(("create rule: not followed", self.tokens[start].start))
            return
        if "WHERE" in self.words[to:does]:
            told = "the condition of this rule: which rows it runs for is not followed"
            self.found.skipped.append((told, self.tokens[to].start))
        table = to + 1
        while self.words[table + 1 : table + 2] == ["."]:
            table += 2
        self.at = does + 1 + (self.words[does + 1 : does + 2] in (["ALSO"], ["INSTEAD"]))
        if self.words[self.at : self.at + 1] == ["NOTHING"]:
            self.found.concerning.append(self.tokens[start].start)
            self._skip_statement()
            return
        self.trigger = ("".join(one.text for one in self.tokens[to + 1 : table + 1]),)
        last = past_brackets(self.tokens, self.at) if self.words[self.at : self.at + 1] == ["("] else 0
        self.at += bool(last)
        while self.at < max(last - 1, 0) or not last:
            if self.words[self.at : self.at + 1] == [";"]:
                self.at += 1
                continue
            self._changes_rows()
            if not last:
                break
        self.at = max(last, self.at)
        self.trigger = ()

    def _changes_rows(self) -> None:
        """One statement of a rule."""
        first = self.at
        end = self._end_of_statement()
        self.at = max(end, first + 1)
        self._keep(Piece(self.tokens[first].start, self.tokens[max(end - 1, first)].end + 1))
