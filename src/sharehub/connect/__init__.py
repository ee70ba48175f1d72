"""The connector kit: an agency's rows become validated records on its topic.

Reading order: `mapping` (what connector.toml says), `readers` (rows with their place), `values` (cell to value),
`assembly` (row to record), `gathering` (what is new), `guards` (may it be sent), `runner` (all of it).
A `connector.py` beside a connector.toml needs one name from here: `Reject`.
"""

from sharehub.connect.hook import Reject

__all__ = ["Reject"]
