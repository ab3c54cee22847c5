"""What a connection's source is: its command, spec and catalog, each asked once and kept in the cache folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from penstock.integration import ObserveContext, RunContext
from penstock.system.files import private_folder, write_private
from penstock.system.names import file_name
from penstock_airbyte.config import AirbyteConfig, SourceConfig
from penstock_airbyte.connector import Connector
from penstock_airbyte.environment import Progress, command_of
from penstock_airbyte.secrets import secret_values
from penstock_airbyte.validate import check_config
from penstock_manifests.airbyte import AirbyteCatalog, Spec

T = TypeVar("T")


class _Kept(msgspec.Struct, frozen=True):
    """A rotated configuration, and the fingerprint of the one that it takes the place of."""

    of: str
    config: dict[str, object]


class Source:
    """The source connector of the connection `name`, with its configuration. `place` is where that stands in penstock.yml."""

    def __init__(
        self,
        context: ObserveContext[AirbyteConfig] | RunContext[AirbyteConfig],
        name: str,
        config: SourceConfig,
    ) -> None:
        root, cache = context.project_root, context.cache_dir
        self.config = config
        self.place = f"airbyte.{context.instance}.connections.{name}.source"
        self.notes: tuple[str, ...] = ()  # what of the configuration could not be checked
        self._root = root
        self._cache = cache
        self._environ = context.environ
        self._secrets = context.secrets
        stamps = _stamps(config.command, root)
        identity = (config.connector, config.version, config.python, config.command, stamps)
        # A command, and a path in a configuration, may start at the project: another project means another thing by it.
        place_of_command = str(root) if config.command else None
        self.fingerprint = _hash((identity, config.config))
        self.spec_file = cache / "specs" / f"{_hash((identity, place_of_command))}.json"
        # The name covers the configuration, secrets too; the content shows none of it.
        self.catalog_file = cache / "catalogs" / f"{_hash((self.fingerprint, str(root)))}.json"
        self._kept = context.state_dir / "airbyte" / context.instance / f"{file_name(name)}.config.json"

    def known_catalog(self) -> AirbyteCatalog | None:
        """The catalog as last discovered, without starting anything."""
        return _read(self.catalog_file, AirbyteCatalog)

    def connector(self, progress: Progress) -> Connector:
        """The installed connector; its configuration has been checked. Raises ConfigError for what the spec rejects."""
        command = command_of(self.config, self._cache, self._environ, self._root, progress)
        connector = Connector(
            self.config.title, command, self._environ, self._root, self._secrets, self.keep_config
        )
        self.hide(self.config.config)
        spec = _read(self.spec_file, Spec)
        if spec is None:
            progress(f"asking {self.config.title} for its spec")
            spec = connector.spec()
            _write(self.spec_file, spec)
            self.hide(self.config.config)
        self.notes = check_config(self.config.config, spec.connection_specification, f"{self.place}.config")
        return connector

    def hide(self, config: Mapping[str, object]) -> None:
        """Make known what is secret in a configuration, as far as the spec is known: it is shown nowhere from now on."""
        self._secrets.add_named(config)
        spec = _read(self.spec_file, Spec)
        if spec is not None:
            self._secrets.add(*secret_values(spec.connection_specification, config))

    def current_config(self) -> dict[str, object]:
        """The configuration that the connector wants now: the one it has rotated its credentials in; else the user's."""
        try:
            kept = msgspec.json.decode(self._kept.read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return self.config.config
        # What the user has changed since wins.
        if kept.of != self.fingerprint:
            return self.config.config
        self.hide(kept.config)
        return kept.config

    def keep_config(self, update: dict[str, object]) -> None:
        """A connector has rotated its credentials: from now on it wants this configuration."""
        self.hide(update)
        private_folder(self._kept.parent)
        write_private(self._kept, msgspec.json.encode(_Kept(of=self.fingerprint, config=update)))

    def catalog_age(self) -> float:
        """Seconds since the streams were discovered; infinite when they never were."""
        try:
            return time.time() - self.catalog_file.stat().st_mtime
        except FileNotFoundError:
            return float("inf")

    def catalog(
        self, connector: Connector, progress: Progress, *, max_age: float = float("inf")
    ) -> AirbyteCatalog:
        """The streams that the source offers, as discovered at most `max_age` seconds ago."""
        known = self.known_catalog()
        if known is not None and self.catalog_age() <= max_age:
            return known
        progress(f"discovering the streams of {self.config.title}")
        catalog = connector.discover(self.current_config())
        _write(self.catalog_file, catalog)
        return catalog


def _stamps(command: tuple[str, ...] | None, root: Path) -> list[tuple[int, int]]:
    """A connector that is being developed changes under its name."""
    stamps = []
    for part in command or ():
        if (root / part).is_file():
            stat = (root / part).stat()
            stamps.append((stat.st_mtime_ns, stat.st_size))
    return stamps


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:24]


def _read(path: Path, kind: type[T]) -> T | None:
    """None when it is absent, or was written by a version with another shape."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _write(path: Path, value: msgspec.Struct) -> None:
    private_folder(path.parent)
    write_private(path, msgspec.json.encode(value))
