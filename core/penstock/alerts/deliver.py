"""The outbox emptied: every letter sent at least once, tried again when a channel is away. Decides nothing of incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from penstock.alerts.channels import Unsendable, send
from penstock.project.alerts import Channel
from penstock.store import AlertStore

_HOLD = 120.0
_FIRST, _MOST = 5.0, 3600.0
_TRIES = 80  # about three days


def deliver(
    store: AlertStore, channels: Mapping[str, Channel], redact: Callable[[str], str] = lambda text: text
) -> int:
    """Send what is due, each letter at most once in this call. How many were sent."""
    sent = 0
    for letter in store.take(_HOLD):
        channel = channels.get(letter.channel)
        if channel is None:
            store.unsent(letter, f"no channel '{letter.channel}' in penstock.yml", None)
            continue
        try:
            thread = send(channel, letter)
        except Unsendable as failed:
            wait = min(_FIRST * 2**letter.tries, _MOST)
            again = wait if failed.again and letter.tries + 1 < _TRIES else None
            store.unsent(letter, redact(str(failed)), again)
        else:
            store.sent(letter, thread)
            sent += 1
    return sent
