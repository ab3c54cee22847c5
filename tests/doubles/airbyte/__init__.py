"""A loopback stand-in of Airbyte's public API, with scripted faults and job life cycles. No Airbyte code, no database."""

from __future__ import annotations

from tests.doubles.airbyte.estate import ConnectionRecord, Estate, JobRecord, StreamRecord
from tests.doubles.airbyte.faults import Fault
from tests.doubles.airbyte.server import AirbyteDouble

__all__ = ["AirbyteDouble", "ConnectionRecord", "Estate", "Fault", "JobRecord", "StreamRecord"]
