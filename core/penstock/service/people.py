"""Who asks, and what they may: rights, roles, grants, and the assets that a grant reaches. Decides; stores nothing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from penstock.assets import AssetKey
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.service.serving import Serving


class Right(StrEnum):
    """PUBLIC needs nobody; SESSION needs somebody, whatever their roles. SEE_DATA (SQL, logs) is apart from the four roles."""

    PUBLIC = "public"
    SESSION = "session"
    VIEW = "view"
    SEE_DATA = "see_data"
    OPERATE = "operate"
    EDIT = "edit"
    ADMIN = "admin"


class Role(StrEnum):
    """Each has the rights of those before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    EDITOR = "editor"
    ADMIN = "admin"


_RIGHTS = {
    Role.VIEWER: (Right.VIEW,),
    Role.OPERATOR: (Right.VIEW, Right.OPERATE),
    Role.EDITOR: (Right.VIEW, Right.OPERATE, Right.EDIT),
    Role.ADMIN: (Right.VIEW, Right.OPERATE, Right.EDIT, Right.ADMIN),
}


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role in one environment (`*`: in all) over a selection in the command line's grammar (empty: everything)."""

    role: Role
    environment: str = "*"
    select: str = ""
    see_data: bool = False

    def gives(self, right: Right) -> bool:
        return self.see_data if right is Right.SEE_DATA else right in _RIGHTS[self.role]


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """A person, or a token of theirs. `limits` are what a token may at most; a token never has more than its person."""

    user: str
    grants: tuple[Grant, ...]
    token: str | None = None
    limits: tuple[Grant, ...] | None = None

    def may(self, right: Right, environment: str) -> bool:
        """Whether the right is held over anything of that environment."""
        if right in (Right.PUBLIC, Right.SESSION):
            return True
        return all(any(grant.gives(right) for grant in held) for held in self._held(environment))

    @property
    def unlimited(self) -> bool:
        """Whether everything of every environment may be seen."""
        return all(
            any(one.environment == "*" and not one.select for one in held)
            for held in ([self.grants] if self.limits is None else [self.grants, self.limits])
        )

    def _held(self, environment: str) -> list[tuple[Grant, ...]]:
        sets = [self.grants] if self.limits is None else [self.grants, self.limits]
        return [tuple(one for one in held if one.environment in ("*", environment)) for held in sets]

    def selections(self, right: Right, environment: str) -> list[tuple[str, ...]]:
        """Of what the right is held, as selections of which one must hold, in each of the lists."""
        return [tuple(one.select for one in held if one.gives(right)) for held in self._held(environment)]

    def sees_all(self, environment: str) -> bool:
        return all("" in held for held in self.selections(Right.VIEW, environment))


LOCAL = Who(user="local", grants=(Grant(role=Role.ADMIN, see_data=True),))
"""The person in front of this machine: nobody logs in on loopback."""


STRANGER = Who(user="", grants=())
"""Nobody in particular: for what is public."""


class NotAllowed(PenstockError):
    """The right is missing, or does not reach what was asked for. What is hidden is not named."""


class View:
    """What one person sees of a project: every list, count, walk and stream goes through it."""

    def __init__(self, serving: Serving, who: Who) -> None:
        self.serving = serving
        self.who = who
        self.environment = serving.workspace.project.environment

    def reach(self, right: Right) -> frozenset[AssetKey] | None:
        """The assets over which the right is held; None: all of them."""
        found: frozenset[AssetKey] | None = None
        for selections in self.who.selections(right, self.environment):
            if "" in selections:
                continue
            part: frozenset[AssetKey] = frozenset()
            for selection in selections:
                part |= self._selected(selection)
            found = part if found is None else found & part
        return found

    def _selected(self, selection: str) -> frozenset[AssetKey]:
        """A selection that finds nothing any more gives nothing: a right never grows because a name has gone."""
        try:
            chosen = self.serving.chosen(selection)
        except PenstockError:
            return frozenset()
        return frozenset(self.serving.seen().graph.assets) if chosen is None else chosen

    @property
    def visible(self) -> frozenset[AssetKey] | None:
        return self.reach(Right.VIEW)

    def chosen(self, select: str, exclude: str) -> frozenset[AssetKey] | None:
        """What a selection means for this person; None: all. What is hidden has no name: it is as unknown as what is not there."""
        visible = self.visible
        asked = self.serving.chosen(select, exclude, visible)
        if visible is None or asked is None:
            return asked if visible is None else visible
        return asked & visible

    def sees(self, key: AssetKey, visible: frozenset[AssetKey] | None) -> bool:
        """Whether an asset, or a check of one, is visible."""
        return visible is None or key in visible or self._check_seen(key, visible)

    def _check_seen(self, key: AssetKey, visible: frozenset[AssetKey]) -> bool:
        check = self.serving.seen().graph.checks.get(key)
        return check is not None and bool(check.assets) and visible.issuperset(check.assets)

    def require(self, right: Right, keys: Iterable[AssetKey]) -> None:
        """Raises NotAllowed unless the right is held over every one of the assets (and the assets of checks)."""
        reached = self.reach(right)
        if reached is not None and not all(self.sees(key, reached) for key in keys):
            raise NotAllowed(
                f"you may not {right.value.replace('_', ' ')} all of this", hint="ask who gives rights here"
            )

    def names(self, graph: AssetGraph, visible: frozenset[AssetKey] | None) -> frozenset[str] | None:
        """The shown names of what is visible; None: all."""
        return (
            None
            if visible is None
            else frozenset(graph.names.shown(key) for key in visible if key in graph.assets)
        )
