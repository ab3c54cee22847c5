"""The outbox emptied: every letter sent at least once, tried again when a channel is away. Decides nothing of incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from penstock.alerts.channels import Unsendable, send
from penstock.alerts.message import digest
from penstock.project.alerts import Channel
from penstock.store import AlertStore, Letter

_HOLD = 120.0
_FIRST, _MOST = 5.0, 3600.0
_TRIES = 80  # about three days


def deliver(
    store: AlertStore, channels: Mapping[str, Channel], redact: Callable[[str], str] = lambda text: text
) -> int:
    """Send what is due, each letter at most once in this call. How many messages that were: a digest is one."""
    sent = 0
    for letters in _together(store.take(_HOLD)):
        name, first = letters[0].channel, letters[0]
        channel = channels.get(name)
        if channel is None:
            _unsent(store, letters, f"no channel '{name}' in penstock.yml", None)
            continue
        try:
            thread = send(channel, first if first.digest_at is None else digest(letters))
        except Unsendable as failed:
            wait = min(_FIRST * 2**first.tries, _MOST)
            again = wait if failed.again and first.tries + 1 < _TRIES else None
            _unsent(store, letters, redact(str(failed)), again)
        else:
            for letter in letters:
                store.sent(letter, thread if letter.digest_at is None else None)
            sent += 1
    return sent


def _together(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Each alone, but for those that wait for one digest of a channel."""
    found: list[list[Letter]] = []
    digests: dict[str, list[Letter]] = {}
    for letter in letters:
        if letter.digest_at is None:
            found.append([letter])
        else:
            digests.setdefault(letter.channel, []).append(letter)
    return [*found, *digests.values()]


def _unsent(store: AlertStore, letters: Iterable[Letter], trouble: str, again: float | None) -> None:
    for letter in letters:
        store.unsent(letter, trouble, again)
