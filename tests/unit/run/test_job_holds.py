"""What a job of a warehouse holds while it runs: itself, and the files of one process at a time that it reads."""

from __future__ import annotations

from pathlib import Path

from penstock.assets import Hold, Relation
from penstock.integration import Address, Connection, NoConfig, ObserveContext
from penstock.integration.jobs import JobsOf, JobWords, KnownJob, observed

PLACES = {
    "lake": Address(namespace="lake", dialect="databricks", resource="lake", slots=8),
    "main": Address(namespace="duckdb:shop.duckdb", dialect="duckdb", resource="duckdb:shop.duckdb", slots=1),
    "other": Address(
        namespace="postgres://db:5432", dialect="postgres", resource="postgres://db:5432", slots=8
    ),
}


def held(*reads: str) -> tuple[Hold, ...]:
    def table(address: Address, text: str) -> Relation:
        return Relation(address.namespace, address.dialect, *text.split("."))

    context = ObserveContext(
        project_root=Path(),
        state_dir=Path(),
        cache_dir=Path(),
        instance="work",
        config=NoConfig(),
        environment="dev",
        may_call=True,
        environ={},
        options={},
        address=lambda connection: PLACES[connection.type],
        connection=lambda name: Connection(type=name, settings={}, base=Path()),
        progress=lambda line: None,
    )
    given = JobsOf(
        integration="databricks",
        tool="Databricks",
        warehouse="lake",
        start="always",
        jobs={"score": JobWords(reads=reads, writes=("a.b.scores",))},
        look=lambda name: KnownJob(job="1", definition=b""),
        table=table,
        example="catalog.schema.table",
    )
    return observed(context, given).producers[0].holds


def test_a_job_waits_until_nobody_has_the_file_open_that_it_reads() -> None:
    """The last table of dbt was told, dbt still had the file open, and the job found it locked."""
    itself = Hold("databricks:work/score")
    assert held("main:shop.main.a", "main:shop.main.b") == (itself, Hold("duckdb:shop.duckdb"))
    assert held("other:shop.public.a", "shop.public.b") == (itself,)
