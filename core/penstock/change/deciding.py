"""Build or reuse, and why: the first condition that holds decides. Whatever is not known is a reason to build. Pure."""

from __future__ import annotations

import msgspec

from penstock.assets import AssetKey, Recipe
from penstock.change.records import Facts, MadeFrom, Now, Verdict

UNDECIDED = "undecided"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """`reuse` False with code `undecided`: made, unless its inputs turn out to be unchanged once they are made. `late`: there is new data
    that may wait; whoever makes it all the same takes that data in. `verdict`: of a check that is not run again. `anew`: made whole, although
    it is one that is added to; `asks`: not made at all until somebody says how."""

    reuse: bool
    code: str
    reason: str
    facts: Facts = {}
    late: bool = False
    verdict: Verdict | None = None
    anew: bool = False
    asks: bool = False


def judge(name: str, now: Now, made: MadeFrom) -> Judged:
    """Whether what is there is what the asset's recipe would make now."""
    return (
        _history(now, made)
        or _open(now, made)
        or _output(name, now, made)
        or _code(now, made)
        or _inputs(now, made)
        or _same(now, made)
    )


def judge_check(now: Now, made: MadeFrom) -> Judged:
    """Whether the check would judge the same rows by the same test: then its verdict stands, whatever it was."""
    return _open(now, made) or _code(now, made) or _inputs(now, made) or _stands(now, made)


_ENVIRONMENT = "environment variable "
_ENDED = {"success": "passed", "warn": "warned", "fail": "failed"}


def _stands(now: Now, made: MadeFrom) -> Judged:
    verdict = made.verdict or Verdict("")
    said = f" ({verdict.message})" if verdict.message else ""
    words = _unread_words(now) if now.pending else "same test, same data"
    facts = {now.names.get(key, key.name): seen.version for key, seen in now.inputs.items() if seen}
    reason = f"{_ENDED.get(verdict.outcome, verdict.outcome)} in run {made.run}{said}: {words}"
    return Judged(reuse=True, code="same", reason=reason, facts=facts, verdict=verdict)


def _build(code: str, reason: str, **facts: str) -> Judged:
    return Judged(reuse=False, code=code, reason=reason, facts=facts)


def each_time(recipe: Recipe) -> Judged:
    """Of a recipe that may make other data of the same inputs."""
    return _build("always", f"built every time: {recipe.open}")


def _open(now: Now, made: MadeFrom) -> Judged | None:
    if now.recipe.open:
        return each_time(now.recipe)
    if made.volatile:
        return _volatile(now, made.volatile, daily=made.daily)
    if now.volatile:
        return _volatile(now, now.volatile, daily=False)
    return None


def _volatile(now: Now, why: str, *, daily: bool) -> Judged | None:
    rule = now.rules.volatile or ("ignore" if now.unread else "day" if daily else "always")
    if rule == "ignore" or (rule == "day" and now.same_day) or (rule == "hour" and now.same_hour):
        return None
    due = {"day": "built on another day", "hour": "built in another hour"}.get(rule, "built every time")
    return _build("volatile", f"{why}: {due}")


def _output(name: str, now: Now, made: MadeFrom) -> Judged | None:
    if now.output is None and now.there:
        return _build("unknown", f"nothing certain tells which rows {name} holds{_why(now.untold)}")
    if now.output is None:
        return _build("missing", f"{name} does not exist")
    if now.output != made.output:
        return _build(
            "outside",
            f"{name} is not as run {made.run} made it any more",
            recorded=made.output,
            found=now.output,
        )
    return None


def _code(now: Now, made: MadeFrom) -> Judged | None:
    recipe, was = now.recipe, made.recipe
    if recipe.form != was.form:
        return _build("code", f"code: {was.form} -> {recipe.form}", before=was.form, after=recipe.form)
    if recipe.settings != was.settings:
        words = ", ".join(_parts(recipe, was, settings=True)[:3]) or "its configuration"
        return _build("code", f"code: {words} changed", before=was.settings, after=recipe.settings)
    if changed := _context(recipe, was):
        # The value of an environment variable is not to be told, which the text beside it would.
        shown = now.edit and not any(name.startswith(_ENVIRONMENT) for name in changed)
        told = f": {now.edit}" if shown else " changed"
        return _build("code", f"code: {', '.join(changed[:3])}{told}")
    if recipe.template != was.template and not now.cosmetic:
        return _build("code", f"code: {_text(now, made)}", before=was.template, after=recipe.template)
    return None


def _history(now: Now, made: MadeFrom) -> Judged | None:
    """Of what is only added to: its rows were made by the older code, whatever else is a reason to build it. What is gone has none."""
    gone = now.output is None and not now.there
    if now.recipe.form != "incremental" or made.recipe.form != "incremental" or gone:
        return None
    found = _code(now, made)
    if found is None:
        return None
    rule = now.rules.on_code_change
    if rule == "full_refresh" and now.recipe.keeps:
        rule = "increment"
    words = {
        "full_refresh": "all rows are made anew",
        "ask": "say --full-refresh, or --no-reuse for new rows only",
    }
    reason = f"{found.reason}; {words.get(rule, 'only new rows follow it')}"
    return msgspec.structs.replace(found, reason=reason, anew=rule == "full_refresh", asks=rule == "ask")


def _text(now: Now, made: MadeFrom) -> str:
    """What changed in its SQL, and where that was written when it was not in its own file."""
    parts = _parts(now.recipe, made.recipe, settings=False)
    where = ", ".join(parts[:3]) + (" ..." if len(parts) > 3 else "")
    if not now.edit:
        return f"{where or 'its file or a macro'} changed"
    return now.edit if parts in ([], ["its file"]) else f"{where}: {now.edit}"


def _parts(recipe: Recipe, was: Recipe, *, settings: bool) -> list[str]:
    """The names of what differs; none where one of the two does not tell."""
    if not recipe.parts or not was.parts:
        return []
    names = sorted(recipe.parts.keys() | was.parts.keys())
    found = [name for name in names if recipe.parts.get(name) != was.parts.get(name)]
    return [name for name in found if name.startswith("configuration ") == settings]


def _context(recipe: Recipe, was: Recipe) -> list[str]:
    names = recipe.context.keys() & was.context.keys()
    return sorted(name for name in names if recipe.context[name] != was.context[name])


def _inputs(now: Now, made: MadeFrom) -> Judged | None:
    """What is not known comes before what is still to be made: it is built in any case."""
    names = now.names
    others = made.inputs.keys() ^ now.inputs.keys()
    for key in sorted(others):
        return _build("inputs", f"its inputs changed: {names.get(key, key.name)}")
    later: list[AssetKey] = []
    late: AssetKey | None = None
    for key, seen in now.inputs.items():
        pending = now.pending.get(key)
        if pending is not None and pending.anew and pending.falls:
            return _build("falls", _falls(now, names[key]))
        if pending is not None and pending.anew:
            return _build("new-data", f"new data: {names[key]} is made anew")
        if pending is not None and pending.reads != ():
            later.append(key)
            continue
        if seen is None:
            return _build("unknown", f"{names[key]} has no data version{_why(now.inputs_untold.get(key))}")
        was = made.inputs[key]
        if seen.version != was.version:
            if _lag(now) > now.age and _only_rows(was.version, seen.version):
                late = key
                continue
            more = _more(was.rows, seen.rows)
            return _build("new-data", f"new data: {names[key]}{more}", before=was.version, after=seen.version)
    if later:
        shown = ", ".join(names[key] for key in later[:3]) + (" ..." if len(later) > 3 else "")
        read = next(
            (f"{names[key]}.{column}" for key in later for column in now.pending[key].reads or ()), ""
        )
        because = f"reads {read}, which changes: " if read else ""
        if ordered := next((key for key in later if now.pending[key].order), None):
            word = now.pending[ordered].order
            because = (
                f"{word} in {names[ordered]} follows the order of rows, so any of its columns may change: "
            )
        reason = f"{because}decided when {shown} {'is' if len(later) == 1 else 'are'} done"
        return Judged(reuse=False, code=UNDECIDED, reason=reason, late=late is not None)
    return _late(now, made, late) if late is not None else None


def _falls(now: Now, name: str) -> str:
    if now.recipe.form == "view":
        return f"{name} is made anew, and its views fall with it"
    return f"{name} is made first, and drops the foreign keys to it where it is made anew"


def _why(untold: str | None) -> str:
    return f": {untold}" if untold else ""


def same_code(recipe: Recipe, was: Recipe) -> bool:
    """Whether two recipes make the same, as far as they tell."""
    one, other = (
        msgspec.structs.replace(each, parts={}, metadata=None, keeps=False, bound=False)
        for each in (recipe, was)
    )
    return one == other


def _lag(now: Now) -> float:
    return now.rules.max_lag if now.recipe.max_lag is None else now.recipe.max_lag


def _only_rows(one: str, other: str) -> bool:
    """Whether the same columns hold other rows. (What shows itself another way was changed, and that does not wait.)"""
    first, second = one.split(), other.split()
    return first[0] == "rows" and first[:2] == second[:2]


def _late(now: Now, made: MadeFrom, key: AssetKey) -> Judged:
    """New data that may wait."""
    rest = _lag(now) - now.age
    reason = (
        f"new data of {now.names[key]} may wait {_span(rest)}: made {_span(now.age)} ago by run {made.run}"
    )
    facts = {now.names[one]: seen.version for one, seen in now.inputs.items() if seen}
    return Judged(reuse=True, code="lag", reason=reason, facts=facts, late=True)


def _span(seconds: float) -> str:
    minutes = max(0, round(seconds / 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _more(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return ""
    return f" {after - before:+,} rows" if after != before else ", same number of rows"


def _same(now: Now, made: MadeFrom) -> Judged:
    code = "code changed in form only" if now.cosmetic and now.recipe.template != made.recipe.template else ""
    code = code or _described_otherwise(now.recipe, made.recipe)
    if now.pending:
        return _unread(now, made, code)
    reason = f"{code or 'same code'}, same inputs since run {made.run}"
    facts = {now.names.get(key, key.name): seen.version for key, seen in now.inputs.items() if seen}
    return Judged(reuse=True, code="same", reason=reason, facts=facts)


def _described_otherwise(recipe: Recipe, was: Recipe) -> str:
    """`only its description changed, same code`: what is told of an asset is no part of what it is made of."""
    one, other = recipe.metadata, was.metadata
    if one is None or other is None or one == other:
        return ""
    names = [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]
    return f"only its {', '.join(names)} changed, same code"


def _unread(now: Now, made: MadeFrom, code: str) -> Judged:
    words = _unread_words(now)
    facts = {
        now.names[one]: f"changes in {', '.join(several.changing)}" for one, several in now.pending.items()
    }
    return Judged(
        reuse=True,
        code="unread",
        reason=f"{code or 'same code'}, {words}; made by run {made.run}",
        facts=facts,
    )


def _unread_words(now: Now) -> str:
    key, pending = next(iter(now.pending.items()))
    more = f" and of {len(now.pending) - 1} more" if len(now.pending) > 1 else ""
    columns = ", ".join(pending.changing[:3]) + (" ..." if len(pending.changing) > 3 else "")
    return f"reads none of the columns of {now.names[key]}{more} that change ({columns})"
