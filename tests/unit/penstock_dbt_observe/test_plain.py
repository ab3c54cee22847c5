"""Layout of a template: what may differ without another SQL, and what may not."""

from __future__ import annotations

import pytest

from penstock_dbt.plain import laid_out_plainly

SAME = [
    ("select a from b", "select  a\n-- a remark\nfrom b"),
    ("select a from b", "select a /* it's one */ from b {# {{ not rendered }} #}"),
    ("a -- it's\nb", "a b"),
    ("{{ config(x='a  b') }} select 1", "{{ config(x='a  b') }}\n\nselect 1"),
]
OTHER = [
    ("select 'a  b'", "select 'a b'"),
    ("select '-- a'", "select '-- b'"),
    ('select "a  b"', 'select "a b"'),
    ("{{ f('a  b') }}", "{{ f('a b') }}"),
    ("select a -- {{ f() }}\n", "select a -- {{ g() }}\n"),
    ("select /*+ hint */ a", "select /*+ other */ a"),
    ("select $$ -- a $$", "select $$ -- b $$"),
    ("select 'it\\'s -- a'", "select 'it\\'s -- b'"),
    ("select {% if a %}'{% endif %} -- a", "select {% if a %}'{% endif %} -- b"),
    ("'{{ \"it's\" }}  a' || 'b'", "'{{ \"it's\" }} a' || 'b'"),
    ("{% set a %},  {% endset %} '{{ a }}'", "{% set a %}, {% endset %} '{{ a }}'"),
    ("{% if a %}'-- x'{% endif %}", "{% if a %}'-- y'{% endif %}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_form(one: str, other: str) -> None:
    assert laid_out_plainly(one) == laid_out_plainly(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_content(one: str, other: str) -> None:
    assert laid_out_plainly(one) != laid_out_plainly(other)


def test_a_comment_without_its_end_is_left_as_it_stands() -> None:
    text = "select a  from b /* c  d"
    assert laid_out_plainly(text) == text
