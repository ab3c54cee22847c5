"""The whole example on PostgreSQL, real connectors and real dbt, killed at random moments: coordinator, connectors and dbt at once, or
the coordinator alone, by SIGKILL and SIGTERM. The same key is started again; then every table holds the rows that it held before, each once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
import uuid
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.crash.unit import Unit
from tests.tools.command import SHOP, copied, environ
from tests.tools.postgres import new_server
from tests.tools.shop import variables

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("shop-killed")]
WAYS = ("all",) * 4 + ("coordinator",) * 3 + ("sigterm",) * 2
_HISTORY = "analytics.users_history"
_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
    " AND table_schema IN ('raw_shop', 'raw_crm', 'analytics') ORDER BY 1, 2"
)


class KilledShop(Unit):
    """The example in its own folder, its commands as those of a `Unit`."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = copied(SHOP, root)
        self.mark = uuid.uuid4().hex
        self.url = url
        self._environ = environ("1.11-postgres", PENSTOCK_TEST_MARK=self.mark, **variables(url))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return super().start("-e", "postgres", *arguments)

    def held(self) -> dict[str, tuple[object, ...]]:
        """Rows of each table, and how many of them are different without what each load writes anew."""
        found: dict[str, tuple[object, ...]] = {}
        with psycopg.connect(self.url, autocommit=True) as session:
            for schema, name in session.execute(_TABLES).fetchall():
                different = (
                    "count(DISTINCT md5((to_jsonb(t) - '_airbyte_raw_id' - '_airbyte_extracted_at'"
                    " - '_airbyte_meta' - '_airbyte_generation_id')::text))"
                )
                row = session.execute(
                    f'SELECT count(*), {different} FROM "{schema}"."{name}" t'.encode()
                ).fetchone()
                found[f"{schema}.{name}"] = row or ()
        return found


def test_every_row_is_there_once_after_many_deaths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(int(os.environ.get("PENSTOCK_SEED", "20261128")))
    kills: Counter[str] = Counter()
    runs = resumed = 0
    server = new_server()
    server.start(fsync=False)
    try:
        shop = KilledShop(tmp_path / "shop", server.url())
        assert shop.run("build", "--key", "first") == 0, shop.said()[-4000:]
        begun = time.monotonic()
        assert shop.run("build", "--key", "second", "--no-reuse") == 0, shop.said()[-4000:]
        usual, expected = time.monotonic() - begun, shop.held()
        assert expected["raw_shop.users"] == (1000, 1000)
        assert expected.pop(_HISTORY) == (2000, 2000)
        while sum(kills.values()) < int(os.environ.get("PENSTOCK_KILLS", "30")):
            runs += 1
            for _ in range(chance.randint(1, 4)):
                running = shop.start("build", "--key", f"run-{runs}", "--no-reuse")
                try:
                    running.wait(chance.uniform(0.05, 1.0) * usual)
                    break
                except subprocess.TimeoutExpired:
                    how = chance.choice(WAYS)
                    kills[how] += 1
                    if how == "all":
                        shop.kill_all(running)
                    else:
                        running.send_signal(signal.SIGKILL if how == "coordinator" else signal.SIGTERM)
                    running.wait(60)
                    if running.returncode in (0, 1):
                        break  # it had ended before it was told to
            else:
                resumed += 1
            code = shop.run("build", "--key", f"run-{runs}", "--no-reuse")
            code = code and shop.run("retry")
            assert code == 0, shop.said()[-6000:]
            held = shop.held()
            # A snapshot keeps what each load has changed: one load more per run, and not two.
            assert held.pop(_HISTORY) == ((2 + runs) * 1000,) * 2, f"after {dict(kills)}"
            assert held == expected, f"after {dict(kills)}"
            assert not shop.left_over(), "processes are left"
        assert shop.run("store", "check") == 0
    finally:
        with capsys.disabled():
            told = ", ".join(f"{count} x {how}" for how, count in sorted(kills.items()))
            print(f"\n  the shop on PostgreSQL: {runs} runs, killed {told or 'never'}; {resumed} resumed")
        server.remove()
