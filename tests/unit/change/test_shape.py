"""The normal form of SQL, by a table of pairs: no change may pass for form, and few texts of one meaning may count as changed."""

from __future__ import annotations

import itertools

import pytest

from penstock.change.shape import Outside, same_but_for_form
from penstock.lineage.records import Parts
from tests.unit.change.pairs import BASE, COLUMNS, DIALECTS, FAR, HARMFUL, HARMLESS, NEAR


def columns(parts: Parts) -> tuple[str, ...] | None:
    found = COLUMNS.get(parts[-1].lower())
    return tuple(name.upper() for name in found) if found and parts[-1].isupper() else found


OUTSIDE = Outside(columns=columns)


@pytest.mark.parametrize(("dialect", "text"), list(itertools.product(DIALECTS, HARMFUL)))
def test_a_change_never_passes_for_form(dialect: str, text: str) -> None:
    assert text != BASE
    assert not same_but_for_form(BASE, text, dialect, OUTSIDE)


@pytest.mark.parametrize(("dialect", "one", "other"), NEAR)
def test_near_texts_are_two(dialect: str, one: str, other: str) -> None:
    assert not same_but_for_form(one, other, dialect, OUTSIDE)
    assert not same_but_for_form(other, one, dialect, OUTSIDE)


def test_texts_of_one_meaning_are_rarely_two() -> None:
    pairs = [(dialect, BASE, text) for dialect in DIALECTS for text in HARMLESS] + list(FAR)
    assert all(one != other for _, one, other in pairs)
    changed = [pair for pair in pairs if not same_but_for_form(pair[1], pair[2], pair[0], OUTSIDE)]
    print(f"false changed: {len(changed)} of {len(pairs)}", *changed, sep="\n")
    assert len(changed) <= 0.02 * len(pairs)
