"""The files of a hub of tests: its settings, agencies, recipients and rulebook."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

DECIDE_ON = date(2026, 6, 1)


PARTITIONS = 3


ROLES = ("register", "environment", "tax")


FEEDS = ("procurement", "inspection", "lenders", "halls")


class Running(Protocol):
    """Addresses of a running stack."""

    @property
    def bootstrap_servers(self) -> str: ...
    @property
    def database_url(self) -> str: ...


def config_text(stack: Running, mark: str, folder: Path, partitions: int, consolidator: Mapping[str, Any]) -> str:
    database = stack.database_url.replace("/sharehub?", f"/{mark}?")
    chosen = {"decide_on": DECIDE_ON, **consolidator}
    more = "".join(
        f"{name} = {value if isinstance(value, date) else json.dumps(value)}\n" for name, value in chosen.items()
    )
    return f"""
home = "{folder}"
rulebooks = "{folder / "rulebooks"}"
kafka.bootstrap_servers = "{stack.bootstrap_servers}"
kafka.partitions = {partitions}
database.url = "{database}"

[consolidator]
group = "group-{mark}"
{more}"""


def write_rulebooks(folder: Path, mark: str) -> None:
    (folder / "cn").mkdir(parents=True)
    for name, text in (("agencies", _AGENCIES), ("recipients", _RECIPIENTS), ("cn/2026-1", _RULEBOOK)):
        (folder / f"{name}.toml").write_text(text.replace("MARK", mark), encoding="utf-8")


_AGENCIES = """
[register-MARK]
title = "Register"
authority = "registration"
jurisdiction = "cn"
public = true
establishing_act = { instrument = "A law of the test", article = "Art. 1", rank = "law" }
record_kinds = ["registration", "licence"]

[environment-MARK]
title = "Environment bureau"
authority = "environment"
jurisdiction = "cn"
public = true
establishing_act = { instrument = "A law of the test", article = "Art. 1", rank = "law" }
record_kinds = [
  "licence", "penalty", "appeal", "stay", "exception", "performance", "repair-decision", "correction",
  "objection-outcome",
]

[tax-MARK]
title = "Tax bureau"
authority = "tax"
jurisdiction = "cn"
public = true
establishing_act = { instrument = "A law of the test", article = "Art. 1", rank = "law" }
record_kinds = ["rating", "arrears"]

[court-MARK]
title = "Enforcement court"
authority = "court"
jurisdiction = "cn"
public = true
establishing_act = { instrument = "A law of the test", article = "Art. 1", rank = "law" }
record_kinds = ["judgment"]
"""


_RECIPIENTS = "".join(
    f'[{feed}-MARK]\ntitle = "{feed}"\njurisdiction = "cn"\npurpose = "apply measures"\n' for feed in FEEDS
)


_ENTRY = """
[[entry]]
id = "{id}"
title = "{title}"
kind = "{kind}"
target_service = "{target}"
binding = true
entity_kinds = ["company", "organisation"]
authority = "The bureau that decided"
recipients = [{recipients}]
relatedness = "The measure answers to what was found."
exit = "The ground ends or is withdrawn."
publication = "public"
effective_from = 2015-01-01
remedies = ["Administrative reconsideration within 60 days of service"]
legal_basis = [{{ instrument = "A law of the test", article = "Art. 1", rank = "law" }}]
{rest}
"""


_RULEBOOK = (
    'jurisdiction = "cn"\nversion = "2026-1"\ntitle = "Rules of the test"\npublished_on = 2026-01-05\n'
    + _ENTRY.format(
        id="major-penalty",
        title="No public procurement after a major penalty",
        kind="restriction",
        target="procurement",
        recipients='"procurement-MARK", "inspection-MARK"',
        rest="""term_months = 36
ground.record_kind = "penalty"
ground.authority = "environment"
ground.where = [{ field = "finality", is = "final" }, { field = "fine", at_least = "2000000.00" }]""",
    )
    + _ENTRY.format(
        id="licence-expired",
        title="More frequent inspection while the licence is expired",
        kind="management",
        target="inspection-frequency",
        recipients='"inspection-MARK"',
        rest="""starts_after_field = "valid_to"
ground.record_kind = "licence"
ground.authority = "environment"
ground.where = [{ field = "category", is = "discharge" }, { field = "action", one_of = ["granted", "renewed"] }]""",
    )
    + _ENTRY.format(
        id="arrears-notice",
        title="Notice of tax arrears",
        kind="informative",
        target="credit",
        recipients='"lenders-MARK"',
        rest="""exits = [{ where = [{ field = "balance", at_most = "0.00" }], event = "lifted", reason = "performed" }]
ground.record_kind = "arrears"
ground.authority = "tax"
ground.where = [{ field = "contested", is = false }, { field = "balance", more_than = "0.00" }]""",
    )
    + _ENTRY.format(
        id="grade-a",
        title="Priority for A-grade taxpayers",
        kind="reward",
        target="tax-service",
        recipients='"halls-MARK", "inspection-MARK"',
        rest="""latest_by = "year"
ground.record_kind = "rating"
ground.authority = "tax"
ground.where = [{ field = "rating_system", is = "tax-credit-rating" }, { field = "grade", is = "A" }]""",
    )
)
