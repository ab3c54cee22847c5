"""A folder of scripts: `orders.sh` makes the file `orders.csv`. A line `# needs: orders, users` says what it reads."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from penstock.assets import AssetKind, Observation, ObservedAsset, ObservedProducer, Role
from penstock.errors import ConfigError
from penstock.integration import BaseIntegration, Diagnosis, ObserveContext, RunContext, Runner

_NEEDS = re.compile(r"^#\s*needs:(?P<names>.*)$", re.MULTILINE)


class ScriptsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One instance in penstock.yml. Paths are relative to it; `token` is given to the scripts as $TOKEN."""

    folder: str
    output: str = "output"
    token: str = ""


class ScriptsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the scripts listen to of the command line: the fields of the flags in `commandline`."""

    strict: bool = False
    limit: int | None = None


class ScriptsIntegration(BaseIntegration[ScriptsConfig]):
    """See `penstock.integration`."""

    name = "scripts"
    config = ScriptsConfig
    options = ScriptsOptions

    def observe(self, context: ObserveContext[ScriptsConfig]) -> Observation:
        """Each script is a producer, each file that it makes an asset. Reads the scripts, runs nothing."""
        folder = folder_of(context)
        scripts = sorted(folder.glob("*.sh"))
        texts = {script.stem: script.read_text(encoding="utf-8") for script in scripts}
        return Observation(
            integration=self.name,
            instance=context.instance,
            taken_at=time.time(),
            assets=tuple(_asset(name, text, texts.keys()) for name, text in texts.items()),
            producers=tuple(
                ObservedProducer(id=name, kind="script", code_version=_hash(text)) for name, text in texts.items()
            ),
            inputs=(str(folder), *(str(script) for script in scripts)),
        )

    def runner(self, context: RunContext[ScriptsConfig]) -> Runner:
        from penstock_scripts.runner import ScriptRunner

        return ScriptRunner(context)

    def diagnose(self, context: ObserveContext[ScriptsConfig]) -> Iterable[Diagnosis]:
        """A capability: `penstock doctor` shows these lines."""
        shell = shutil.which("sh")
        yield Diagnosis(
            subject=f"scripts/{context.instance}",
            ok=shell is not None,
            message=f"{len(list(folder_of(context).glob('*.sh')))} scripts, run by {shell}",
            hint=None if shell else "install a POSIX shell",
        )


def folder_of(context: ObserveContext[ScriptsConfig] | RunContext[ScriptsConfig]) -> Path:
    """The folder of scripts. Raises ConfigError when it is not there."""
    folder = context.project_root / context.config.folder
    if not folder.is_dir():
        raise ConfigError(
            f"there is no folder {context.config.folder}",
            where=f"scripts.{context.instance}.folder",
            hint="name the folder that holds your scripts, relative to penstock.yml",
        )
    return folder


def _asset(name: str, text: str, known: Iterable[str]) -> ObservedAsset:
    found = _NEEDS.search(text)
    needs = [need.strip() for need in found["names"].split(",")] if found else []
    return ObservedAsset(
        id=name,
        kind=AssetKind.FILE,
        name=name,
        resource_type="script",
        role=Role.PRODUCES,
        producer=name,
        upstream=tuple(need for need in needs if need in known),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


INTEGRATION = ScriptsIntegration()
