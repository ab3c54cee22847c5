"""Executed truth of reuse with real dbt: one project edited at random, made in one folder with reuse and in another without."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.tools.command import penstock

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("reuse")]

_EDITS = 50
FILES = {
    "dbt_project.yml": "name: kiosk\nversion: '1.0'\nprofile: kiosk\nvars: {floor: 5}\nmodels: {kiosk: {+materialized: table}}\n",
    "profiles.yml": "kiosk: {target: dev, outputs: {dev: {type: duckdb, path: kiosk.duckdb}}}\n",
    "penstock.yml": "name: kiosk\nwarehouses: {main: {dbt: t}}\ndbt: {t: {project: ., warm: 60s}}\n",
    "seeds/things.csv": "id,price,kind\n1,10,a\n2,20,b\n3,30,a\n",
    "macros/twice.sql": "{% macro twice(x) %}{{ x }} * 2{% endmacro %}\n",
    "models/stg.sql": "select id, price + 0 as price, kind from {{ ref('things') }} where price > {{ var('floor') }}\n",
    "models/within.sql": "{{ config(materialized='ephemeral') }}\nselect id, price, kind from {{ ref('stg') }} where price < 70\n",
    "models/shown.sql": "{{ config(materialized='view') }}\nselect id, {{ twice('price') }} as price, kind || 'x' as kind from {{ ref('within') }}\n",
    "models/kinds.sql": "select kind, count(*) as n from {{ ref('shown') }} group by 1\n",
    "models/dear.sql": "select max(price) from {{ ref('shown') }} where price > 15\n",
    "models/read.sql": "select * from {{ ref('dear') }}\n",
    "models/added.sql": "{{ config(materialized='incremental', unique_key='id') }}\nselect id, price + 0 as price from {{ ref('within') }}\n"
    "{% if is_incremental() %} where id >= (select max(id) from {{ this }}) {% endif %}\n",
    "models/total.sql": "select sum(price) as total from {{ ref('added') }}\n",
    "snapshots/history.sql": "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}\n"
    "select id, price from {{ ref('stg') }}{% endsnapshot %}\n",
}
COLUMNS = {"history": "id, price, dbt_valid_to is null"}
MODELS = [name for name in FILES if name.startswith("models/")]


def edited(rng: random.Random, texts: dict[str, str]) -> str:
    """One edit of the texts, and its kind."""
    kind = rng.choice(
        ["remark", "number", "number", "column", "row", "row of a seed", "macro", "var", "form", "words"]
    )
    name = rng.choice(MODELS)
    if kind == "remark":
        texts[name] += f"-- a remark {rng.randint(0, 99)}\n"
    elif kind in ("number", "column"):
        name = rng.choice([one for one in MODELS if re.search(r"[<>+] \d+", texts[one])])
        texts[name] = re.sub(
            r"(?<=[<>+] )\d+", lambda found: str(int(found[0]) + rng.randint(-3, 9)), texts[name], count=1
        )
    elif kind == "row":
        texts["seeds/things.csv"] += f"{rng.randint(1, 9)},{rng.randint(1, 90)},{rng.choice('abc')}\n"
        texts["seeds/things.csv"] = _one_row_each(texts["seeds/things.csv"])
    elif kind == "row of a seed":
        texts["seeds/things.csv"] = texts["seeds/things.csv"].replace(",a", ",c", 1)
    elif kind == "macro":
        texts["macros/twice.sql"] = (
            texts["macros/twice.sql"].replace("* 2", "* 3")
            if rng.random() < 0.5
            else FILES["macros/twice.sql"]
        )
    elif kind == "var":
        texts["dbt_project.yml"] = re.sub(
            r"floor: \d+", f"floor: {rng.randint(1, 25)}", texts["dbt_project.yml"]
        )
    elif kind == "form":
        of = "models/kinds.sql"
        view = "{{ config(materialized='view') }}\n"
        texts[of] = texts[of].removeprefix(view) if texts[of].startswith(view) else view + texts[of]
    else:
        texts["models/about.yml"] = f"models: [{{name: stg, description: '{rng.randint(0, 99)}'}}]\n"
    return kind


def _one_row_each(text: str) -> str:
    head, *lines = text.splitlines()
    return "\n".join([head, *{line.split(",")[0]: line for line in lines}.values()]) + "\n"


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def held(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    with duckdb.connect(str(folder / "kiosk.duckdb"), read_only=True) as connection:
        names = [
            row[0]
            for row in connection.execute("select table_name from information_schema.tables").fetchall()
        ]
        for name in names:
            rows = connection.execute(f"select {COLUMNS.get(name, '*')} from {name}").fetchall()
            found[name] = sorted(rows, key=repr)
    return found


def test_edits_of_a_dbt_project(tmp_path: Path) -> None:
    rng = random.Random(int(os.environ.get("PENSTOCK_SEED", "11")))
    bold, plain = tmp_path / "bold", tmp_path / "plain"
    texts = dict(FILES)
    counts: Counter[str] = Counter()
    for folder in (bold, plain):
        write(folder, texts)
        (folder / ".git").mkdir()
        assert penstock(folder, "run").code == 0
    for at in range(int(os.environ.get("PENSTOCK_EDITS", _EDITS))):
        counts[edited(rng, texts)] += 1
        for folder in (bold, plain):
            write(folder, texts)
        before = held(plain)
        done = penstock(bold, "run", "--json")
        assert done.code == 0, done
        assert penstock(plain, "run", "--no-reuse").code == 0
        mine, right = held(bold), held(plain)
        for item in done.json()["items"]:
            needless = item["state"] == "success" and before.get(item["name"]) == right[item["name"]]
            counts["needless" if needless else item["state"]] += 1
        differs = {name for name in right if mine.get(name) != right[name]}
        print(at + 1, dict(counts), flush=True)
        if differs and penstock(plain, "run", "--no-reuse").code == 0:
            assert held(plain) != right, (
                at,
                differs,
                texts,
                {name: (mine.get(name), right[name]) for name in differs},
            )
            counts["excluded"] += len(differs)
            for folder in (bold, plain):
                assert penstock(folder, "run", "--full-refresh").code == 0
    assert counts["reused"] > 0
