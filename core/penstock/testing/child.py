"""Another process that runs a step of a case, to be killed: `python -m penstock.testing.child MAKER ROOT MARK RUN`."""

from __future__ import annotations

import asyncio
import importlib
import sys
from dataclasses import replace
from pathlib import Path

from penstock.integration import AttemptKey
from penstock.testing.case import IntegrationCase


def made_case(maker: str, root: Path, mark: str) -> IntegrationCase:
    """The case that `module:function` makes for that root."""
    module, _, function = maker.partition(":")
    case: IntegrationCase = getattr(importlib.import_module(module), function)(root)
    return replace(case, mark=mark)


async def run(case: IntegrationCase, run: str) -> None:
    """Start the slow step, say so once it tells that it has begun, and follow it."""
    step = case.slow_step()
    attempt = AttemptKey(run, step.id, 1)
    runner = case.runner()
    begun = await case.started(runner, step, attempt)
    async for _ in runner.events(begun):
        sys.stdout.write("begun\n")
        sys.stdout.flush()


def main() -> None:
    maker, root, mark, name = sys.argv[1:]
    asyncio.run(run(made_case(maker, Path(root), mark), name))


if __name__ == "__main__":
    main()
