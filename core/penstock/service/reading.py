"""For programs: a project and its asset graph, read as the command line reads them. Makes no data, keeps a snapshot."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from penstock.graph import AssetGraph
from penstock.project import Project
from penstock.service.observe import look
from penstock.service.workspace import Workspace, open_workspace


def open_project(start: str | PathLike[str] = ".", *, environment: str | None = None) -> Project:
    """The project at or above `start`, in one of its environments (the default one when None).

    A dbt project without a penstock.yml is a project too. Raises NoProjectError when there is none, ConfigError when its
    file is wrong.
    """
    return open_workspace(Path(start), environment=environment).project


def asset_graph(project: Project, *, refresh: bool = False) -> AssetGraph:
    """The assets of all tools of the project, merged.

    It is what `penstock assets` shows: parts whose files are unchanged come from the snapshot in `.penstock`; dbt is started
    to parse when its files have changed. With `refresh`, everything is observed again, as `penstock refresh` does, which may
    reach out to sources and warehouses. Raises PenstockError when a part cannot be observed and was never observed before.
    """
    return look(Workspace(project), may_call=refresh, refresh=refresh).graph
