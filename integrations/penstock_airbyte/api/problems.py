"""What a call to the API can end with instead of an answer. Each problem says whether asking again can help."""

from __future__ import annotations

from penstock.integration.jobs import ProblemKind, RemoteProblem


class ApiProblem(RemoteProblem):
    """A call that gave no usable answer. `kind` decides what follows; `status` is HTTP's, 0 when there was no answer.

    `told` is the server's own short text, without headers, tokens or configurations.
    """

    def __init__(
        self, kind: ProblemKind, what: str, *, status: int = 0, told: str = "", hint: str | None = None
    ) -> None:
        super().__init__(kind, what, hint=hint)
        self.status = status
        self.told = told


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
