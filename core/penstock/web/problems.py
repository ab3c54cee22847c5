"""Errors as `application/problem+json`: what, and what to do next. No secret, no trace, no path that was not asked for."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.responses import Response

from penstock.errors import (
    AmbiguousAsset,
    ConfigError,
    PenstockError,
    StoreError,
    ToolError,
    UnknownAsset,
    UsageError,
    WarehouseBusy,
)
from penstock.service.follow import UnknownColumn, UnknownField
from penstock.service.inspect import NoRuns, UnknownRun
from penstock.service.launching import PlanChanged
from penstock.service.people import NotAllowed
from penstock.web.schema import Problem

_PROBLEM = "application/problem+json"
# The first that fits.
_STATUS: tuple[tuple[type[PenstockError], int, str], ...] = (
    (NotAllowed, 403, "not allowed"),
    (UnknownAsset, 404, "not found"),
    (UnknownRun, 404, "not found"),
    (UnknownColumn, 404, "not found"),
    (UnknownField, 404, "not found"),
    (NoRuns, 404, "not found"),
    (PlanChanged, 409, "the plan has changed"),
    (AmbiguousAsset, 400, "not clear"),
    (ConfigError, 409, "the configuration is wrong"),
    (UsageError, 400, "not possible as asked"),
    (StoreError, 503, "the run store cannot be used now"),
    (WarehouseBusy, 503, "the warehouse is busy"),
    (ToolError, 502, "a tool failed"),
    (PenstockError, 409, "it failed"),
)


def problem_of(error: Exception, redact: Callable[[str], str]) -> Problem | None:
    """None for a defect of ours, of which nothing is told."""
    if isinstance(error, msgspec.ValidationError):
        return Problem(title="the request is wrong", status=400, detail=redact(str(error)))
    if isinstance(error, msgspec.DecodeError):
        return Problem(title="the body is no JSON", status=400, detail=redact(str(error)))
    if not isinstance(error, PenstockError):
        return None
    told = f"{error.where}: {error.what}" if isinstance(error, ConfigError) and error.where else error.what
    status, title = next((status, title) for kind, status, title in _STATUS if isinstance(error, kind))
    return Problem(
        title=title, status=status, detail=redact(told)[:2_000], hint=redact(error.hint or "")[:2_000]
    )


def problem_response(problem: Problem) -> Response:
    return Response(
        msgspec.json.encode(problem), problem.status, {"cache-control": "no-store"}, media_type=_PROBLEM
    )
