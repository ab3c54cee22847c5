"""Text of others made harmless for a terminal: what would move the cursor, hide or forge text is shown instead of done."""

from __future__ import annotations

import re

# Control characters but tab and newline, the C1 set, marks that reorder text, letters without width (but those that join letters),
# and halves of characters.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_COLOUR = re.compile("\x1b\\[[0-9;:]*m")
_ODD_ASCII = bytes({*range(0x20), 0x7F} - set(b"\t\n"))


def printable(text: str) -> str:
    """`text` without colours, and with any other control character written out (`\\x1b`). Lines stay lines."""
    if not _is_odd(text):
        return text
    return _ODD.sub(_written_out, _COLOUR.sub("", text.replace("\r\n", "\n")))


def _is_odd(text: str) -> bool:
    """To take out of plain text what is odd, and see whether it is shorter, costs a third of a search."""
    if not text.isascii():
        return _ODD.search(text) is not None
    return len(text.encode().translate(None, _ODD_ASCII)) < len(text)


def one_line(text: str) -> str:
    """As `printable`, on one line: for names, cells and titles."""
    return printable(text).replace("\n", "\\n").replace("\t", " ")


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
