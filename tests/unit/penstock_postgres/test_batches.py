"""Many rows at once come to the same as one by one, and no member is passed over in silence. No server."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from penstock.integration import RowSource
from penstock_postgres.columnar import BETWEEN, Column, Same, column_converter, column_of
from penstock_postgres.doubled import is_doubled, none_doubled
from penstock_postgres.envelope import Envelope
from penstock_postgres.members import Doubled, Members
from penstock_postgres.values import CONVERTERS, NULL
from tests.property.hostile import emitted


def columns(*objects: bytes, trusted: bool = False) -> dict[str, list[bytes]]:
    return split(Members(["a", "b"], trusted=trusted).columns(objects))


def split(columns: dict[str, Column]) -> dict[str, list[bytes]]:
    return {
        name: [column.text] * column.count if isinstance(column, Same) else column.split(BETWEEN)
        for name, column in columns.items()
    }


def test_members_are_taken_as_they_stand() -> None:
    found = columns(b'{"a":1.50,"b":"x\\"y"}', b'{ "b" : null }', b"{}")
    assert found == {"a": [b"1.50", b"", b""], "b": [b'"x\\"y"', b"null", b""]}


def test_a_member_that_nobody_wants_is_passed_over_also_later() -> None:
    reader = Members(["a"], trusted=False)
    for _ in range(2):
        found = reader.columns([b'{"a":1,"c":{"a":"2"}}', b'{"d":"","a":3}'])
        assert split(found) == {"a": [b"1", b"3"]}


def test_members_that_are_never_the_same_are_read_one_by_one() -> None:
    reader = Members(["a"], trusted=False)
    for place in range(30):
        assert reader.columns([b'{"a":%d,"k%d":"a"}' % (place, place)]) == {"a": b"%d" % place}


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (b'{"a":1,"a":2}', b"2"),
        (b'{"a":"\\"","a":null}', b"null"),
        (b'{"c":1,"c":2}', b""),
        (b'{"\\u0061":1,"a":3}', b"3"),
        (b'{"a":11,"a":22,"b":3,"d":4,"e":5}', b"22"),  # as long as one that is written with blanks
        (b'{"":1,"":2,"a":3,"c":4}', b"3"),
    ],
)
def test_a_member_named_twice_is_refused_unless_the_last_shall_count(text: bytes, last: bytes) -> None:
    with pytest.raises(Doubled):
        columns(b"{}", text)
    assert columns(text, trusted=True)["a"] == [last]


@pytest.mark.parametrize("text", [b"[1]", b"", b"1", b'{"a":}', b'{"a":"\t"}'])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        columns(b"{}", text)


@pytest.mark.parametrize(
    ("text", "doubled"),
    [
        (
            b'{"a":1,"a":"\\u0022\\u0022"}',
            True,
        ),  # written again, an escaped mark has two signs and is counted
        (b'{"a":1,"a":"\\u0022","b":"\\u0022"}', True),
        (b'{"a":1,"b":"\\u0022\\u0022"}', False),
        (b'{"a":"\\\\u0022","a":"\\"\\\\"}', True),
        (b'{"\\u0022a":1,"\\"a":2}', True),
    ],
)
def test_a_mark_that_is_written_as_its_number_hides_no_doubled_member(text: bytes, doubled: bool) -> None:
    assert is_doubled(text) is doubled
    assert not (doubled and none_doubled(b'{"b":1}' + BETWEEN + text, BETWEEN))


@pytest.mark.parametrize("kind", sorted(CONVERTERS))
def test_a_column_is_converted_as_its_values_one_by_one(kind: str) -> None:
    chance = random.Random(kind)
    cells = [b"", b"null", b'"null"', b"true", b'"2026-01-01"', b'"10:20:30"', b'{"a": 1e99999}', b"[[\t1]]"]
    for number in range(300):
        found = emitted(number, chance).values.values()
        cells += [value.written for value in found if readable(value.written)]
    chance.shuffle(cells)
    one = CONVERTERS[kind]
    expected = [one(cell) if cell not in (b"", b"null") else NULL for cell in cells]
    made = column_converter(kind)(BETWEEN.join(cells))
    assert made == expected
    assert [type(cell) for cell in made] == [type(cell) for cell in expected]
    for cell, field in zip(cells, expected, strict=True):
        column = column_of([cell] * 3)
        assert column == Same(cell, 3)
        made = column_converter(kind)(column)
        assert made == (field if type(field) is bytes else [field] * 3)
        assert type(made if isinstance(made, bytes) else made[0]) is type(field)


@pytest.mark.parametrize(
    "texts", [(b"1", b"11"), (b"", b"1"), (b"1", b""), (b"11", b"1"), (b"1", b"2", b"1"), (b"1",)]
)
def test_a_column_whose_texts_only_begin_or_end_alike_is_none_of_one_value(texts: tuple[bytes, ...]) -> None:
    assert column_of(texts) == BETWEEN.join(texts)


def readable(written: bytes) -> bool:
    """Whether a decoder lets it through as a value: the rest never comes to a converter."""
    try:
        msgspec.json.decode(written, type=msgspec.Raw)
        return written.decode() is not None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def test_a_value_over_two_lines_is_no_line_of_json() -> None:
    source = RowSource(path=Path(), where=(("$.s", "t"),), row="$.d", time="$.t")
    text = b'{"s":"t","d":{"a":1},"t":5}\n\n{"s":"t","d":{"a":2}}\n{"s":"u","d":{"a":3}}'
    (rows,) = [batch[0] for batch in Envelope({0: source}, {}).batches([text])]
    assert [bytes(one) for one in rows.content] == [b'{"a":1}', b'{"a":2}']
    assert rows.times == [5, None]
    torn = b'{"s":"t",\n"d":{"a":1}}\n{"s":"t","d":{"a":2}}\n'
    with pytest.raises(msgspec.DecodeError):
        list(Envelope({0: source}, {}).batches([torn]))


def told(number: int, *, row: bytes = b"", around: bytes = b"", stream: bytes = b"t") -> bytes:
    return b'{"type":"RECORD","record":{"stream":"%s","data":{"a":"v%d"%s},"emitted_at":%d%s}}\n' % (
        stream, number, row, number, around,
    )  # fmt: skip


def read(
    text: bytes, *, at_once: bool
) -> list[dict[int, tuple[list[float | None], list[bytes], dict[str, Column]]]]:
    sources = {
        place: RowSource(
            path=Path(),
            where=(("$.type", "RECORD"), ("$.record.stream", stream)),
            row="$.record.data",
            time="$.record.emitted_at",
            changes="$.record.meta.changes",
        )
        for place, stream in enumerate("tu")
    }
    members = {place: Members(["a", "b"], trusted=False) for place in sources}
    batches = Envelope(sources, members if at_once else {}).batches([text])
    return [
        {
            place: (rows.times, rows.changes, rows.texts or members[place].columns(rows.content))
            for place, rows in batch.items()
        }
        for batch in batches
    ]


UNUSUAL = [
    told(1, row=b',"b":"x\\"y"'),
    told(1, row=b',"c":1'),
    told(1, around=b',"meta":{"changes":[{"field":"a"}]}'),
    told(1, around=b',"meta":null,"namespace":"n"'),
    told(1, around=b',"data":{"a":"last"}'),
    told(1, around=b',"stream":"u"'),
    told(1, stream=b"u"),
    told(1, stream=b"v"),
    told(1, stream=b"\\u0074"),
    told(1).replace(b"1}", b"null}"),
    told(1).replace(b'"emitted_at":1', b'"other":1'),
    b"\n",
]


@pytest.mark.parametrize("line", UNUSUAL)
@pytest.mark.parametrize("usual", [told(2) * 3, told(2, stream=b"u")])
def test_lines_told_in_one_pass_are_those_told_in_two(line: bytes, usual: bytes) -> None:
    for text in (line, usual + line, line + usual, usual * 1_500 + line + usual * 1_500):
        assert read(text, at_once=True) == read(text, at_once=False)


def test_a_row_that_names_a_member_twice_is_refused_in_one_pass_too() -> None:
    for row in (b',"a":2', b',"c":1,"c":1', b',"\\u0061":2'):
        with pytest.raises(Doubled):
            read(told(1) + told(2, row=row), at_once=True)


def test_a_usual_block_is_told_in_one_pass() -> None:
    members = Members(["a"], trusted=False)
    source = RowSource(path=Path(), where=(("$.record.stream", "t"),), row="$.record.data", time="$.record.emitted_at",
                       changes="$.record.meta.changes")  # fmt: skip
    for where, passes in ((source.where, 2), ((("$.type", "RECORD"), *source.where), 1)):
        envelope = Envelope({0: msgspec.structs.replace(source, where=where)}, {0: members})
        (batch,) = envelope.batches([told(1), told(2)])
        assert (batch[0].texts == {"a": b'"v1"\0"v2"'}) is (passes == 1)
        assert len(batch[0].content) == (0 if passes == 1 else 2)
