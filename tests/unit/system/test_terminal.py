"""What others write cannot move the cursor, hide, reorder or forge text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.system.names import file_name, is_plain_name
from penstock.system.terminal import one_line, printable


@given(st.text(st.characters(), max_size=30))
def test_nothing_that_acts_is_left(text: str) -> None:
    shown = printable(text)
    assert all(c in "\n\t" or c.isprintable() or c.isspace() or not c.isascii() for c in shown)
    assert "\x1b" not in shown
    assert "\n" not in one_line(text)
    shown.encode("utf-8")


def test_colours_go_and_the_rest_is_shown() -> None:
    assert printable("\x1b[31mred\x1b[0m\r\nnext") == "red\nnext"
    assert printable("a\x1b[2Jb\x07\rc\x9b1m") == "a\\x1b[2Jb\\x07\\x0dc\\x9b1m"
    assert printable("\u202egnp.exe") == "\\u202egnp.exe"
    assert printable("a\u200bb\ufeff") == "a\\u200bb\\ufeff", "else two names look the same"
    assert printable("می\u200cخواهم 👨\u200d👩") == "می\u200cخواهم 👨\u200d👩"
    assert printable("caf\udcff") == "caf\\xff"
    assert printable("été 漢 😀\tx\n") == "été 漢 😀\tx\n"


@given(st.text(st.characters(), max_size=150), st.text(st.characters(), max_size=150))
def test_names_stay_in_their_folder_and_apart(one: str, other: str) -> None:
    name = file_name(one)
    assert is_plain_name(name)
    assert "/" not in name and name not in (".", "..")
    assert len(name.encode()) <= 100
    assert (file_name(other) == name) == (one == other)


def test_plain_names_are_kept() -> None:
    for name in ("shop", "my-shop_2.1", "A"):
        assert file_name(name) == name
    for name in ("../x", ".hidden", "-rf", "a/b", "", "a\nb", "a b", "x" * 200):
        assert file_name(name) != name
