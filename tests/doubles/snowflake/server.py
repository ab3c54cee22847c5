"""The HTTP side of the stand-in: login, statements (waited for or not), their status and cancelling. One server on loopback."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb

from tests.doubles.airbyte.faults import Fault, Faults
from tests.doubles.snowflake.answers import Answers, Refused, Table
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.keypair import signed_by_user
from tests.doubles.snowflake.wire import failed, good, rowset

# How the fourth version of the connector fetches the result of a statement that nobody waited for.
_RESULT_SCAN = re.compile(r"select \* from table\(result_scan\('([^']+)'\)\)", re.IGNORECASE)
_KEPT = re.compile(r"\s*select\b(?!.*\bfrom\b)", re.IGNORECASE | re.DOTALL)
_EACH_TIME = re.compile(r"\bcurrent_\w+\(|\bsysdate\(|\bsystem\$user_task_", re.IGNORECASE)


@dataclass
class Statement:
    """One statement as it came. `status` is as the monitoring endpoint says it."""

    id: str
    sql: str
    tag: str
    cached: bool  # whether a result of an earlier one may stand for its own
    cursor: duckdb.DuckDBPyConnection
    timeout: int
    started_at: float = field(default_factory=time.time)
    status: str = "RUNNING"
    result: Table | None = None
    error: Refused | None = None
    done: threading.Event = field(default_factory=threading.Event)


@dataclass
class Session:
    token: str
    parameters: dict[str, Any]
    database: str | None
    schema: str | None
    warehouse: str | None
    role: str
    expired: bool = False


class SnowflakeDouble:
    """`with SnowflakeDouble(estate) as double:` serves until the block ends. `statements` are all that were run."""

    def __init__(self, estate: Estate, *, port: int = 0) -> None:
        self.estate = estate
        self.faults = Faults()
        self.answers = Answers(estate)
        self.statements: list[Statement] = []
        self.answers.statements = self._told_statements
        self.logins: list[dict[str, Any]] = []
        self.sessions: dict[str, Session] = {}
        self.lock = threading.RLock()
        self._by_request: dict[str, Statement] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def settings(self, **words: Any) -> dict[str, Any]:
        """A dbt profile's settings that lead here."""
        return {
            "account": self.estate.account,
            "host": "127.0.0.1",
            "port": self.port,
            "protocol": "http",
            "user": "PENSTOCK",
            "password": self.estate.users["PENSTOCK"],
            "role": "READER",
            "warehouse": "WH",
        } | words

    def fault(self, **words: Any) -> None:
        """Add a fault, by the fields of `Fault`."""
        self.faults.add(Fault(**words))

    @property
    def sql(self) -> list[str]:
        return [one.sql for one in self.statements]

    def start(self) -> SnowflakeDouble:
        self._thread.start()
        return self

    def stop(self) -> None:
        for one in self.statements:
            if one.status == "RUNNING":
                one.cursor.interrupt()
                one.done.set()
        self._server.shutdown()
        self._server.server_close()
        self.estate.close()

    def __enter__(self) -> SnowflakeDouble:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def respond(self, method: str, path: str, query: dict[str, list[str]], auth: str, body: Any) -> Any:
        path = re.sub(r"/+", "/", path)
        if path == "/session/v1/login-request":
            return self._login(body["data"], query)
        session = self.sessions.get(_token(auth))
        if path == "/session/token-request":
            return self._renewed(auth)
        if path == "/queries/v1/query-request":
            return self._query(session, query, body)
        if found := re.fullmatch(r"/monitoring/queries/([^/]+)", path):
            return self._monitor(found[1])
        if found := re.fullmatch(r"/queries/([^/]+)/(abort-request|result)", path):
            return self._abort(found[1]) if found[2] == "abort-request" else self._result(found[1])
        return {"data": None, "success": True, "code": None, "message": None}

    def _login(self, data: dict[str, Any], query: dict[str, list[str]]) -> Any:
        self.logins.append({name: value for name, value in data.items() if name != "PASSWORD"})
        told = self.estate.users.get(str(data.get("LOGIN_NAME", "")).upper())
        token = data.get("TOKEN")
        if str(data.get("AUTHENTICATOR")).upper() == "SNOWFLAKE_JWT":
            if not signed_by_user(str(token), self.estate.account, self.estate.keys):
                return failed("390144", "JWT token is invalid.")
        elif not (token in self.estate.tokens if token else told and told == data.get("PASSWORD")):
            return failed("390100", "Incorrect username or password was specified.")
        first = {name: values[0] for name, values in query.items()}
        role = (first.get("roleName") or "PUBLIC").upper()
        if role not in self.estate.roles:
            return failed(
                "390189", f"Role '{role}' specified in the connect string does not exist or not authorized."
            )
        session = Session(
            token=f"session-{uuid.uuid4()}",
            parameters=data.get("SESSION_PARAMETERS") or {},
            database=first.get("databaseName"),
            schema=first.get("schemaName"),
            warehouse=first.get("warehouse"),
            role=role,
        )
        with self.lock:
            self.sessions[session.token] = session
        return good(
            {
                "token": session.token,
                "masterToken": f"master-{session.token}",
                "validityInSeconds": 3600,
                "masterValidityInSeconds": 14400,
                "sessionId": len(self.sessions),
                "displayUserName": data.get("LOGIN_NAME"),
                "serverVersion": "9.0.0",
                "firstLogin": False,
                "healthCheckInterval": 45,
                "parameters": [
                    {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
                    {"name": "TIMEZONE", "value": "UTC"},
                ],
                "sessionInfo": {
                    "databaseName": session.database,
                    "schemaName": session.schema,
                    "warehouseName": session.warehouse,
                    "roleName": role,
                },
            }
        )

    def _renewed(self, auth: str) -> Any:
        session = self.sessions.get(_token(auth).removeprefix("master-"))
        if session is None:
            return failed("390114", "Authentication token has expired.  The user must authenticate again.")
        session.expired = False
        return good(
            {
                "sessionToken": session.token,
                "masterToken": f"master-{session.token}",
                "validityInSecondsST": 3600,
                "validityInSecondsMT": 14400,
                "sessionId": 1,
            }
        )

    def _query(self, session: Session | None, query: dict[str, list[str]], body: dict[str, Any]) -> Any:
        if session is None:
            return failed("390104", "Session no longer exists.  New login required to access the service.")
        if session.expired:
            return failed("390112", "Session token has expired.")
        request = query.get("requestId", [str(uuid.uuid4())])[0]
        with self.lock:
            statement = self._by_request.get(request)
            if statement is None:
                statement = self._begin(session, body)
                self._by_request[request] = statement
        if body.get("asyncExec"):
            return {
                "data": {"queryId": statement.id, "getResultUrl": f"/queries/{statement.id}/result"},
                "success": True,
                "code": "333334",
                "message": None,
            }
        statement.done.wait()
        return self._told(statement)

    def _begin(self, session: Session, body: dict[str, Any]) -> Statement:
        parameters = {**session.parameters, **(body.get("parameters") or {})}
        statement = Statement(
            id=str(uuid.uuid4()),
            sql=body["sqlText"],
            tag=str(parameters.get("QUERY_TAG", "")),
            cached=str(parameters.get("USE_CACHED_RESULT", True)).lower() != "false",
            cursor=self.estate.duck.cursor(),
            timeout=int(parameters.get("STATEMENT_TIMEOUT_IN_SECONDS", 172_800)),
        )
        self.statements.append(statement)
        threading.Thread(target=self._work, args=(statement, session.warehouse), daemon=True).start()
        return statement

    def _work(self, statement: Statement, warehouse: str | None) -> None:
        try:
            if statement.sql.strip().lower() == "wait for the cancel":
                statement.done.wait(600)
                raise Refused("000604", "SQL execution canceled", "57014")
            if found := _RESULT_SCAN.fullmatch(statement.sql.strip()):
                scanned = next((one for one in self.statements if one.id == found[1]), None)
                if scanned is None or scanned.result is None:
                    raise Refused("000709", f"Statement {found[1]} not found")
                statement.result, statement.status = scanned.result, "SUCCESS"
                return
            kept = self._kept_result(statement)
            statement.result = kept or self.answers.answer(statement.sql, warehouse, statement.cursor)
            statement.status = "SUCCESS"
        except Refused as error:
            statement.error, statement.status = error, "FAILED_WITH_ERROR"
        except Exception as error:
            statement.error = Refused("000603", f"internal error: {type(error).__name__}: {error}")
            statement.status = "FAILED_WITH_ERROR"
        finally:
            statement.cursor.close()
            statement.done.set()

    def _kept_result(self, statement: Statement) -> Table | None:
        """Of the same text before, where no table is read that could have changed, and no function that is evaluated each time."""
        sql = statement.sql
        if not statement.cached or not _KEPT.match(sql) or _EACH_TIME.search(sql):
            return None
        return next((one.result for one in self.statements if one.sql == sql and one.result), None)

    def _told_statements(self) -> list[dict[str, Any]]:
        """As QUERY_HISTORY_BY_USER has them."""
        return [
            {
                "query_id": one.id,
                "query_text": one.sql,
                "query_tag": one.tag,
                "execution_status": "FAIL" if one.status.startswith("FAILED") else one.status,
                "start_time": one.started_at,
                "end_time": one.started_at if one.status != "RUNNING" else None,
            }
            for one in self.statements
            if one.tag
        ]

    def _told(self, statement: Statement) -> Any:
        if statement.error is not None:
            error = statement.error
            told = failed(error.code, error.message)
            told["data"] = {
                "queryId": statement.id,
                "sqlState": error.state,
                "errorCode": error.code,
                "internalError": False,
                "type": "COMPILATION",
                "pos": -1,
                "line": -1,
            }
            return told
        assert statement.result is not None
        return good(rowset(statement.id, statement.result))

    def _monitor(self, query: str) -> Any:
        found = [one for one in self.statements if one.id == query]
        return good(
            {
                "queries": [
                    {
                        "id": one.id,
                        "status": one.status,
                        "state": one.status,
                        "errorCode": one.error.code if one.error else None,
                        "errorMessage": one.error.message if one.error else None,
                    }
                    for one in found
                ]
            }
        )

    def _abort(self, query: str) -> Any:
        for one in self.statements:
            if one.id == query and one.status == "RUNNING":
                one.cursor.interrupt()
                one.done.set() if one.sql.strip().lower() == "wait for the cancel" else None
        return good(None)

    def _result(self, query: str) -> Any:
        found = next((one for one in self.statements if one.id == query), None)
        if found is None:
            return failed("000709", f"Statement {query} not found")
        found.done.wait()
        return self._told(found)


def _token(auth: str) -> str:
    found = re.search(r'Token="([^"]*)"', auth)
    return found[1] if found else ""


def _handler(double: SnowflakeDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                raw = gzip.decompress(raw)
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            fault = double.faults.take(method, parts.path, time.time())
            if fault is not None and fault.delay:
                time.sleep(fault.delay)
            if fault is not None and not fault.after and not fault.only_delay:
                self._answer_fault(fault)
                return
            body = json.loads(raw) if raw else {}
            told = double.respond(method, parts.path, query, self.headers.get("Authorization", ""), body)
            if fault is not None and fault.after:
                self._answer_fault(fault)
                return
            self._send(200, json.dumps(told).encode())

        def _answer_fault(self, fault: Fault) -> None:
            if fault.drop:
                self.close_connection = True
                self.connection.close()
                return
            body = fault.body if isinstance(fault.body, bytes) else json.dumps(fault.body).encode()
            self._send(fault.status, body, fault.headers)

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    return Handler
