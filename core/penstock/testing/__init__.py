"""The suites that prove an integration, for anybody's tests. Needs pytest. Subclass a suite and give it a `case` fixture.

from penstock.testing import IntegrationCase, ObservingSuite, RunningSuite

class TestMine(ObservingSuite, RunningSuite):
    @pytest.fixture
    def case(self, tmp_path): return make_case(tmp_path)
"""

from penstock.testing.case import IntegrationCase, WarehouseCase
from penstock.testing.observing import ObservingSuite
from penstock.testing.running import RunningSuite
from penstock.testing.warehouses import WarehouseSuite

__all__ = ["IntegrationCase", "ObservingSuite", "RunningSuite", "WarehouseCase", "WarehouseSuite"]
