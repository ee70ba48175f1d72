"""OpenRefine reconciles a column of a spreadsheet with the hub, and fetches what the measures are."""

from datetime import UTC, datetime

import httpx

from sharehub.bootstrap import access_file
from sharehub.desk import Desk
from sharehub.web.tokens import Tokens
from tests.integration.saying import Company
from tests.interop.refine import refined
from tests.interop.served import Served

_STATED = {"user": "Li Wei", "reason": "tender 7"}


def test_openrefine_matches_numbers_proposes_names_and_fetches_answers(hub: Served) -> None:
    Desk(hub.world.hub).find(lambda entities: None)
    token = Tokens(access_file(hub.world.settings)).issue(hub.world.agency("tax"), "", datetime.now(UTC))[1]
    opened = httpx.post(
        f"{hub.url}/api/v1/reconciliations", json=_STATED, headers={"Authorization": f"Bearer {token}"}, timeout=60
    )
    service = opened.json()["url"]
    manifest = httpx.get(service, timeout=60).json()
    spaces = (manifest["identifierSpace"], manifest["schemaSpace"])
    known, unknown = Company(1).uscc, Company(77).uscc
    codes = [one.partition(":")[2] for one in (known, unknown)]
    number, nobody = refined(service, spaces, "CN-USCC", codes, ["answer", "measures"])
    (name,) = refined(service, spaces, None, ["BLUE RIVER MILLS"], [])
    assert (number["judgement"], number["match"], number["error"]) == ("Matched", known, None)
    assert number["columns"][0][0] in {"yes", "no"}
    assert (nobody["judgement"], nobody["candidates"], nobody["error"]) == ("None", [], None)
    assert (name["judgement"], name["match"], name["error"]) == ("None", None, None)
    assert name["candidates"] == [f"CN-ORGCODE:{codes[0][8:17]}"]
