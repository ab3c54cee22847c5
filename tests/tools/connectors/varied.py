"""airbyte-source-hardcoded-records with other values in each row, of the same types and lengths. Runs in that connector's own
environment, so that a row costs the connector what it costs there: its rows are alike, which flatters whoever converts them."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from source_hardcoded_records import streams  # type: ignore[import-not-found]
from source_hardcoded_records.run import run  # type: ignore[import-not-found]

DIFFERENT = 5000  # rows; more would be the time of making them up
ODD = "a '\"\\\té"  # what is written in another way in JSON, or in COPY
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def varied(value: Any, chance: random.Random) -> Any:
    """Another value of the type."""
    if isinstance(value, dict):
        return {name: varied(one, chance) for name, one in value.items()}
    if isinstance(value, list):
        return [varied(one, chance) for one in value]
    if isinstance(value, bool):
        return chance.random() < 0.5
    if isinstance(value, int):
        return chance.randrange(10 ** len(str(value)))
    if isinstance(value, float):
        return round(chance.uniform(0, 1000), 2)
    if isinstance(value, str) and TIME.fullmatch(value):
        return (datetime.fromisoformat(value) + timedelta(seconds=chance.randrange(10**7))).isoformat()
    if isinstance(value, str):
        letters = ODD if chance.random() < 0.02 else string.ascii_letters + " "
        return "".join(chance.choices(letters, k=len(value)))
    return value


def read_records(self: Any, **given: Any) -> Iterable[Any]:
    chance = random.Random(self.name)
    rows = [varied(self.sample_record, chance) for _ in range(min(DIFFERENT, self.count))]
    return (rows[number % len(rows)] for number in range(self.count))


streams.HardcodedStream.read_records = read_records
run()
