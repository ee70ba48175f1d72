"""Every shipped connector passes the ready-made tests."""

from sharehub.connect.testing import ConnectorTests
from sharehub.shipped import shipped

SHIPPED = sorted(path.parent for path in shipped("connectors").glob("*/connector.toml"))

for _folder in SHIPPED:
    _name = "Test" + "".join(part.capitalize() for part in _folder.name.split("-"))
    globals()[_name] = type(_name, (ConnectorTests,), {"connector": _folder})


def test_there_are_connectors_to_test() -> None:
    assert len(SHIPPED) >= 18
