"""Says what went wrong with the embedded parts, where to read more, and what to do.

Nothing here depends on Kafka, PostgreSQL or the network.
"""

from sharehub.errors import UnreachableError


class EmbeddedError(UnreachableError):
    """An embedded part could not be fetched, started or stopped.

    Args:
        fact: What failed, in lower case.
        detail: Where it failed: a path, a log file, the last lines of that log.
        hint: What the reader can do about it.
    """

    def __init__(self, fact: str, *, detail: str = "", hint: str = "") -> None:
        """Joins fact and detail, each on a line of its own."""
        self.fact, self.detail = fact, detail
        super().__init__("\n".join(line for line in (fact, detail) if line), hint=hint)


class JarError(EmbeddedError):
    """A locked jar could not be fetched, or is not the jar that was locked."""


class JavaMissingError(EmbeddedError):
    """No Java of the required version exists on this machine or in this environment."""


class PostgresMissingError(EmbeddedError):
    """The PostgreSQL server programs cannot be found or used here."""


class StartError(EmbeddedError):
    """A part ended or stayed silent instead of becoming ready."""


class HomeBusyError(EmbeddedError):
    """Another process holds this home directory."""
