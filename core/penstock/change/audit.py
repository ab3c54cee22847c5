"""What would be reused, built all the same now and then: which, and what it says when both versions are known. Pure."""

from __future__ import annotations

import hashlib

import msgspec

from penstock.assets import AssetKey
from penstock.change.deciding import Judged
from penstock.change.records import MadeFrom

AUDIT = "audit"
_PROMISED = frozenset({"same", "unread"})  # not `lag`: new data that may wait makes other rows


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome`: `same`, `differs`, or `unsure` with the reason why nothing can be said."""

    outcome: str
    reason: str = ""


def drawn(share: float, run: int, key: AssetKey) -> bool:
    """Whether that run audits that asset: the same answer whenever it is asked. `share` from 0 to 1."""
    digest = hashlib.blake2b(f"{run}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


def audited(judged: Judged) -> Judged | None:
    """The reuse turned into a build; None where the reuse does not promise the same rows."""
    if not judged.reuse or judged.code not in _PROMISED:
        return None
    reason = f"built to audit its reuse: {judged.reason}"
    return Judged(reuse=False, code=AUDIT, reason=reason, facts=judged.facts)


def compared(was: MadeFrom | None, before: str | None, now: MadeFrom | None) -> Compared:
    """What it was made of and held right before, against what it was made of now. Other rows of its inputs are no wrong reuse."""
    if was is None or now is None or before is None:
        return Compared(
            outcome="unsure", reason="something moved while it was built, or could not be looked at"
        )
    if before != was.output:
        return Compared(outcome="unsure", reason="it was changed between the plan and its build")
    if _versions(was) != _versions(now):
        return Compared(outcome="unsure", reason="what it reads changed between the plan and its build")
    return Compared(outcome="same" if now.output == was.output else "differs")


def _versions(made: MadeFrom) -> dict[AssetKey, str]:
    return {key: one.version for key, one in made.inputs.items()}
