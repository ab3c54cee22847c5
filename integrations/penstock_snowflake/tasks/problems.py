"""A statement's error as the kit for jobs wants it: whether something may have been done, and whether asking again can help."""

from __future__ import annotations

from penstock.errors import ConfigError, PenstockError, ToolMissing
from penstock.integration.jobs import ProblemKind, RemoteProblem
from penstock_snowflake.connect import DENIED, LoginRefused, SqlError

_CONNECTOR = 250_000  # from here on the connector's own numbers: no answer came
_LOGIN = range(390_000, 400_000)


def problem_of(error: PenstockError) -> RemoteProblem:
    """Snowflake's own errors prove that a statement did nothing; those of the connector do not."""
    if isinstance(error, RemoteProblem):
        return error
    code = error.code if isinstance(error, SqlError) else None
    if isinstance(error, LoginRefused):
        kind = ProblemKind.UNAUTHORIZED
    elif isinstance(error, ConfigError | ToolMissing):
        kind = ProblemKind.REJECTED
    elif code is None:
        kind = ProblemKind.UNREACHABLE
    elif code in _LOGIN:
        kind = ProblemKind.UNAUTHORIZED
    elif code == 0 or code >= _CONNECTOR:
        kind = ProblemKind.UNREACHABLE
    elif code == DENIED:
        kind = ProblemKind.NOT_FOUND
    else:
        kind = ProblemKind.REJECTED
    return RemoteProblem(kind, error.what, hint=error.hint)
