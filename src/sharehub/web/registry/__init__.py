"""The released schemas over HTTP, as clients of a Confluent schema registry read them, and Apicurio's.

It is an application of its own, because its errors and media type are Confluent's, not the hub's. Registering is a
reviewed change (`sharehub schema register`), so writing is refused, as a registry in READONLY mode does.
"""

from sharehub.web.registry.app import mount_registry

__all__ = ["mount_registry"]
