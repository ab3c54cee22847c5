"""One estate derived at one go and by two processes, some of which are killed: run as a process of its own, for what forks may
have no other threads."""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from penstock.lineage.project.cache import LineageCache
from penstock.lineage.project.derive import ModelSql, ProjectLineage, derive
from penstock.lineage.project.workers import can_fork
from tests.unit.lineage.models import SOURCES, model


class Types(dict[str, str]):
    """Types that note who else reads them in `folder`, and kill the first of those readers by `number`, as often as `deaths` says."""

    def __init__(self, folder: Path, deaths: int, number: int) -> None:
        super().__init__(id="INTEGER")
        self._maker, self._folder, self._number = os.getpid(), folder, number
        self._deaths = [folder / f"death {at}" for at in range(deaths)]

    def __len__(self) -> int:
        if os.getpid() != self._maker:
            (self._folder / f"reader {os.getpid()}").touch()
            for death in self._deaths:
                with suppress(FileExistsError):
                    death.touch(exist_ok=False)
                    os.kill(os.getpid(), self._number)
        return super().__len__()


def main(folder: Path, deaths: int, number: int) -> None:
    assert can_fork()
    # A command's own handler would tell of the signal in each process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told twice"))
    base = model("base", "select id, amount, status from raw.orders")
    others = [
        model(
            f"m{at}",
            f"select id, amount + {at} as a{at} from marts.base where status = 'x'",
            upstream=("base",),
        )
        for at in range(12)
    ]
    others.append(model("broken", "select from", upstream=("base",)))
    others.append(
        model(
            "self",
            "select id from marts.base where id > (select max(id) from marts.self)",
            upstream=("base",),
        )
    )
    one = derive([base, *others], SOURCES)
    cache = LineageCache()
    watched = msgspec.structs.replace(base, types=Types(folder, deaths, number))
    split = derive([watched, *others], SOURCES, processes=2, cache=cache)
    assert split.models == one.models
    assert split.findings == one.findings
    again = LineageCache(cache.dump())
    assert derive([base, *others], SOURCES, cache=again).models == one.models
    assert (again.hits, again.misses) == (14, 1)
    for room in (1, 7):  # for no process, and for one
        assert derived_with_room(room, [base, *others]).models == one.models


def derived_with_room(files: int, models: list[ModelSql]) -> ProjectLineage:
    """By a process that may open so many files more."""
    free, limits = os.dup(0), resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + files, limits[1]))
    try:
        return derive(models, SOURCES, processes=2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
