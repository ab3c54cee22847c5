"""How DuckDB and Spark spell an expression when it has to serve as a name: everything in parentheses, CAST in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage.scope.walk import Walk

_OPERATORS: dict[type, str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "//",
    exp.Mod: "%",
    exp.Pow: "**",
    exp.DPipe: "||",
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.JSONExtract: "->",
    exp.JSONExtractScalar: "->>",
}
# Words that DuckDB's parser reserves: as the names of functions it quotes them.
_QUOTED = frozenset({"substring", "if", "nullif", "trim", "position", "row", "overlay", "left", "right"})


def spelled(w: Walk, node: Any) -> str:
    """The name, as far as this module knows the engine's ways; the text as written where it does not."""
    found = _spell(w, node)
    return found if found is not None else w.text(node) or str(node.sql(dialect=w.rules.dialect))


def _spell(w: Walk, node: Any) -> str | None:
    kind = node.__class__
    if kind is exp.Paren:
        return _spell(w, node.args["this"])
    if kind is exp.Column:
        parts = [node.args[part].name for part in ("catalog", "db", "table", "this") if node.args.get(part)]
        return ".".join(parts)
    if kind is exp.Literal:
        return f"'{node.name}'" if node.args["is_string"] and w.rules.has.spells_as_duckdb else str(node.name)
    if kind in _OPERATORS and node.args.get("expression").__class__ is not exp.JSONPath:
        return _joined(w, (node.args["this"], node.args["expression"]), f" {_operator(w, kind)} ", "(", ")")
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(w, node)
    if isinstance(node, exp.AggFunc | exp.Anonymous | exp.Func) and not isinstance(node, exp.Binary):
        return _call(w, node)
    return None


def _operator(w: Walk, kind: type) -> str:
    if not w.rules.has.spells_as_duckdb:
        return (
            {"!=": "=", "//": "div"}.get(_OPERATORS[kind], _OPERATORS[kind]) if kind is not exp.NEQ else "!="
        )
    return _OPERATORS[kind]


def _joined(w: Walk, nodes: Any, between: str, before: str = "", after: str = "") -> str | None:
    parts = [_spell(w, node) for node in nodes]
    known = [part for part in parts if part is not None]
    return before + between.join(known) + after if len(known) == len(parts) else None


def _call(w: Walk, node: Any) -> str | None:
    """A function by the name that it was called by."""
    name = (w.text_of_name(node) or str(node.sql(dialect=w.rules.dialect)).split("(", 1)[0]).lower()
    if not name or not name.replace("_", "").isalnum():
        return None
    arguments: list[Any] = []
    for value in node.args.values():
        if isinstance(value, list):
            arguments.extend(value)
        elif isinstance(value, exp.Expr):
            arguments.append(value)
        elif value not in (None, False, True):
            continue
    if w.rules.has.spells_as_duckdb and name in _QUOTED:
        name = f'"{name}"'
    elif w.rules.has.spells_as_duckdb and name in ("coalesce", "ifnull"):
        name = "COALESCE"
    return _joined(w, arguments, ", ", f"{name}(", ")")


def _count(w: Walk, node: Any) -> str | None:
    if node.args.get("this").__class__ is exp.Star:
        return "count_star()" if w.rules.has.spells_as_duckdb else "count(1)"
    return _joined(w, [node.args["this"]], "", "count(", ")")


def _distinct(w: Walk, node: Any) -> str | None:
    return _joined(w, node.expressions, ", ", "DISTINCT ")


def _cast(w: Walk, node: Any) -> str | None:
    word = "TRY_CAST" if isinstance(node, exp.TryCast) and w.rules.has.spells_as_duckdb else "CAST"
    to = node.args["to"].sql(dialect=w.rules.dialect)
    to = {"INT": "INTEGER", "TEXT": "VARCHAR"}.get(to, to) if w.rules.has.spells_as_duckdb else to
    return _joined(w, [node.args["this"]], "", f"{word}(", f" AS {to})")


def _case(w: Walk, node: Any) -> str | None:
    whens = []
    operand = node.args.get("this")
    for branch in node.args["ifs"]:
        condition = branch.args["this"]
        if operand is not None:
            condition = exp.EQ(this=operand.copy(), expression=condition.copy())
        whens.append((_spell(w, condition), _spell(w, branch.args["true"])))
    default = node.args.get("default")
    last = _spell(w, default) if default is not None else "NULL"
    if last is None or any(part is None for pair in whens for part in pair):
        return None
    if w.rules.has.spells_as_duckdb:
        body = " ".join(f"WHEN ({condition}) THEN ({then})" for condition, then in whens)
        return f"CASE  {body} ELSE {last} END"
    body = " ".join(f"WHEN {condition} THEN {then}" for condition, then in whens)
    return f"CASE {body} ELSE {last} END" if default is not None else f"CASE {body} END"


def _connected(word: str) -> Callable[[Walk, Any], str | None]:
    def spell(w: Walk, node: Any) -> str | None:
        return _joined(w, list(node.flatten()), f" {word} ", "(", ")")

    return spell


def _not(w: Walk, node: Any) -> str | None:
    inner = node.args["this"]
    if isinstance(inner, exp.Is):
        return _joined(w, [inner.args["this"], inner.args["expression"]], " IS NOT ", "(", ")")
    return _joined(w, [inner], "", "(NOT ", ")")


def _is(w: Walk, node: Any) -> str | None:
    return _joined(w, [node.args["this"], node.args["expression"]], " IS ", "(", ")")


def _negative(w: Walk, node: Any) -> str | None:
    before, after = ("(-(", "))") if w.rules.has.spells_as_duckdb else ("(- ", ")")
    return _joined(w, [node.args["this"]], "", before, after)


def _in(w: Walk, node: Any) -> str | None:
    if not node.args.get("expressions"):
        return None
    inside = _joined(w, node.expressions, ", ", "(", ")")
    left = _spell(w, node.args["this"])
    return f"({left} IN {inside})" if inside is not None and left is not None else None


def _window(w: Walk, node: Any) -> str | None:
    if node.args.get("alias") is not None or node.args.get("spec") is not None:
        return None
    function = _spell(w, node.args["this"])
    spark = not w.rules.has.spells_as_duckdb
    parts = []
    if node.args.get("partition_by"):
        parts.append(_joined(w, node.args["partition_by"], ", ", "PARTITION BY "))
    order = node.args.get("order")
    if order is not None:
        parts.append(_joined(w, order.expressions, ", ", "ORDER BY "))
    if spark:
        parts.append(_frame(node.args["this"], order is not None))
    known = [part for part in parts if part is not None]
    if function is None or len(known) != len(parts):
        return None
    return f"{function} OVER ({' '.join(known)})"


def _frame(function: Any, ordered: bool) -> str:
    """Spark tells the frame, also where it was left out."""
    if not ordered:
        return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    kind = "ROWS" if isinstance(function, _BY_ROWS) else "RANGE"
    return f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


_BY_ROWS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)


def _ordered(w: Walk, node: Any) -> str | None:
    down = bool(node.args.get("desc"))
    if w.rules.has.spells_as_duckdb:
        return _joined(w, [node.args["this"]], "", "", " DESC" if down else "")
    first = "FIRST" if node.args.get("nulls_first") else "LAST"
    return _joined(w, [node.args["this"]], "", "", f" {'DESC' if down else 'ASC'} NULLS {first}")


def _if(w: Walk, node: Any) -> str | None:
    if w.rules.has.spells_as_duckdb:
        return None
    branches = [node.args["this"], node.args.get("true"), node.args.get("false")]
    return _joined(w, [one for one in branches if one is not None], ", ", "(IF(", "))")


def _bracket(w: Walk, node: Any) -> str | None:
    if w.rules.has.spells_as_duckdb:
        return w.text(node)
    subject = _spell(w, node.args["this"])
    return None if subject is None else f"{subject}[{', '.join(one.name for one in node.expressions)}]"


def _filter(w: Walk, node: Any) -> str | None:
    condition = node.args["expression"].args["this"]
    return _joined(w, [node.args["this"], condition], " FILTER (WHERE ", "", ")")


def _struct(w: Walk, node: Any) -> str | None:
    if not w.rules.has.spells_as_duckdb:
        return w.text(node)
    fields = [
        (one.args["this"].name, _spell(w, one.args["expression"]))
        for one in node.expressions
        if isinstance(one, exp.PropertyEQ)
    ]
    if len(fields) != len(node.expressions) or any(part is None for _, part in fields):
        return None
    return "struct_pack(" + ", ".join(f"{name} := {part}" for name, part in fields) + ")"


def _between(w: Walk, node: Any) -> str | None:
    limits = _joined(w, [node.args["low"], node.args["high"]], " AND ")
    subject = _spell(w, node.args["this"])
    return f"({subject} BETWEEN {limits})" if subject is not None and limits is not None else None


def _array(w: Walk, node: Any) -> str | None:
    return _joined(
        w, node.expressions, ", ", "list_value(" if w.rules.has.spells_as_duckdb else "array(", ")"
    )


_SPECIAL: dict[type, Callable[[Walk, Any], str | None]] = {
    exp.Count: _count,
    exp.Distinct: _distinct,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Case: _case,
    exp.And: _connected("AND"),
    exp.Or: _connected("OR"),
    exp.Not: _not,
    exp.Is: _is,
    exp.Neg: _negative,
    exp.In: _in,
    exp.Between: _between,
    exp.Array: _array,
    exp.CurrentDate: lambda w, node: "current_date" if w.rules.has.spells_as_duckdb else "current_date()",
    exp.Window: _window,
    exp.Ordered: _ordered,
    exp.Filter: _filter,
    exp.Null: lambda w, node: "NULL",
    exp.Boolean: lambda w, node: "true" if node.args["this"] else "false",
    exp.Struct: _struct,
    exp.Bracket: _bracket,
    exp.Subquery: lambda w, node: None,
    exp.Lambda: lambda w, node: None,
    exp.If: _if,
    exp.Interval: lambda w, node: None,
}
