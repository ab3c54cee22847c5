"""Schema 0001: what the store began with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    attempts()
    check_results()
    events()
    leases()
    materializations()
    outside_materializations()
    plans()
    run_items()
    runs()
    steps()


def attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("items", sa.Text()),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("intent_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("external", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("log", sa.Text()),
        sa.Column("tail", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", "step", "attempt"),
        sqlite_with_rowid=False,
    )


def check_results() -> None:
    op.create_table(
        "check_results",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("check_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("failures", sa.BigInteger()),
        sa.Column("message", sa.Text()),
        sa.Column("inputs", sa.Text()),
        sa.Column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "check_results_by_check", "check_results", ["environment", "check_key", "id"], unique=False
    )
    op.create_index("check_results_by_run", "check_results", ["run_id"], unique=False)


def events() -> None:
    op.create_table(
        "events",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text()),
        sa.Column("step", sa.Text()),
        sa.Column("attempt", sa.BigInteger()),
        sa.Column("item", sa.Text()),
        sa.Column("data", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", "seq"),
        sqlite_with_rowid=False,
    )


def leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("acquired_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )


def materializations() -> None:
    op.create_table(
        "materializations",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("relation", sa.Text()),
        sa.Column("seconds", sa.Double()),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("columns", sa.Text()),
        sa.Column("code_version", sa.Text()),
        sa.Column("text_hash", sa.Text()),
        sa.Column("template_hash", sa.Text()),
        sa.Column("macro_hash", sa.Text()),
        sa.Column("metadata_version", sa.Text()),
        sa.Column("variables", sa.Text()),
        sa.Column("sql_ref", sa.Text()),
        sa.Column("materialized", sa.Text()),
        sa.Column("mode", sa.Text()),
        sa.Column("tool_version", sa.Text()),
        sa.Column("adapter_version", sa.Text()),
        sa.Column("data_version_kind", sa.Text()),
        sa.Column("data_version", sa.Text()),
        sa.Column("data_version_at", sa.Double()),
        sa.Column("inputs", sa.Text()),
        sa.Column("column_hashes", sa.Text()),
        sa.Column("stable", sa.Boolean()),
        sa.Column("warehouse_token", sa.Text()),
        sa.Column("reuse_key", sa.Text()),
        sa.Column("clone_of", sa.Text()),
        sa.Column("base_commit", sa.Text()),
        sa.Column("dirty", sa.Boolean()),
        sa.Column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "materializations_by_asset", "materializations", ["environment", "asset", "id"], unique=False
    )
    op.create_index(
        "materializations_by_reuse_key",
        "materializations",
        ["reuse_key"],
        unique=False,
        sqlite_where=sa.text("reuse_key IS NOT NULL"),
        postgresql_where=sa.text("reuse_key IS NOT NULL"),
    )
    op.create_index("materializations_by_run", "materializations", ["run_id"], unique=False)


def outside_materializations() -> None:
    op.create_table(
        "outside_materializations",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("message", sa.Text()),
        sa.Column("seconds", sa.Double()),
        sa.PrimaryKeyConstraint("environment", "asset", "at"),
    )


def plans() -> None:
    op.create_table(
        "plans",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
        sqlite_with_rowid=False,
    )


def run_items() -> None:
    op.create_table(
        "run_items",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("run_number", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text()),
        sa.Column("attempt", sa.BigInteger()),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("seconds", sa.Double()),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("message", sa.Text()),
        sa.Column("cause", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", "item"),
        sqlite_with_rowid=False,
    )
    op.create_index("run_items_by_item", "run_items", ["environment", "item", "run_number"], unique=False)


def runs() -> None:
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("graph_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("message", sa.Text()),
        sa.Column("counts", sa.Text()),
        sa.Column("retry_of", sa.Text()),
        sa.Column("run_key", sa.Text()),
        sa.Column("wanted", sa.Text()),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_key", "runs", ["environment", "run_key"], unique=True)


def steps() -> None:
    op.create_table(
        "steps",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("waited", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", "id"),
        sqlite_with_rowid=False,
    )
