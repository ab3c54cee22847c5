"""What dbt did outside penstock is learnt from its own results."""

from __future__ import annotations

import msgspec
import pytest

from penstock.assets import ObservedMaterialization
from penstock_dbt.external_results import epoch
from penstock_dbt.translate import translate
from tests.fixtures.artefacts import NEWEST, VERSIONS, plain
from tests.unit.penstock_dbt_observe.observing import DUCKDB, asset, documents, observed


def made(version: str) -> dict[str, ObservedMaterialization]:
    return {one.id: one for one in observed(version).materializations}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_build_made_and_tested(version: str) -> None:
    found = made(version)
    truth = {result["unique_id"]: result for result in plain(version, "run_results")["results"]}
    customers = found["model.shop.customers"]
    assert customers.status == "success"
    assert customers.seconds == truth["model.shop.customers"]["execution_time"]
    assert customers.at == epoch(truth["model.shop.customers"]["timing"][-1]["completed_at"])
    assert found["test.shop.too_strict"].status == "fail"
    assert found["test.shop.too_strict"].message == "Got 20 results, configured to fail if != 0"
    skipped = {key for key, result in truth.items() if result["status"] == "skipped"}
    assert skipped and not skipped & found.keys()


def test_rows_where_the_adapter_counts_them() -> None:
    found = made(NEWEST)
    assert (found["seed.shop.countries"].rows, found["model.shop.customers"].rows) == (3, None)


def test_what_makes_nothing_was_not_made() -> None:
    found = made(NEWEST)
    assert not [key for key in found if key.startswith(("exposure.", "saved_query.", "operation."))]


def test_a_freshness_check_saw_the_last_load() -> None:
    users = made(NEWEST)["source.shop.crm.users"]
    truth = plain(NEWEST, "sources")["results"][0]
    assert (users.at, users.status) == (epoch(truth["max_loaded_at"]), "warn")
    assert users.by == "seen by dbt source freshness"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02T00:00:00Z", 86400.0),
        ("1970-01-02T00:00:00.5Z", 86400.5),
        ("1970-01-02T00:00:00", 86400.0),
        ("1970-01-02T02:00:00+02:00", 86400.0),
        ("1970-01-02T00:00:00.123456Z", 86400.123456),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert epoch(text) == pytest.approx(seconds)


def test_what_was_made_in_another_target_is_not_here() -> None:
    documents_here = documents()
    nodes = dict(documents_here.manifest.nodes)
    key = "model.shop.customers"
    nodes[key] = msgspec.structs.replace(nodes[key], relation_name='"shop"."prod"."customers"')
    moved = msgspec.structs.replace(documents_here.manifest, nodes=nodes)
    seen = translate(msgspec.structs.replace(documents_here, manifest=moved), DUCKDB, "shop", 0.0, None)
    assert key not in {one.id for one in seen.materializations}
    assert {one.name: one.cataloged for one in asset(seen, key).all_columns} == {
        "user_id": False,
        "spent": False,
        "gone": False,
    }
    elsewhere = [finding.message for finding in seen.findings if finding.code == "catalog-elsewhere"]
    assert len(elsewhere) == 1 and "1 relations elsewhere (model.shop.customers)" in elsewhere[0]


def test_dbts_words_are_ours_and_a_stale_source_was_loaded() -> None:
    """What is told is compared with what penstock itself made: a word of dbt's alone would be neither good nor bad."""
    told = documents()
    results, sources = told.run_results, told.sources
    assert results is not None and sources is not None
    partly = [msgspec.structs.replace(one, status="partial success") for one in results.results]
    stale = [msgspec.structs.replace(one, status="error") for one in sources.results]
    changed = msgspec.structs.replace(
        told,
        run_results=msgspec.structs.replace(results, results=tuple(partly)),
        sources=msgspec.structs.replace(sources, results=tuple(stale)),
    )
    found = {one.id: one.status for one in translate(changed, DUCKDB, "shop", 0.0, None).materializations}
    assert (found["model.shop.customers"], found["source.shop.crm.users"]) == ("partial", "warn")
    assert {one.status for one in observed(NEWEST).materializations} <= {"success", "fail", "warn", "error"}


def test_flags_of_an_invocation_that_made_other_data_are_told() -> None:
    given = documents()
    assert given.run_results is not None
    args = {
        "empty": True,
        "sample": None,
        "vars": {"token": "hunter2"},
        "profiles_dir": "there",
        "defer": False,
    }
    flagged = msgspec.structs.replace(given.run_results, args=args)
    seen = translate(msgspec.structs.replace(given, run_results=flagged), DUCKDB, "shop", 0.0, None)
    made = {one.id: one.by for one in seen.materializations}
    assert made["model.shop.customers"] == "dbt run outside penstock, with --empty --vars"
