"""A small dbt project on a real PostgreSQL server, and a second client who writes there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.tools.command import FORKED, Done, environ, penstock

FILES = {
    "dbt_project.yml": "name: stall\nversion: '1.0'\nprofile: stall\nmodels: {stall: {+materialized: table}}\n",
    "penstock.yml": "name: stall\nwarehouses: {main: {dbt: t}}\ndbt: {t: {project: ., profiles_dir: .}}\n",
    "models/sources.yml": "sources: [{name: raw, schema: raw, tables: [{name: things}, {name: people}]}]\n",
    "models/stg.sql": "select id, price, kind from {{ source('raw', 'things') }} where price > 5",
    "models/doubled.sql": "{{ config(materialized='view') }} select id, price * 2 as price from {{ ref('stg') }}",
    "models/total.sql": "select sum(price) as total from {{ ref('doubled') }}",
    "models/names.sql": "select lower(name) as name from {{ source('raw', 'people') }}",
}
RAW = (
    "create schema raw",
    "create table raw.things (id int, price int, kind text)",
    "insert into raw.things values (1, 10, 'a'), (2, 20, 'b')",
    "create table raw.people (name text)",
    "insert into raw.people values ('Ann')",
)


class Stall:
    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.url = url
        self.env = environ(FORKED + "1.11-postgres")

    def __call__(self, *arguments: str) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == 0, done
        return done

    def built(self, *arguments: str) -> set[str]:
        items = self("run", *arguments, "--json").json()["items"]
        return {item["name"] for item in items if item["state"] == "success"}

    def plan(self) -> dict[str, tuple[str, str, str]]:
        items = self("plan", "--json").json()["items"]
        return {item["name"]: (item["decision"], item["code"], item["reason"]) for item in items}

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, before: str, after: str) -> None:
        text = (self.root / name).read_text()
        assert before in text
        self.write(name, text.replace(before, after))

    def sql(self, *statements: str) -> list[tuple[object, ...]]:
        """Of somebody else; the rows of the last one."""
        with psycopg.connect(self.url, autocommit=True) as session:
            for one in statements:
                cursor = session.execute(one.encode())
            return cursor.fetchall() if cursor.description else []


def stall_in(folder: Path, url: str, files: Mapping[str, str] = FILES) -> Stall:
    """Built once, in the schema `marts`; dbt's target `fresh` is another schema."""
    stall = Stall(folder, url)
    stall.sql(*RAW)
    told = conninfo_to_dict(url)
    place = (
        f"host: {told['host']}, port: {told['port']}, user: postgres, password: '', dbname: {told['dbname']}"
    )
    dev, other = (
        f"{{type: postgres, {place}, schema: {schema}, threads: 2}}" for schema in ("marts", "fresh")
    )
    profile = f"stall: {{target: dev, outputs: {{dev: {dev}, fresh: {other}}}}}\n"
    for name, text in {**files, "profiles.yml": profile}.items():
        stall.write(name, text)
    (folder / ".git").mkdir()
    stall("run")
    return stall
