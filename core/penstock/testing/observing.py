"""What holds for every observation: it is pure and stable, its names fit, and its errors are ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from penstock.assets import DefinitionStatus, Observation, Role
from penstock.errors import PenstockError
from penstock.integration import CONTRACT_VERSION, Defining, Diagnosing, Integration
from penstock.testing.case import IntegrationCase

_OWN = (".penstock", ".cache")


class ObservingSuite:
    """Give it a `case` fixture."""

    def test_it_is_an_integration_of_this_contract(self, case: IntegrationCase) -> None:
        assert isinstance(case.integration, Integration)
        assert case.integration.contract_version == CONTRACT_VERSION
        assert case.integration.name.isidentifier()
        assert isinstance(case.config, case.integration.config)

    def test_observing_is_stable(self, case: IntegrationCase) -> None:
        first = case.integration.observe(case.observing())
        second = case.integration.observe(case.observing())
        assert _timeless(first) == _timeless(second), "observed twice, it told two things"

    def test_observing_changes_no_file_but_its_own(self, case: IntegrationCase) -> None:
        case.integration.observe(case.observing())
        before = _files(case.root)
        case.integration.observe(case.observing())
        case.integration.observe(case.observing(may_call=False))
        assert _files(case.root) == before

    def test_an_observation_is_kept_as_bytes(self, case: IntegrationCase) -> None:
        seen = case.integration.observe(case.observing())
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=Observation) == seen

    def test_identities_are_unique_and_fit_one_another(self, case: IntegrationCase) -> None:
        seen = case.integration.observe(case.observing())
        assert (seen.integration, seen.instance) == (case.integration.name, case.instance)
        assets, producers = [a.id for a in seen.assets], [p.id for p in seen.producers]
        checks = [check.id for check in seen.checks]
        for ids in (assets, producers, checks):
            assert len(ids) == len(set(ids)), "an id is there twice"
        known = set(assets)
        for asset in seen.assets:
            assert known >= set(asset.upstream), f"{asset.id} stands on what is not observed"
            assert (asset.role is Role.PRODUCES) == (asset.producer is not None), asset.id
            assert asset.producer is None or asset.producer in producers, f"nobody makes {asset.id}"
        for check in seen.checks:
            assert known >= set(check.assets), f"{check.id} checks what is not observed"
        made = {one.id for one in seen.materializations}
        assert known | set(checks) >= made, "what was made elsewhere is not observed"

    def test_what_is_run_is_observed(self, case: IntegrationCase) -> None:
        seen = case.integration.observe(case.observing())
        known = {asset.id for asset in seen.assets} | {check.id for check in seen.checks}
        assert known >= {item.id for item in (*case.items, *case.slow)}

    def test_definitions_are_of_what_is_observed(self, case: IntegrationCase) -> None:
        if not isinstance(case.integration, Defining):
            pytest.skip("its assets are not defined by SQL")
        known = {asset.id for asset in case.integration.observe(case.observing()).assets}
        for definition in case.integration.definitions(case.observing()):
            assert definition.id in known
            compiled = definition.status is DefinitionStatus.COMPILED
            assert compiled == (definition.sql is not None), definition.id
            assert compiled or definition.reason, f"{definition.id} has no SQL and does not say why"

    def test_no_secret_is_told(self, case: IntegrationCase) -> None:
        case.tells_no_secret(case.integration.observe(case.observing()))
        if isinstance(case.integration, Diagnosing):
            case.tells_no_secret(list(case.integration.diagnose(case.observing())))

    def test_diagnoses_say_what_to_do(self, case: IntegrationCase) -> None:
        if not isinstance(case.integration, Diagnosing):
            pytest.skip("it diagnoses nothing")
        for line in case.integration.diagnose(case.observing()):
            assert line.message and "\n" not in line.message
            assert line.ok or line.hint, f"{line.subject}: not ok, and no hint what to do"

    def test_what_is_broken_is_one_clear_error(self, case: IntegrationCase) -> None:
        if case.broken is None:
            pytest.skip("the case breaks nothing")
        context = case.observing(config=case.broken)
        try:
            seen = case.integration.observe(context)
        except PenstockError as error:
            assert error.what and "\n" not in error.what.strip()
            case.tells_no_secret(str(error))
        else:
            assert seen.findings, "nothing can work, and nothing was said"


def _timeless(seen: Observation) -> Observation:
    return msgspec.structs.replace(seen, taken_at=0.0)


def _files(root: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in _walk(root)}


def _walk(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        own = path.relative_to(root).parts[0] in _OWN
        if path.is_file() and not own and "__pycache__" not in path.parts:
            yield path
