"""A look at what exists loads nothing that only plans, or that only tells why a model is built again."""

from __future__ import annotations

import subprocess
import sys

_LOOKED_WITH = "penstock.service.explore, penstock.cli.assets, penstock_dbt.observe, penstock_dbt.translate"
_NOT_FOR_A_LOOK = ("penstock.plan", "penstock.change", "penstock_dbt.recipes", "penstock_dbt.check_recipes")


def test_a_look_loads_no_planning() -> None:
    code = f"import sys, {_LOOKED_WITH}; print(*(one for one in {_NOT_FOR_A_LOOK!r} if one in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
