"""What the shell is given to complete, asked as a shell asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from click.shell_completion import ShellComplete

from penstock.cli.main import cli
from tests.tools.command import environ, penstock


def completed(folder: Path, words: str, at: int) -> list[str]:
    env = {**environ(None), "_PENSTOCK_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    done = subprocess.run(
        [sys.executable, "-c", "from penstock.cli.main import main; main()"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_commands_options_and_assets(tmp_path: Path) -> None:
    from tests.fixtures.artefacts import NEWEST, artefact

    (tmp_path / ".git").mkdir()
    assert not any(completed(tmp_path, "penstock lineage cust", 2))
    (tmp_path / "manifest.json").write_bytes(artefact(NEWEST, "manifest"))
    (tmp_path / "penstock.yml").write_text("dbt: {shop: {manifest: manifest.json}}\n")
    assert "lineage" in completed(tmp_path, "penstock li", 1)
    assert "--select" in completed(tmp_path, "penstock plan --se", 2)
    assert "customers" in completed(tmp_path, "penstock lineage cust", 2)
    assert "+customers" in completed(tmp_path, "penstock plan -s +cust", 3)
    assert "orders,customers" in completed(tmp_path, "penstock plan orders,cust", 2)


def test_a_history_that_init_leaves_behind_is_told(tmp_path: Path) -> None:
    project = tmp_path / "transform"
    (project / ".penstock").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (project / "dbt_project.yml").write_text("name: t\n")
    (project / ".penstock" / "penstock.db").touch()
    done = penstock(tmp_path, "init", env=environ(None))
    assert done.code == 0
    assert "mv transform/.penstock ." in done.err


def test_what_is_known_of_a_value_is_offered(tmp_path: Path) -> None:
    """Asked of click itself: a process for each would take longer than all of it."""
    from tests.fixtures.artefacts import NEWEST, artefact

    (tmp_path / ".git").mkdir()
    (tmp_path / "manifest.json").write_bytes(artefact(NEWEST, "manifest"))
    (tmp_path / "penstock.yml").write_text(
        "dbt: {shop: {manifest: manifest.json}}\n"
        "environments: {prod: {}, pr: {}}\n"
        "schedules: [{name: nightly, every: 1d, run: build}]\n"
    )
    assert penstock(tmp_path, "assets", env=environ(None)).code == 0

    def offered(*words: str) -> list[tuple[str, str]]:
        shell = ShellComplete(cli, {}, "penstock", "_PENSTOCK_COMPLETE")
        found = shell.get_completions(["-C", str(tmp_path), *words[:-1]], words[-1])
        return [(one.value, one.type) for one in found]

    def words(*typed: str) -> set[str]:
        return {value for value, kind in offered(*typed) if kind == "plain"}

    assert words("-e", "") == words("plan", "-e", "") == {"dev", "prod", "pr"}
    assert words("plan", "-e", "pr") == {"prod", "pr"}
    assert {"model", "seed"} <= words("plan", "--resource-type", "")
    assert words("automation", "pause", "n") == {"nightly"}
    assert "customers" in words("why", "cust")
    assert words("lineage", "customers.us") == {"customers.user_id"}
    assert words("runs", "") == words("retry", "") == set()  # nothing has run
    assert [kind for _, kind in offered("plan", "--profiles-dir", "my fo")] == ["dir"]
    assert [kind for _, kind in offered("lineage", "--sql", "my fi")] == ["file"]
