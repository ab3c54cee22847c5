"""Checks that penstock.yml declares, run in the warehouse's SQL. Importing this is cheap."""

from __future__ import annotations

from penstock_checks.integration import INTEGRATION

__all__ = ["INTEGRATION"]
