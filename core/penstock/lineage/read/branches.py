"""Which stretches of procedural code may run or not, or run again: branches, loops, handlers. By words; nothing is run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from penstock.lineage.read.keywords import SPLITTERS, STARTERS

_BEFORE_STATEMENT = frozenset(
    {"", ";", "BEGIN", "THEN", "ELSE", "LOOP", "DO", "REPEAT", "AS", "IS", "ATOMIC", "TRY", "CATCH", ":", ">>", ">", "END", "GO"}
)  # fmt: skip
_LOOPS = frozenset({"LOOP", "WHILE", "FOR", "REPEAT"})
_PARTS = frozenset({"ELSE", "ELSEIF", "ELSIF", "ELIF", "WHEN"})
_OF_END = frozenset({"IF", "LOOP", "WHILE", "CASE", "REPEAT", "FOR"})
_NO_BLOCK = frozenset({"TRAN", "TRANSACTION", "WORK", ";", ""})
_OBJECTS = frozenset({"TABLE", "VIEW", "SCHEMA", "DATABASE", "PROCEDURE", "PROC", "FUNCTION", "INDEX", "COLUMN", "CONSTRAINT"})  # fmt: skip
_BEFORE_QUERY = frozenset({"", "SELECT", "WITH", "INSERT", "CREATE", "MERGE"})
_BEGINS = STARTERS | SPLITTERS | {"SET"}


class _Open(msgspec.Struct):
    """A block that has begun; `start` is None where it runs as what is around it."""

    kind: str
    begun: int
    start: int | None = None


class Branches:
    """The branches of a text, by the tokens from which to which they go."""

    def __init__(self, words: Sequence[str], *, bare: bool) -> None:
        self._words = words
        self._bare = bare
        self._open: list[_Open] = []
        self._pending: int | None = None  # T-SQL: a condition whose statement or block is to come
        self._single: int | None = None  # T-SQL: the one statement behind a condition
        self._first = ""
        self._handles = False
        self.found: list[tuple[int, int]] = []
        self.blocks: list[tuple[int, int]] = []
        self._read()

    def around(self, at: int) -> tuple[int, ...]:
        """Where the branches around a token begin, the outermost first."""
        return tuple(sorted(start for start, end in self.found if start <= at < end))

    def end_of_block(self, at: int, *, before: bool) -> int:
        """Where the block of what is declared at a token ends; it stands `before` its block or in it."""
        if before:
            return min((one for one in self.blocks if one[0] > at), default=(0, len(self._words)))[1]
        return max((one for one in self.blocks if one[0] <= at < one[1]), default=(0, len(self._words)))[1]

    @property
    def undone(self) -> bool:
        """Whether a transaction is undone, elsewhere than in a branch, such as the handler of a failure."""
        return any(word == "ROLLBACK" and not self.around(at) for at, word in enumerate(self._words))

    def _read(self) -> None:
        depth = 0
        for at, word in enumerate(self._words):
            depth += (word == "(") - (word == ")")
            if depth == 0:
                self._word(at, word)
        for one in self._open:
            self._ends(one, len(self._words))
        self.blocks.extend((one.begun, len(self._words)) for one in self._open if one.kind == "BEGIN")
        self._ends_single(len(self._words))

    def _word(self, at: int, word: str) -> None:
        before = self._words[at - 1] if at else ""
        following = self._words[at + 1] if at + 1 < len(self._words) else ""
        self._handles = word != ";" and (self._handles or word == "HANDLER")
        queries = word in ("SELECT", "WITH") and self._first not in _BEFORE_QUERY
        if self._single is not None and (word in (";", "ELSE", "END") or word in SPLITTERS or queries):
            self._ends_single(at)
        if word == "CASE" and before != "END":
            self._open.append(_Open("CASE", at, at))
        elif word == "END":
            if self._open:
                ended = self._open.pop()
                self._ends(ended, at)
                if ended.kind == "BEGIN":
                    self.blocks.append((ended.begun, at))
        elif word == "BEGIN" and following not in _NO_BLOCK:
            self._begins(at, following)
        elif self._bare:
            self._bare_word(at, word, before)
        elif before not in _BEFORE_STATEMENT and word not in _PARTS:
            return
        elif word == "IF" or word in _LOOPS:
            if before != "END":
                self._open.append(_Open(word, at, at))
        elif word == "EXCEPTION" and self._open:
            self._open[-1].start = at
        elif word in _PARTS and self._open and self._open[-1].kind in ("IF", "CASE"):
            self._ends(self._open[-1], at)
            self._open[-1].start = at

    def _begins(self, at: int, following: str) -> None:
        start = at if self._handles or following == "CATCH" else None
        self._open.append(_Open("BEGIN", at, start if self._pending is None else self._pending))
        self._pending = None
        self._handles = False

    def _bare_word(self, at: int, word: str, before: str) -> None:
        in_case = bool(self._open) and self._open[-1].kind == "CASE"
        if in_case:
            return
        if (word in ("IF", "WHILE") and before not in _OBJECTS) or word == "ELSE":
            self._pending = at if self._pending is None else self._pending
        elif self._pending is not None and word in _BEGINS:
            self._single, self._pending = self._pending, None
            self._first = word

    def _ends(self, one: _Open, at: int) -> None:
        if one.start is not None:
            self.found.append((one.start, at))

    def _ends_single(self, at: int) -> None:
        if self._single is not None:
            self.found.append((self._single, at))
            self._single = None
