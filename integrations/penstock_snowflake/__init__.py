"""Snowflake for penstock: where an account is, what is in it, which data it holds and what its queries used. Importing this is cheap."""

from __future__ import annotations

from penstock_snowflake.integration import INTEGRATION

__all__ = ["INTEGRATION"]
