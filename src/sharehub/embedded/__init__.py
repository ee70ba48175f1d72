"""Real Kafka and real PostgreSQL, started by one call and ended by another.

This package answers where the embedded parts run. It must not know what flows through them.
"""

from sharehub.embedded.errors import EmbeddedError
from sharehub.embedded.jars import Progress
from sharehub.embedded.stack import down, last_failure, owned, running, up
from sharehub.embedded.state import Stack

__all__ = ["EmbeddedError", "Progress", "Stack", "down", "last_failure", "owned", "running", "up"]
