"""What a call to the API can end with instead of an answer. Each problem says whether asking again can help."""

from __future__ import annotations

from enum import StrEnum

from penstock.errors import ToolError


class ProblemKind(StrEnum):
    """Why a call gave no answer. UNREACHABLE, LIMITED and SERVER pass by themselves; the others need somebody."""

    UNREACHABLE = "unreachable"  # no connection, a time-out, a dropped answer
    LIMITED = "limited"  # 429
    SERVER = "server"  # 5xx
    UNAUTHORIZED = "unauthorized"  # 401
    FORBIDDEN = "forbidden"  # 403: also what the server says of an id that does not exist
    NOT_FOUND = "not_found"  # 404
    CONFLICT = "conflict"  # 409
    REJECTED = "rejected"  # other 4xx
    NOT_AIRBYTE = "not_airbyte"  # status 200, but no JSON: the web application, a proxy, a login page


PASSING = frozenset({ProblemKind.UNREACHABLE, ProblemKind.LIMITED, ProblemKind.SERVER})


class ApiProblem(ToolError):
    """A call that gave no usable answer. `kind` decides what follows; `status` is HTTP's, 0 when there was no answer.

    `told` is the server's own short text, without headers, tokens or configurations.
    """

    def __init__(
        self, kind: ProblemKind, what: str, *, status: int = 0, told: str = "", hint: str | None = None
    ) -> None:
        super().__init__(what, hint=hint)
        self.kind = kind
        self.status = status
        self.told = told

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed later without anybody doing anything."""
        return self.kind in PASSING


def kind_of(status: int) -> ProblemKind:
    """The kind that an HTTP status stands for."""
    exact = {
        401: ProblemKind.UNAUTHORIZED,
        403: ProblemKind.FORBIDDEN,
        404: ProblemKind.NOT_FOUND,
        409: ProblemKind.CONFLICT,
        429: ProblemKind.LIMITED,
    }
    if status in exact:
        return exact[status]
    return ProblemKind.SERVER if status >= 500 else ProblemKind.REJECTED
