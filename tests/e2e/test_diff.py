"""`penstock diff` of a branch of a real dbt project: each of its facts against what the edits do, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tools.bakery import bakery, edit, git
from tests.tools.command import Done, penstock

pytestmark = pytest.mark.slow


def _branch(folder: Path) -> None:
    edit(folder, "models/staging/stg_orders.sql", "{{ dollars('tax') }}", "round({{ dollars('tax') }}, 1)")
    edit(
        folder,
        "models/staging/stg_products.sql",
        "{{ dollars('price') }} as",
        "{{ dollars('price') }}::double as",
    )
    edit(folder, "models/staging/stg_products.sql", "  description as product_text,\n", "")
    edit(folder, "models/staging/stg_items.sql", "select id", "-- one line of an order\nselect id")
    edit(folder, "models/marts/store_card.sql", "store_name, ", "")
    edit(folder, "models/staging/stg_stores.sql", ", tax_rate", ", rate as tax_rate")
    edit(folder, "models/marts/order_log.sql", "subtotal,", "subtotal * 2 as subtotal,")
    edit(folder, "models/marts/marts.yml", "[unique, not_null]", "[unique]")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, dict[str, Any]]:
    folder = bakery(tmp_path_factory.mktemp("bakery"))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    built = penstock(folder, "build")
    assert built.code == 0, built
    git(folder, "checkout", "-qb", "work")
    _branch(folder)
    git(folder, "commit", "-qam", "two")
    done = penstock(folder, "diff", "main", "--json", "--fail-on", "breaks")
    assert (done.code, git(folder, "status", "--porcelain")) == (1, ""), done
    return done, done.json()


def test_every_fact_is_what_the_edits_do(told: tuple[Done, dict[str, Any]]) -> None:
    document = told[1]
    found = document["comparison"]
    assets = {one["name"]: one for one in found["assets"]}
    # 1 the verdict, 3 the contract
    assert found["level"] == "breaks"
    sure = {(one["asset"], str(one["place"]["path"])) for one in found["breaks"] if one.get("sure", True)}
    assert ("store_card", "models/marts/store_card.sql") in sure
    # 2 exposures and owners, by column
    hits = {one["name"]: (one["owner"], set(one["columns"])) for one in found["hits"]}
    assert hits == {
        "sales": ("Finance", {"customers.tax_paid", "orders.tax", "orders.items_total"}),
        "menu": ("Kitchen", {"products.product_text", "products.product_price"}),
    }
    # 3 removed and retyped columns, with who reads them
    changes = {
        (name, one["column"]): one for name, asset in assets.items() for one in asset.get("changes", ())
    }
    assert changes["stg_products", "product_text"]["what"] == "removed"
    assert changes["stg_products", "product_text"]["readers"] == ["prices", "products"]
    assert changes["products", "product_text"]["readers"] == ["menu"]
    assert changes["stg_products", "product_price"]["what"] == "retyped decimal(16, 2) -> double"
    # 4 other data, the same rows, untouched
    other = {
        "stg_orders",
        "stg_products",
        "stg_stores",
        "store_card",
        "order_log",
        "products",
        "order_items",
        "orders",
        "customers",
        "prices",
    }
    assert {name for name, one in assets.items() if one["level"] in ("data", "breaks")} == other
    assert assets["stg_items"]["level"] == "cosmetic"
    assert set(found["untouched"]) == {
        "raw_customers", "raw_products", "raw_orders", "raw_items", "stg_customers", "bread_orders",
    }  # fmt: skip
    counts = found["counts"]
    assert (counts["total"], counts["data"], counts["rebuilt"], counts["untouched"]) == (17, 10, 1, 6)
    # 5 old and new expression, file and line
    (tax,) = changes["stg_orders", "tax"]["edits"]
    assert (tax["before"], tax["after"]) == (
        "CAST((tax / 100) AS DECIMAL(16, 2))",
        "ROUND(CAST((tax / 100) AS DECIMAL(16, 2)), 1)",
    )
    assert changes["stg_orders", "tax"]["place"] == {"path": "models/staging/stg_orders.sql", "line": 7}
    # 6 tests
    tests = {(one["what"], one["name"]) for one in found["tests"]}
    assert tests == {
        ("removed", "not_null_orders_order_id"),
        ("without_column", "not_null_store_card_store_name"),
    }
    # 7 tables that keep what older code made
    assert {(one["asset"], one["form"]) for one in found["redo"]} == {
        ("order_log", "incremental"),
        ("prices", "snapshot"),
    }
    # 8 columns of what others load
    (stores,) = found["readings"]
    assert (stores["newly"], stores["no_longer"]) == (["rate"], ["tax_rate"])
    # 9 cost, and how it was told
    assert 0 < document["cost"]["data"] <= document["cost"]["plain"]
    assert any("13 of 13 models have compiled SQL" in line for line in document["how"])
