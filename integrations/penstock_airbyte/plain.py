"""Whether lines can be loaded as they are: the tests that a whole block passes at once. Pure; what fails is read by `mend`."""

from __future__ import annotations

import re

# Escapes of half a surrogate pair. The search for them is slow: `_PAIR` finds the blocks that have any.
_PAIR = (b"\\ud", b"\\uD")
_LONE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
_NO_NUMBER = re.compile(rb"(?i)[:,\[]\s*[-+]?(?:nan|inf)")
# Up to 15 digits, a double gives back what was written. Longer ones are compared one by one.
_KEPT = {
    **dict.fromkeys("0123456789.", "0"),
    **dict.fromkeys("+-", "-"),
    **{sign: sign.lower() for sign in "aAeEfFiInN"},
}
_SHAPE = bytes(ord(_KEPT.get(chr(code), " ")) for code in range(256))
_MANY = b"0" * 16
_LONG = re.compile(rb"[:,\[]\s*(-?(?=[0-9.]{16})[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)")
# An exponent may leave the doubles' range with few digits. This search is slow too: `_POWERS` find the blocks that have any.
_POWERS = (b"0e000", b"0e-000")
_POWER = re.compile(rb"[:,\[]\s*-?[0-9.]+[eE][+-]?[0-9]{3}")
_FAR = 18
# DuckDB would take a text for a number, and `"2026"` for a moment of 1970, as it does with `true`.
_TIME = b'"emitted_at"'
_USUAL_TIMES = (b'"emitted_at":1', b'"emitted_at": 1')
_A_TIME = re.compile(rb'"emitted_at"\s*:\s*(?:-?[0-9]|null)')
# Letters and `_` that are written by their numbers may be a name that is looked for: `"emitted\u005fat"`. Hardly anybody writes so.
_SPELT = re.compile(rb"\\u00[4-7]")


def is_plain(lines: bytes) -> bool:
    """Valid UTF-8, no half surrogate, nothing that is no number, no number that a double would change in silence, no time of
    emission that is none.

    False may be wrong (what only looks so inside a string is read closely too); True never is, for lines that are JSON.
    """
    if not is_text(lines) or not _are_times(lines):
        return False
    shape = lines.translate(_SHAPE)
    if (b"nan" in shape or b"inf" in shape) and _NO_NUMBER.search(lines):
        return False
    if _MANY in shape and not all(map(is_exact, _LONG.findall(lines))):
        return False
    return not any(power in shape for power in _POWERS) or _POWER.search(lines) is None


def _are_times(lines: bytes) -> bool:
    if b"\\u00" in lines and _SPELT.search(lines):
        return False
    wanted = lines.count(_TIME)
    return wanted == sum(map(lines.count, _USUAL_TIMES)) or wanted == len(_A_TIME.findall(lines))


def is_text(lines: bytes) -> bool:
    """Valid UTF-8, no half surrogate: enough for who keeps numbers as they are written, and refuses what is no JSON."""
    if not lines.isascii():
        try:
            lines.decode()
        except UnicodeDecodeError:
            return False
    return not (b"\\" in lines and any(pair in lines for pair in _PAIR) and _LONE.search(lines))


def is_exact(number: bytes) -> bool:
    """Whether a double's shortest text is the same number. A whole number without exponent is never read as a double."""
    if number.lstrip(b"-").isdigit():
        return True
    shortest = repr(float(number))
    return shortest.encode() == number or canonical(shortest) == canonical(number.decode())


def canonical(number: str) -> tuple[bool, str, int]:
    """(negative, digits without zeros at either end, power of ten): equal for equal numbers, however they are written."""
    mantissa, _, power = number.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    if not kept.isdigit():
        return (number.startswith("-"), kept, 0)
    if len(power) > _FAR:  # far beyond every double, and perhaps beyond what int() reads
        return (number.startswith("-"), kept, -(10**_FAR) if power.startswith("-") else 10**_FAR)
    return (number.startswith("-"), kept, int(power or 0) - len(fraction) + len(digits) - len(kept))
