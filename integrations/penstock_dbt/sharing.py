"""When two commands may share one dbt process: what it was started with, and the project's files as it has read them."""

from __future__ import annotations

import hashlib

from penstock_dbt.flags import parsing_flags
from penstock_dbt.layout import layout_of, project_inputs
from penstock_dbt.locate import Dbt
from penstock_dbt.options import DbtOptions
from penstock_dbt.profiles import profiles_file
from penstock_dbt.settings import Settings


def worker_key(settings: Settings, dbt: Dbt, options: DbtOptions) -> tuple[str, ...]:
    """Everything that changes what a parsed project is: a process with another key would build something else."""
    return (settings.key, dbt.version or "", *dbt.command, *parsing_flags(options))


def project_files(settings: Settings) -> str:
    """The project's files as they are now: a process that has read others reads them again, as a new dbt would."""
    digest = hashlib.blake2b(digest_size=16)
    paths = [profiles_file(settings), *project_inputs(layout_of(settings.project, dict(settings.environ)))]
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
