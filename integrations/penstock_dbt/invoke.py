"""One call of the user's dbt and its result, waited for: parse, and a compile that goes on. For a run's many calls see `runner.py`."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from penstock.errors import ConfigError, ToolError
from penstock.integration import ObserveContext
from penstock.system.files import close_tree, private_folder
from penstock.system.locks import locked
from penstock_dbt.choose import choose
from penstock_dbt.config import DbtConfig
from penstock_dbt.flags import partial_parse_flags, project_flags, quiet_flags
from penstock_dbt.locate import Dbt
from penstock_dbt.messages import clean, users_own
from penstock_dbt.options import options_of
from penstock_dbt.packages import install_packages, packages_missing
from penstock_dbt.process import send
from penstock_dbt.records import End, Finish, Log, Record, read_record
from penstock_dbt.settings import Settings, settings_of
from penstock_dbt.sharing import project_files, worker_key
from penstock_dbt.workers import WorkerPool

_PAUSE = 0.01
_LAST = 1_000_000  # bytes of an event file that its last line is in


class CompileResult(msgspec.Struct, frozen=True, kw_only=True):
    """`manifest` has the compiled SQL of every node that could be compiled; `failed` says why the others could not, by unique_id."""

    manifest: Path
    failed: dict[str, str]


class _Listed(msgspec.Struct):
    unique_id: str


def parse(
    context: ObserveContext[DbtConfig], project: Path, config: DbtConfig, *, whole: bool = False
) -> Path:
    """Parse the project with the user's dbt; the path of the manifest.json that it wrote. Costs 3-6 s, 0.1 s more when unchanged.

    `whole`: without what dbt has kept of an earlier parse.
    `project` and `config` are those of `context`. Raises ToolMissing, ConfigError (the project's own mistake), ToolError.
    """
    settings = settings_of(context)
    target = settings.folder / "parse"
    with _alone(settings):
        dbt = _ready(context, settings)
        known = (target / "manifest.json").is_file()
        why = "again: files or variables have changed" if known else "for the first time"
        context.progress(f"Parsing {settings.instance} with dbt {dbt.version} {why} ...")
        _invoke(context, settings, dbt, target, ["parse", *(["--no-partial-parse"] if whole else [])])
    return _written(target, settings)


def compile_project(
    context: ObserveContext[DbtConfig], project: Path, config: DbtConfig, ids: frozenset[str] | None = None
) -> CompileResult:
    """Compile all nodes (or `ids`), going on after one that fails. The warehouse is asked where the project's Jinja asks it."""
    settings = settings_of(context)
    target = settings.folder / "compile"
    with _alone(settings):
        dbt = _ready(context, settings)
        nodes = "1 node" if ids is not None and len(ids) == 1 else f"{len(ids or ())} nodes"
        what = f"{nodes}, to follow their columns" if ids is not None else "all of it"
        context.progress(f"Compiling {settings.instance} with dbt {dbt.version}: {what} ...")
        words = ["compile", "--no-populate-cache", *(["--full-refresh"] if context.afresh else [])]
        if ids is not None:
            from penstock_dbt.selecting import selection_flags

            words += selection_flags(sorted(ids), target / "selection", dbt)
        records = _invoke(context, settings, dbt, target, words)
    failed = {
        record.id: record.text or ""
        for record in records
        if isinstance(record, Finish) and record.status == "error"
    }
    return CompileResult(manifest=_written(target, settings), failed=failed)


def listed(context: ObserveContext[DbtConfig], settings: Settings, selector: str, state: Path) -> list[str]:
    """The unique_ids that dbt itself selects, of all resource types, compared with the artefacts in `state`."""
    target = settings.folder / "list"
    words = ["ls", "--select", selector, "--state", str(state), "--resource-type", "all"]
    words += ["--indirect-selection", "empty", "--output", "json", "--output-keys", "unique_id"]
    with _alone(settings):
        dbt = _ready(context, settings)
        context.progress(f"Asking dbt {dbt.version} for {selector} of {settings.instance} ...")
        records = _invoke(context, settings, dbt, target, words)
    texts = (record.text.strip() for record in records if isinstance(record, Log))
    return [
        msgspec.json.decode(text, type=_Listed).unique_id for text in texts if text.startswith('{"unique_id"')
    ]


def _ready(context: ObserveContext[DbtConfig], settings: Settings) -> Dbt:
    dbt = choose(settings, context.progress)
    if settings.config.deps == "auto" and packages_missing(settings.project):
        context.progress(f"Installing packages of {settings.instance} (dbt deps) ...")
        install_packages(settings, dbt)
    return dbt


def _written(target: Path, settings: Settings) -> Path:
    manifest = target / "manifest.json"
    if not manifest.is_file():
        raise ToolError("dbt ended without writing manifest.json", where=settings.where)
    return manifest


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One process at a time writes into the project's artefact folder."""
    private_folder(settings.folder)
    with locked(settings.folder / "lock"):
        yield


def _invoke(
    context: ObserveContext[DbtConfig], settings: Settings, dbt: Dbt, target: Path, words: list[str]
) -> list[Record]:
    """Run one dbt command, by the worker where there is an interpreter; its records. Raises when dbt itself gave up."""
    private_folder(target)
    flags = [
        *project_flags(settings, target, target / "logs"),
        *partial_parse_flags(settings, target, settings.folder / "parse"),
        "--write-json",
    ]
    if dbt.python is None:
        from penstock_dbt.executable_backend import call

        return call(settings, dbt, [*words, *flags], target)
    events = target / "events.jsonl"
    events.unlink(missing_ok=True)
    argv = [*words, *flags, *quiet_flags()]
    is_parse = words[0] == "parse"
    command = {
        "events": str(events),
        "parse": argv if is_parse else ["parse", *flags, *quiet_flags()],
        "argvs": [] if is_parse else [argv],
    }
    output = _run(settings, dbt, command, events, worker_key(settings, dbt, options_of(context.options)))
    records = [record for line in _lines(events) if (record := read_record(line)) is not None]
    ended = next((record for record in records if isinstance(record, End)), None)
    if ended is None:
        raise ToolError("dbt ended without reporting", where=settings.where, hint=f"its output: {output}")
    if ended.text:
        raise failure(ended, settings)
    return records


def _run(
    settings: Settings, dbt: Dbt, command: Mapping[str, object], events: Path, key: tuple[str, ...]
) -> Path:
    """One command, waited for; the file with what its process printed.

    The process stays as long as this one, for a while: starting dbt and reading the project once is enough for a plan and its run.
    """
    files = project_files(settings)
    workers = WorkerPool()
    worker = workers.idle(key, settings, dbt) or workers.start(key, settings, dbt, lingers=True)
    worker.tell({**command, "fresh": not command["argvs"] or worker.files not in (None, files)}, events)
    worker.files = files
    try:
        while worker.alive and not _ended(events):
            time.sleep(_PAUSE)
    except BaseException:
        send(worker.identity, signal.SIGTERM, group=True)
        raise
    finally:
        settings.secrets.mask_file(worker.output)
        settings.secrets.mask_file(events)
        close_tree(events.parent)
    worker.hand_over()
    return worker.output


def _ended(events: Path) -> bool:
    """Whether the last whole line says that the command is over."""
    try:
        with events.open("rb") as opened:
            opened.seek(max(0, events.stat().st_size - _LAST))
            last = opened.read().rstrip(b"\n").rpartition(b"\n")[2]
    except FileNotFoundError:
        return False
    return last.startswith(b'{"e": "end"')


def failure(ended: End, settings: Settings) -> ToolError | ConfigError:
    """dbt's own words as our error: what is wrong in the project is the user's to mend (exit 2), the rest is dbt's failing."""
    text = clean(ended.text or "")
    if users_own(ended.name, text):
        return ConfigError(text, where=settings.where)
    return ToolError(text, where=settings.where)


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines() if path.is_file() else []
