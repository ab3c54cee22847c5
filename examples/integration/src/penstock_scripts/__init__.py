"""Shell scripts as assets of penstock. Only the entry point is here, so that importing it is cheap."""

from penstock_scripts.integration import INTEGRATION

__all__ = ["INTEGRATION"]
