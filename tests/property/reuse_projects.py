"""Random projects of SQL models over real rows, and random edits of them: text by text, for the truth test of reuse."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

NAMES = ("id", "a", "b", "k", "x")


@dataclass
class Model:
    """One model: its form, its SQL over parents by name, and its columns."""

    name: str
    form: str
    sql: str
    columns: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass
class Project:
    """Sources and models, in dependency order."""

    sources: dict[str, tuple[str, ...]]
    models: dict[str, Model] = field(default_factory=dict)

    def columns(self, name: str) -> tuple[str, ...]:
        return self.sources[name] if name in self.sources else self.models[name].columns

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
    return Model(name, rng.choice(["table", "table", "view"]), sql, out, read)


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


SHAPES = (
    plain, plain, plain, star, grouped, joined, distinct, counted, unioned, existing, windowed, limited, natural,
)  # fmt: skip


def one_column(rng: random.Random, made: Project) -> Model:
    """One column of a table by another expression."""
    tables = [one for one in made.models.values() if one.form == "table"] or list(made.models.values())
    old = rng.choice(tables)
    name = rng.choice(old.columns)
    others = ", ".join(f"{one} + 1 as {one}" if one == name else one for one in old.columns)
    return Model(old.name, old.form, f"select {others} from ({old.sql})", old.columns, old.parents)


def edited(rng: random.Random, made: Project) -> Model:
    """Another text for one of the models: harmless or not."""
    old = made.models[rng.choice(list(made.models))]
    how = rng.random()
    if how < 0.15:
        return Model(
            old.name, old.form, f"{old.sql} -- a remark {rng.randint(0, 99)}", old.columns, old.parents
        )
    if how < 0.3:
        digits = [at for at, letter in enumerate(old.sql) if letter.isdigit() and old.sql[at - 1] == " "]
        if digits:
            at = rng.choice(digits)
            sql = f"{old.sql[:at]}{(int(old.sql[at]) + 1) % 10}{old.sql[at + 1 :]}"
            return Model(old.name, old.form, sql, old.columns, old.parents)
    if how < 0.45:
        extra = rng.choice([name for name in (*NAMES, "z") if name not in old.columns])
        sql = f"select *, {rng.randint(0, 5)} as {extra} from ({old.sql})"
        return Model(old.name, old.form, sql, (*old.columns, extra), old.parents)
    if how < 0.55:
        order = list(old.columns)
        rng.shuffle(order)
        return Model(
            old.name, old.form, f"select {', '.join(order)} from ({old.sql})", tuple(order), old.parents
        )
    if how < 0.75:
        return one_column(rng, made)
    if how < 0.8:
        return Model(old.name, "view" if old.form == "table" else "table", old.sql, old.columns, old.parents)
    return model(rng, made, old.name)


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
