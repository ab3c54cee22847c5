"""What an alert says: what, since when, why, what is affected, and the command that helps. Plain text."""

from __future__ import annotations

from datetime import UTC, datetime

from penstock.store import Letter, Told

_SHOWN = 6


def subject(letter: Letter) -> str:
    told = letter.told
    if letter.event == "closed":
        return f"Recovered: {told.title}"
    word = {"opened": "", "updated": "Update: ", "test": ""}[letter.event]
    return f"{word}[{told.severity}] {told.title}"


def lines(letter: Letter) -> list[str]:
    told = letter.told
    place = f"{told.project}, {told.environment}" if told.project else told.environment
    if letter.event == "closed":
        return [f"It is over. It began {moment(told.since)}.", f"Project: {place}"]
    found = [f"Since: {moment(told.since)}", f"Project: {place}"]
    if told.why:
        found.append(f"Why: {told.why}")
    if told.affected:
        found.append(f"Affected: {affected(told)}")
    if told.command:
        found.append(f"Do: {told.command}")
    return found


def affected(told: Told) -> str:
    shown = ", ".join(told.affected[:_SHOWN])
    more = len(told.affected) - _SHOWN
    return shown + (f" and {more} more" if more > 0 else "")


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
