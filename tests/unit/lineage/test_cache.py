"""What was followed is kept by text: what is read again, what is not, and what a broken cache is."""

from __future__ import annotations

import pytest

from penstock.lineage.project.cache import LineageCache, masked
from penstock.lineage.project.derive import ModelSql, derive
from tests.unit.lineage.models import SOURCES, model


class TestCache:
    MODELS = (
        model("base", "select id, amount from raw.orders"),
        model("child", "select id, amount from marts.base"),
        model("other", "select status from raw.orders"),
    )

    def filled(self) -> bytes:
        cache = LineageCache()
        derive(self.MODELS, SOURCES, cache=cache)
        return cache.dump()

    def test_nothing_changed(self) -> None:
        cache = LineageCache(self.filled())
        project = derive(self.MODELS, SOURCES, cache=cache)
        assert (cache.hits, cache.misses, cache.changed) == (3, 0, False)
        assert project.models == derive(self.MODELS, SOURCES).models

    def test_nothing_is_parsed_when_nothing_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from penstock.lineage.read import script as read

        kept = self.filled()
        monkeypatch.setattr(read, "read_script", _never)
        derive(self.MODELS, SOURCES, cache=LineageCache(kept))

    def test_one_text_changed(self) -> None:
        cache = LineageCache(self.filled())
        models = [*self.MODELS[:2], model("other", "select status, id from raw.orders")]
        derive(models, SOURCES, cache=cache)
        assert (cache.hits, cache.misses, cache.changed) == (2, 1, True)

    def test_children_follow_only_when_the_parents_columns_change(self) -> None:
        cache = LineageCache(self.filled())
        same_columns = model("base", "select id, amount * 2 as amount from raw.orders")
        derive([same_columns, *self.MODELS[1:]], SOURCES, cache=cache)
        assert (cache.hits, cache.misses) == (2, 1)
        cache = LineageCache(self.filled())
        more_columns = model("base", "select id, amount, status from raw.orders")
        derive([more_columns, *self.MODELS[1:]], SOURCES, cache=cache)
        assert (cache.hits, cache.misses) == (1, 2)

    def test_a_sources_columns_change(self) -> None:
        cache = LineageCache(self.filled())
        derive(self.MODELS, {("raw", "orders"): ["id", "amount", "status", "new"]}, cache=cache)
        assert (cache.hits, cache.misses) == (1, 2)

    def test_what_changes_at_each_compile_is_no_change(self) -> None:
        def dated(moment: str, run: str) -> ModelSql:
            return model(
                "m",
                f"select id, '{moment}' as loaded_at, '{run}' as run_id, amount * 2 as twice from raw.orders",
            )

        first = dated("2024-01-01 10:00:00.123456+00:00", "0b6a1f9e-5d0e-4a27-9b1b-1f6f3a2b7c11")
        second = dated("2025-12-31 23:59:59.654321+00:00", "9f8e7d6c-5b4a-4321-8765-0123456789ab")
        cache = LineageCache()
        before = derive([first], SOURCES, cache=cache)
        cache = LineageCache(cache.dump())
        assert derive([second], SOURCES, cache=cache).models == before.models
        assert cache.hits == 1

    def test_masking_moves_nothing(self) -> None:
        text = "select '2024-01-01 10:00:00' as a, x from t__dbt_tmp20240101120000 where y = '2024-01-01'"
        assert len(masked(text)) == len(text)
        assert "2024-01-01 10" not in masked(text)
        assert masked(text).endswith("y = '2024-01-01'")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("'2024-01-01T10:00:00.5+00:00'", "'000000000000000000000000000'"),
            ("'2024-01-01 10:00:00''2024-01-01 11:00:00'", "'0000000000000000000''0000000000000000000'"),
            ("-- 2024-01-01 10:00:00 in no quotes", "-- 2024-01-01 10:00:00 in no quotes"),
            ("'0F8fad5b-d9cb-469f-a165-70867728950e'", "'000000000000000000000000000000000000'"),
            ("a__dbt_tmp_20240101, b_temp12345678", "a__dbt_tmp000000000, b_temp00000000"),
            ("tmp1234567, 12345678", "tmp1234567, 12345678"),
        ],
    )
    def test_what_is_masked(self, text: str, expected: str) -> None:
        assert masked(text) == expected

    @pytest.mark.parametrize("data", [b"", b"not a cache", b"\x93\xa10"])
    def test_a_broken_cache_is_an_empty_one(self, data: bytes) -> None:
        cache = LineageCache(data)
        derive(self.MODELS, SOURCES, cache=cache)
        assert (cache.hits, cache.misses) == (0, 3)

    def test_another_version_starts_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from penstock.lineage.project import cache as of_cache

        kept = self.filled()
        monkeypatch.setattr(of_cache, "LINEAGE_VERSION", of_cache.LINEAGE_VERSION + 1)
        cache = LineageCache(kept)
        derive(self.MODELS, SOURCES, cache=cache)
        assert cache.hits == 0

    def test_what_is_no_longer_used_is_forgotten(self) -> None:
        cache = LineageCache(self.filled())
        derive(self.MODELS[:1], SOURCES, cache=cache)
        again = LineageCache(cache.dump())
        derive(self.MODELS, SOURCES, cache=again)
        assert (again.hits, again.misses) == (1, 2)


def _never(sql: str, dialect: str) -> None:
    raise AssertionError("parsed, though nothing changed")
