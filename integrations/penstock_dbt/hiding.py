"""What dbt's own process wrote with a secret in it, once the SQL has been read: hidden, or removed where nobody reads it again."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from glob import escape
from pathlib import Path

import msgspec

from penstock.system.files import write_private
from penstock.system.redaction import Secrets
from penstock_dbt.settings import Settings


def hide_built(settings: Settings, path: Path, record: bytes, at: float, source: str | None) -> None:
    """The record of what a build compiled is replaced, as old as it was; what dbt wrote beside it is overwritten."""
    write_private(path, record)
    os.utime(path, (at, at))
    for theirs in settings.folder.glob(f"worker-*/*/*/{escape(source)}") if source else ():
        settings.secrets.mask_file(theirs)


def forget_compiled(settings: Settings) -> None:
    """What dbt compiled was taken over: its own copies go. The saved parse beside them stays."""
    folder = settings.folder / "compile"
    for name in ("manifest.json", "run_results.json"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "compiled", ignore_errors=True)


def hide_written(secrets: Secrets, texts: Iterable[Path], folders: Iterable[Path], since: float) -> None:
    """What dbt has said, and what one that goes on living has written into its folders since then: SQL as it was sent, hooks too. And
    the records of what it compiled, where it keeps some: nobody may ever ask for the columns of what failed."""
    for told in texts:
        secrets.mask_file(told)
    for folder in folders:
        for part in ("compiled", "run", "again"):
            for path in _files(folder / part, since):
                secrets.mask_file(path)
        for path in _files(folder.parent / "compiled", since):
            _hide_record(secrets, path)


def _files(folder: Path, since: float) -> Iterator[Path]:
    for at, _, names in os.walk(folder):
        for name in names:
            path = Path(at, name)
            with contextlib.suppress(
                FileNotFoundError
            ):  # what another process has written in part is renamed
                if path.stat().st_mtime >= since:
                    yield path


def _hide_record(secrets: Secrets, path: Path) -> None:
    if path.suffix != ".json":
        return  # written in part
    try:
        at = path.stat()
        record = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        sql = str(record["sql"])
    except FileNotFoundError:
        return
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, KeyError):
        secrets.mask_file(path)  # broken: who looks for SQL passes over it
        return
    hidden = secrets.redact_sql(sql)
    if hidden != sql:
        write_private(path, msgspec.json.encode({**record, "sql": hidden}))
        os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
