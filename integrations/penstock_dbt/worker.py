"""Runs inside the user's own interpreter: parses, compiles and builds with the user's dbt, any number of times in one process.

Standard library only, in Python 3.8's syntax: nothing of penstock is importable there. Commands come as JSON lines on stdin, one
invocation at a time; what happens goes to each command's event file, one JSON object per line. The end of stdin means that nobody
is left to ask for more: the command at hand is finished, then the process ends. The records are those of penstock_dbt.records.
"""

from __future__ import annotations

import os
import sys

if sys.path and os.path.realpath(sys.path[0] or ".") == os.path.dirname(os.path.realpath(__file__)):  # noqa: PTH120
    del sys.path[0]  # else a user's `import config` would find penstock's

import contextlib
import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any


class Events:
    """The event file of one command: O_APPEND and one write per line, so that a reader never sees a torn or mixed line."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, e: str, **fields: Any) -> None:
        record: dict[str, Any] = {"e": e, "at": time.time()}
        record.update({name: value for name, value in fields.items() if value is not None})
        line = json.dumps(record, default=str).encode() + b"\n"
        with self._lock:
            os.write(self._file, line)

    def close(self) -> None:
        os.close(self._file)


_SECRETS = [
    value
    for name, value in os.environ.items()
    if value.strip() and name.startswith(("DBT_ENV_SECRET", "DBT_ENGINE_ENV_SECRET"))
]


def scrub(text: str) -> str:
    """dbt hides DBT_ENV_SECRET variables in its loggers, not in callbacks and exceptions."""
    for secret in _SECRETS:
        text = text.replace(secret, "*****")
    return text


class Callback:
    """What of dbt's many event types is worth a line: nodes' starts and ends, hooks, what a failure takes with it, warnings."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.manifest: Any = None
        self.lost: str | None = None
        self.finished: set[str] = set()
        self._roots: dict[str, str] = {}
        self._why: dict[str, str] = {}
        self._by_name: dict[str, Callable[[Any], None]] = {
            "NodeStart": self._start,
            "NodeFinished": self._finish,
            "LogHookStartLine": self._start,
            "LogHookEndLine": self._hook,
            "MarkSkippedChildren": self._cause,
            "NothingToDo": self._nothing,
            "LogBatchResult": self._batch,
            "CatchableExceptionOnRun": self._raised,
            "GenericExceptionOnRun": self._raised,
        }

    def __call__(self, message: Any) -> None:
        # What is raised here would become the failure of a node in dbt: it is kept, and told at the end.
        try:
            self._take(message)
        except Exception as error:
            self.lost = f"an event of dbt could not be written down: {type(error).__name__}: {error}"

    def _take(self, message: Any) -> None:
        info = message.info
        handler = self._by_name.get(info.name)
        if handler is not None:
            handler(message.data)
        if info.level in ("debug", "test"):
            return
        text = scrub(info.msg).strip()
        if text:
            self.events.write("log", level=info.level, name=info.name, text=text)

    def _start(self, data: Any) -> None:
        self.events.write("start", id=data.node_info.unique_id)

    def _raised(self, data: Any) -> None:
        self._why.setdefault(data.node_info.unique_id, scrub(str(data.exc)).strip())

    def _text(self, unique_id: str, result: Any) -> str:
        """Of a failed microbatch model dbt says "ERROR" or "PARTIAL SUCCESS (2/3)": what its batch raised says more."""
        told, why = scrub(result.message), self._why.get(unique_id)
        if why and told == "ERROR":
            return why
        return f"{told}\n{why}" if why and told.startswith("PARTIAL SUCCESS") else told

    def _finish(self, data: Any) -> None:
        node, result = data.node_info, data.run_result
        self.finished.add(node.unique_id)
        response = _plain(result.adapter_response)
        self.events.write(
            "finish",
            id=node.unique_id,
            kind=node.resource_type,
            materialized=node.materialized or None,
            status=str(result.status),
            text=self._text(node.unique_id, result) or None,
            cause=self._why_skipped(node.unique_id) if result.status == "skipped" else None,
            seconds=result.execution_time,
            failures=result.num_failures or None,
            rows=_whole(response.get("rows_affected")),
            bytes=_whole(response.get("bytes_processed")),
        )

    def _hook(self, data: Any) -> None:
        node = data.node_info
        self.events.write("hook", id=node.unique_id, status=str(data.status), seconds=data.execution_time)

    def _cause(self, data: Any) -> None:
        self._roots.setdefault(data.unique_id, data.unique_id)

    def _why_skipped(self, unique_id: str) -> str | None:
        """The node whose failure is at the root of this skip: dbt itself names none. A failed test stands for the model it tests."""
        if self.manifest is None or not self._roots:
            return None
        parents = _parents(self.manifest, unique_id)
        root = next((self._roots[parent] for parent in parents if parent in self._roots), None)
        if root is None:
            tests = [failed for failed in list(self._roots) if failed.startswith(("test.", "unit_test."))]
            gates = {unique_id, *parents}
            root = next(
                (self._roots[test] for test in tests if gates & set(_parents(self.manifest, test))), None
            )
        if root is not None:
            self._roots[unique_id] = root
        return root

    def batches(self, unique_id: str, ranges: Any, anew: bool) -> None:
        """Which ranges of time a microbatch model is about to be made in: no event of dbt tells."""
        told = [[start.isoformat(), end.isoformat()] for start, end in ranges]
        self.events.write("batches", id=unique_id, ranges=told, anew=anew)

    def _batch(self, data: Any) -> None:
        failed = str(data.status).lower() in ("error", "skipped")
        self.events.write(
            "batch", id=data.node_info.unique_id, index=data.batch_index, ok=not failed, text=data.description
        )

    def _nothing(self, data: Any) -> None:
        self.events.write("nothing")


def _parents(manifest: Any, unique_id: str) -> list[str]:
    node = (
        manifest.nodes.get(unique_id)
        or manifest.unit_tests.get(unique_id)
        or manifest.exposures.get(unique_id)
    )
    return list(node.depends_on.nodes) if node is not None else []


def _plain(response: Any) -> dict[str, Any]:
    """An adapter's response: a protobuf Struct, or already a mapping."""
    try:
        return dict(response.items()) if response else {}
    except (AttributeError, TypeError, ValueError):
        return {}


def _whole(value: Any) -> int | None:
    """A count; adapters answer -1, "-1" or nothing when they do not know."""
    try:
        number = int(float(value))
    except (TypeError, ValueError):
        return None
    return number if number >= 0 else None


_GLANCE = 0.3  # seconds between two looks at whether the parent still lives


class Worker:
    """The user's dbt, with the parsed project kept between invocations."""

    def __init__(self) -> None:
        self.manifest: Any = None
        self.invoking = False

    def run(self, command: dict[str, Any]) -> None:
        """One command from begin to end; whatever happens, its file gets an `end`."""
        events = Events(command["events"])
        events.write("begin", pid=os.getpid())
        callback = Callback(events)
        end: dict[str, Any] = {"ok": False, "text": "dbt could not be started"}
        try:
            end = self._perform(command, events, callback)
        except KeyboardInterrupt:
            end = {"ok": False, "cancelled": True}
        except ImportError as error:
            end = {"ok": False, "name": "ImportError", "text": f"dbt cannot be imported: {error}"}
        except Exception as error:
            end = {
                "ok": False,
                "name": type(error).__name__,
                "text": scrub(f"{type(error).__name__}: {error}"),
            }
        finally:
            self.invoking = False
            close_connections(events)
            if callback.lost and not end.get("text"):
                end = {**end, "ok": False, "name": "EventsLost", "text": callback.lost}
            events.write("end", **end)
            events.close()

    def _perform(self, command: dict[str, Any], events: Events, callback: Callback) -> dict[str, Any]:
        self.invoking = True
        stop_if_cancelled(command)
        if command.get("parse") is not None and (self.manifest is None or command.get("fresh")):
            self.manifest = None  # what is read now may fail: nothing must be built from what was read before
            result = self._invoke(command["parse"], None, callback)
            if not result.success:
                return ending(result)
            self.manifest = result.result
        events.write("parsed")
        end: dict[str, Any] = {"ok": True}
        start, finish = command.get("hooks") or (True, True)
        for at, argv in enumerate(command["argvs"]):
            stop_if_cancelled(command)
            only_hooks(start and at == 0, finish and at == len(command["argvs"]) - 1)
            one = self._build(argv, command, callback)
            end = {**one, "ok": one["ok"] and end["ok"]}
            if "text" in one or "cancelled" in one:
                break
        return end

    def _build(self, argv: list[str], command: dict[str, Any], callback: Callback) -> dict[str, Any]:
        reset_compiled(self.manifest)
        only_remaining(self.manifest, command.get("remaining") or {})
        made_anew(self.manifest, command.get("anew") or ())
        watch_batches(callback)
        callback.manifest = self.manifest
        if argv[0] == "compile":
            go_on_after_failing_nodes()
        result = self._invoke(argv, self.manifest, callback)
        report_the_rest(result, callback)
        if command.get("compiled") and not command.get("spoils"):
            write_compiled(self.manifest, callback.finished, command["compiled"])
            if result.exception is None and command.get("again"):
                self._compile_again(callback, command)
        if command.get("spoils"):
            self.manifest = None
        return ending(result)

    def _compile_again(self, callback: Callback, command: dict[str, Any]) -> None:
        """Incremental models that were made from nothing have another text from now on: that is the one to know them by."""
        made_anew(self.manifest, ())
        nodes = [one for one in map(self.manifest.nodes.get, callback.finished) if of_two_texts(one)]
        if not nodes:
            return
        reset_compiled(self.manifest)
        names = [".".join(node.fqn) for node in nodes]
        try:
            from dbt.cli.main import dbtRunner

            dbtRunner(manifest=self.manifest).invoke([*command["again"], "--select", *names])
        except Exception as error:  # what was made is made: only less is known of it
            callback.events.write("log", level="debug", name="CompilingAgain", text=scrub(str(error)))
            return
        write_compiled(self.manifest, [node.unique_id for node in nodes], command["compiled"])

    @staticmethod
    def _invoke(argv: list[str], manifest: Any, callback: Callback) -> Any:
        from dbt.cli.main import dbtRunner

        return dbtRunner(manifest=manifest, callbacks=[callback]).invoke(argv)


def stop_if_cancelled(command: dict[str, Any]) -> None:
    """The mark beside the event file outlives a SIGINT that falls where Python or a library drops it: into an import, a weakref callback."""
    if os.path.exists(os.path.join(os.path.dirname(command["events"]), "cancel")):  # noqa: PTH110, PTH118, PTH120
        raise KeyboardInterrupt


def ending(result: Any) -> dict[str, Any]:
    """How an invocation ended. A failing node is no exception of dbt's; a project that cannot be read is one."""
    error = result.exception
    if error is None:
        return {"ok": bool(result.success)}
    if isinstance(error, KeyboardInterrupt):
        return {"ok": False, "cancelled": True}
    text = str(error).strip() or type(error).__name__
    return {"ok": False, "name": type(error).__name__, "text": scrub(text)}


def report_the_rest(result: Any, callback: Callback) -> None:
    """What dbt has a result for, but fired no event: the remainder of --fail-fast, nodes behind a failed on-run-start, hooks' texts."""
    for item in getattr(result.result, "results", None) or []:
        node = getattr(item, "node", None)
        if node is None or node.unique_id in callback.finished:
            continue
        callback.events.write(
            "result",
            id=node.unique_id,
            kind=str(getattr(node.resource_type, "value", node.resource_type)),
            status=str(getattr(item.status, "value", item.status)),
            text=scrub(item.message) if item.message else None,
            seconds=item.execution_time,
        )


def reset_compiled(manifest: Any) -> None:
    """A manifest that has been built from holds compiled text: models above an ephemeral one would lose its CTE, edits be missed."""
    for node in manifest.nodes.values():
        if getattr(node, "compiled", False) or getattr(node, "extra_ctes_injected", False):
            node.compiled = False
            node.compiled_code = None
            node.extra_ctes_injected = False
            node.extra_ctes = []
            node._pre_injected_sql = None


def only_hooks(start: bool, end: bool) -> None:
    """One command is one run of the project, however many invocations it takes: its hooks run once."""
    from dbt.task.run import RunTask

    whole = getattr(RunTask, "_penstock_hooks", None) or RunTask.get_hooks_by_type
    RunTask._penstock_hooks = whole
    wanted = {"on-run-start": start, "on-run-end": end}

    def chosen(self: Any, hook_type: Any) -> Any:
        return whole(self, hook_type) if wanted.get(str(getattr(hook_type, "value", hook_type)), True) else []

    RunTask.get_hooks_by_type = chosen


def only_remaining(manifest: Any, remaining: dict[str, Any]) -> None:
    """Make microbatch models in these ranges alone, as `dbt retry` does, and all others as usual.

    Unlike `dbt retry`, never with --full-refresh: it would replace the table that has the other batches by the first of these.
    """
    for node in manifest.nodes.values():
        if getattr(node, "_penstock_remaining", False):
            node.previous_batch_results = None
            node.config.full_refresh = node._penstock_remaining[0]
            node._penstock_remaining = False
    if remaining:
        from dbt.artifacts.schemas.batch_results import BatchResults
    for unique_id, ranges in remaining.items():
        node = manifest.nodes.get(unique_id)
        if node is None or node.config.incremental_strategy != "microbatch":
            continue  # it was edited: it is made as it is now
        failed = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in ranges]
        node._penstock_remaining = (node.config.full_refresh,)
        node.previous_batch_results = BatchResults(failed=failed)
        node.config.full_refresh = False


def made_anew(manifest: Any, unique_ids: Any) -> None:
    """Make these as with --full-refresh, and all others as usual. One that is configured to keep its rows keeps them."""
    for node in manifest.nodes.values():
        if getattr(node, "_penstock_anew", False):
            node.config.full_refresh = node._penstock_anew[0]
            node._penstock_anew = False
    for unique_id in unique_ids:
        node = manifest.nodes.get(unique_id)
        if node is not None and node.config.full_refresh is not False:
            node._penstock_anew = (node.config.full_refresh,)
            node.config.full_refresh = True


def of_two_texts(node: Any) -> bool:
    """Whether it is an incremental model whose text of this time does not read what it has made before."""
    if node is None or str(getattr(node.config, "materialized", "")) != "incremental":
        return False
    if node.config.incremental_strategy == "microbatch" or node.config.full_refresh:
        return False
    asks = "is_incremental" in (node.raw_code or "")
    return asks and bool(node.relation_name) and node.relation_name not in (node.compiled_code or "")


def watch_batches(callback: Callback) -> None:
    """Write down the ranges of time of each microbatch model before its first batch begins."""
    try:
        from dbt.task.run import MicrobatchModelRunner
    except ImportError:
        return  # before dbt 1.9
    whole = getattr(MicrobatchModelRunner, "_penstock_batches", None) or MicrobatchModelRunner.get_batches
    MicrobatchModelRunner._penstock_batches = whole

    def told(self: Any, model: Any) -> Any:
        batches = whole(self, model)
        try:
            callback.batches(model.unique_id, batches.values(), not self._is_incremental(model))
        except Exception as error:
            callback.lost = f"the batches of {model.unique_id} are not known: {type(error).__name__}: {error}"
        return batches

    MicrobatchModelRunner.get_batches = told


def go_on_after_failing_nodes() -> None:
    """`dbt compile` stops at the first node that cannot be compiled; the others are wanted all the same."""
    from dbt.task.compile import CompileTask

    CompileTask.raise_on_first_error = lambda self: False


def write_compiled(manifest: Any, unique_ids: Any, folder: str) -> None:
    """The compiled SQL of what has just been built, one file per node, with the checksum of the source it was made from."""
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    for unique_id in unique_ids:
        node = manifest.nodes.get(unique_id)
        code = getattr(node, "compiled_code", None)
        if not code:
            continue
        inlined = [one.id for one in node.extra_ctes]
        within = [node, *(manifest.nodes[one] for one in inlined if one in manifest.nodes)]
        record = {
            "id": unique_id,
            "checksum": node.checksum.checksum,
            "sql": code,
            "relation": node.relation_name,
            "inlined": inlined,
            "macros": sorted({macro for one in within for macro in one.depends_on.macros}),
        }
        path = os.path.join(folder, unique_id.replace(os.sep, "_") + ".json")  # noqa: PTH118
        partial = f"{path}.{os.getpid()}.tmp"
        private = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(private, "w", encoding="utf-8") as opened:  # noqa: PTH123
            json.dump(record, opened)
        os.replace(partial, path)  # noqa: PTH105


def close_connections(events: Events) -> None:
    """Give the warehouse back. dbt-duckdb keeps its file open (and locked) for the life of the process otherwise."""
    factory = sys.modules.get("dbt.adapters.factory")
    if factory is not None:
        try:
            factory.reset_adapters()
        except Exception as error:
            events.write("log", level="debug", name="Closing", text=f"closing connections: {error}")
    duckdb = sys.modules.get("dbt.adapters.duckdb.connections")
    if duckdb is not None:
        manager = duckdb.DuckDBConnectionManager
        environment = manager._ENV
        manager.close_all_connections()
        if environment is not None:
            try:
                environment.close()
            except Exception as error:
                events.write("log", level="debug", name="Closing", text=f"closing DuckDB: {error}")


def render() -> None:
    """Render a part of profiles.yml as dbt does; question and answer as JSON on stdin and stdout, since it holds secrets."""
    asked = json.load(sys.stdin)
    answer: dict[str, Any] = {}
    try:
        from dbt.config.renderer import ProfileRenderer
        from dbt_common.context import set_invocation_context

        set_invocation_context(dict(os.environ))
        answer["value"] = ProfileRenderer(asked["vars"]).render_data(asked["value"])
    except Exception as error:
        answer["error"] = scrub(str(error))
    sys.stdout.write("\n" + json.dumps(answer, default=str) + "\n")


def main() -> None:
    # Children of dbt (git, a key helper) must neither read our commands nor keep the pipe open.
    commands = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    worker = Worker()

    def interrupt(signum: int, frame: Any) -> None:
        if worker.invoking:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    if "--warm" not in sys.argv:
        obey(worker, commands)
        return
    seconds, path, *parent = sys.argv[sys.argv.index("--warm") + 1 :]
    door = open_door(path)
    if obey(worker, commands):
        wait_for_others(worker, door, float(seconds), int(parent[0]) if parent else None)


def obey(worker: Worker, commands: Any) -> bool:
    """Until nobody is left to ask for more; false when it was asked to end."""
    for line in commands:
        command = json.loads(line)
        if command.get("quit"):
            return False
        worker.run(command)
    return True


def open_door(path: str) -> socket.socket:
    """Where the next run finds this process. Only this user may knock."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108  # of one that was killed
    door = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        door.bind(path)
    finally:
        os.umask(before)
    door.listen(1)
    return door


def wait_for_others(worker: Worker, door: socket.socket, seconds: float, parent: int | None) -> None:
    """Serve one run after another, until none has come for so long, or until `parent`, the process that started this one, has ended."""
    door.settimeout(seconds if parent is None else min(seconds, _GLANCE))
    until = time.monotonic() + seconds
    more = True
    try:
        while more:
            try:
                connection, _ = door.accept()
            except socket.timeout:  # noqa: UP041  # not TimeoutError before Python 3.10
                if parent is None or os.getppid() != parent or time.monotonic() > until:
                    return
                continue
            connection.settimeout(None)
            with contextlib.suppress(ConnectionError), connection, connection.makefile("rb") as commands:
                connection.sendall(b"ready\n")
                more = obey(worker, commands)
            until = time.monotonic() + seconds
    finally:
        path = door.getsockname()
        door.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108


if __name__ == "__main__":
    render() if "--render" in sys.argv else main()
    sys.stdout.flush()
    os._exit(
        0
    )  # every command has closed what it opened: to tear down dbt's modules takes a while and frees nothing
