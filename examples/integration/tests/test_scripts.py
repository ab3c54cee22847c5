"""The integration proved by the suites that come with penstock, and what is its own."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from penstock.integration import ItemKind, StepItem
from penstock.testing import IntegrationCase, ObservingSuite, RunningSuite
from penstock_scripts.commandline import COMMANDLINE
from penstock_scripts.integration import INTEGRATION, ScriptsConfig, ScriptsOptions

SECRET = "s3cret-token"
SCRIPTS = {
    "orders": 'echo "the token is $TOKEN"; echo orders >> made.log; echo 1 > "$OUT"\n',
    "report": '# needs: orders\necho report >> made.log; cat output/orders.csv > "$OUT"\n',
    "slow": 'sleep 6; echo slow >> made.log; echo 1 > "$OUT"\n',
}


def make_case(root: Path) -> IntegrationCase:
    folder = root / "scripts"
    if not folder.exists():
        folder.mkdir()
        for name, text in SCRIPTS.items():
            (folder / f"{name}.sh").write_text(text)
    return IntegrationCase(
        integration=INTEGRATION,
        root=root,
        config=ScriptsConfig(folder="scripts", token=SECRET),
        broken=ScriptsConfig(folder="nowhere"),
        environ={"PATH": os.environ["PATH"]},
        kind="script",
        items=(StepItem("orders", ItemKind.ASSET), StepItem("report", ItemKind.ASSET)),
        slow=(StepItem("slow", ItemKind.ASSET),),
        maker="test_scripts:make_case",
        secrets=(SECRET,),
        done=lambda: made(root),
    )


def made(root: Path) -> Counter[str]:
    log = root / "made.log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


class TestScripts(ObservingSuite, RunningSuite):
    @pytest.fixture
    def case(self, tmp_path: Path) -> IntegrationCase:
        return make_case(tmp_path)


def test_a_script_stands_on_what_it_needs(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    assets = {asset.id: asset.upstream for asset in INTEGRATION.observe(case.observing()).assets}
    assert assets == {"orders": (), "report": ("orders",), "slow": ()}


def test_every_flag_is_an_option_that_is_listened_to() -> None:
    assert {flag.field for flag in COMMANDLINE.flags} == set(ScriptsOptions.__struct_fields__)
