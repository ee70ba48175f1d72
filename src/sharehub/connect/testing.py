"""`ConnectorTests` for the tests of an agency, whose failures show what was compared."""

import pytest

# pytest rewrites only the assertions of tests; it is told of ours before they are imported.
pytest.register_assert_rewrite("sharehub.connect.promises")

from sharehub.connect.promises import ConnectorTests  # noqa: E402

__all__ = ("ConnectorTests",)
