"""What an alert says: what, since when, why, what is affected, and the command that helps. Plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from penstock.store import IncidentSummary, Letter

_SHOWN = 6
_RANK = {"page": 0, "warn": 1, "info": 2}
OVER = ("closed", "joined")


def subject(letter: Letter) -> str:
    told = letter.told
    if letter.event == "digest":
        return told.title
    if letter.event == "closed":
        return f"Recovered: {told.title}"
    if letter.event == "joined":
        return f"Part of another incident now: {told.title}"
    word = {"opened": "", "updated": "Update: ", "test": ""}[letter.event]
    return f"{word}[{told.severity}] {told.title}"


def lines(letter: Letter) -> list[str]:
    told = letter.told
    place = f"{told.project}, {told.environment}" if told.project else told.environment
    if letter.event == "digest":
        return [*told.why.split("\n"), f"Project: {place}"]
    if letter.event == "closed":
        return [f"It is over. It began {moment(told.since)}.", f"Project: {place}"]
    if letter.event == "joined":
        return [f"It goes on as: {told.why}", f"Project: {place}"]
    found = [f"Since: {moment(told.since)}", f"Project: {place}"]
    if told.why:
        found.append(f"Why: {told.why}")
    if told.affected:
        found.append(f"Affected: {affected(told)}")
    if told.command:
        found.append(f"Do: {told.command}")
    return found


def digest(letters: Sequence[Letter]) -> Letter:
    """All of them as one: each incident with its last word, what goes on before what is over."""
    last = {letter.incident: letter for letter in letters}
    ordered = sorted(last.values(), key=lambda one: (one.event in OVER, _RANK[one.told.severity]))
    over = sum(letter.event == "closed" for letter in ordered)
    first, going = ordered[0], sum(letter.event not in OVER for letter in ordered)
    told = IncidentSummary(
        kind="digest",
        cause="digest",
        severity=first.told.severity,
        title=f"Digest: {going} open, {over} recovered",
        why="\n".join(_item(letter) for letter in ordered),
        since=min(letter.told.since for letter in ordered),
        environment=first.told.environment,
        project=first.told.project,
    )
    return Letter(
        id=letters[-1].id,
        incident=f"digest-{letters[-1].id}",
        channel=first.channel,
        event="digest",
        told=told,
    )


def _item(letter: Letter) -> str:
    told = letter.told
    if letter.event == "closed":
        return f"- Recovered: {told.title} (since {moment(told.since)})"
    if letter.event == "joined":
        return f"- {told.title}: part of another now: {told.why}"
    more = f"; affected: {affected(told)}" if told.affected else ""
    do = f"; {told.command}" if told.command else ""
    return f"- [{told.severity}] {told.title} (since {moment(told.since)}){more}{do}"


def affected(told: IncidentSummary) -> str:
    shown = ", ".join(told.affected[:_SHOWN])
    more = len(told.affected) - _SHOWN
    return shown + (f" and {more} more" if more > 0 else "")


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
