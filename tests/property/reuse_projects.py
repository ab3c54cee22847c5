"""Random projects of SQL models over real rows, and random edits of them: text by text, for the truth test of reuse."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

THIS = "memory.main."
_FORMS = ("table",) * 5 + ("view",) * 3 + ("incremental",) * 2 + ("ephemeral", "snapshot")
NAMES = ("id", "a", "b", "k", "x")


@dataclass
class Model:
    """One model: its form, its SQL over parents by name, and the columns of that. `how`: of an incremental one which rows it takes."""

    name: str
    form: str
    sql: str
    columns: tuple[str, ...]
    parents: tuple[str, ...]
    how: str = ""


@dataclass
class Project:
    """Sources and models, in dependency order."""

    sources: dict[str, tuple[str, ...]]
    models: dict[str, Model] = field(default_factory=dict)

    def columns(self, name: str) -> tuple[str, ...]:
        if name in self.sources:
            return self.sources[name]
        more = ("gone",) if self.models[name].form == "snapshot" else ()
        return (*self.models[name].columns, *more)

    def compiled(self, name: str) -> str:
        """Its SQL, with ephemeral models within."""
        return self._with_inner(name, self.models[name].sql)

    def again(self, name: str) -> str:
        """What makes it once it is there."""
        one = self.models[name]
        key, this, text = one.columns[0], f"{THIS}{name}", f"(\n{one.sql}\n)"
        if one.form != "incremental" or one.how == "all":
            return self.compiled(name)
        if one.how == "newer":
            newest = f"(select coalesce(max({key}), -1) from {this})"
            return self._with_inner(name, f"select * from {text} where {key} > {newest}")
        there = f"(select 1 from {this} as t where t.{key} is not distinct from q.{key})"
        return self._with_inner(name, f"select * from {text} as q where not exists {there}")

    def _with_inner(self, name: str, text: str) -> str:
        inner: dict[str, None] = {}
        self._inner(name, inner)
        if not inner:
            return text
        ctes = ", ".join(f"{one} as (\n{self.models[one].sql}\n)" for one in inner)
        return f"with {ctes}, {text[5:]}" if text.startswith("with ") else f"with {ctes} {text}"

    def _inner(self, name: str, found: dict[str, None]) -> None:
        for parent in self.models[name].parents:
            if parent in self.models and self.models[parent].form == "ephemeral" and parent not in found:
                self._inner(parent, found)
                found[parent] = None

    def before(self, name: str) -> list[str]:
        """What a model of that name may read."""
        order = [*self.sources, *self.models]
        return order[: order.index(name)] if name in order else order


def project(rng: random.Random, models: int = 9) -> Project:
    made = Project({"src0": ("id", "a", "b", "stamp"), "src1": ("id", "k", "x")})
    for number in range(models):
        name = f"m{number}"
        made.models[name] = model(rng, made, name)
    return made


def model(rng: random.Random, made: Project, name: str) -> Model:
    """A new model of one of many shapes."""
    parents = made.before(name)
    first, second = rng.choice(parents[-4:]), rng.choice(parents)
    columns = made.columns(first)
    shape = rng.choice(SHAPES)
    sql, out, read = shape(rng, first, columns, second, made.columns(second))
    if rng.random() < 0.25:
        sql = f"with inner_one as ({sql}) select * from inner_one"
    form = "seed" if shape is seeded else rng.choice(_FORMS)
    return Model(name, form, sql, out, read, rng.choice(["newer", "all", "absent"]))


Shaped = tuple[str, tuple[str, ...], tuple[str, ...]]


def expression(rng: random.Random, columns: tuple[str, ...], prefix: str = "") -> str:
    one, two = (prefix + rng.choice(columns) for _ in range(2))
    return rng.choice(
        [
            one,
            f"{one} + {rng.randint(1, 3)}",
            f"{one} - {two}",
            f"coalesce({one}, {rng.randint(0, 2)})",
            f"case when {one} > {rng.randint(0, 6)} then {two} else 0 end",
            f"{one} % 3",
            f"abs({one})",
        ]
    )


def condition(rng: random.Random, columns: tuple[str, ...], prefix: str = "") -> str:
    one = prefix + rng.choice(columns)
    return rng.choice(
        [f"{one} > {rng.randint(0, 5)}", f"{one} % 2 = {rng.randint(0, 1)}", f"{one} is not null"]
    )


def _names(rng: random.Random, least: int = 1) -> list[str]:
    return rng.sample(NAMES, rng.randint(least, 4))


def plain(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    out = _names(rng)
    where = f" where {condition(rng, c)}" if rng.random() < 0.5 else ""
    chosen = ", ".join(f"{expression(rng, c)} as {name}" for name in out)
    return f"select {chosen} from {first}{where}", tuple(out), (first,)


def star(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    return f"select * from {first} where {condition(rng, c)}", c, (first,)


def grouped(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    key = rng.choice(c)
    having = f" having count(*) > {rng.randint(0, 2)}" if rng.random() < 0.4 else ""
    sql = f"select {key} % 4 as k, sum({rng.choice(c)}) as x, count(*) as n from {first} group by 1{having}"
    return sql, ("k", "x", "n"), (first,)


def joined(rng: random.Random, first: str, c: tuple[str, ...], second: str, d: tuple[str, ...]) -> Shaped:
    how = rng.choice(["join", "left join", "full join"])
    on = f"p.{rng.choice(c)} = q.{rng.choice(d)}"
    sql = (
        f"select {expression(rng, c, 'p.')} as a, {expression(rng, d, 'q.')} as b"
        f" from {first} as p {how} {second} as q on {on}"
    )
    return sql, ("a", "b"), (first, second)


def distinct(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    return f"select count(*) as n from (select distinct {rng.choice(c)} from {first})", ("n",), (first,)


def counted(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    where = f" where {condition(rng, c)}" if rng.random() < 0.3 else ""
    return f"select count(*) as n from {first}{where}", ("n",), (first,)


def unioned(rng: random.Random, first: str, c: tuple[str, ...], second: str, d: tuple[str, ...]) -> Shaped:
    word = rng.choice(["union all", "union", "except", "intersect"])
    sql = f"select {rng.choice(c)} as a from {first} {word} select {rng.choice(d)} from {second}"
    return sql, ("a",), (first, second)


def existing(rng: random.Random, first: str, c: tuple[str, ...], second: str, d: tuple[str, ...]) -> Shaped:
    within = rng.choice(
        [
            f"exists (select 1 from {second} as q where q.{rng.choice(d)} = p.{rng.choice(c)})",
            f"p.{rng.choice(c)} in (select {rng.choice(d)} from {second})",
            f"p.{rng.choice(c)} < (select max({rng.choice(d)}) from {second})",
            f"exists (select 1 from {second} where {rng.choice(NAMES)} = {rng.randint(0, 4)})",
        ]
    )
    return f"select {expression(rng, c, 'p.')} as x from {first} as p where {within}", ("x",), (first, second)


def windowed(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    over = f"partition by {rng.choice(c)} % 3 order by {rng.choice(c)}"
    call = rng.choice([f"sum({rng.choice(c)})", "rank()", "count(*)", "dense_rank()"])
    sql = f"select {rng.choice(c)} as id, {call} over ({over}) as x from {first}"
    return sql, ("id", "x"), (first,)


def limited(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    by = ", ".join(c)
    return f"select {c[0]} as id from {first} order by {rng.choice(c)}, {by} limit 3", ("id",), (first,)


def natural(rng: random.Random, first: str, c: tuple[str, ...], second: str, d: tuple[str, ...]) -> Shaped:
    same = [name for name in c if name in d]
    if first == second or not same:
        return plain(rng, first, c, second, d)
    word = rng.choice(["natural join", "using"])
    tail = f"natural join {second}" if word == "natural join" else f"join {second} using ({rng.choice(same)})"
    return f"select count(*) as n from {first} {tail}", ("n",), (first, second)


def unnamed(rng: random.Random, first: str, c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    """A column that the warehouse gives a name to."""
    inner = f"select {expression(rng, c)} as v, {rng.choice(c)} % 3 as k from {first}"
    sql = f"with t as ({inner}) select k, max(v) from t group by 1"
    return sql, ("k", '"max(v)"'), (first,)


def seeded(rng: random.Random, _f: str, _c: tuple[str, ...], _s: str, _d: tuple[str, ...]) -> Shaped:
    """A file of rows."""
    lines = ", ".join(f"( {at}, {rng.randint(0, 6)})" for at in range(rng.randint(1, 4)))
    return f"select * from (values {lines}) as t(id, x)", ("id", "x"), ()


SHAPES = (
    plain, plain, plain, star, grouped, joined, distinct, counted, unioned, existing, windowed, limited, natural,
    unnamed, seeded,
)  # fmt: skip


def one_column(rng: random.Random, made: Project) -> tuple[str, Model]:
    """One column by another expression."""
    tables = [one for one in made.models.values() if one.form != "seed"] or list(made.models.values())
    old = rng.choice(tables)
    name = rng.choice(old.columns)
    others = ", ".join(f"{one} + 1 as {one}" if one == name else one for one in old.columns)
    return f"one column of a {old.form}", _above(old, others)


def _above(old: Model, listed: str, tail: str = "", columns: tuple[str, ...] | None = None) -> Model:
    sql = f"select {listed} from (\n{old.sql}\n){tail}"
    return replace(old, sql=sql, columns=old.columns if columns is None else columns)


def _remark(rng: random.Random, old: Model) -> Model:
    return replace(old, sql=f"{old.sql} -- a remark {rng.randint(0, 99)}")


def _layout(rng: random.Random, old: Model) -> Model:
    return replace(old, sql=f"{old.sql}\n  ")


def _digit(rng: random.Random, old: Model) -> Model:
    digits = [at for at, letter in enumerate(old.sql) if letter.isdigit() and old.sql[at - 1] == " "]
    if not digits:
        return _added(rng, old)
    at = rng.choice(digits)
    return replace(old, sql=f"{old.sql[:at]}{(int(old.sql[at]) + 1) % 10}{old.sql[at + 1 :]}")


def _added(rng: random.Random, old: Model) -> Model:
    extra = rng.choice([name for name in (*NAMES, "z") if name not in old.columns] or ["zz"])
    return _above(old, f"*, {rng.randint(0, 5)} as {extra}", columns=(*old.columns, extra))


def _moved(rng: random.Random, old: Model) -> Model:
    order = list(old.columns)
    rng.shuffle(order)
    return _above(old, ", ".join(order), columns=tuple(order))


def _removed(rng: random.Random, old: Model) -> Model:
    name = rng.choice(old.columns)
    rest = tuple(one for one in old.columns if one != name) or old.columns
    return _above(old, ", ".join(rest), columns=rest)


def _renamed(rng: random.Random, old: Model) -> Model:
    name, other = (
        rng.choice(old.columns),
        rng.choice([one for one in NAMES if one not in old.columns] or ["zz"]),
    )
    listed = ", ".join(f"{one} as {other}" if one == name else one for one in old.columns)
    return _above(old, listed, columns=tuple(other if one == name else one for one in old.columns))


def _retyped(rng: random.Random, old: Model) -> Model:
    name, kind = rng.choice(old.columns), rng.choice(["double", "bigint", "decimal(18, 2)", "varchar"])
    return _above(old, ", ".join(f"{one}::{kind} as {one}" if one == name else one for one in old.columns))


def _filtered(rng: random.Random, old: Model) -> Model:
    return _above(old, "*", f" where {condition(rng, old.columns)}")


def _distinct(rng: random.Random, old: Model) -> Model:
    return _above(old, "distinct *")


def _limited(rng: random.Random, old: Model) -> Model:
    return _above(old, "*", f" order by {', '.join(old.columns)} limit {rng.randint(1, 6)}")


def _other_form(rng: random.Random, old: Model) -> Model:
    if old.form not in ("table", "view", "ephemeral"):
        return _filtered(rng, old)
    return replace(old, form=rng.choice([one for one in ("table", "view", "ephemeral") if one != old.form]))


_EDITS = {
    "a remark": _remark,
    "layout": _layout,
    "a number": _digit,
    "a column added": _added,
    "columns moved": _moved,
    "a column removed": _removed,
    "a column renamed": _renamed,
    "a type": _retyped,
    "a filter": _filtered,
    "distinct": _distinct,
    "a limit": _limited,
    "another form": _other_form,
}


def edited(rng: random.Random, made: Project) -> tuple[str, Model]:
    """Another text for one of the models, harmless or not, and what kind of edit that is."""
    old = made.models[rng.choice(list(made.models))]
    if rng.random() < 0.15:
        return one_column(rng, made)
    if rng.random() < 0.15:
        return "another model", model(rng, made, old.name)
    kind = rng.choice(list(_EDITS))
    return f"{kind} of a seed" if old.form == "seed" else kind, _EDITS[kind](rng, old)


def loads(rng: random.Random) -> str:
    """A statement that changes the sources, or writes the same rows again."""
    number = rng.randint(0, 9)
    return rng.choice(
        [
            f"insert into src0 values ({number}, {rng.randint(0, 9)}, {rng.randint(0, 9)}, {rng.randint(0, 999)})",
            f"insert into src1 values ({number}, {rng.randint(0, 9)}, {rng.randint(0, 9)})",
            f"update src0 set stamp = {rng.randint(0, 999)}",
            f"update src0 set b = b + 1 where id = {number}",
            f"update src1 set x = {rng.randint(0, 9)} where id = {number}",
            f"delete from src1 where id = {number} and k > 7",
            "create or replace table src0 as select * from src0 order by b, id",
            "update src1 set k = k",
        ]
    )
