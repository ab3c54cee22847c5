"""A stand-in of a Databricks workspace on loopback: the unmodified SDK works against it."""

from tests.doubles.databricks.estate import Estate, JobRecord, RunRecord, table
from tests.doubles.databricks.server import DatabricksDouble

__all__ = ["DatabricksDouble", "Estate", "JobRecord", "RunRecord", "table"]
