"""What will not build, or not be there for who reads it, and who reads what. Pure."""

from __future__ import annotations

from functools import cached_property

from penstock.assets import AssetKey, ColumnRef
from penstock.change.places import text_place, word_place
from penstock.change.reach import Reach
from penstock.change.revision import Break, Member, Revision

# A finding of the walk over SQL -> whether the text certainly cannot be run.
_GONE = "unknown-column"
_WRONG = {
    _GONE: True,
    "unresolved-column": False,
    "ambiguous-column": False,
    "set-operation": False,
    "not-parsed": False,
}


class Breaks:
    """`found` in dependency order, the certain ones of an asset first; `keys` are the assets that break."""

    def __init__(self, before: Revision, after: Revision, reach: Reach) -> None:
        self._before, self._after, self._reach = before, after, reach
        self.keys: set[AssetKey] = set()
        found: list[Break] = []
        for key, member in after.members.items():
            if member.made:
                mine = [
                    *self._wrong(key, member),
                    *self._doubled(key, member),
                    *self._contract(key, member),
                    *self._gone(member),
                ]
                if mine:
                    self.keys.add(key)
                    found += sorted(mine, key=lambda one: not one.sure)
        self.found = tuple(found)

    def readers(self, key: AssetKey, column: str | None) -> tuple[str, ...]:
        """The assets that read that column (None: any) in the earlier version, by name."""
        former = self._before.members.get(key)
        if former is None:
            return ()
        names = former.columns or ()
        wanted = [name for name in names if column is None or name.lower() == column]
        found = {
            edge.target.asset
            for name in wanted
            for edge in self._reach.former_edges.edges_out_of(ColumnRef(key, name))
        }
        members = {**self._before.members, **self._after.members}
        return tuple(sorted(members[one].name for one in found if one in members and one != key))

    @cached_property
    def _removed(self) -> dict[AssetKey, Member]:
        members = self._before.members
        return {key: one for key, one in members.items() if one.made and key not in self._after.members}

    def _wrong(self, key: AssetKey, member: Member) -> list[Break]:
        """What the walk over its SQL finds wrong now, and did not before."""
        former = self._before.members.get(key)
        known = set(former.problems) if former else set()
        return [
            Break(
                asset=member.name,
                message=f"{member.name}: {said}",
                place=word_place(
                    former, member, said.rpartition(" has no column ")[2] if code == _GONE else ""
                ),
                sure=_WRONG[code],
            )
            for code, said in dict.fromkeys(member.problems)
            if code in _WRONG and (code, said) not in known
        ]

    def _doubled(self, key: AssetKey, member: Member) -> list[Break]:
        """Two columns of one name: most warehouses refuse such a table."""
        former = self._before.members.get(key)
        twice = _twice(member) - (_twice(former) if former else set())
        if not twice:
            return []
        said = f"{member.name} gives two columns named {', '.join(sorted(twice))}"
        return [Break(asset=member.name, message=said, place=text_place(former, member), sure=False)]

    def _contract(self, key: AssetKey, member: Member) -> list[Break]:
        """Columns that are enforced and not given, or given and not enforced: its tool refuses to build it."""
        if member.contract is None or member.columns is None or member.open or not member.followed:
            return []
        wanted = {name.lower() for name in member.contract}
        given = {name.lower() for name in member.columns}
        if wanted == given:
            return []
        told = [f"{name} is enforced and not there" for name in sorted(wanted - given)]
        told += [f"{name} is there and not enforced" for name in sorted(given - wanted)]
        place = text_place(self._before.members.get(key), member)
        message = f"{member.name}: its contract does not hold: {', '.join(told)}"
        return [Break(asset=member.name, message=message, place=place)]

    def _gone(self, member: Member) -> list[Break]:
        return [
            Break(
                asset=member.name,
                message=f"{member.name} reads {self._removed[one].name}, which is not made any more",
                place=text_place(None, member),
                sure=False,
            )
            for one in member.reads
            if one in self._removed
        ]


def _twice(member: Member) -> set[str]:
    names = [name.lower() for name in member.columns or ()]
    return {name for name in names if names.count(name) > 1}
