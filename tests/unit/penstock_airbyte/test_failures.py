"""What a sync leaves behind when the connector, the configuration or the warehouse is not as hoped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.integration import (
    AttemptKey,
    Finished,
    Handle,
    Intent,
    ItemProgress,
    LogLine,
    Lost,
    Outcome,
    Phase,
    StepEvent,
)
from penstock.system.boot import pid_space
from penstock_airbyte.child import Child, kill_orphan
from tests.tools.syncing import Bench, Result
from tests.unit.penstock_airbyte.sources import (
    TABLE,
    TALKER,
    USERS,
    Shop,
    ending,
    holding,
    misconfigured,
    mode,
    user,
)

MANY = [user(number, number) for number in range(1, 51)]


def test_a_failed_overwrite_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": [user(9, 9)]}})
    shop.bench.sync(1)
    shop.rows(MANY)
    shop.options = {"fail_after": 20, "error": "the API is down"}
    result = shop.bench.sync(2)
    assert (result.outcome, result.message, result.retryable) == (Outcome.ERROR, "the API is down", True)
    assert result.items["shop/users#table"].outcome is Outcome.ERROR
    assert shop.users() == [(9, "user 9")]
    assert "inner details" in result.texts(LogLine)


def test_what_became_of_a_sync_whose_machine_is_gone_stands_in_the_warehouse(tmp_path: Path) -> None:
    """It appends: made again, every row would be there twice."""
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}}, **mode("full_refresh_append"))
    shop.bench.sync(1)
    shutil.rmtree(shop.bench.state_dir / "runs")
    result = shop.bench.sync(1, adopt=True)
    assert (result.outcome, result.items["shop/users#table"].rows) == (Outcome.SUCCESS, 50)
    assert result.message == "committed before its machine was lost, as the warehouse tells"
    assert len(shop.users()) == 50
    assert not result.texts(Phase), "it was not read again"


@pytest.mark.parametrize("committed", [True, False])
def test_what_a_restarted_machine_has_left_of_a_sync_is_not_trusted(tmp_path: Path, committed: bool) -> None:
    """Its last rows may never have reached the disk, though the connector's exit did."""
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}}, **mode("full_refresh_append"))
    if committed:
        shop.bench.sync(1)
    step = shop.bench.step()
    key = AttemptKey("r1", step.id, 1)
    folder = shop.bench.folder(key)
    (folder / "ended.json").unlink(missing_ok=True)
    (folder / "step.json").write_bytes(msgspec.json.encode(step))
    (folder / "boot").write_text("an earlier one")
    (folder / "exit").write_text("0")
    (folder / "launched").touch()
    (folder / "raw.jsonl").write_text("")
    (folder / "job.json").write_text("{}")
    result = shop.bench.sync(1, adopt=True)
    if committed:
        assert (result.outcome, len(shop.users())) == (Outcome.SUCCESS, 50)
        return
    assert result.message == "its machine was restarted before it was committed"
    assert {event.lost for event in result.events if isinstance(event, Finished)} == {Lost.UNDONE}
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert len(shop.users()) == 50


def test_nothing_is_found_of_a_sync_that_was_not_committed_whole(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}}, **mode("incremental_append"))
    shop.options = {"state_every": 10, "fail_after": 25}
    shop.bench.sync(1)
    shutil.rmtree(shop.bench.state_dir / "runs")
    step = shop.bench.step()
    for attempt in (1, 2):
        assert (
            asyncio.run(shop.bench.runner().find(step, AttemptKey("r1", step.id, attempt), Intent())) is None
        )


@pytest.mark.parametrize("name", ["incremental_append", "incremental_append_dedup"])
def test_a_failed_increment_keeps_what_its_last_state_covers(name: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}}, **mode(name))
    shop.options = {"state_every": 10, "fail_after": 25}
    first = shop.bench.sync(1)
    assert first.message == "the connector exited with code 3: segmentation something"
    item = first.items["shop/users#table"]
    assert (item.outcome, item.rows) == (Outcome.ERROR, 20)
    assert len(shop.users()) == 20
    shop.options = {"state_every": 10}
    second = shop.bench.sync(2)
    assert second.items["shop/users#table"].rows == 30
    assert shop.users() == [(row["id"], row["name"]) for row in MANY]


def test_a_stream_that_was_read_to_its_end_is_good_though_another_failed(tmp_path: Path) -> None:
    tables = {"users": {**USERS, "rows": MANY}, "buyers": {**USERS, "rows": MANY}}
    streams = {stream: {"sync_mode": "incremental_append"} for stream in tables}
    shop = Shop(tmp_path, tables, streams=streams)
    shop.options = {"fail_after": 60, "fail_stream": "buyers", "error": "no more"}
    result = shop.bench.sync(1)
    assert result.outcome is Outcome.ERROR
    assert result.items["shop/users#table"].outcome is Outcome.SUCCESS
    assert result.items["shop/buyers#table"].outcome is Outcome.ERROR
    assert len(shop.users()) == 50
    assert shop.tables() == ["users"]


def test_a_configuration_error_is_not_worth_another_try(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"fail_after": 1, "error": "wrong key", "failure_type": "config_error"}
    assert not shop.bench.sync(1).retryable


def test_junk_between_the_messages_is_logged_and_skipped(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"junk": True}
    result = shop.bench.sync(1)
    assert result.outcome is Outcome.SUCCESS
    assert len(shop.users()) == 50
    assert result.texts(LogLine).count("warning: this is not JSON {") == 5


def test_the_configuration_file_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"token": "s3cret-token", "release": str(tmp_path / "release")}
    seen: list[int] = []
    bench = shop.bench
    folder = bench.folder(AttemptKey("r1", "sync-shop", 1))

    def look(event: StepEvent) -> None:
        if not seen and (folder / "config.json").exists():
            seen.append((folder / "config.json").stat().st_mode & 0o777)
            (tmp_path / "release").touch()

    result = bench.sync(1, heard=look)
    assert result.outcome is Outcome.SUCCESS
    assert seen == [0o600]
    left = [file for file in folder.rglob("*") if file.is_file() and b"s3cret-token" in file.read_bytes()]
    assert left == []


def test_a_secret_in_an_error_is_hidden(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"token": "s3cret-token", "fail_after": 1, "error": "401 for s3cret-token"}
    result = shop.bench.sync(1)
    assert result.message == "401 for ****"
    assert "s3cret" not in repr(result.events)


def test_a_rotated_configuration_is_used_the_next_time(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"token": "first-token", "rotate": "second-token"}
    assert "a token of 11 characters" in shop.bench.sync(1).texts(LogLine)
    kept = tmp_path / ".penstock/airbyte/ingest/shop.config.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert b"second-token" in kept.read_bytes()
    assert "a token of 12 characters" in shop.bench.sync(2).texts(LogLine)
    shop.options["token"] = "changed-by-hand"
    assert "a token of 15 characters" in shop.bench.sync(3).texts(LogLine)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"state_every": "x"}, r"source\.config\.state_every: 'x' is not of type 'integer'"),
        ({"state_every": 0}, r"source\.config\.state_every: 0 is less than the minimum of 1"),
        ({"stat_every": 5}, r"source\.config\.stat_every: is unknown to the connector"),
        ({"data": None}, r"source\.config\.data: None is not of type 'string'"),
    ],
)
def test_a_configuration_that_the_spec_rejects_names_the_field(
    options: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": []}})
    shop.options = options
    assert re.search(r"airbyte\.ingest\.connections\.shop\." + expected, misconfigured(shop.bench))


def test_a_rejected_secret_is_not_shown(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": []}})
    for options in ({"token": "short"}, {"token": 12345678}, {"auth": {"key": 99887766}}):
        shop.options = options
        said = misconfigured(shop.bench)
        assert not any(secret in said for secret in ("short", "12345678", "99887766"))


def talking(tmp_path: Path, text: str, code: int) -> Bench:
    command = [sys.executable, "-S", str(TALKER), text, str(code)]
    return Bench(tmp_path, {"shop": {"source": {"command": command}, "destination": "main"}})


def test_a_program_that_is_no_connector_is_one_clear_line(tmp_path: Path) -> None:
    (finding,) = talking(tmp_path, "hello there", 0).observe().findings
    assert "spec gave no SPEC message (exit code 0); it said: hello there" in finding.message


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"shop": {"source": {"command": ["/no/such/source"]}, "destination": "main"}})
    assert "the connector's command '/no/such/source' does not exist" in misconfigured(bench)


def test_a_command_and_its_paths_start_at_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    (tmp_path / "connectors").mkdir()
    script = tmp_path / "connectors" / "source"
    script.write_text(f"#!{sys.executable}\n" + TABLE.read_text())
    script.chmod(0o755)
    monkeypatch.chdir("/")
    source = {"command": ["connectors/source"], "config": {"data": "source.json"}}
    result = Bench(tmp_path, {"shop": {**shop.connection, "source": source}}).sync(1)
    assert result.outcome is Outcome.SUCCESS
    assert len(shop.users()) == 50


def test_a_held_warehouse_is_waited_for(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.bench.observe()
    with holding(tmp_path / "shop.duckdb") as holder:
        result = shop.bench.sync(1, heard=ending(holder))
    assert result.outcome is Outcome.SUCCESS
    waits = f"waiting: shop.duckdb is held by PID {holder.pid}"
    assert any(text.startswith(waits) for text in result.texts(Phase))
    assert len(shop.users()) == 50


def test_rows_that_could_not_be_written_are_kept_for_the_next_try(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.settings = {"busy_timeout": 0.5}
    shop.bench.observe()
    with holding(tmp_path / "shop.duckdb") as holder:
        result = shop.bench.sync(1)
        holder.kill()
    assert result.outcome is Outcome.ERROR and result.retryable
    assert f"held by PID {holder.pid}" in result.message
    shop.rows([])  # the source has lost them in the meantime
    shop.settings = {}
    with holding(tmp_path / "shop.duckdb") as again:
        second = shop.bench.sync(2, heard=ending(again))
        again.kill()
    assert second.outcome is Outcome.SUCCESS
    assert len(shop.users()) == 50


def test_cancelling_stops_the_connector_and_writes_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}}, **mode("incremental_append"))
    shop.options = {"state_every": 10, "pause": 300.0}
    bench = shop.bench

    async def cancelled() -> tuple[list[Any], float]:
        runner, step = bench.runner(), bench.step()
        handle = await runner.start(step, AttemptKey("r1", step.id, 1), Intent())
        assert isinstance(handle, Handle)
        events = []
        began = 0.0
        async for event in runner.events(handle):
            events.append(event)
            if isinstance(event, ItemProgress) and not began:
                began = time.monotonic()
                stopping = asyncio.create_task(runner.cancel(handle))
        await stopping
        return events, time.monotonic() - began

    events, seconds = asyncio.run(cancelled())
    result = Result(tuple(events))
    assert result.outcome is Outcome.CANCELLED
    assert result.items["shop/users#table"].outcome is Outcome.CANCELLED
    assert seconds < 240, "less than its next pause"
    assert not (tmp_path / "shop.duckdb").exists()
    assert survivors(tmp_path) == []


def test_a_stream_that_the_source_does_not_have(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"users": {**USERS, "rows": []}}, streams={"usres": None})
    said = misconfigured(shop.bench)
    assert "shop.streams.usres: the source has no stream 'usres'; did you mean 'users'" in said


def survivors(root: Path) -> list[str]:
    """Processes that still have something of this project in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            seen = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(root / ".penstock").encode() in seen:
            found.append(seen.decode(errors="replace"))
    return found


def test_a_connector_that_answers_wrongly(tmp_path: Path) -> None:
    wrong = '{"type": "SPEC", "spec": {"connectionSpecification": "none"}}'
    (finding,) = talking(tmp_path, wrong, 0).observe().findings
    assert "spec answered wrongly" in finding.message


@pytest.mark.parametrize("options", [{}, {"fail_after": 5}])
def test_what_a_connector_says_of_its_secrets_is_nowhere_afterwards(
    options: dict[str, Any], tmp_path: Path
) -> None:
    """Not in its stderr either, which is a file while it runs; nor by the credentials that it has got since."""
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"token": "first-token", "rotate": "second-token", "tell": True, **options}
    result = shop.bench.sync(1)
    said = " ".join(repr(event) for event in result.events)
    assert "the token is ****" in said and "on stderr: ****" in said
    assert "first-token" not in said and "second-token" not in said
    kept = tmp_path / ".penstock/airbyte/ingest/shop.config.json"
    left = [
        file
        for file in tmp_path.rglob("*")
        if file.is_file() and any(word in file.read_bytes() for word in (b"first-token", b"second-token"))
    ]
    assert left == [kept]
    open_to_others = [file for file in kept.parent.parent.parent.rglob("*") if file.stat().st_mode & 0o077]
    assert [file for file in open_to_others if file.is_file()] == []


def test_a_rotated_configuration_is_what_the_source_is_asked_with(tmp_path: Path) -> None:
    """Many refresh tokens are good for one use."""
    shop = Shop(tmp_path, {"users": {**USERS, "rows": MANY}})
    shop.options = {"token": "first-token", "rotate": "second-token", "only": "second-token"}
    shop.bench.sync(1)
    assert shop.bench.observe(max_age=0.0).findings == ()


def test_the_name_of_a_connection_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    shop = Shop(tmp_path / "inner", {"users": {**USERS, "rows": MANY}})
    shop.options = {"token": "first-token", "rotate": "second-token"}
    raw = {"../../../../out": shop.raw()["connections"]["shop"]}
    bench = Bench(shop.root, raw)
    step = bench.step("../../../../out")
    assert bench.sync(1, given=step).outcome is Outcome.SUCCESS
    assert [file.name for file in tmp_path.iterdir()] == ["inner"]
    kept = shop.root / ".penstock/airbyte/ingest"
    assert {file.name.partition("-")[0] for file in kept.iterdir()} == {"out", "loaded"}
    assert [file.suffix for file in kept.joinpath("loaded").rglob("*")] == [".json"]


def test_a_pid_of_another_container_or_boot_is_nobody_of_ours(tmp_path: Path) -> None:
    """The same number may be a process group of somebody else by now: it is neither followed nor stopped."""
    folder = tmp_path / "attempt"
    folder.mkdir()
    # A group whose leader has ended, as that of a connector whose shell is gone.
    shell = subprocess.Popen(["sh", "-c", "sleep 60 & exit 0"], start_new_session=True)
    shell.wait()
    (folder / "pid").write_text(str(shell.pid))
    try:
        (folder / "launched").write_text("another boot pid:[1]")
        assert not kill_orphan(folder, 0.1)
        Child(folder).terminate(0.1)
        os.killpg(shell.pid, 0)
        (folder / "launched").write_text(pid_space())
        assert kill_orphan(folder, 0.1)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
