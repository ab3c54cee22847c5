"""A command with mounts of its own: a small disk, another boot of the machine. Needs the right to make them."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

BOOT_ID = "/proc/sys/kernel/random/boot_id"


def with_mounts(mounts: Sequence[str], command: Sequence[str]) -> list[str]:
    """`command` in a mount namespace of its own in which these mount commands were run. Skips where that is not allowed."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounts of one's own are not allowed here")
    return ["unshare", "-m", "sh", "-c", " && ".join([*mounts, f"exec {shlex.join(command)}"])]


def small_disk(folder: Path, size: str, command: Sequence[str]) -> list[str]:
    """`command` with a file system of that size at `folder`."""
    return with_mounts([f"mount -t tmpfs -o size={size} tmpfs {shlex.quote(str(folder))}"], command)


def another_boot(boot: Path, command: Sequence[str]) -> list[str]:
    """`command` as if the machine had been started again."""
    boot.write_text("00000000-0000-4000-8000-000000000000\n")
    return with_mounts([f"mount --bind {shlex.quote(str(boot))} {BOOT_ID}"], command)


def own_pids(command: Sequence[str]) -> list[str]:
    """`command` as in a container: with pids of its own, and gone with all that it started when it is killed."""
    if subprocess.run(
        ["unshare", "-p", "-f", "--mount-proc", "true"], capture_output=True, check=False
    ).returncode:
        pytest.skip("pids of one's own are not allowed here")
    return ["unshare", "-p", "-f", "--mount-proc", "--kill-child", *command]


def run(command: Sequence[str], **given: object) -> subprocess.CompletedProcess[str]:
    env = given.get("env")
    assert env is None or isinstance(env, Mapping)
    cwd = given.get("cwd")
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=None if env is None else dict(env),
        cwd=None if cwd is None else str(cwd),
        stdin=subprocess.DEVNULL,
    )
