"""What a function that a script makes takes: which calls can mean it, and which later one takes its place."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlglot import exp

from penstock.lineage.scope.results import Result


class MadeFunction(msgspec.Struct, frozen=True, eq=False):
    """`types` and `names` of its parameters in order; a call gives from `least` to `most` of them (None: any number)."""

    types: tuple[str, ...]
    names: tuple[str, ...]
    least: int
    most: int | None
    rel: Result

    def takes(self, arguments: list[Any]) -> bool:
        """Whether a call with these arguments can be one of it."""
        if len(arguments) < self.least or (self.most is not None and len(arguments) > self.most):
            return False
        named = {one.args["this"].name.lower() for one in arguments if isinstance(one, _NAMED)}
        return named <= {*self.names}


_NAMED = (exp.Kwarg, exp.PropertyEQ)


def made_of(signature: Any, rel: Result) -> MadeFunction:
    """The function of that signature. What it gives back (`out`) is no parameter."""
    taken = [one for one in signature.expressions if not _is_output(one)]
    left_out = sum(1 for one in taken if _has_default(one) or _is_variadic(one))
    return MadeFunction(
        tuple(_type(one) for one in taken),
        tuple(one.name.lower() for one in taken),
        len(taken) - left_out,
        None if any(_is_variadic(one) for one in taken) else len(taken),
        rel,
    )


def _ways(parameter: Any) -> list[Any]:
    constraints = parameter.args.get("constraints") or ()
    return [one for one in constraints if isinstance(one, exp.InOutColumnConstraint)]


def _is_output(parameter: Any) -> bool:
    return any(one.args.get("output") and not one.args.get("input_") for one in _ways(parameter))


def _is_variadic(parameter: Any) -> bool:
    return any(one.args.get("variadic") for one in _ways(parameter))


def _has_default(parameter: Any) -> bool:
    constraints = parameter.args.get("constraints") or ()
    defaults = [one for one in constraints if isinstance(one.args.get("kind"), exp.DefaultColumnConstraint)]
    return bool(defaults) or parameter.args.get("default") is not None


def _type(parameter: Any) -> str:
    """Without its length, which does not tell two functions apart. Of a parameter without a name its only word is the type."""
    kind = parameter.args.get("kind")
    if not isinstance(kind, exp.DataType):
        return str(parameter.name).lower()
    inner = [_type_of(one) for one in kind.expressions if isinstance(one, exp.DataType)]
    return " ".join((_type_of(kind), *inner))


def _type_of(kind: Any) -> str:
    name = kind.args.get("kind")
    return str(name if name is not None else getattr(kind.args["this"], "name", kind.args["this"])).lower()
