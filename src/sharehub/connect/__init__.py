"""The connector kit: an agency's rows become validated records on its topic.

Reading order: `mapping` (what connector.toml says), `readers` (rows with their place), `values` (cell to value),
`assembly` (row to record), `gathering` (what is new), `guards` (may it be sent), `runner` (all of it).
A `connector.py` beside a connector.toml needs two names from here: `Reject` and `Skip`.
"""

from sharehub.connect.hook import Reject, Skip

__all__ = ["Reject", "Skip"]
