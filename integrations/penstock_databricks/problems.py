"""What a call to Databricks can end with instead of an answer. Each problem says whether asking again can help."""

from __future__ import annotations

from enum import StrEnum

from penstock.errors import ToolError


class ProblemKind(StrEnum):
    """Why a call gave no answer. UNREACHABLE, LIMITED and SERVER pass by themselves; the others need somebody."""

    UNREACHABLE = "unreachable"
    LIMITED = "limited"  # 429
    SERVER = "server"  # 5xx
    UNAUTHORIZED = "unauthorized"  # 401, and 403 for a token that is wrong
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not_found"  # 404, and 400 for a run or job that does not exist
    REJECTED = "rejected"  # other 4xx, answers that are no JSON


PASSING = frozenset({ProblemKind.UNREACHABLE, ProblemKind.LIMITED, ProblemKind.SERVER})
# Answers that prove that nothing was done. Anything else leaves it open.
REFUSED = frozenset(
    {
        ProblemKind.UNAUTHORIZED,
        ProblemKind.FORBIDDEN,
        ProblemKind.NOT_FOUND,
        ProblemKind.REJECTED,
        ProblemKind.LIMITED,
    }
)


class DatabricksProblem(ToolError):
    """A call that gave no usable answer. `kind` decides what follows."""

    def __init__(self, kind: ProblemKind, what: str, *, hint: str | None = None) -> None:
        super().__init__(what, hint=hint)
        self.kind = kind

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed later without anybody doing anything."""
        return self.kind in PASSING
