"""Making a sync's job: connector installed and asked, streams chosen, state read. Blocking parts, called in threads."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from penstock.assets import Relation
from penstock.errors import ConfigError, UsageError
from penstock.integration import Loadable, RunContext, Step, given
from penstock.system.files import write_private
from penstock.system.names import file_name
from penstock_airbyte.beginnings import told
from penstock_airbyte.checkpoints import FILE as CHECKPOINTS
from penstock_airbyte.child import STAGING, Child
from penstock_airbyte.config import AirbyteConfig, ConnectionConfig, SyncOptions, SyncPayload
from penstock_airbyte.connector import Connector, write_config
from penstock_airbyte.drift import keep_loaded, loaded_file, read_loaded
from penstock_airbyte.environment import Progress
from penstock_airbyte.job import WHOLE, Job, JobStream, usable_state
from penstock_airbyte.observe import EVERY, table_id
from penstock_airbyte.source import Source
from penstock_airbyte.streams import SyncedStream, synced_streams
from penstock_manifests.airbyte import encode_configured_catalog, encode_state


class Preparation:
    """One connection of a run, on its way to a job."""

    def __init__(self, context: RunContext[AirbyteConfig], step: Step) -> None:
        config: AirbyteConfig = context.config
        self.name = connection_of(step, config)
        self.config: ConnectionConfig = config.connections[self.name]
        self.loader = f"airbyte/{context.instance}/{self.name}"
        self._context = context
        self._step = step
        self._place = f"airbyte.{context.instance}.connections.{self.name}"
        self._source = Source(context, self.name, self.config.source)
        for known in (self.config.source.config, self._source.current_config()):
            self._source.hide(known)  # also where a sync is gone on with, and its connector not asked again
        warehouse = context.warehouse(self.config.destination)
        if not isinstance(warehouse, Loadable):
            raise ConfigError(
                f"warehouse '{self.config.destination}' ({warehouse.address.dialect}) cannot be loaded into from here",
                where=self._place,
            )
        self.warnings: list[str] = []
        self._held: dict[str, str] | None = None
        self._forgotten: set[str] = set()  # loaders whose state is left behind
        self.destination = warehouse.destination()
        self.pointer = context.state_dir / "airbyte" / context.instance / f"{file_name(self.name)}.attempt"

    def connector(self, progress: Progress) -> Connector:
        """Installed, its configuration checked."""
        connector = self._source.connector(progress)
        for note in self._source.notes:
            progress(note)
        return connector

    def streams(self, connector: Connector, progress: Progress) -> tuple[SyncedStream, ...]:
        catalog = self._source.catalog(connector, progress)
        return synced_streams(self.config, catalog, self.destination.address, self._place)

    def located(self, progress: Progress) -> tuple[JobStream, ...]:
        """The connection's streams and their tables, as last discovered; discovered now where they never were."""
        catalog = self._source.known_catalog() or self._source.catalog(self.connector(progress), progress)
        return self._located(synced_streams(self.config, catalog, self.destination.address, self._place))

    def state(self, streams: tuple[SyncedStream, ...]) -> dict[str, str]:
        """The committed state that can still be used. Opens the warehouse: the caller holds it."""
        chosen = self._located(streams)
        self._held = self.destination.state(self.loader)
        state = self._held or self._earlier_state(chosen)
        wanted = [stream.relation for stream in chosen if stream.incremental]
        there = self.destination.holding(wanted)
        usable = usable_state(state, chosen, there)
        # Of tables that a forgotten connection has loaded it is said already that they are begun anew.
        rows = (
            there if not self._forgotten else {**there, **dict.fromkeys(self._loaded_before(wanted), False)}
        )
        self.warnings += told(self.name, chosen, usable, rows, read_loaded(self._loaded_file()))
        return usable

    def _loaded_before(self, relations: Iterable[Relation]) -> list[Relation]:
        return [one for one in relations if self._forgotten & self.destination.loaders([one])]

    def _earlier_state(self, chosen: tuple[JobStream, ...]) -> dict[str, str]:
        """What the connection goes on from under the name that it had; a warning where one is forgotten.

        One that has loaded already under its own name has no state because it was cleared, or never had one.
        """
        wrote = self.destination.loaders([stream.relation for stream in chosen if stream.incremental])
        if self.loader in wrote:
            return {}
        home = f"airbyte/{self._context.instance}/"
        if self.config.renamed_from is not None:
            return self.destination.state(home + self.config.renamed_from)
        known = {home + name for name in self._context.config.connections}
        for loader in sorted(wrote - known):
            if self.destination.state(loader):
                old = loader.removeprefix(home)
                self._forgotten.add(loader)
                self.warnings.append(
                    f"{self.name} begins from the beginning, into tables that '{old}' has loaded, which is not in"
                    f" penstock.yml any more; to go on from its state: {self._place}.renamed_from: {old}"
                )
        return {}

    def job(self, streams: tuple[SyncedStream, ...], state: dict[str, str]) -> Job:
        """The step's streams; all of them where the source keeps one state for all: read alone, a stream would move it."""
        wanted = {item.id for item in self._step.items}
        located = self._located(streams)
        self._refuse_part(located, state)
        every = table_id(self.name, EVERY)
        chosen = (
            located if WHOLE in state or every in wanted else tuple(s for s in located if s.item in wanted)
        )
        missing = wanted - {stream.item for stream in located} - {every}
        if missing:
            gone = ", ".join(sorted(item.removesuffix("#table") for item in missing))
            raise UsageError(f"the source does not offer {gone} any more", hint="penstock refresh")
        return Job(
            connection=self.name,
            loader=self.loader,
            source=self._source.fingerprint,
            sync_id=int(time.time()),
            streams=chosen,
            state=state,
            held=self._held,
        )

    def _refuse_part(self, located: tuple[JobStream, ...], state: dict[str, str]) -> None:
        """One state for all streams goes back to its beginning whole, or not at all."""
        anew = [stream for stream in located if stream.anew]
        if anew and WHOLE in state and len(anew) < len(located):
            raise UsageError(
                f"the source of {self.name} keeps one state for all its streams: they can only be read anew together",
                hint=f"penstock airbyte refresh {self.name}",
            )

    def launch(self, child: Child, connector: Connector, job: Job, folder: Path) -> None:
        """Write the connector's files and start `read`. The configuration is removed when the sync has ended."""
        write_private(folder / "catalog.json", encode_configured_catalog(job.configured()))
        shutil.rmtree(folder / STAGING, ignore_errors=True)
        (folder / CHECKPOINTS).unlink(missing_ok=True)  # they are of another output, taken over in part
        command = [
            *connector.command,
            "read",
            "--config",
            str(write_config(folder, self._source.current_config())),
        ]
        command += ["--catalog", str(folder / "catalog.json")]
        states = job.states()
        if states:
            write_private(folder / "state.json", encode_state(states))
            command += ["--state", str(folder / "state.json")]
        child.launch(command, connector.environ, connector.root)

    def keep_loaded(self, streams: Iterable[SyncedStream]) -> None:
        """These have been loaded as the source offers them now: what changes from here on is drift."""
        keep_loaded(self._loaded_file(), streams)

    def _loaded_file(self) -> Path:
        context = self._context
        return loaded_file(context.state_dir, context.instance, context.environment, self.name)

    def keep_config(self, update: dict[str, object]) -> None:
        self._source.keep_config(update)

    def hide(self, config: dict[str, object]) -> None:
        self._source.hide(config)

    def _located(self, streams: tuple[SyncedStream, ...]) -> tuple[JobStream, ...]:
        anew = given(self._context.options, SyncOptions).from_scratch
        return tuple(
            JobStream(
                item=table_id(self.name, stream.label),
                stream=stream,
                relation=self.destination.relation(stream.schema, stream.table),
                anew=table_id(self.name, stream.label) in anew,
            )
            for stream in streams
        )


def connection_of(step: Step, config: AirbyteConfig) -> str:
    """The connection that the step syncs. A step that was planned before steps had a payload tells it by its items only."""
    if step.payload:
        name = step.decoded(SyncPayload).connection
        if name in config.connections:
            return name
    for item in step.items if not step.payload else ():
        names = [name for name in config.connections if item.id.startswith(f"{name}/")]
        if names:
            return max(names, key=len)
    raise UsageError(
        f"the step {step.id} is about no connection of airbyte.{step.instance}", hint="penstock refresh"
    )
