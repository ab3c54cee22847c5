"""An estate of 420 assets in a folder, as large projects look: three syncs, staging, intermediate and marts by domain, exposures with owners.

For pictures of the pages: `python -m tests.tools.estate FOLDER`, then `penstock build` there (one model fails, one check warns).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.support import ROOT

TABLE = ROOT / "tests" / "tools" / "connectors" / "table.py"
STREAMS = {
    "stripe": (
        "charges",
        "refunds",
        "invoices",
        "subscriptions",
        "customers",
        "payouts",
        "disputes",
        "plans",
    ),
    "shop": ("orders", "order_lines", "customers", "products", "baskets", "returns", "stock", "suppliers"),
    "hubspot": ("contacts", "companies", "deals", "tickets", "emails", "calls", "owners", "campaigns"),
}
DOMAINS = ("finance", "sales", "marketing", "support", "product", "logistics")
INTERMEDIATE, MARTS = 19, 38
SCHEMA = {
    "id": {"type": "integer"},
    "name": {"type": "string"},
    "amount": {"type": "number"},
    "created_at": {"type": "string"},
}
NOUNS = (
    "revenue",
    "orders",
    "customers",
    "churn",
    "margin",
    "tickets",
    "visits",
    "returns",
    "stock",
    "leads",
    "cohorts",
)
TURNS = (
    "daily",
    "monthly",
    "by_region",
    "by_channel",
    "first",
    "latest",
    "open",
    "ranked",
    "scored",
    "joined",
    "priced",
)


def make(root: Path) -> Path:
    (root / ".git").mkdir(parents=True)
    connections = {source: _connection(root, source, streams) for source, streams in STREAMS.items()}
    document = {
        "name": "estate",
        "warehouses": {"main": {"dbt": "transform"}},
        "airbyte": {"ingest": {"connections": connections}},
        "dbt": {"transform": {"project": "transform"}},
        "schedules": [
            {"name": "hourly-sales", "cron": "0 * * * *", "run": "build -s tag:sales"},
            {"name": "nightly", "cron": "0 2 * * *", "run": "build"},
            {"name": "support", "every": "15m", "run": "build -s marts.support"},
        ],
        "policies": [
            {"select": "exposure:board_pack", "fresh": {"warn": "4h", "fail": "6h"}},
            {"select": "exposure:weekly_revenue", "fresh": {"warn": "1s", "fail": "2s"}},
            {"select": "exposure:support_console", "fresh": {"warn": "1h", "fail": "2h"}},
            {"select": "marts.finance", "fresh": {"warn": "12h", "fail": "1d"}},
        ],
    }
    (root / "penstock.yml").write_text(json.dumps(document, indent=1))
    _dbt(root / "transform")
    return root


def _connection(root: Path, source: str, streams: tuple[str, ...]) -> dict[str, Any]:
    rows = [
        {
            "id": at,
            "name": f"{source} {at % 40}",
            "amount": at * 1.5,
            "created_at": f"2026-11-{1 + at % 28:02d}",
        }
        for at in range(200)
    ]
    data = {name: {"schema": SCHEMA, "key": ["id"], "cursor": "id", "rows": rows} for name in streams}
    file = root / f"{source}.json"
    file.write_text(json.dumps(data))
    command = {"command": [sys.executable, str(TABLE)], "config": {"data": str(file)}}
    return {"source": command, "destination": "main", "schema": f"raw_{source}"}


def _dbt(folder: Path) -> None:
    models = folder / "models"
    models.mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: estate\nversion: '1.0.0'\nconfig-version: 2\nprofile: estate\n"
        "models: {estate: {staging: {+materialized: view}, +materialized: table}}\n"
    )
    (folder / "profiles.yml").write_text(
        "estate: {target: dev, outputs: {dev: {type: duckdb, path: ../estate.duckdb, threads: 2}}}\n"
    )
    told: dict[str, Any] = {"version": 2, "sources": [], "models": [], "exposures": []}
    told["groups"] = [{"name": name, "owner": {"name": f"{name}-data"}} for name in DOMAINS]
    for source, streams in STREAMS.items():
        told["sources"].append({"name": f"raw_{source}", "tables": [{"name": name} for name in streams]})
    staged = _staging(models)
    middle = [_intermediate(models, domain, at, staged) for domain in DOMAINS for at in range(INTERMEDIATE)]
    marts = [_mart(models, domain, at, middle, told) for domain in DOMAINS for at in range(MARTS)]
    exposures = ("board_pack", "weekly_revenue", "support_console", "mailing", "stock_planner", "churn_watch")
    for at, name in enumerate(exposures):
        told["exposures"].append(
            {"name": name, "type": "dashboard", "owner": {"name": f"{DOMAINS[at]} team", "email": "team@example.com"},
             "depends_on": [f"ref('{marts[(at * MARTS + step) % len(marts)]}')" for step in range(4)]}
        )  # fmt: skip
    (models / "schema.yml").write_text(json.dumps(told, indent=1))


def _staging(models: Path) -> list[str]:
    names = []
    for source, streams in STREAMS.items():
        folder = models / "staging" / source
        folder.mkdir(parents=True)
        for stream in streams:
            name = f"stg_{source}_{stream}"
            (folder / f"{name}.sql").write_text(
                "select\n  id,\n  trim(name) as name,\n  amount,\n  cast(created_at as date) as created_on\n"
                f"from {{{{ source('raw_{source}', '{stream}') }}}}\n"
            )
            names.append(name)
    return names


def _intermediate(models: Path, domain: str, at: int, staged: list[str]) -> str:
    folder = models / "intermediate" / domain
    folder.mkdir(parents=True, exist_ok=True)
    name = f"int_{domain}_{NOUNS[at % 11]}_{TURNS[(at * 3 + at // 11) % 11]}"
    first = staged[(at + 4 * DOMAINS.index(domain)) % len(staged)]
    second = staged[(at * 5 + 3 * DOMAINS.index(domain) + 1) % len(staged)]
    (folder / f"{name}.sql").write_text(
        "select\n  a.id,\n  a.name,\n  a.amount + coalesce(b.amount, 0) as amount,\n  a.created_on\n"
        f"from {{{{ ref('{first}') }}}} a\nleft join {{{{ ref('{second}') }}}} b on b.id = a.id\n"
    )
    return name


def _mart(models: Path, domain: str, at: int, middle: list[str], told: dict[str, Any]) -> str:
    folder = models / "marts" / domain
    folder.mkdir(parents=True, exist_ok=True)
    kind = "fct" if at % 3 else "dim"
    name = f"{kind}_{domain}_{NOUNS[at % 11]}_{TURNS[(at + at // 11) % 11]}"
    own = middle[DOMAINS.index(domain) * INTERMEDIATE + at % INTERMEDIATE]
    other = middle[(DOMAINS.index(domain) * INTERMEDIATE + at * 7 + 3) % len(middle)]
    broken = ", a.discount_cents / 100.0 as discount" if (domain, at) == ("sales", 7) else ""
    (folder / f"{name}.sql").write_text(
        "select\n  a.name,\n  count(*) as number,\n  sum(a.amount) as revenue,\n  max(a.created_on) as last_on"
        f"{broken}\nfrom {{{{ ref('{own}') }}}} a\njoin {{{{ ref('{other}') }}}} b on b.id = a.id\ngroup by 1\n"
    )
    severity: dict[str, Any] = {"config": {"severity": "warn"}} if (domain, at) == ("support", 2) else {}
    tests: list[Any] = [{"not_null": severity} if severity else "not_null", "unique"]
    if severity:
        tests.append({"accepted_values": {"values": ["gold"], **severity}})
    told["models"].append(
        {"name": name, "description": f"{NOUNS[at % 11].capitalize()} of {domain}, one row per name.",
         "config": {"tags": [domain, "marts"], "group": domain},
         "columns": [{"name": "name", "description": "What it is called.", "data_tests": tests},
                     {"name": "revenue", "description": "Sum of all amounts, in dollars."}]}
    )  # fmt: skip
    return name


if __name__ == "__main__":
    make(Path(sys.argv[1]))
