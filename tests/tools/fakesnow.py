"""fakesnow as a process on loopback, and statements sent to it by the real connector."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import ROOT
from tests.tools.environment import environ_of

_SERVE = ROOT / "tests" / "doubles" / "fakesnow" / "serve.py"


class Fakesnow:
    """Where it listens. Its databases live as long as its process."""

    def __init__(self, port: int) -> None:
        self.port = port

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """The rows of the last statement."""
        import snowflake.connector

        with snowflake.connector.connect(
            account="fakesnow",
            user="somebody",
            password="not-checked",
            host="127.0.0.1",
            port=self.port,
            protocol="http",
            enable_server_session_keep_alive_auto_detection=False,
        ) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]


@contextmanager
def fakesnow(folder: Path) -> Iterator[Fakesnow]:
    """A new one, empty; `folder` gets what it says."""
    environ = environ_of("fakesnow")
    python = Path(environ["VIRTUAL_ENV"]) / "bin" / "python"
    with (folder / "fakesnow.log").open("wb") as said:
        process = subprocess.Popen([python, _SERVE], env=environ, stdout=subprocess.PIPE, stderr=said)
        try:
            assert process.stdout is not None
            yield Fakesnow(int(process.stdout.readline()))
        finally:
            process.kill()
            process.communicate()
