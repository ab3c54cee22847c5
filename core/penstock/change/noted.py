"""What is noted of an asset when it has been made, beside its versions: where a clock's value goes, what older code made. Pure."""

from __future__ import annotations

import msgspec

from penstock.change.clocked import clocked
from penstock.change.deciding import same_code
from penstock.change.records import MadeFrom
from penstock.change.shape import Edit, Outside, edit_between
from penstock.change.versions import marks, text_digest
from penstock.change.volatile import volatility
from penstock.integration import Content


def added_to(made: MadeFrom, was: MadeFrom | None, run: int) -> MadeFrom:
    """Of what is added to: since which run new rows follow newer code than those that were there."""
    if was is None or made.recipe.form != "incremental":
        return made
    older = was.older if same_code(made.recipe, was.recipe) else run
    return msgspec.structs.replace(made, older=older)


def with_clocks(made: MadeFrom, outside: Outside) -> MadeFrom:
    """The columns that a clock's value comes to, where nothing else varies."""
    if not made.volatile or made.verdict is not None or made.recipe.form not in ("table", "view"):
        return made
    found = volatility(made.sql, made.dialect)
    if found is None or found.why != made.volatile:
        return made
    return msgspec.structs.replace(made, clocked=clocked(made.sql, made.dialect, outside))


def with_marks(made: MadeFrom, was: MadeFrom | None, content: Content | None, outside: Outside) -> MadeFrom:
    """Of a view which columns are given by the same SQL as before."""
    if made.recipe.form != "view" or content is None:
        return made
    edit = Edit(whole=True)
    if was is not None and was.dialect == made.dialect and was.sql:
        edit = edit_between(was.sql, made.sql, made.dialect, outside)
    columns = tuple(name.lower() for name, _ in content.columns)
    found = marks(text_digest(made.sql), columns, was.marks if was is not None else {}, edit)
    return msgspec.structs.replace(made, marks=found)
