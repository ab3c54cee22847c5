"""Runs a step as a command to a dbt worker, a process in the user's interpreter that keeps the parsed project.

The worker writes its events into the attempt's folder. For a dbt without Python see `executable_backend.py`."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from msgspec.structs import replace

from penstock.errors import ToolError
from penstock.system.files import close_tree
from penstock_dbt.batches import remaining_of
from penstock_dbt.flags import option_flags, parsing_flags, partial_parse_flags, project_flags, quiet_flags
from penstock_dbt.locate import Dbt
from penstock_dbt.messages import last_error
from penstock_dbt.options import DbtOptions
from penstock_dbt.process import alive, send
from penstock_dbt.records import End, Record, read_record
from penstock_dbt.request import Folder, Request, Started
from penstock_dbt.selecting import parts, selection_flags
from penstock_dbt.settings import Settings
from penstock_dbt.sharing import project_files, worker_key
from penstock_dbt.workers import Worker, WorkerPool

_BEGIN_GRACE = 15.0  # seconds for a living worker to take up what it was told


class WorkerBackend:
    """See `runner.DbtBackend`."""

    name = "worker"

    def __init__(self) -> None:
        self._workers = WorkerPool()

    def start(
        self, settings: Settings, dbt: Dbt, request: Request, folder: Folder, options: DbtOptions
    ) -> None:
        key = worker_key(settings, dbt, options)
        worker = self._workers.idle(key, settings, dbt) or self._workers.start(key, settings, dbt)
        files = project_files(settings)
        command = _command(settings, dbt, request, folder, worker, options)
        command["fresh"] = worker.files not in (None, files)
        worker.files = files
        folder.write_request(request)
        folder.write_started(Started(process=worker.identity, output=str(worker.output)))
        worker.tell(command, folder.events)

    def found(self, folder: Folder) -> bool:
        """A command that was written down may not have been given: then its worker, alone, ends without a word of it, and
        nothing of it was done."""
        started = folder.started()
        if started is None:
            return False
        deadline = time.monotonic() + _BEGIN_GRACE
        while not _begun(folder):
            if not self.living(folder):
                break
            if time.monotonic() > deadline:
                raise ToolError(
                    f"the dbt process {started.process.pid} does not take up what it was told",
                    where=str(folder.path),
                )
            time.sleep(0.05)
        return True

    def external(self, folder: Folder) -> dict[str, object]:
        started = folder.started()
        told = (
            {}
            if started is None
            else {
                "pid": started.process.pid,
                "boot": started.process.boot,
                "started": started.process.started,
            }
        )
        return {**told, "events": str(folder.events)}

    def source(self, folder: Folder) -> Path:
        return folder.events

    def reader(self, folder: Folder) -> _Lines:
        return _Lines()

    def living(self, folder: Folder) -> bool:
        started = folder.started()
        if started is None:
            return False
        worker = self._own(folder)
        return worker.alive if worker is not None else alive(started.process)

    def signal(self, folder: Folder, number: signal.Signals) -> None:
        """SIGINT for dbt alone, which then cancels its queries; the harder ones for all that it started."""
        started = folder.started()
        if started is not None:
            send(started.process, number, group=number is not signal.SIGINT)

    def last_words(self, folder: Folder) -> str | None:
        started = folder.started()
        return last_error(Path(started.output)) if started is not None else None

    def over(self, folder: Folder) -> bool:
        """Whether the command (not the worker) has ended."""
        if not folder.events.exists():
            return False
        return isinstance(read_record(folder.events.read_bytes().rstrip().rpartition(b"\n")[2]), End)

    def texts(self, folder: Folder) -> tuple[Path, ...]:
        started = folder.started()
        return (folder.events, Path(started.output)) if started is not None else (folder.events,)

    def workshops(self, folder: Folder) -> tuple[Path, ...]:
        started = folder.started()
        return (Path(started.output).parent,) if started is not None else ()

    def release(self, folder: Folder) -> int | None:
        """The worker may be told something else. The exit code, when it has died and is ours."""
        worker = self._own(folder)
        started = folder.started()
        for written in (folder.path, *((Path(started.output).parent,) if started is not None else ())):
            close_tree(written)
        if worker is None:
            return None
        if worker.events == folder.events:
            worker.done(again=folder.cancelled_at() is None)
        return worker.code

    def _own(self, folder: Folder) -> Worker | None:
        started = folder.started()
        worker = self._workers.by_pid(started.process.pid) if started is not None else None
        return (
            worker
            if worker is not None and started is not None and worker.identity == started.process
            else None
        )

    def close(self) -> None:
        self._workers.close()


class _Lines:
    """A worker's event file ends with its `end` line, though the worker lives on."""

    ends_with_process = False

    def read(self, line: bytes) -> list[Record]:
        record = read_record(line)
        return [] if record is None else [record]

    def rest(self, at: float) -> list[Record]:
        """The worker itself writes down what dbt fired no event for."""
        return []


def _command(
    settings: Settings, dbt: Dbt, request: Request, folder: Folder, worker: Worker, options: DbtOptions
) -> dict[str, object]:
    project = project_flags(settings, worker.folder, worker.folder / "logs")
    saved = partial_parse_flags(settings, worker.folder, settings.folder / "parse")
    threaded = replace(options, threads=options.threads or settings.threads)
    return {
        "events": str(folder.events),
        "parse": ["parse", *project, *saved, *quiet_flags(), "--no-write-json", *parsing_flags(options)],
        "argvs": [
            [
                part.command,
                *selection_flags(part.unique_ids, folder.selection / part.command, dbt),
                *project,
                *quiet_flags(),
                "--no-write-json",
                *option_flags(threaded, part.command),
            ]
            for part in parts((item.id for item in request.items), clone=options.clone)
        ],
        "hooks": request.hooks,
        "remaining": {key: left.failed for key, left in remaining_of(request.items).items()},
        "anew": [item.id for item in request.items if item.anew],
        "again": [
            "compile",
            *project_flags(settings, worker.folder / "again", worker.folder / "logs"),  # files of its own
            *quiet_flags(),
            "--no-write-json",
            "--no-populate-cache",
        ],
        "compiled": str(settings.folder / "compiled"),
        "spoils": options.defer,
    }


def _begun(folder: Folder) -> bool:
    return folder.events.exists() and folder.events.stat().st_size > 0
