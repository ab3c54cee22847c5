"""Days and moments that are written as they stand: the server reads of them what Python does, and every other goes the long way."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import psycopg

from penstock_postgres.columnar import BETWEEN, column_converter
from penstock_postgres.values import CONVERTERS, Shortened
from tests.tools.postgres import PostgresServer

DAYS = ["1000-01-01", "2099-12-31", "2024-02-28", "2024-02-29", "2023-02-29", "2023-02-30", "2023-04-31"]
DAYS += [
    f"2023-{month:02d}-{day:02d}" for month in (0, 1, 2, 4, 11, 12, 13) for day in (0, 1, 28, 30, 31, 32)
]
DAYS += ["0001-01-01", "0000-01-01", "9999-12-31", "2023-1-1", " 2023-01-01"]
CLOCKS = [
    "00:00:00",
    "23:59:59",
    "24:00:00",
    "12:60:00",
    "12:00:60",
    "12:00:00.1",
    "12:00:00.123456",
    "12:00:00.1234567",
]
ZONES = ["Z", "+00:00", "-00:00", "-07:30", "+14:59", "+15:00", "-23:59", "+0100", "", "z"]
MOMENTS = [
    f"{day}T{clock}{zone}"
    for day, clock, zone in itertools.chain(
        itertools.product(DAYS, CLOCKS[:2], ZONES[:1]), itertools.product(DAYS[:4], CLOCKS, ZONES)
    )
]


def written(kind: str, text: str) -> bytes | None:
    cell = f'"{text}"'.encode()
    field = CONVERTERS[kind](cell)
    assert column_converter(kind)(BETWEEN.join([cell, b'"2024-01-01T00:00:00Z"'])) == [
        field,
        CONVERTERS[kind](b'"2024-01-01T00:00:00Z"'),
    ]
    return field


def test_the_server_reads_every_moment_as_it_was_meant(server: PostgresServer) -> None:
    fields = {text: field for text in MOMENTS if (field := written("timestamp_tz", text)) is not None}
    kept = [text for text, field in fields.items() if field == text.encode()]
    assert len(kept) > 60 and len(fields) > 100 and len(fields) < len(MOMENTS)
    with psycopg.connect(server.url()) as session, session.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM t::timestamptz)::numeric FROM unnest(%s::text[]) WITH ORDINALITY u(t, n) ORDER BY n",
            [[field.decode() for field in fields.values()]],
        )
        for text, (epoch,) in zip(fields, cursor.fetchall(), strict=True):
            meant = datetime.fromisoformat(text.strip())
            meant = meant if meant.tzinfo else meant.replace(tzinfo=UTC)
            assert (meant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() == float(epoch), text


def test_a_day_that_is_none_is_none(server: PostgresServer) -> None:
    fields = {text: written("date", text) for text in DAYS}
    for text, field in fields.items():
        try:
            meant = date.fromisoformat(text)
        except ValueError:
            assert field is None or field.decode() != text
        else:
            assert field == meant.isoformat().encode()
    with psycopg.connect(server.url()) as session:
        for field in fields.values():
            if field is not None:
                session.execute("SELECT %s::date", [field.decode()])


def test_digits_without_a_colon_are_no_time_and_an_offset_is_no_day() -> None:
    for kind in ("time", "time_tz"):
        assert [CONVERTERS[kind](text) for text in (b'"2026"', b'"20260102"', b'"01"')] == [None] * 3
    days = [b'"2026-01-31T00:00:00Z"', b'"2026-01-31T00:00:00+05:30"', b'"2026-01-31T00:00:00.0000005Z"']
    fields = [CONVERTERS["date"](text) for text in days]
    assert fields == [b"2026-01-31"] * 3
    assert [isinstance(field, Shortened) for field in fields] == [False, True, True]
