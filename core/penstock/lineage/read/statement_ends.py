"""Where a statement of a script ends, by its words: at a semicolon, at what closes a block, or at a word that begins another."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token

from penstock.lineage.read.keywords import BODIES, SPLITTERS, VIEW_OPTIONS, WITHOUT_QUERIES

_BEFORE_RIGHTS = WITHOUT_QUERIES | {",", "FOR"}
_OF_CURSORS = frozenset({"OPEN", "FETCH", "CLOSE", "DEALLOCATE"})


class StatementEnds:
    """A text's tokens and words, and the place in them. `bare`: a semicolon is not needed between statements."""

    def __init__(self, tokens: list[Token], *, bare: bool) -> None:
        self.tokens = tokens
        self.words = [token.text.upper() if token.token_type not in BODIES else "''" for token in tokens]
        self.bare = bare
        self.cursors: set[str] = set()  # T-SQL's, which are opened and read without semicolons
        self.at = 0

    def _end_of_query(self, at: int, last: int) -> int:
        """The token after a query that ends with its parenthesis, with the loop's DO or LOOP, or at `last`."""
        depth = 0
        for place in range(at, min(last, len(self.words))):
            word = self.words[place]
            depth += (word == "(") - (word == ")")
            if depth < 0 or word == ";" or (not depth and word in ("LOOP", "DO")):
                return place
        return min(last, len(self.words))

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
                if word in _OF_CURSORS and self._names_cursor(at):
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
        grants = not WITHOUT_QUERIES.isdisjoint(self.words[self.at : self.at + 1])
        self.at += 1
        while self.at < len(self.words):
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            if grants and self.words[self.at - 1] in _BEFORE_RIGHTS:
                self.at += 1
                continue
            if depth <= 0 and (
                word == ";" or (self.bare and (word in SPLITTERS or word in ("SELECT", "WITH", "END")))
            ):
                return
            if word in _OF_CURSORS and self._names_cursor(self.at):
                return
            self.at += 1

    def _names_cursor(self, at: int) -> bool:
        """`OPEN c`, `FETCH NEXT FROM c`: a statement of its own, where `c` is a cursor."""
        return bool(self.cursors) and not self.cursors.isdisjoint(self.words[at + 1 : at + 5])
