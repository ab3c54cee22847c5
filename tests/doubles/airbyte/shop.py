"""A small estate by name: one workspace, a shop's API and a CRM, landing in one DuckDB file. Data that examples and tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.doubles.airbyte.estate import ConnectionRecord, Estate, StreamRecord

WORKSPACE = "11111111-0000-4000-8000-000000000001"
SHOP, CRM = "22222222-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
WAREHOUSE = "33333333-0000-4000-8000-000000000001"
SHOP_SYNC, CRM_SYNC = "44444444-0000-4000-8000-000000000001", "44444444-0000-4000-8000-000000000002"


def shop_estate(database: Path) -> Estate:
    """Two connections: `Shop` (customers, orders) into schema raw_shop's tables, `CRM` (contacts) with prefix crm_."""
    return Estate(
        workspaces=[{"workspaceId": WORKSPACE, "name": "Data team"}],
        sources=[
            _actor(
                "source", SHOP, "Shop API", "shopify", {"shop": "example", "api_password": "hidden-password"}
            ),
            _actor("source", CRM, "CRM", "", {"token": "hidden-token"}),
        ],
        destinations=[
            _actor(
                "destination",
                WAREHOUSE,
                "Shop DuckDB",
                "duckdb",
                {"destination_path": str(database), "schema": "raw", "motherduck_api_key": "hidden-key"},
            )
        ],
        connections=[
            ConnectionRecord(
                id=SHOP_SYNC,
                name="Shop",
                source_id=SHOP,
                destination_id=WAREHOUSE,
                workspace_id=WORKSPACE,
                streams=[_configured("customers"), _configured("orders")],
            ),
            ConnectionRecord(
                id=CRM_SYNC,
                name="CRM",
                source_id=CRM,
                destination_id=WAREHOUSE,
                workspace_id=WORKSPACE,
                prefix="crm_",
                streams=[_configured("contacts")],
                schedule={"scheduleType": "basic", "basicTiming": "Every 6 HOURS"},
            ),
        ],
        streams={SHOP: [_customers(), _orders()], CRM: [_contacts()]},
    )


def _actor(
    kind: str, identity: str, name: str, connector: str, configuration: dict[str, Any]
) -> dict[str, Any]:
    return {
        f"{kind}Id": identity,
        "name": name,
        f"{kind}Type": connector,
        "definitionId": "55555555-0000-4000-8000-000000000001",
        "workspaceId": WORKSPACE,
        "configuration": configuration,
        "createdAt": 1_700_000_000,
    }


def _configured(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "syncMode": "full_refresh_overwrite",
        "cursorField": [],
        "primaryKey": [["id"]],
        "selectedFields": [],
        "mappers": [],
    }


def _stream(name: str, rows: list[dict[str, Any]]) -> StreamRecord:
    fields = [[field] for field in dict.fromkeys(key for row in rows for key in row)]
    return StreamRecord(name=name, fields=fields, primary_key=[["id"]], rows=rows)


def _customers() -> StreamRecord:
    rows = [
        {
            "id": n,
            "email": f"customer{n}@example.com",
            "name": f"Customer {n}",
            "country": "NL" if n % 2 else "DE",
        }
        for n in range(1, 21)
    ]
    return _stream("customers", rows)


def _orders() -> StreamRecord:
    rows = [
        {
            "id": n,
            "customer_id": 1 + n % 20,
            "amount": round(9.5 + n * 1.25, 2),
            "status": "paid" if n % 5 else "open",
        }
        for n in range(1, 101)
    ]
    return _stream("orders", rows)


def _contacts() -> StreamRecord:
    rows = [
        {"id": n, "email": f"customer{n}@example.com", "segment": "b2b" if n % 3 else "b2c"}
        for n in range(1, 16)
    ]
    return _stream("contacts", rows)
