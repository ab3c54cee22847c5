"""The suites of penstock.testing find what is wrong: an integration that works, broken in one place each."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from penstock_scripts.integration import ScriptsConfig, ScriptsIntegration
from penstock_scripts.runner import ScriptRunner

from penstock.assets import Observation
from penstock.integration import (
    AttemptKey,
    Handle,
    Intent,
    ItemFinished,
    ItemKind,
    LogLine,
    ObserveContext,
    Outcome,
    RunContext,
    Runner,
    Step,
    StepEvent,
    StepItem,
)
from penstock.testing import IntegrationCase, ObservingSuite, RunningSuite
from penstock.testing.processes import kill_marked

SCRIPTS = {
    "quick": 'echo quick >> made.log; echo 1 > "$OUT"\n',
    "slow": 'sleep 6; echo slow >> made.log; echo 1 > "$OUT"\n',
}
SECRET = "s3cret-token"


def made(root: Path) -> Counter[str]:
    log = root / "made.log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


def case_of(root: Path, integration: ScriptsIntegration) -> IntegrationCase:
    folder = root / "scripts"
    folder.mkdir(exist_ok=True)
    for name, text in SCRIPTS.items():
        (folder / f"{name}.sh").write_text(text)
    return IntegrationCase(
        integration=integration,
        root=root,
        config=ScriptsConfig(folder="scripts", token=SECRET),
        environ={"PATH": os.environ["PATH"]},
        items=(StepItem("quick", ItemKind.ASSET),),
        slow=(StepItem("slow", ItemKind.ASSET),),
        secrets=(SECRET,),
        done=lambda: made(root),
        mark=f"fault-{time.time_ns()}",
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path


class Changed(ScriptsIntegration):
    """Tells something else each time."""

    def observe(self, context: ObserveContext[ScriptsConfig]) -> Observation:
        seen = super().observe(context)
        first = msgspec.structs.replace(seen.assets[0], description=str(time.time_ns()))
        return msgspec.structs.replace(seen, assets=(first, *seen.assets[1:]))


class Writing(ScriptsIntegration):
    def observe(self, context: ObserveContext[ScriptsConfig]) -> Observation:
        (context.project_root / "cache.txt").write_text(str(time.time_ns()))
        return super().observe(context)


class Twice(ScriptsIntegration):
    def observe(self, context: ObserveContext[ScriptsConfig]) -> Observation:
        seen = super().observe(context)
        return msgspec.structs.replace(seen, assets=(*seen.assets, seen.assets[0]))


class Dangling(ScriptsIntegration):
    def observe(self, context: ObserveContext[ScriptsConfig]) -> Observation:
        seen = super().observe(context)
        first = msgspec.structs.replace(seen.assets[0], upstream=("nobody",))
        return msgspec.structs.replace(seen, assets=(first, *seen.assets[1:]))


class Telling(ScriptsIntegration):
    def observe(self, context: ObserveContext[ScriptsConfig]) -> Observation:
        return msgspec.structs.replace(super().observe(context), facts={"token": context.config.token})


class Older(ScriptsIntegration):
    contract_version = 0


@pytest.mark.parametrize(
    ("integration", "test"),
    [
        (Changed, ObservingSuite.test_observing_is_stable),
        (Writing, ObservingSuite.test_observing_changes_no_file_but_its_own),
        (Twice, ObservingSuite.test_identities_are_unique_and_fit_one_another),
        (Dangling, ObservingSuite.test_identities_are_unique_and_fit_one_another),
        (Telling, ObservingSuite.test_no_secret_is_told),
        (Older, ObservingSuite.test_it_is_an_integration_of_this_contract),
    ],
)
def test_a_fault_of_observing_is_found(integration: type[ScriptsIntegration], test: Any, world: Path) -> None:
    test(ObservingSuite(), case_of(world, ScriptsIntegration()))
    with pytest.raises(AssertionError):
        test(ObservingSuite(), case_of(world, integration()))


class Forgetful(ScriptRunner):
    """Knows nothing of what it started."""

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        return None


class Silent(ScriptRunner):
    """Never says how an item ended."""

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        async for event in super().events(handle):
            if not isinstance(event, ItemFinished):
                yield event


class Repeating(ScriptRunner):
    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        async for event in super().events(handle):
            yield event
            if isinstance(event, ItemFinished):
                yield event


class Chatty(ScriptRunner):
    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        yield LogLine(at=time.time(), message=f"with {self._context.config.token}")
        async for event in super().events(handle):
            yield event


class Eager(ScriptRunner):
    """Triggers before its intent could be committed."""

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        (self._context.project_root / "made.log").write_text("quick\n")
        return Intent()


class Deaf(ScriptRunner):
    async def cancel(self, handle: Handle) -> None:
        """Does nothing."""


class Cheerful(ScriptRunner):
    """Whatever is not known went well."""

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        async for event in super().events(handle):
            lost = isinstance(event, ItemFinished) and event.lost
            yield msgspec.structs.replace(event, outcome=Outcome.SUCCESS) if lost else event


def with_runner(runner: type[ScriptRunner]) -> ScriptsIntegration:
    class Broken(ScriptsIntegration):
        def runner(self, context: RunContext[ScriptsConfig]) -> Runner:
            return runner(context)

    return Broken()


@pytest.mark.parametrize(
    ("runner", "test"),
    [
        (Forgetful, RunningSuite.test_started_twice_it_is_done_once),
        (Forgetful, RunningSuite.test_another_process_finds_what_has_ended),
        (Silent, RunningSuite.test_every_item_of_a_step_ends_once),
        (Repeating, RunningSuite.test_every_item_of_a_step_ends_once),
        (Chatty, RunningSuite.test_every_item_of_a_step_ends_once),
        (Eager, RunningSuite.test_preparing_triggers_nothing),
        (Deaf, RunningSuite.test_cancelling_stops_it),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_fault_of_running_is_found(runner: type[ScriptRunner], test: Any, world: Path) -> None:
    for number in range(5):  # of two children by mistake, one may end after the suite has counted
        root = world / str(number)
        root.mkdir()
        case = case_of(root, with_runner(runner))
        try:
            test(RunningSuite(), case)
        except AssertionError:
            return
        finally:
            kill_marked(case.mark)  # a child that was started twice by mistake is nobody's
    pytest.fail("the fault is not found")


def cheerful_case(root: Path) -> IntegrationCase:
    return replace(
        case_of(root, with_runner(Cheerful)),
        maker="tests.unit.testing.test_faults:cheerful_case",
        mark="cheerful",
    )


def test_a_lost_machine_that_is_called_a_success_is_found(world: Path) -> None:
    case = cheerful_case(world)
    with pytest.raises(AssertionError, match="slow is said to be done"):
        RunningSuite().test_a_machine_that_is_lost_is_no_success(case)
    kill_marked(case.mark)
