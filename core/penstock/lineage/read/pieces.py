"""A script in pieces: where its statements stand, and what the code around them says. Records alone."""

from __future__ import annotations

import msgspec


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text, by offsets: one statement, or (`nested`) the body of a routine in quotes, or (`aside`) a query
    inside procedural code; its result is then known by the name `aside`, if that is not empty. `assigns`: it is an expression
    that is assigned to `aside`; `adds`: to what that has already. `trigger`: the table whose rows NEW and OLD are there, and other names
    of these. `before` stands in the place of its first letters, and `behind` after its last ones. `branch`: where the branches and loops
    around it begin, the outermost first."""

    start: int
    end: int
    nested: bool = False
    aside: str | None = None
    assigns: bool = False
    trigger: tuple[str, ...] = ()
    before: str = ""
    behind: str = ""
    adds: bool = False
    branch: tuple[int, ...] = ()


class Declared(msgspec.Struct, frozen=True):
    """A name that is a variable from the offset `start` to `end`, where its block ends."""

    name: str
    start: int
    end: int


class Found(msgspec.Struct):
    """What a script consists of: its pieces, the names of its variables, what was left out, which loop's rows
    are those of which cursor, the statements that only name relations, what is fetched from which cursor, whether a transaction is undone, where names are
    declared (the offset, and where their block ends), the names by which a variable can be qualified, and how many procedures are called."""

    pieces: list[Piece]
    variables: set[str]
    skipped: list[tuple[str, int]]
    loops: dict[str, str]
    broken: list[tuple[str, int]] = []
    concerning: list[int] = []
    fetches: list[tuple[str, list[str]]] = []
    undone: bool = False
    declared: list[Declared] = []
    routines: set[str] = set()
    calls: int = 0
