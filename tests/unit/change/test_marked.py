"""Where a warehouse only marks states of tables: what is the same, and what is made first."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.assets import AssetKey
from penstock.change import Pending, Want, output_version, version
from penstock.change.inputs import anew
from penstock.integration import UNSEEN, Content

TABLE, SYNCED, VIEW = (AssetKey("snowflake://a", name) for name in ("t", "s", "v"))
HELD = Content(kind="table", columns=(("id", "NUMBER"), ("name", "TEXT")), state="one", rows=3)


def test_a_state_stands_for_the_rows_of_all_columns() -> None:
    for want in (Want(True), Want(True, ("id",))):
        found = version(HELD, want)
        assert found is not None and found.rows == 3
        assert version(replace(HELD, changed_at=7.0), want) == found
        assert version(replace(HELD, state="two"), want) != found
        assert version(replace(HELD, state=""), want) is None
    assert output_version(HELD) != output_version(replace(HELD, columns=(("id", "TEXT"), ("name", "TEXT"))))
    assert output_version(replace(HELD, state="")) is None


def test_who_reads_the_shape_alone_needs_no_state() -> None:
    shape = Want(False, shape=True)
    assert version(HELD, shape) == version(replace(HELD, state="two"), shape)


def test_what_may_not_be_seen_has_no_version_of_any_kind() -> None:
    unseen = Content(kind=UNSEEN, columns=())
    assert output_version(unseen) is None
    for want in (Want(True), Want(False, shape=True), Want(False, ("id",))):
        assert version(unseen, want) is None


def test_what_stands_for_a_view_has_no_definition() -> None:
    read = Want(False, ("id",))
    assert version(replace(HELD, kind="view", definition="a"), read) is not None
    assert version(HELD, read) is None  # a table of that name: its rows may change
    assert version(replace(HELD, kind="a view whose SQL is not shown"), read) is None


def test_rows_that_are_made_again_are_others_for_certain() -> None:
    needed = {TABLE: Want(True, ("id",)), SYNCED: Want(True), VIEW: Want(False, ("id",))}
    assert anew(needed, needed, {SYNCED}) == {TABLE: Pending(anew=True), SYNCED: Pending()}
    assert anew(needed, (), ()) == {}
    assert anew({TABLE: None}, {TABLE}, ()) == {}
