"""Waiting for commits of others, over both stores: what is committed after the mark ends the wait, whoever tells of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from penstock.store import Commits, RunStore, open_store
from penstock.store.listening import CHANNEL, Listening
from tests.contract.stores import Opener, new_run
from tests.support import free_port
from tests.tools.postgres import PostgresServer

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
    assert any(not commits.mark() for _ in range(100))  # the word of a server may come after what it tells of


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


def engine(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))


@pytest.fixture
def told(server: PostgresServer, tmp_path: Path) -> Iterator[tuple[RunStore, Engine]]:
    """A store on PostgreSQL, and its database for whoever listens."""
    url = server.url()
    store, own = open_store(url, root=tmp_path), engine(url)
    yield store, own
    store.close()
    own.dispose()


@pytest.mark.parametrize("does", ["event", "run", "pause", "resume"])
def test_the_server_tells_of_what_is_waited_for(told: tuple[RunStore, Engine], does: str) -> None:
    """Without a look at the store: its stamp is always the same here."""
    store, own = told
    ears = Listening(own)
    commits = Commits(lambda: None, ears=ears)
    commits.mark()
    waiting = waits(commits)
    schedules = store.automation("dev")
    match does:
        case "event":
            commit(store, 1)
        case "run":
            new_run(store)
        case "pause":
            schedules.pause("nightly", "somebody", "")
        case _:
            schedules.resume("nightly")
    assert ended(waiting)
    ears.close()


def test_a_lost_connection_ends_the_wait_and_is_made_again(told: tuple[RunStore, Engine]) -> None:
    store, own = told
    ears = Listening(own)
    commits = Commits(lambda: None, ears=ears)
    commits.mark()
    waiting = waits(commits)
    killed = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE query = :query AND datname = current_database()"
    )
    with own.connect() as connection:
        assert connection.execute(killed, {"query": f"LISTEN {CHANNEL}"}).all() == [(True,)]
    assert ended(waiting)
    commits.mark()
    assert not commits.mark() and ears.fd >= 0
    waiting = waits(commits)
    commit(store, 1)
    assert ended(waiting)
    ears.close()


def test_a_connection_that_may_not_listen_is_closed(
    told: tuple[RunStore, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A standby refuses LISTEN; here its channel has no good name. What is left open would be warned of, as an error."""
    monkeypatch.setattr("penstock.store.listening.CHANNEL", "no name")
    ears = Listening(told[1])
    assert not ears.heard() and ears.fd < 0 and not ears.loud()


def test_who_cannot_listen_asks_the_store(told: tuple[RunStore, Engine]) -> None:
    """Nobody answers where it would listen; or a pooler takes LISTEN and passes nothing on, which is the same to the second."""
    store, _ = told
    nowhere = engine(f"postgresql://postgres@127.0.0.1:{free_port()}/none")
    ears = Listening(nowhere)
    commits = Commits(store.stamp, ears=ears)
    commits.mark()
    assert ears.fd < 0 and not ears.heard()
    waiting = waits(commits)
    commit(store, 1)
    assert ended(waiting)
