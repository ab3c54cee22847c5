"""Asking a connector short questions (spec, check, discover) over the Airbyte Protocol. Blocking; reads are elsewhere."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from penstock.errors import ToolError
from penstock.system.files import write_private
from penstock_airbyte.environment import clean_environ
from penstock_airbyte.mend import readable
from penstock_manifests.airbyte import AirbyteCatalog, ConnectionStatus, Message, Spec, decode_message
from penstock_manifests.errors import ManifestError

_TIMEOUT = 600.0


class Connector:
    """A connector that is installed: its command, the environment it sees, the folder where its relative paths start. `keep` takes
    the configuration that it wants from now on, where it says so."""

    def __init__(
        self,
        title: str,
        command: Sequence[str],
        environ: Mapping[str, str],
        root: Path,
        redact: Callable[[str], str],
        keep: Callable[[dict[str, object]], None],
    ) -> None:
        self.title = title
        self.command = tuple(command)
        self.environ = clean_environ(environ)
        self.root = root
        self.redact = redact
        self.keep = keep

    def spec(self) -> Spec:
        for message in self._ask("spec"):
            if message.spec is not None:
                return message.spec
        raise AssertionError("unreachable: _ask raises when the answer is missing")

    def check(self, config: Mapping[str, object]) -> ConnectionStatus:
        """Whether the source can be reached with this configuration."""
        said = [m.connection_status for m in self._ask("check", config) if m.connection_status is not None]
        return next((status for status in said if status.status != "SUCCEEDED"), said[0])

    def discover(self, config: Mapping[str, object]) -> AirbyteCatalog:
        for message in self._ask("discover", config):
            if message.catalog is not None:
                return message.catalog
        raise AssertionError("unreachable: _ask raises when the answer is missing")

    def _ask(self, verb: str, config: Mapping[str, object] | None = None) -> list[Message]:
        with tempfile.TemporaryDirectory(prefix="penstock-") as folder:
            command = [*self.command, verb]
            if config is not None:
                command += ["--config", str(write_config(Path(folder), config))]
            try:
                done = subprocess.run(
                    command,
                    env=self.environ,
                    capture_output=True,
                    stdin=subprocess.DEVNULL,
                    cwd=self.root,
                    timeout=_TIMEOUT,
                )
            except subprocess.TimeoutExpired:
                raise ToolError(f"{self.title}: {verb} gave no answer within {_TIMEOUT:.0f} s") from None
            except OSError as error:
                raise ToolError(f"{self.title} cannot be started: {error.strerror}") from None
        return self._answer(verb, done)

    def _answer(self, verb: str, done: subprocess.CompletedProcess[bytes]) -> list[Message]:
        """The messages, when the one that was asked for is among them."""
        expected = {"spec": "SPEC", "check": "CONNECTION_STATUS", "discover": "CATALOG"}[verb]
        messages: list[Message] = []
        other: list[str] = []
        for line in done.stdout.splitlines():
            try:
                message = decode_message(readable(line))
            except ManifestError as error:
                raise ToolError(f"{self.title}: {verb} answered wrongly ({error})") from None
            if message is not None:
                self._keep(message)
                messages.append(message)
            elif line.strip():
                other.append(line.decode(errors="replace"))
        answers = [message for message in messages if message.type == expected]
        failed = [m.connection_status for m in answers if m.connection_status is not None]
        told = [m.trace.error.message for m in messages if m.trace is not None and m.trace.error is not None]
        # A connector that says why it failed has not answered, whatever it said before: half a catalog is no catalog.
        if answers and (not told or done.returncode == 0 or any(s.status != "SUCCEEDED" for s in failed)):
            return messages
        other += done.stderr.decode(errors="replace").strip().splitlines()
        said = told[-1] if told else other[-1] if other else "nothing at all"
        why = (
            f"{verb} failed: "
            if told
            else f"{verb} gave no {expected} message (exit code {done.returncode}); it said: "
        )
        raise ToolError(f"{self.title}: {why}{self.redact(said.strip())[:500]}")

    def _keep(self, message: Message) -> None:
        """A token that is renewed with each use is renewed here too: without the new one, nothing goes on."""
        control = message.control
        if control is not None and control.connector_config is not None:
            self.keep(control.connector_config.config)


def write_config(folder: Path, config: Mapping[str, object]) -> Path:
    """The config as a file that only its owner can read."""
    path = folder / "config.json"
    write_private(path, msgspec.json.encode(config))
    return path
