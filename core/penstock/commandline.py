"""What an integration declares of its tool's command line, as data: an entry point of the group `penstock.commandline`.

It is read before every command, when no tool is imported: the module that holds it imports this one and nothing heavy.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from enum import Enum

import msgspec


class Kind(Enum):
    """How a flag's value is read. COUNT: a whole number from 1 on. FOLDER: becomes an absolute path. MAPPING: YAML, kept as text."""

    SWITCH = "switch"
    TEXT = "text"
    COUNT = "count"
    CHOICE = "choice"
    FOLDER = "folder"
    MAPPING = "mapping"


class Scope(Enum):
    """Which commands offer a flag.

    LOOK: it changes what the tool's project is; every command that observes has it. SELECT: it is needed to select; every
    command that selects has it. RUN: it changes how a step runs; `plan`, `run` and `build` have it.
    """

    LOOK = "look"
    SELECT = "select"
    RUN = "run"


class Effect(Enum):
    """What else a run must know. OTHER_DATA: what is made says nothing of what a plain run makes. COPIES: relations are copied
    from elsewhere instead of built, so no check runs and no other tool's step."""

    NONE = "none"
    OTHER_DATA = "other data"
    COPIES = "copies"


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One flag. `field` names it in the integration's record of options; `needs` is the field of a flag that must go with it.
    `pattern`: what the whole text of a TEXT looks like, told to people as `like`."""

    field: str
    names: tuple[str, ...]
    help: str
    kind: Kind = Kind.SWITCH
    scope: Scope = Scope.RUN
    effect: Effect = Effect.NONE
    metavar: str = ""
    choices: tuple[str, ...] = ()
    needs: str = ""
    pattern: str = ""
    like: str = ""

    @property
    def spelt(self) -> str:
        """Its long form: `--full-refresh`."""
        return max(self.names, key=len)

    @property
    def differs(self) -> bool:
        """Whether with it something else is made, or elsewhere, than by a plain run."""
        return self.effect is not Effect.NONE or self.scope is Scope.LOOK

    def said(self, value: object) -> str:
        """As it was typed. Of a folder or a document the flag alone: they may be long, and hold what is secret."""
        if self.kind in (Kind.SWITCH, Kind.FOLDER, Kind.MAPPING) or not isinstance(value, str | int):
            return self.spelt
        return f"{self.spelt} {shlex.quote(str(value))}"


def differing(flags: Iterable[Flag], options: Mapping[str, object]) -> str:
    """Those of the flags with which other data is made than by a plain run, as they were given: `--sample '3 days'`."""
    return " ".join(
        flag.said(options[flag.field]) for flag in flags if flag.differs and options.get(flag.field)
    )


class ProjectFolder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with `file` in it is a project of the tool by itself, and needs no penstock.yml: an instance with `setting: <folder>`
    and the warehouse that it works in. Below a folder named in `never_below` it is somebody else's."""

    file: str
    setting: str = "project"
    never_below: tuple[str, ...] = ()


class EventForm(msgspec.Struct, frozen=True, kw_only=True):
    """How a system signs what it tells by webhook. `signature`: the header that has the HMAC-SHA256 of the body in hexadecimal, behind
    `prefix`; where it is `stamped`, as `t=TIME,v1=HEX` over the time, a point and the body. Empty: it cannot sign, and shows a token.
    `id_header`, or the fields of its JSON body named in `id_fields`, tell one event from another; so for its kind."""

    signature: str = ""
    prefix: str = ""
    stamped: bool = False
    id_header: str = ""
    id_fields: tuple[str, ...] = ()
    kind_header: str = ""
    kind_fields: tuple[str, ...] = ()


class Commandline(msgspec.Struct, frozen=True, kw_only=True):
    """A tool's flags below one title of the help, its commands that are said otherwise here (`{"seed": "run --seeds"}`), the
    resource types that it may have, the folders that are its projects, how it signs events, and the lines that `init` leaves in penstock.yml as an
    example where it finds nothing of the tool."""

    title: str = ""
    flags: tuple[Flag, ...] = ()
    commands: Mapping[str, str] = {}
    resource_types: tuple[str, ...] = ()
    folder: ProjectFolder | None = None
    example: tuple[str, ...] = ()
    events: EventForm | None = None
