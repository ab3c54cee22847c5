"""penstock.yml: where it is found, what is refused, with which line and which guess."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest

from penstock import registry
from penstock.errors import ConfigError, MissingVariable, NoProjectError
from penstock.project import Project, load_project
from tests.tools.unprivileged import as_nobody

INTEGRATIONS = ("airbyte", "dbt")


class Source(msgspec.Struct, forbid_unknown_fields=True):
    connector: str
    version: str | None = None


class Connection(msgspec.Struct, forbid_unknown_fields=True):
    source: Source
    schema: str = "main"


class Config(msgspec.Struct, forbid_unknown_fields=True):
    connections: dict[str, Connection]
    port: int = 0


def load(folder: Path, text: str, environment: str | None = None, **environ: str) -> Project:
    (folder / "penstock.yml").write_text(text)
    return load_project(folder, environment=environment, integrations=INTEGRATIONS, environ=environ)


def test_found_upward_to_the_git_root(tmp_path: Path) -> None:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "penstock.yml").write_text("name: outside\n")
    deep = tmp_path / "repo/a/b"
    deep.mkdir(parents=True)
    with pytest.raises(NoProjectError):
        load_project(deep, environment=None, integrations=INTEGRATIONS, environ={})
    (tmp_path / "repo/penstock.yml").write_text("name: inside\n")
    assert load_project(deep, environment=None, integrations=INTEGRATIONS, environ={}).name == "inside"


def test_a_dbt_project_alone_is_a_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: jaffle\n")
    (tmp_path / "models").mkdir()
    project = load_project(
        tmp_path / "models", environment=None, integrations=INTEGRATIONS, alone=registry.folders(), environ={}
    )
    assert project.implied
    assert project.root == tmp_path
    assert project.instances == (("dbt", tmp_path.name),)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("name: a\nwarehouse: {}\n", "penstock.yml:2", "did you mean 'warehouses'?"),
        ("name: a\n  dbt: [\n", "penstock.yml:2", "broken YAML"),
        ("name: a\ndbt: {}\ndbt: {}\n", "penstock.yml:3", "the key 'dbt' stands twice"),
        ("dbt: [a]\n", "penstock.yml:1", "dbt must be a mapping, not list"),
        ("dbt:\n  transform: 1\n", "penstock.yml:2", "dbt.transform must be a mapping, not int"),
        ("store: [1]\n", "penstock.yml", "Expected `str`"),
    ],
)
def test_wrong_documents(tmp_path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert error.value.where == where
    assert what in error.value.what
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ("connections: {shop: {source: {conector: x}}}", 4, "did you mean 'connector'?"),
        (
            "connections: {shop: {source: {connector: 5}}}",
            4,
            "airbyte.ingest.connections.shop.source.connector: Expected `str`",
        ),
        (
            "connections: {shop: {}}",
            4,
            "airbyte.ingest.connections.shop: Object missing required field `source`",
        ),
        ("conections: {}", 4, "did you mean 'connections'?"),
        ("connections: {}\n    port: many", 5, "airbyte.ingest.port: Expected `int`"),
    ],
)
def test_wrong_settings_name_key_and_line(tmp_path: Path, body: str, line: int, what: str) -> None:
    project = load(tmp_path, f"name: a\nairbyte:\n  ingest:\n    {body}\n")
    with pytest.raises(ConfigError) as error:
        project.settings("airbyte", "ingest", Config)
    assert what in error.value.what
    assert error.value.where == f"penstock.yml:{line}"


def test_references_resolve_on_use_and_are_blotted_out(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("from-a-file\n")
    text = """
airbyte:
  ingest:
    port: ${PORT}
    connections:
      shop: {source: {connector: "x-${TOKEN}", version: "${file:key.txt}"}, schema: "${SCHEMA:-raw}"}
  other: {connections: {a: {source: {connector: "${UNSET}"}}}}
"""
    project = load(tmp_path, text, PORT="5432", TOKEN="hush-hush")
    config = project.settings("airbyte", "ingest", Config)
    assert config.port == 5432
    shop = config.connections["shop"]
    assert (shop.source.connector, shop.source.version, shop.schema) == ("x-hush-hush", "from-a-file", "raw")
    assert project.redact("sent hush-hush and from-a-file") == "sent **** and ****"
    with pytest.raises(MissingVariable) as error:
        project.settings("airbyte", "other", Config)
    assert error.value.variable == "UNSET"


def test_addresses_with_a_password_are_secret(tmp_path: Path) -> None:
    """A library may name a part of the address, without what tells that a password stands in it."""
    project = load(tmp_path, "executor: dask://me:sched-pw@h:1\nstore: postgresql://me:store-pw@h/db\n")
    assert project.executor() == "dask://me:sched-pw@h:1"
    project.store_url()
    assert (
        project.redact("invalid address 'me:sched-pw@h:1', me:store-pw")
        == "invalid address 'me:****@h:1', me:****"
    )


@pytest.mark.parametrize("closed", [".penstock", ".penstock/environments/dev"])
def test_what_another_user_keeps_is_no_broken_environment(closed: str) -> None:
    """Its folder is closed to others by us: they were told to drop the environment."""
    root = Path(tempfile.mkdtemp())  # pytest's own are their owner's
    try:
        root.chmod(0o755)
        kept = root / ".penstock" / "environments" / "dev"
        kept.mkdir(parents=True)
        load(root, "name: shop\n")  # what it imports lies where only root reads
        (root / closed).chmod(0)

        def told() -> str:
            try:
                return load_project(root, environment=None, integrations=INTEGRATIONS, environ={}).name
            except ConfigError as error:
                return f"{error.what} {error.hint}"

        said = as_nobody(told)
        assert said == (
            "shop" if closed == ".penstock" else "the environment 'dev' is another user's None"
        ), said
    finally:
        shutil.rmtree(root)


def test_environments_lie_over_the_rest(tmp_path: Path) -> None:
    text = """
dbt: {transform: {project: t, target: dev}}
environments:
  prod: {dbt: {transform: {target: prod}}, store: "postgresql://h/db"}
"""
    assert load(tmp_path, text).document.instances[("dbt", "transform")] == {"project": "t", "target": "dev"}
    prod = load(tmp_path, text, "prod")
    assert prod.document.instances[("dbt", "transform")] == {"project": "t", "target": "prod"}
    assert prod.store_url() == "postgresql://h/db"
    with pytest.raises(ConfigError, match="did you mean 'prod'"):
        load(tmp_path, text, "prd")
