"""What can go wrong, told as: what, where, what next. The facts are attributes, the sentence is for people.

PenstockError            exit 1: something failed while doing what was asked
  ToolError              a tool answered wrongly, crashed or could not be reached
  WarehouseBusy          the warehouse is held by another process
  StoreError             the run store cannot be read or written
  UsageError             exit 2: what was asked, or the configuration, cannot be followed
    NoProjectError       no penstock.yml and no dbt project here or above
    ConfigError          penstock.yml (or a file it names) is wrong
      MissingVariable    a ${VAR} that is needed is not set
    ToolMissing          a tool that is needed is not installed
    DocumentError        a document of another tool is missing, broken or of an unknown kind
    UnknownAsset         no asset of that name; nearest names are attached
    AmbiguousAsset       more than one asset of that name; all are attached
    SelectionError       a selector that cannot be read, or a method that is not supported
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SHOWN = 1000  # characters of each end of a long message


class PenstockError(Exception):
    """Base of every error that is shown to a user as one message, never as a traceback.

    `what` happened, `where` (file, line, instance), `hint`: what to do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = shortened(f"{self.where}: {self.what}" if self.where else self.what)
        return f"{text}\n  {shortened(self.hint)}" if self.hint else text


def shortened(text: str) -> str:
    """A name or a value of somebody else's may have any length; a message that is read has not."""
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]} ... {text[-_SHOWN:]}"


class ToolError(PenstockError):
    """A tool (dbt, a connector, a server) answered wrongly, crashed or could not be reached."""


class WarehouseAsleep(ToolError):
    """Something would have to be started for the answer, which costs money, and whoever asks may not start it."""


class WarehouseBusy(PenstockError):
    """The warehouse is held by another process, e.g. a DuckDB file that is open for writing."""


class StoreError(PenstockError):
    """The run store cannot be read or written (disk full, locked, newer than this penstock)."""


class UsageError(PenstockError):
    """What was asked cannot be followed as it stands; nothing was started."""

    exit_code = 2


class NoProjectError(UsageError):
    """Neither penstock.yml nor a dbt project here or in a folder above."""


class ConfigError(UsageError):
    """penstock.yml, or a file that it names, is wrong. `where` is `path:line` when the line is known."""


class MissingVariable(ConfigError):
    """A `${VAR}` of an integration that is needed has no value. `variable` is its name."""

    def __init__(self, variable: str, *, where: str | None = None) -> None:
        super().__init__(
            f"the environment variable {variable} is not set",
            where=where,
            hint=f"set it, or give a default in penstock.yml: ${{{variable}:-value}}",
        )
        self.variable = variable


class ToolMissing(UsageError):
    """A tool that is needed is not installed or cannot be found."""


class DocumentError(UsageError):
    """A document of another tool is missing, truncated, or of an unknown kind or version."""


class UnknownAsset(UsageError):
    """No asset of that name. `name` was asked for, `nearest` are the closest names that exist."""

    def __init__(self, name: str, nearest: Sequence[str] = ()) -> None:
        guess = f"; did you mean {_quoted(nearest)}?" if nearest else ""
        super().__init__(f"no asset '{name}' in the graph{guess}", hint="list them: penstock assets")
        self.name = name
        self.nearest = tuple(nearest)


class AmbiguousAsset(UsageError):
    """More than one asset answers to that name. `candidates` are names that tell them apart."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        super().__init__(f"'{name}' names {len(candidates)} assets", hint="one of: " + ", ".join(candidates))
        self.name = name
        self.candidates = tuple(candidates)


class SelectionError(UsageError):
    """A selector that cannot be read, or a method that is not supported."""


def nearest_names(name: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The candidates most like `name`, best first; empty when nothing is close. The empty word is no name."""
    import difflib  # 5 ms, and only on the road to an error

    by_folded: dict[str, str] = {}
    for candidate in filter(None, candidates):
        by_folded.setdefault(candidate.casefold(), candidate)
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=limit, cutoff=0.6)
    return tuple(by_folded[match] for match in matches)


def _quoted(names: Sequence[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)
