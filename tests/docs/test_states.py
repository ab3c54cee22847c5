from __future__ import annotations

from penstock.run.states import TRANSITIONS
from penstock.store.fold import KINDS
from tests.docs.states import MEANING, STATES, page
from tests.support import ROOT

PAGE = ROOT / "docs" / "reference" / "states.md"


def test_the_page_of_states_is_the_engines_table(update_golden: bool) -> None:
    if update_golden:
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "--update-golden writes it"


def test_every_state_is_explained() -> None:
    assert {name: set(meaning) for name, meaning in MEANING.items()} == {
        name: {state.value for state in kind} for name, kind in STATES.items()
    }


def test_the_store_knows_every_event_of_the_table() -> None:
    assert TRANSITIONS.keys() <= KINDS
