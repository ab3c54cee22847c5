"""The outbox emptied: every letter sent at least once, tried again when a channel is away. Decides nothing of incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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
    """Send what is due, each letter at most once in this call. How many messages that were: a digest is one. A channel that is
    away is asked once: its time-outs must not keep back what others are to be told; and nothing before the time that it named."""
    sent = 0
    away: dict[str, float] = {}
    for letters in _together(store.take(_HOLD)):
        name, first = letters[0].channel, letters[0]
        channel = channels.get(name)
        if channel is None:
            _give_up(store, letters, f"no channel '{name}' in penstock.yml")
            continue
        if name in away:
            for letter in letters:
                store.put_back(letter, away[name])
            continue
        try:
            thread = send(channel, first if first.digest_at is None else digest(letters))
        except Unsendable as failed:
            if failed.again:
                away[name] = min(failed.after, _MOST)
            _unsent(store, letters, redact(str(failed)), failed)
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


def _unsent(store: AlertStore, letters: Sequence[Letter], trouble: str, failed: Unsendable) -> None:
    """Each letter of a digest has tries of its own: what was written today is not given up with what was written on Monday."""
    if not failed.again:
        _give_up(store, letters, trouble)
        return
    wait = max(_FIRST * 2 ** min(letters[0].tries, 20), failed.after)
    for letter in letters:
        store.unsent(letter, trouble, min(wait, _MOST) if letter.tries + 1 < _TRIES else None)


def _give_up(store: AlertStore, letters: Sequence[Letter], trouble: str) -> None:
    for letter in letters:
        store.unsent(letter, trouble, None)
