"""What a call to a service can end with instead of an answer. Each problem says whether asking again can help."""

from __future__ import annotations

from enum import StrEnum

from penstock.errors import ToolError


class ProblemKind(StrEnum):
    """Why a call gave no answer. UNREACHABLE, LIMITED and SERVER pass by themselves; the others need somebody."""

    UNREACHABLE = "unreachable"
    LIMITED = "limited"  # too many calls
    SERVER = "server"  # an error on its side
    UNAUTHORIZED = "unauthorized"  # who asks is not known
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"  # something else is in the way there
    REJECTED = "rejected"  # not understood, by them or by us
    FOREIGN = "foreign"  # an answer, but not the service's: a proxy, a login page


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


class RemoteProblem(ToolError):
    """A call that gave no usable answer. `kind` decides what follows."""

    def __init__(self, kind: ProblemKind, what: str, *, hint: str | None = None) -> None:
        super().__init__(what, hint=hint)
        self.kind = kind

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed later without anybody doing anything."""
        return self.kind in PASSING
