"""Hooks that change no rows, and those that only look so."""

from __future__ import annotations

import pytest

from penstock_dbt.writing import is_upkeep

UPKEEP = [
    "grant select on {{ this }} to reader",
    "{% for role in var('readers') %}grant select on {{ this }} to {{ role }};{% endfor %}",
    "{% if target.name == 'prod' %}analyze {{ this }}{% endif %}",
    "create index if not exists at on {{ this }} (id); -- delete from {{ this }}\nvacuum",
    "comment on table {{ this }} is 'kept; see the notes -- all of them'",
    "{{ give(this, 'reader') }}",
    "{% do give(this, 'reader') %}",
    "optimize {{ this }} zorder by (id)",
]
MORE = [
    "delete from {{ this }}",
    "grant select on {{ this }} to reader; delete from {{ this }}",
    "comment on table {{ this }} is 'a -- b'; delete from {{ this }}",
    "comment on table {{ this }} is '/*'; delete from {{ this }}; comment on table {{ this }} is '*/'",
    "comment on table {{ this }} is $$it's$$; delete from {{ this }} where kind = 'b'",
    "comment on table {{ this }} is 'it\\'s'; delete from {{ this }} where kind = 'b'",
    "{% if target.name == 'prod' %}grant select on {{ this }} to reader{% else %}delete from {{ this }}{% endif %}",
    "grant select on {{ this }} to reader {% if is_incremental() %} delete from {{ this }} {% endif %}",
    "{% do adapter.add_query('delete from ' ~ this) %}",
    "{{ this ~ drop_relation(this) }}",
    "{{ drop_relation(this) }}",
    "{{ var('statement') }}",
    "optimize table {{ this }} final deduplicate",
    "set timezone = 'UTC'",
    "grant select on {{ this }} to reader; /* delete from {{ this }}",
    "grant select on {{ this }} to {% if x",
    # not closed, 40,000 times: minutes where each is looked for to the end
    "analyze {{ this }}; " + "{% " * 40_000,
    "analyze {{ this }}; " + "{{ a " * 40_000,
    "analyze {{ this }}; " + "{# /* " * 40_000,
]


@pytest.mark.parametrize("text", UPKEEP)
def test_upkeep(text: str) -> None:
    assert is_upkeep(text, {"give"})


@pytest.mark.parametrize("text", MORE, ids=[one[:40] for one in MORE])
def test_what_may_do_more(text: str) -> None:
    assert not is_upkeep(text, {"give"})
