"""The connector kit: an agency's rows become validated records on its topic.

Reading order: `mapping` (what connector.toml says), `readers` (rows with their place), `values` (cell to value),
`assembly` (row to records), `gathering` (what is new), `guards` (may it be sent), `runner` (all of it).
A `connector.py` beside a connector.toml needs no names but those from here.
"""

from sharehub.connect.hook import Connector, RejectRow, RetryLater, SkipRow, StopRun

__all__ = ["Connector", "RejectRow", "RetryLater", "SkipRow", "StopRun"]
