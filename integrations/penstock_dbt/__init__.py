"""dbt as penstock sees it. Importing this package is cheap: the work is behind `INTEGRATION`, imported when it is called."""

from penstock_dbt.integration import INTEGRATION

__all__ = ["INTEGRATION"]
