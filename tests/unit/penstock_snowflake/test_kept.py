"""What is kept of an account between two looks: written and read in parts, and nothing of it believed that is not whole."""

from __future__ import annotations

from pathlib import Path

from penstock_snowflake.kept import Kept, file_of, load, save

ACCOUNT = "acme-main"


def kept(tables: int) -> Kept:
    made = Kept(account=ACCOUNT, read_at={"SHOP": 12.5}, definitions={"SHOP.MARTS.V": "select 1"})
    for number in range(tables):
        made.keep(
            f"SHOP.RAW.T{number}", ((("ID", "NUMBER(38,0)"), ("NAME", "VARCHAR")), {"NAME": f"of {number}"})
        )
    return made


def test_more_tables_than_a_part_holds_come_back_whole(tmp_path: Path) -> None:
    before = kept(2500)
    save(tmp_path, "main", before)
    after = load(tmp_path, "main", ACCOUNT)
    assert after == before
    assert after.described("SHOP.RAW.T2499") == (
        (("ID", "NUMBER(38,0)"), ("NAME", "VARCHAR")),
        {"NAME": "of 2499"},
    )


def test_a_torn_file_and_one_of_another_account_hold_nothing(tmp_path: Path) -> None:
    save(tmp_path, "main", kept(1200))
    assert load(tmp_path, "main", "other") == Kept(account="other")
    file = file_of(tmp_path, "main")
    file.write_bytes(file.read_bytes()[:-10])
    assert load(tmp_path, "main", ACCOUNT) == Kept(account=ACCOUNT)
    file.write_bytes(b"")
    assert load(tmp_path, "main", ACCOUNT) == Kept(account=ACCOUNT)
