"""A user who may only read is told so before anything is recorded or loaded."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from penstock import registry
from penstock.project import load_project
from penstock.service.health import examine
from penstock.service.workspace import Workspace
from penstock.store import open_store
from penstock.store.rights import unwritable
from tests.tools.postgres import PostgresServer

pytestmark = pytest.mark.slow


def test_a_reader_may_not_record(tmp_path: Path, server: PostgresServer) -> None:
    url = server.url()
    role = f"only_reads_{url.rpartition('/')[2]}"  # roles are of the server: another try has its own
    reader = url.replace("postgres@", f"{role}@")
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(f"create role {role} login")
        session.execute("revoke create on schema public from public")
    assert unwritable(url, tmp_path) is None
    assert "CREATE" in (unwritable(reader, tmp_path) or "")
    open_store(url, root=tmp_path).close()
    assert unwritable(url, tmp_path) is None
    assert unwritable(reader, tmp_path) is not None

    with psycopg.connect(url, autocommit=True) as session:
        session.execute(f"grant select, insert, delete on all tables in schema public to {role}")
        assert "UPDATE on" in (unwritable(reader, tmp_path) or "")
        session.execute(f"grant update on all tables in schema public to {role}")
        assert "lacks USAGE on" in (unwritable(reader, tmp_path) or "")
        session.execute(f"grant usage on all sequences in schema public to {role}")
        assert unwritable(reader, tmp_path) is None
        session.execute(f"alter role {role} set default_transaction_read_only = on")
        assert "this database only reads" in (unwritable(reader, tmp_path) or "")
        session.execute(f"alter role {role} reset default_transaction_read_only")
        session.execute(f"revoke all on all tables in schema public from {role}")

    (tmp_path / "penstock.yml").write_text(
        f"name: x\nwarehouses: {{main: {{type: postgres, host: 127.0.0.1, port: {server.port}, user: {role},"
        f" dbname: {url.rpartition('/')[2]}, schema: raw}}}}\n"
    )
    project = load_project(tmp_path, environment=None, integrations=registry.names(), environ={})
    lines = examine(Workspace(project, environ={})).lines
    assert ["may not create schemas" in (one.unchecked or "") for one in lines if role in one.message] == [
        True
    ]
