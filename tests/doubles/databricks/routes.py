"""The stand-in's answers: Unity Catalog, jobs 2.2, OIDC. Which of it is guessed, the README says."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from tests.doubles.databricks.server import DatabricksDouble


_ONE_TABLE = "/api/2.1/unity-catalog/tables/"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    authorization: str | None

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body or b"{}")
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def said(document: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document).encode())


def problem(status: int, code: str | int, message: str) -> Answer:
    return said({"error_code": code, "message": message}, status)


def respond(double: DatabricksDouble, request: Request) -> Answer:
    """The answer to a request; called with the estate's lock held."""
    path = request.path
    if path == "/.well-known/databricks-config":
        return said({"oidc_endpoint": f"{double.url}/oidc", "workspace_id": "1", "account_id": "a"})
    if path.startswith("/oidc"):
        return _oidc(double, request)
    refusal = refused(double, request.authorization)
    if refusal is not None:
        return refusal
    if path.startswith(_ONE_TABLE):
        return _table(double, unquote(path.removeprefix(_ONE_TABLE)))
    if path.startswith("/api/2.1/unity-catalog/"):
        return _catalog(double, request, path.rpartition("/")[2])
    if path.startswith("/api/2.0/sql/warehouses/"):
        return said({"id": path.rpartition("/")[2], "name": "small", "state": double.estate.warehouse_state})
    if path.startswith("/api/2.2/jobs/"):
        return _jobs(double, request, path.removeprefix("/api/2.2/jobs/"))
    return problem(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {path}'")


def refused(double: DatabricksDouble, authorization: str | None) -> Answer | None:
    bearer = (authorization or "").removeprefix("Bearer ")
    if bearer == double.token:
        return None
    if bearer in double.issued:
        if time.time() < double.issued[bearer]:
            return None
        return problem(401, "UNAUTHENTICATED", "Token has expired")
    return problem(403, 403, "Invalid access token.")


def _oidc(double: DatabricksDouble, request: Request) -> Answer:
    if request.path == "/oidc/.well-known/oauth-authorization-server":
        base = f"{double.url}/oidc/v1"
        return said({"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token"})
    if request.path == "/oidc/v1/token" and request.method == "POST":
        given = (request.authorization or "").removeprefix("Basic ")
        if base64.b64decode(given or b"").decode() != ":".join(double.credentials):
            return said({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        token = f"issued-{len(double.issued)}"
        double.issued[token] = time.time() + double.token_seconds
        return said({"access_token": token, "token_type": "Bearer", "expires_in": int(double.token_seconds)})
    return problem(404, "NOT_FOUND", "no such endpoint")


# ---------------------------------------------------------------- Unity Catalog


def _catalog(double: DatabricksDouble, request: Request, what: str) -> Answer:
    estate, query = double.estate, request.query
    if what == "catalogs":
        names = sorted({one["catalog_name"] for one in estate.tables} | {"system"})
        return _paged(double, query, "catalogs", [{"name": name} for name in names])
    catalog = query.get("catalog_name", "")
    inside = [one for one in estate.tables if one["catalog_name"] == catalog]
    if not inside:
        return problem(404, "CATALOG_DOES_NOT_EXIST", f"Catalog '{catalog}' does not exist.")
    if what == "schemas":
        names = sorted({one["schema_name"] for one in inside} | {"information_schema"})
        return _paged(double, query, "schemas", [{"name": name, "catalog_name": catalog} for name in names])
    if what == "tables":
        schema = query.get("schema_name", "")
        if f"{catalog}.{schema}" in estate.denied:
            return problem(
                403, "PERMISSION_DENIED", f"User does not have USE SCHEMA on Schema '{catalog}.{schema}'."
            )
        found = [one for one in inside if one["schema_name"] == schema]
        if not found:
            return problem(404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{catalog}.{schema}' does not exist.")
        return _paged(double, query, "tables", found)
    return problem(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.path}'")


def _table(double: DatabricksDouble, name: str) -> Answer:
    found = next((one for one in double.estate.tables if one["full_name"] == name), None)
    if found is None:
        return problem(404, "TABLE_DOES_NOT_EXIST", f"Table '{name}' does not exist.")
    if name.rpartition(".")[0] in double.estate.denied:
        return problem(403, "PERMISSION_DENIED", f"User does not have SELECT on Table '{name}'.")
    return said(found)


def _paged(double: DatabricksDouble, query: dict[str, str], name: str, rows: list[Any]) -> Answer:
    """Pages of `estate.page`. With `empty_pages` an empty page with a token comes before each."""
    at, _, empty = query.get("page_token", "0").partition("-")
    start = int(at)
    if double.estate.empty_pages and not empty:
        return said({"next_page_token": f"{start}-full"})
    end = start + double.estate.page
    document: dict[str, Any] = {name: rows[start:end]} if rows else {}
    if end < len(rows):
        document["next_page_token"] = str(end)
    return said(document)


# ---------------------------------------------------------------- SQL


def sql(double: DatabricksDouble, request: Request) -> Answer:
    """Statements; not under the estate's lock, because a POST waits for its result."""
    parts = request.path.removeprefix("/api/2.0/sql/statements").strip("/").split("/")
    match (request.method, *parts):
        case ("POST", ""):
            return said(double.sql.post(request.told))
        case ("POST", identity, "cancel"):
            double.sql.cancel(identity)
            return said({})
        case ("GET", identity, *rest):
            statement = double.sql.get(identity)
            if statement is None:
                return problem(404, "NOT_FOUND", f"The statement {identity} was not found.")
            return said(statement.chunk(int(rest[-1])) if rest else statement.document())
    return problem(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.path}'")


# ---------------------------------------------------------------- jobs


def _jobs(double: DatabricksDouble, request: Request, what: str) -> Answer:
    estate, query = double.estate, request.query
    match (request.method, what):
        case ("GET", "list"):
            name = query.get("name")
            jobs = [job for job in estate.jobs if name is None or job.name.lower() == name.lower()]
            return said({"jobs": [job.document() for job in jobs]} if jobs else {})
        case ("GET", "get"):
            job = estate.job(int(query["job_id"]))
            return said(job.document()) if job else _no_job(query["job_id"])
        case ("POST", "run-now"):
            return _run_now(double, request.told)
        case ("GET", "runs/get"):
            run = estate.run(int(query["run_id"]))
            return said(run.document(time.time())) if run else _no_run(query["run_id"])
        case ("GET", "runs/list"):
            return _runs(double, query)
        case ("POST", "runs/cancel"):
            run = estate.run(int(request.told["run_id"]))
            if run is None:
                return _no_run(str(request.told["run_id"]))
            double.cancels[run.job.name] += 1
            if run.cancelled_at is None and not run.over(time.time()):
                run.cancelled_at = time.time()
            return said({})
    return problem(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.path}'")


def _run_now(double: DatabricksDouble, told: dict[str, Any]) -> Answer:
    estate = double.estate
    job = estate.job(int(told["job_id"]))
    if job is None:
        return _no_job(str(told["job_id"]))
    token = told.get("idempotency_token")
    if token is not None and len(token) > 64:
        return problem(400, "INVALID_PARAMETER_VALUE", "idempotency_token is longer than 64 characters")
    double.posts[job.name] += 1
    same = next((run for run in estate.runs if token is not None and run.token == token), None)
    if same is None:
        same = estate.start(job, token=token, parameters=told.get("job_parameters"))
        double.triggers[job.name] += 1
    return said({"run_id": same.run_id, "number_in_job": same.run_id})


def _runs(double: DatabricksDouble, query: dict[str, str]) -> Answer:
    now = time.time()
    runs = [run for run in double.estate.runs if run.job.job_id == int(query["job_id"])]
    if query.get("active_only") == "true":
        runs = [run for run in runs if not run.over(now)]
    if query.get("completed_only") == "true":
        runs = [run for run in runs if run.over(now)]
    newest = sorted(runs, key=lambda run: -run.run_id)[: int(query.get("limit", 20))]
    return said({"runs": [run.document(now) for run in newest]} if newest else {})


def _no_job(identity: str) -> Answer:
    return problem(400, "INVALID_PARAMETER_VALUE", f"Job {identity} does not exist.")


def _no_run(identity: str) -> Answer:
    return problem(400, "INVALID_PARAMETER_VALUE", f"Run {identity} does not exist.")
