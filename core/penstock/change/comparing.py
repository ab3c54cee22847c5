"""Two versions of a project compared: what breaks, what holds other data, what is only made again, and who is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from penstock.assets import AssetKey, AssetKind
from penstock.change.breaking import Breaks
from penstock.change.own import Own, own_change
from penstock.change.places import column_place, text_place
from penstock.change.reach import Reach, Reached
from penstock.change.reading import readings, redo
from penstock.change.revision import (
    AssetChange,
    Break,
    ColumnChange,
    Comparison,
    ContractChange,
    Counts,
    Hit,
    Judging,
    Level,
    Member,
    Revision,
    TestChange,
)
from penstock.change.sqlchange import Edit

_SHOWS = frozenset({AssetKind.EXPOSURE, AssetKind.METRIC, AssetKind.SEMANTIC_MODEL, AssetKind.SAVED_QUERY})
_ORDER = tuple(Level)
_QUOTED = re.compile(r"""(["`])([^"`]+)\1""")


def compare(before: Revision, after: Revision) -> Comparison:
    """What the later version does, held against the earlier one."""
    return _Comparing(before, after).result()


def built(member: Member) -> bool:
    """Whether a run makes it: what its tool only writes into others, or shows, it does not."""
    return member.made and member.kind not in _SHOWS and member.kind is not AssetKind.EPHEMERAL


class _Comparing:
    def __init__(self, before: Revision, after: Revision) -> None:
        self._before, self._after = before, after
        self._own: dict[AssetKey, Own] = {
            key: own_change(before.members[key], member, same_target=before.same_target)
            for key, member in after.members.items()
            if member.made and key in before.members
        }
        self._reach = Reach(before, after, self._own)
        self._breaks = Breaks(before, after, self._reach)
        self._removed = [
            member for key, member in before.members.items() if member.made and key not in after.members
        ]

    def result(self) -> Comparison:
        changes = [*self._changes(), *(self._gone(member) for member in self._removed)]
        touched = {change.key for change in changes}
        hits = tuple(self._hits())
        tests = tuple(self._tests())
        breaks = (
            *self._breaks.found,
            *(self._broken(test) for test in tests if test.what == "without_column"),
        )
        breaks = (*breaks, *self._shown_no_more())
        levels = [change.level for change in changes]
        if breaks:
            levels.append(Level.BREAKS)
        return Comparison(
            level=min(levels, key=_ORDER.index, default=Level.NONE),
            breaks=breaks,
            hits=hits,
            contracts=tuple(self._contracts()),
            counts=self._counts(changes),
            assets=tuple(changes),
            untouched=tuple(
                member.name
                for key, member in self._after.members.items()
                if built(member) and key not in touched
            ),
            tests=tests,
            redo=tuple(redo(self._after, self._reach, self._own)),
            readings=tuple(readings(self._before, self._after, self._reach)),
            edges=tuple(self._edges(touched)),
            unknown=tuple(self._unknown()),
        )

    # ---------------------------------------------------------------- assets

    def _changes(self) -> Iterator[AssetChange]:
        for key, member in self._after.members.items():
            if not member.made or member.kind in _SHOWS:
                continue
            own, reached = self._own.get(key), self._reach.found.get(key)
            if reached is None and (own is None or not (own.modified)):
                continue
            yield self._change(key, member, own, reached or Reached())

    def _change(self, key: AssetKey, member: Member, own: Own | None, reached: Reached) -> AssetChange:
        new = own is None
        what, level = self._told(key, own, reached)
        inside = self._changed_inside(member) if own is not None and not own.modified else []
        modified = new or (own is not None and (own.modified or not (own.sql.nothing or inside)))
        former = self._before.members.get(key)
        names = [*inside, *(self._after.members[one].name for one in sorted(reached.because))]
        return AssetChange(
            name=member.name,
            key=key,
            kind=member.kind,
            form=member.form,
            what=what,
            level=level,
            own=modified,
            everything="" if new else reached.everything,
            columns=tuple(sorted(reached.columns)),
            changes=tuple(self._columns(former, member, own, reached, modified)) if former and own else (),
            reasons=own.reasons if own else (),
            because=tuple(names),
            place=text_place(former, member),
            owner=member.owner,
        )

    def _changed_inside(self, member: Member) -> list[str]:
        """Ephemeral assets whose SQL stands in this one's, and is another one."""
        found = []
        for key in member.upstream:
            above = self._after.members.get(key)
            if above is not None and above.kind is AssetKind.EPHEMERAL:
                own = self._own.get(key)
                found += [above.name] if own is None or own.modified else []
                found += self._changed_inside(above)
        return list(dict.fromkeys(found))

    def _told(self, key: AssetKey, own: Own | None, reached: Reached) -> tuple[str, Level]:
        if own is None:
            return "added", Level.BREAKS if key in self._breaks.keys else Level.ADDITIVE
        if key in self._breaks.keys:
            return "changed", Level.BREAKS
        if reached.data:
            return "changed", Level.DATA
        if reached.added:
            return "changed", Level.ADDITIVE
        return ("rebuilt" if own.rebuilt or reached.moved else "cosmetic"), Level.COSMETIC

    def _gone(self, member: Member) -> AssetChange:
        return AssetChange(
            name=member.name,
            key=member.key,
            kind=member.kind,
            form=member.form,
            what="removed",
            level=Level.DATA,
            own=True,
            owner=member.owner,
            because=(),
        )

    def _columns(
        self, former: Member, member: Member, own: Own, reached: Reached, modified: bool
    ) -> Iterator[ColumnChange]:
        edits = tuple(map(self._readable, own.sql.edits)) if modified else ()
        removed, added = set(reached.removed), set(reached.added)
        for name in (*reached.removed, *reached.added, *sorted(reached.columns)):
            mine = _edits_of(name, edits)
            what = "removed" if name in removed else "added" if name in added else "changed"
            if what == "changed" and not (modified and name in own.sql.names):
                continue
            if what == "changed" and (types := _retyped(former, member, name, mine)):
                what = f"retyped {types}"
            readers = self._breaks.readers(member.key, name) if what != "added" else ()
            yield ColumnChange(
                column=name,
                what=what,
                edits=mine,
                place=column_place(former, member, name, mine),
                readers=readers,
            )
        if reached.everything and modified:
            for edit in edits[:8]:
                place = column_place(former, member, edit.column, (edit,))
                yield ColumnChange(column=edit.column or "*", what="rows", edits=(edit,), place=place)

    @cached_property
    def _names(self) -> dict[str, str]:
        members = (*self._before.members.values(), *self._after.members.values())
        return {member.id: member.name for member in members if member.id}

    def _readable(self, edit: Edit) -> Edit:
        """With the names of assets where SQL has their ids."""

        def named(text: str) -> str:
            return _QUOTED.sub(lambda found: self._names.get(found[2], found[0]), text)

        return Edit(
            column=edit.column, before=named(edit.before), after=named(edit.after), inside=edit.inside
        )

    def _counts(self, changes: Iterable[AssetChange]) -> Counts:
        by_key = {change.key: change for change in changes}
        total = [key for key, member in self._after.members.items() if built(member)]
        data = {
            key
            for key in total
            if (one := by_key.get(key)) and one.level in (Level.DATA, Level.BREAKS, Level.ADDITIVE)
        }
        plain = self._plain() & set(total)
        new = {key for key in data if by_key[key].what == "added"}
        rebuilt = {key for key in total if key in by_key} - data
        return Counts(
            total=len(total),
            data=len(data - new),
            rebuilt=len(rebuilt),
            untouched=len(total) - len(data) - len(rebuilt),
            added=len(new),
            removed=sum(built(member) for member in self._removed),
            plain=len(plain),
        )

    def _plain(self) -> set[AssetKey]:
        """What differs in any way, and all that stands below it."""
        found: set[AssetKey] = set()
        for key, member in self._after.members.items():
            own = self._own.get(key)
            modified = member.made and (own is None or own.modified or not own.sql.nothing)
            if modified or any(parent in found for parent in member.upstream):
                found.add(key)
        return found

    def _edges(self, touched: set[AssetKey]) -> Iterator[tuple[str, str]]:
        for key, member in self._after.members.items():
            if key in touched or member.kind in _SHOWS:
                for parent in member.upstream:
                    if parent in touched:
                        yield (
                            self._after.members[parent].name if parent in self._after.members else "",
                            member.name,
                        )

    # ---------------------------------------------------------------- who is told

    def _hits(self) -> Iterator[Hit]:
        for member in self._after.members.values():
            if member.kind not in _SHOWS:
                continue
            columns = [text for parent in member.upstream for text in self._shown(parent)]
            if columns:
                yield Hit(name=member.name, kind=member.kind, owner=member.owner, columns=tuple(columns))

    def _shown(self, key: AssetKey) -> Iterator[str]:
        reached = self._reach.found.get(key)
        if reached is None or key not in self._before.members:
            return
        name = self._after.members[key].name
        if reached.everything:
            yield name
            return
        for column in (*reached.removed, *sorted(reached.columns)):
            yield f"{name}.{column}"

    def _shown_no_more(self) -> Iterator[Break]:
        for member in self._after.members.values():
            for parent in member.upstream if member.kind is AssetKind.EXPOSURE else ():
                reached = self._reach.found.get(parent)
                for column in reached.removed if reached else ():
                    shown = self._after.members[parent].name
                    yield Break(
                        asset=member.name,
                        message=f"{member.name} shows {shown}, which loses the column {column}",
                        place=text_place(self._before.members.get(parent), self._after.members[parent]),
                        sure=False,
                    )

    def _contracts(self) -> Iterator[ContractChange]:
        for key, member in self._after.members.items():
            former = self._before.members.get(key)
            if former is None or former.contract == member.contract:
                continue
            yield ContractChange(
                asset=member.name,
                message=_contract_words(former.contract, member.contract),
                readers=self._breaks.readers(key, None),
                place=text_place(former, member),
            )

    # ---------------------------------------------------------------- tests

    def _tests(self) -> Iterator[TestChange]:
        before, after = self._before.tests, self._after.tests
        if self._before.tests_known:
            for id in sorted(after.keys() - before.keys()):
                yield self._test(after[id], "added")
            for id in sorted(before.keys() - after.keys()):
                yield self._test(before[id], "removed")
            for id in sorted(after.keys() & before.keys()):
                if (before[id].text, before[id].severity) != (after[id].text, after[id].severity):
                    yield self._test(after[id], "changed")
        for test in after.values():
            if test.column is None or not test.assets:
                continue
            member = self._after.members.get(test.assets[0])
            gone = self._reach.found.get(test.assets[0])
            if member is not None and gone is not None and test.column.lower() in gone.removed:
                said = f"test {test.name} is of {member.name}.{test.column}, which is gone"
                yield TestChange(name=test.name, what="without_column", asset=member.name, message=said)

    def _broken(self, test: TestChange) -> Break:
        found = (member for member in self._after.members.values() if member.name == test.asset)
        member = next(found, None)
        place = text_place(self._before.members.get(member.key), member) if member is not None else None
        return Break(asset=test.asset, message=test.message, place=place)

    def _test(self, test: Judging, what: str) -> TestChange:
        members = {**self._before.members, **self._after.members}
        asset = next((members[key].name for key in test.assets if key in members), "")
        return TestChange(name=test.name, what=what, asset=asset)

    def _unknown(self) -> Iterator[str]:
        made = [one for one in self._after.members.values() if built(one) and one.kind is not AssetKind.SEED]
        for why, names in (
            ("no SQL: compared by text", [one.name for one in made if one.sql is None]),
            ("columns not followed: any change above changes all of it", [one.name for one in made if one.sql and not one.followed]),
            ("SQL made from what the warehouse answers: compared by text", [one.name for one in made if one.asks and one.sql]),
            ("no SQL in the base: compared by text", [
                one.name for one in made
                if one.sql is not None and (former := self._before.members.get(one.key)) is not None and former.sql is None
            ]),
            ("a star over unknown columns", [one.name for one in made if one.open]),
        ):  # fmt: skip
            if names:
                shown = ", ".join(sorted(names)[:8]) + (
                    f" and {len(names) - 8} more" if len(names) > 8 else ""
                )
                yield f"{why}: {shown}"


def _edits_of(column: str, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The edits of that column; else those that it must come from."""
    own = tuple(edit for edit in edits if edit.column == column)
    return own or edits[:3]


_CAST = re.compile(r"(?:TRY_)?CAST\(.* AS ([A-Za-z0-9_ ]+(?:\([^()]*\))?)\)", re.DOTALL)


def _retyped(former: Member, member: Member, column: str, edits: tuple[Edit, ...]) -> str:
    """`int -> bigint`, where both types are written."""
    declared = [_declared(one, column) for one in (former, member)]
    if all(declared) and declared[0] != declared[1]:
        return f"{declared[0]} -> {declared[1]}"
    for edit in edits:
        casts = [_CAST.fullmatch(text) for text in (edit.before, edit.after)]
        if casts[0] and casts[1] and casts[0][1].lower() != casts[1][1].lower():
            return f"{casts[0][1].lower()} -> {casts[1][1].lower()}"
    return ""


def _declared(member: Member, column: str) -> str:
    types = member.contract or member.types
    return next((kind.lower() for name, kind in types.items() if name.lower() == column), "")


def _contract_words(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> str:
    if before is None:
        return "its columns are enforced now"
    if after is None:
        return "its columns are not enforced any more"
    told = [f"-{name}" for name in before if name not in after]
    told += [f"+{name}" for name in after if name not in before]
    told += [
        f"{name}: {before[name]} -> {kind}" for name, kind in after.items() if before.get(name, kind) != kind
    ]
    return "enforced columns: " + ", ".join(told)
