"""Runs a step as child processes of the dbt executable: for dbt v2, and wherever no Python is known. Its JSON log is followed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

from msgspec.structs import replace

from penstock.errors import ToolError
from penstock.system.boot import boot_id
from penstock.system.files import close_tree, open_private, private_folder
from penstock_dbt.flags import option_flags, partial_parse_flags, project_flags
from penstock_dbt.jsonlog import JsonLog
from penstock_dbt.locate import Dbt
from penstock_dbt.messages import last_line
from penstock_dbt.options import DbtOptions
from penstock_dbt.records import End, Record
from penstock_dbt.request import Folder, Request
from penstock_dbt.selecting import parts, selection_flags
from penstock_dbt.settings import Settings

# The shell writes its own pid before it becomes dbt: no child can run that is not written down.
_ANNOUNCED = 'echo $$ > "$0.tmp" && mv "$0.tmp" "$0" && '


def json_flags() -> list[str]:
    """Everything that happens, as JSON in a file that is never rotated; readable lines on stdout."""
    return [
        *("--log-format-file", "json", "--log-level-file", "debug", "--log-file-max-bytes", "0"),
        *("--log-format", "text", "--log-level", "info", "--no-use-colors"),
    ]


class ExecutableBackend:
    """See `runner.DbtBackend`. A child holds its folder's lock as long as it lives: a pid is signalled only while the lock is held."""

    name = "executable"

    def __init__(self) -> None:
        self._children: dict[Path, subprocess.Popen[bytes]] = {}

    def start(
        self, settings: Settings, dbt: Dbt, request: Request, folder: Folder, options: DbtOptions
    ) -> None:
        script = _ANNOUNCED + _script(settings, dbt, request, folder, options)
        folder.write_request(request)
        private_folder(folder.json_log.parent)
        with open_private(folder.log) as output, open_private(folder.lock, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._children[folder.path] = subprocess.Popen(
                ["/bin/sh", "-c", script, str(folder.pid_file)],
                cwd=settings.project,
                env={**settings.environ, **dbt.overlay},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )

    def found(self, folder: Folder) -> bool:
        return _announced_pid(folder) is not None

    def external(self, folder: Folder) -> dict[str, object]:
        return {"pid": _announced_pid(folder), "boot": boot_id(), "events": str(folder.json_log)}

    def source(self, folder: Folder) -> Path:
        return folder.json_log

    def reader(self, folder: Folder) -> JsonLog:
        return JsonLog(folder.target)

    def living(self, folder: Folder) -> bool:
        return _locked(folder)

    def last_words(self, folder: Folder) -> str | None:
        """Usage errors come before any log."""
        return last_line(folder.log)

    def over(self, folder: Folder) -> bool:
        return not self.living(folder)

    def signal(self, folder: Folder, number: signal.Signals) -> None:
        pid = _announced_pid(folder)
        if pid is not None and self.living(folder):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)

    def texts(self, folder: Folder) -> tuple[Path, ...]:
        return folder.log, folder.json_log

    def workshops(self, folder: Folder) -> tuple[Path, ...]:
        """None: what it compiled is removed when it is released."""
        return ()

    def release(self, folder: Folder) -> int | None:
        """What dbt wrote beside its results is as large as the project, and nobody reads it again."""
        for written in folder.target.glob("*/*"):
            if written.is_dir():
                shutil.rmtree(written, ignore_errors=True)
            elif written.name != "run_results.json":
                written.unlink(missing_ok=True)
        close_tree(folder.path)
        child = self._children.pop(folder.path, None)
        return child.wait() if child is not None else None

    def close(self) -> None:
        """A child that still runs was not cancelled: it finishes what it was told."""
        self._children.clear()


def _script(settings: Settings, dbt: Dbt, request: Request, folder: Folder, options: DbtOptions) -> str:
    """The exact invocations of a step, one after the other, as text for a shell."""
    threaded = replace(options, threads=options.threads or settings.threads)
    commands = [
        [
            *dbt.command,
            part.command,
            *selection_flags(part.unique_ids, folder.selection / part.command, dbt),
            *project_flags(settings, folder.target / part.command, folder.json_log.parent),
            *partial_parse_flags(settings, settings.folder / "parse"),
            *json_flags(),
            *option_flags(threaded, part.command),
        ]
        for part in parts((item.id for item in request.items), clone=options.clone)
    ]
    *first, last = (shlex.join(command) for command in commands)
    return "; ".join([*first, "exec " + last])


def _announced_pid(folder: Folder, patience: float = 10.0) -> int | None:
    """The pid that the child wrote; None when none was ever started there."""
    deadline = time.monotonic() + patience
    while not folder.pid_file.exists() and _locked(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    return int(folder.pid_file.read_text()) if folder.pid_file.exists() else None


def _locked(folder: Folder) -> bool:
    """Whether a child lives that was started for this folder."""
    if not folder.lock.exists():
        return False
    with folder.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def call(settings: Settings, dbt: Dbt, words: list[str], target: Path) -> list[Record]:
    """One command of dbt, waited for; its records. Raises when dbt gave up without a word. `words` name `target / "logs"` as log path."""
    log = target / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    with open_private(target / "dbt.out") as output:
        done = subprocess.run(
            [*dbt.command, *words, *json_flags()],
            cwd=settings.project,
            env={**settings.environ, **dbt.overlay},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    settings.secrets.mask_file(target / "dbt.out")
    settings.secrets.mask_file(log)
    close_tree(target)
    reader = JsonLog(target)
    lines = log.read_bytes().splitlines() if log.is_file() else []
    records = [record for line in lines for record in reader.read(line)]
    if not any(isinstance(record, End) for record in records):
        said = last_line(target / "dbt.out") or f"exit code {done.returncode}"
        raise ToolError(
            f"dbt {words[0]} failed: {said}", where=settings.where, hint=f"its output: {target / 'dbt.out'}"
        )
    return records
