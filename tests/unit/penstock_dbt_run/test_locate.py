"""Whose dbt: the order, v1, v2 and the Cloud CLI told apart, wrappers, and one of penstock's own when there is none."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from penstock.errors import ToolMissing
from penstock_dbt.choose import choose
from penstock_dbt.config import DbtConfig
from penstock_dbt.locate import Dbt, Kind, console_script_python, locate
from penstock_dbt.probe import read_version
from penstock_dbt.settings import Settings, settings_of
from tests.tools.environment import environ_of, real_environment
from tests.unit.penstock_dbt_run.bench import Bench
from tests.unit.penstock_dbt_run.shop import PROFILES, write_shop

V2 = "dbt-fusion 2.0.0-preview.196"
CLOUD = "dbt Cloud CLI - 0.38.2 (abc 2025-01-01)"


@pytest.fixture(scope="module")
def environ() -> dict[str, str]:
    return environ_of("1.11")


def fake(folder: Path, says: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "dbt"
    script.write_text(f"#!/bin/sh\necho '{says}'\n")
    script.chmod(0o755)
    return script


def settings(root: Path, environ: dict[str, str], **config: object) -> Settings:
    write_shop(root)
    bench = Bench(root, environ, DbtConfig(project=".", **config))  # type: ignore[arg-type]  # of a test
    return alone(settings_of(bench.observe_context()))


def alone(settings: Settings) -> Settings:
    """As if penstock stood in an environment without dbt, whatever the tests' own has."""
    return msgspec.structs.replace(settings, prefix=Path("/nowhere"))


def found(root: Path, environ: dict[str, str], **config: object) -> Dbt:
    dbt = locate(settings(root, environ, **config))
    assert dbt is not None
    return dbt


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "Core:\n  - installed: 1.11.16\n  - latest:    1.12.6\n\nPlugins:\n  - duckdb: 1.11.1\n",
            ("v1", "1.11.16"),
        ),
        (V2, ("v2", "2.0.0-preview.196")),
        ("dbt 2.0.3\n", ("v2", "2.0.3")),
        (CLOUD, ("cloud", "0.38.2")),
        ("something else 3.0", None),
    ],
)
def test_the_three_are_told_apart_by_what_they_print(text: str, answer: tuple[str, str] | None) -> None:
    assert read_version(text) == answer


def test_the_order(tmp_path: Path) -> None:
    """command, then the active environment, then the nearest .venv upward, then PATH."""
    places = {
        name: fake(tmp_path / name / "bin", f"dbt 2.0.{n}")
        for n, name in enumerate(("active", "conda", "path"))
    }
    configured = fake(tmp_path / "configured", "dbt 2.0.7")
    root = tmp_path / "deep" / "project"
    root.mkdir(parents=True)
    near = fake(tmp_path / "deep" / ".venv" / "bin", "dbt 2.0.8")
    environ = {"PATH": f"/usr/bin:/bin:{places['path'].parent}"}
    assert found(root, environ).command == (str(near),)
    near.unlink()
    assert found(root, environ).found == "PATH"
    environ["CONDA_PREFIX"] = str(places["conda"].parents[1])
    assert found(root, environ).found == "$CONDA_PREFIX"
    environ["VIRTUAL_ENV"] = str(places["active"].parents[1])
    assert found(root, environ).found == "$VIRTUAL_ENV"
    dbt = found(root, environ, command=[str(configured)])
    assert (dbt.kind, dbt.version, dbt.found) == (Kind.V2, "2.0.7", "command")


def test_an_environment_without_dbt_or_with_a_broken_one_is_passed_over(tmp_path: Path) -> None:
    broken = fake(tmp_path / "active" / "bin", "")
    broken.write_text("#!/bin/sh\nexit 127\n")
    fake(tmp_path / "path", V2)
    environ = {"VIRTUAL_ENV": str(tmp_path / "active"), "PATH": f"/usr/bin:/bin:{tmp_path / 'path'}"}
    assert found(tmp_path, environ).kind is Kind.V2


def test_a_command_that_is_not_there_or_no_dbt(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="nodbt is not there"):
        found(tmp_path, {"PATH": "/usr/bin:/bin"}, command=["nodbt"])
    with pytest.raises(ToolMissing, match="not a dbt that works"):
        found(tmp_path, {"PATH": "/usr/bin:/bin"}, command=["/bin/true"])


def test_the_cloud_cli_is_taken_for_none(tmp_path: Path) -> None:
    fake(tmp_path / "first", CLOUD)
    environ = {"PATH": f"/usr/bin:/bin:{tmp_path / 'first'}"}
    with pytest.raises(ToolMissing, match="Cloud CLI, which runs nothing on this machine"):
        choose(settings(tmp_path, environ), lambda line: None)
    fake(tmp_path / "second", V2)
    environ["PATH"] += f":{tmp_path / 'second'}"
    assert choose(settings(tmp_path, environ), lambda line: None).kind is Kind.V2


@pytest.mark.slow
def test_v1_is_known_with_its_interpreter_and_adapters(tmp_path: Path, environ: dict[str, str]) -> None:
    dbt = found(tmp_path, environ)
    assert dbt.kind is Kind.V1 and dbt.release == (1, 11) and dbt.found == "$VIRTUAL_ENV"
    assert dbt.python is not None and dbt.python.parent == real_environment("1.11")
    assert dbt.adapters is not None and set(dbt.adapters) == {"duckdb"}
    kept = list((tmp_path / ".cache" / "dbt" / "probes").iterdir())
    assert len(kept) == 1, "asked once, kept while the environment is unchanged"
    assert found(tmp_path, environ) == dbt


@pytest.mark.slow
def test_a_wrapper_is_looked_behind(tmp_path: Path, environ: dict[str, str]) -> None:
    """`uv run dbt`: the interpreter and the variables that the wrapper gives it."""
    tools = tmp_path / "tools"
    tools.mkdir()
    wrapper = tools / "uv"
    wrapper.write_text(
        f'#!/bin/sh\nshift\nexport WRAPPED=yes\nexec env PATH="{real_environment("1.11")}:$PATH" "$@"\n'
    )
    wrapper.chmod(0o755)
    outside = {**environ, "PATH": f"{tools}:/usr/bin:/bin"}
    del outside["VIRTUAL_ENV"]
    dbt = found(tmp_path, outside, command=["uv", "run", "dbt"])
    assert dbt.kind is Kind.V1 and dbt.python is not None
    assert dbt.overlay["WRAPPED"] == "yes"


def test_the_interpreter_of_a_script(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "dbt"
    script.parent.mkdir()
    script.write_text("#!/opt/x/bin/python3.11\nimport sys\n")
    assert console_script_python(script) == Path("/opt/x/bin/python3.11")
    # What pip writes where the path of the interpreter is too long for a shebang.
    script.write_text("#!/bin/sh\n'''exec' \"/a/very/long/path/bin/python\" \"$0\" \"$@\"\n' '''\n")
    (script.parent / "python").touch()
    (tmp_path / "pyvenv.cfg").touch()
    assert console_script_python(script) == script.parent / "python"
    script.write_bytes(b"\x7fELF\x02\x01")
    assert console_script_python(script) is None


def test_none_at_all_and_an_adapter_nobody_knows(tmp_path: Path) -> None:
    found_settings = settings(tmp_path, {"PATH": "/usr/bin:/bin"})
    (tmp_path / "profiles.yml").write_text(PROFILES.replace("duckdb,", "homemade,"))
    with pytest.raises(ToolMissing, match="none can be made for the adapter 'homemade'"):
        choose(found_settings, lambda line: None)


@pytest.mark.slow
def test_penstock_makes_its_own(tmp_path: Path) -> None:
    root = write_shop(tmp_path / "project")
    bare = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    bench = Bench(root, {**bare, "PATH": "/usr/bin:/bin", "UV_PYTHON_DOWNLOADS": "never"})
    said: list[str] = []
    first = choose(alone(settings_of(bench.observe_context())), said.append)
    assert first.found == "made by penstock" and (1, 10) <= first.release < (1, 12)
    assert said == ["No dbt found: installing dbt-core and dbt-duckdb for penstock ..."]
    assert choose(alone(settings_of(bench.observe_context())), said.append) == first and len(said) == 1


@pytest.mark.slow
def test_one_without_the_adapter_of_the_profile_is_passed_over(tmp_path: Path) -> None:
    without, with_it = real_environment("1.11-postgres"), real_environment("1.11")
    environ = {"VIRTUAL_ENV": str(without.parent), "PATH": "/usr/bin:/bin"}
    with pytest.raises(ToolMissing, match=r"has no adapter for 'duckdb', .* \(it has: postgres\)"):
        choose(settings(tmp_path, environ), lambda line: None)
    beside = msgspec.structs.replace(settings(tmp_path, environ), prefix=with_it.parent)
    assert choose(beside, lambda line: None).found == "beside penstock"
    environ["PATH"] = f"{with_it}:/usr/bin:/bin"
    dbt = choose(settings(tmp_path, environ), lambda line: None)
    assert dbt.found == "PATH" and dbt.python is not None and dbt.python.parent == with_it
