"""What is remembered of how an asset was made, and what is known of it now. Records only."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.assets import AssetKey, Recipe
from penstock.integration import ColumnSet

Facts = dict[str, str]
"""What a decision rests on, in words: kept with the plan, shown by `penstock why`."""


class Input(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One input as it was read: its version, and its rows where they were counted."""

    version: str
    rows: int | None = None


class Verdict(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """How a check came out: success, warn or fail, and what it said then."""

    outcome: str
    message: str = ""


class MadeFrom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """This recipe made `output` of these inputs: true for ever, whoever writes the table afterwards.

    `reads` are the columns read of each direct input (None: all); of a view `flows` has the columns that
    each of these gives values to (None: it decides rows). Of a check there is a `verdict` instead of an output. `volatile` is why the same inputs may give other data ("" when
    they do not), `daily` whether it is the date alone, `clocked` the only columns that a clock's value comes to (None: it may decide more).
    `marks`: of a view, one word for its rows ("") and one for each column: the same word, the same SQL. Rows from before the run `older` follow older code (0: none do). `run` is the run's number, `at` the moment before its inputs were read.
    """

    recipe: Recipe
    reads: dict[AssetKey, ColumnSet | None]
    inputs: dict[AssetKey, Input]
    output: str
    run: int
    at: float
    sql: str = ""
    dialect: str = ""
    volatile: str = ""
    daily: bool = False
    flows: dict[AssetKey, dict[str, ColumnSet | None]] = {}
    verdict: Verdict | None = None
    clocked: ColumnSet | None = None
    marks: dict[str, str] = {}
    older: int = 0


class Pending(msgspec.Struct, frozen=True, array_like=True):
    """An input that is made first. `reads`: those of its changing columns that are read (None: that is not known, or all may change);
    none of them: the new data does not matter here. `changing`: the columns that change. `order`: the word for which all of them may,
    although some alone were edited. `anew`: nothing will tell that it came out as it was. `falls`: who reads it is a view that goes with it."""

    reads: tuple[str, ...] | None = None
    changing: tuple[str, ...] = ()
    order: str = ""
    anew: bool = False
    falls: bool = False


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the project says: `volatile` as in penstock.yml (None: the date by day, a clock in an unread column never, all else always), for
    how many seconds after it was made an asset need not follow new data, and what becomes of rows that older code made."""

    volatile: str | None = None
    max_lag: float = 0.0
    on_code_change: str = "increment"


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an asset at this moment. `output` None: it does not exist, or (`there`) nothing tells what it holds. Of `inputs` None means not known.
    `pending` are inputs that this run makes first; `names` gives names to keys; `edit` is what changed in its SQL, in words."""

    recipe: Recipe
    output: str | None
    inputs: Mapping[AssetKey, Input | None]
    names: Mapping[AssetKey, str]
    pending: Mapping[AssetKey, Pending] = {}
    volatile: str = ""  # of a view that is read
    unread: bool = False  # nothing reads a column that a clock's value comes to
    same_day: bool = False
    same_hour: bool = False
    age: float = 0.0  # seconds since its inputs were read
    rules: Rules = Rules()
    there: bool = False
    untold: str = ""  # why nothing tells what it holds
    inputs_untold: Mapping[AssetKey, str] = {}
    cosmetic: bool = False  # the SQL that the changed text gives is the same but for its form
    edit: str = ""
