"""What every suite can be told on the command line."""

from __future__ import annotations

import atexit
import gc
import signal
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import settings

from penstock.testing.evidence import pytest_terminal_summary  # noqa: F401
from tests.tools import second_try
from tests.tools.together import pytest_pyfunc_call  # noqa: F401


def pytest_configure(config: pytest.Config) -> None:
    """A generated example has no time limit of its own: 0.2 s on a busy machine tell nothing. `make test` tries the same,
    fewer examples each time; new ones are looked for by the long suite, where a find belongs to nobody's change."""
    config.pluginmanager.register(second_try)
    _hear_what_is_ignored()
    settings.register_profile("tests", deadline=None)
    settings.register_profile("quick", deadline=None, derandomize=True, max_examples=50)
    quick = "not long" in config.option.markexpr
    settings.load_profile("quick" if quick else "tests")
    if config.option.lineage_queries is None:
        config.option.lineage_queries = 50 if quick else 250


def _hear_what_is_ignored() -> None:
    """What a shell begins behind `&` ignores Ctrl-C, what nohup begins a closed terminal, and so would everything that the tests
    begin: a program inherits what is ignored, not what is heard and passed over."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what is found into the golden files; every change is then to be read and judged",
    )
    parser.addoption(
        "--lineage-seed",
        type=int,
        default=None,
        metavar="N",
        help="another seed for the generated queries of lineage: other queries than those that always run",
    )
    parser.addoption(
        "--lineage-queries",
        type=int,
        default=None,
        metavar="N",
        help="how many generated queries are run against DuckDB to prove lineage (50; 250 with the long tests; 2000 and "
        "more for a release)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, most of them in front, so that no worker is left alone with one at the end."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow") is not None)
    items.sort(key=lambda item: -slow[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nine thousand tests stay to the end: looking through them for garbage again and again takes seconds of each worker."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        atexit.register(gc.unfreeze)  # some library counts at the end what is left
        gc.enable()


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
