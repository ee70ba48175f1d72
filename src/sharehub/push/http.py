"""Publishes through the gateway of a hub: the same call is repeated under the same key, which is safe."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid4

from sharehub.calling import Caller
from sharehub.core.publication import Receipt
from sharehub.core.record import Rejection
from sharehub.flow.publish import Draft
from sharehub.wire.plain import to_json

_TAKEN: Final = (200, 207, 422)


class HttpChannel:
    """Publishes for one agency through the gateway at a URL."""

    def __init__(self, agency: str, url: str, token: str, wait: Callable[[float], None] = time.sleep) -> None:
        """Take the address; nothing is called yet.

        Raises:
            UsageError: the URL is none of http or https, or the token none that a header can hold.
        """
        self._path = f"/api/v1/records/{quote(agency, safe='')}"
        self._caller = Caller(url, token, "agency", wait)

    def publish(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """One call, repeated under the same key until it is answered; one receipt per draft, in their order.

        Raises:
            UnreachableError: no answer after several attempts; what arrived is recognised when it is sent again.
            RefusedError: the token is not accepted, or is another agency's.
            UsageError: the gateway cannot take this call.
        """
        body = [{"kind": one.kind, **to_json(one.value)} for one in drafts]
        found = self._caller.call(self._path, body, {"Idempotency-Key": str(uuid4())})
        if found.status in _TAKEN and isinstance(found.body, dict) and "records" in found.body:
            return [_receipt(one) for one in found.body["records"]]
        raise self._caller.refused(self._path, found)

    def close(self) -> None:
        """Nothing is held open between calls."""


def _receipt(said: Mapping[str, Any]) -> Receipt:
    return Receipt(
        said["status"],
        said["record_key"],
        said["revision"],
        UUID(said["record_id"]) if said["record_id"] else None,
        said["topic"],
        said["partition"],
        said["offset"],
        tuple(Rejection(one["code"], one["field"], "", one["reason"]) for one in said["faults"]),
    )
