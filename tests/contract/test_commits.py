"""Waiting for commits of others, over both stores: what is committed after the mark ends the wait, whoever tells of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from penstock.store import Commits, RunStore
from tests.contract.stores import Opener

pytestmark = pytest.mark.xdist_group("postgres-store")
LONG = 3600.0


def waits(commits: Commits, deaf: float = 0.0) -> threading.Thread:
    thread = threading.Thread(target=commits.wait, args=(LONG, deaf), daemon=True)
    thread.start()
    return thread


def ended(thread: threading.Thread) -> bool:
    thread.join(60)
    return not thread.is_alive()


def commit(store: RunStore, number: int) -> None:
    assert store.inbox("dev").receive("orders", str(number), "", "")


def test_what_is_committed_between_the_mark_and_the_wait_ends_it_and_what_was_before_does_not(
    opener: Opener,
) -> None:
    commits, other = opener().commits(), opener()
    commit(other, 1)
    commits.mark()
    assert not commits.mark()
    commit(other, 2)
    assert ended(waits(commits))
    assert not commits.mark()


def test_what_is_committed_while_it_waits_ends_it(opener: Opener) -> None:
    commits, other = opener().commits(), opener()
    commits.mark()
    for number in range(3):
        waiting = waits(commits)
        commit(other, number)
        assert ended(waiting)


def test_it_is_rung_before_and_while_it_waits_and_while_it_is_deaf(store: RunStore) -> None:
    commits = store.commits()
    commits.mark()
    commits.ring()
    assert ended(waits(commits))
    for deaf in (0.0, LONG):
        waiting = waits(commits, deaf)
        commits.ring()
        assert ended(waiting)
    commits.ring()
    assert commits.pause(LONG)


def test_the_kernel_is_not_believed_where_it_does_not_tell(tmp_path: Path) -> None:
    """As on a file system of another machine: nothing is written here, and yet the store is other."""
    number = 0
    commits = Commits(lambda: number, tmp_path)
    for expected in (1, 2):
        commits.mark()
        waiting = waits(commits)
        number = expected
        assert ended(waiting)
    (tmp_path / "store.db-wal").write_text("x")
    number = 3
    commits.mark()
    assert commits._believed == (commits._ears is not None)
