"""Which connector a command means: a folder's, by its name, or that of a filled form with its agency."""

from pathlib import Path
from typing import Annotated

import typer

from sharehub import bootstrap
from sharehub.cli.context import Cli
from sharehub.connect.form_reading import form_connector, names_workbook, read_form
from sharehub.connect.mapping import Connector, find_connector, load_connector
from sharehub.errors import UsageError
from sharehub.wire.registry import Registry
from sharehub.wire.rulebooks import load_catalogue

Name = Annotated[
    str, typer.Argument(metavar="C", help="A connector's id, its folder, or a filled form (a workbook of `template`).")
]
Agency = Annotated[str, typer.Option("--agency", metavar="A", help="Of a form: the agency that publishes it.")]
Jurisdiction = Annotated[
    str, typer.Option(metavar="J", help="Of a form: whose law its records rest on. [default: that of the agency]")
]


def folders(cli: Cli) -> list[Path]:
    """The folders of all connectors, an agency's own first; of two with one name the first counts."""
    found: dict[str, Path] = {}
    for folder in bootstrap.connectors_folders(cli.settings):
        for path in sorted(folder.glob("*/connector.toml")):
            found.setdefault(path.parent.name, path.parent)
    return list(found.values())


def described(folder: Path) -> dict[str, str]:
    """What a list of connectors says of one, or why it cannot be read."""
    try:
        mapping = load_connector(folder).mapping
    except UsageError as error:
        return {"connector": folder.name, "agency": "", "record": "", "mode": "", "title": f"error: {error}"}
    said = mapping.connector
    return {
        "connector": said.id,
        "agency": said.agency,
        "record": said.record,
        "mode": mapping.source.mode,
        "title": said.title,
    }


def find(cli: Cli, name: str, registry: Registry, agency: str = "", jurisdiction: str = "") -> Connector:
    """The connector that a command names.

    Raises:
        UsageError: there is none; or it is a form, and the agency is not stated, not known or not competent.
    """
    if not names_workbook(name):
        if agency or jurisdiction:
            raise UsageError(f"{name} states its agency and jurisdiction itself", hint="leave the options out")
        return find_connector(name, *bootstrap.connectors_folders(cli.settings))
    if not agency:
        raise UsageError(f"{name}: whose records are these?", hint="add --agency A")
    path = Path(name)
    stated = jurisdiction or _jurisdiction_of(cli, agency, read_form(path, registry).kind)
    return form_connector(path, agency, stated, registry)


def _jurisdiction_of(cli: Cli, agency: str, record: str) -> str:
    agencies = load_catalogue(bootstrap.rulebooks_folder(cli.settings)).agencies
    if agency not in agencies:
        known = ", ".join(sorted(agencies))
        raise UsageError(
            f"there is no agency {agency!r} in agencies.toml", hint=f"there are: {known}; or --jurisdiction"
        )
    found = agencies[agency]
    if record not in found.record_kinds:
        kinds = ", ".join(found.record_kinds)
        raise UsageError(f"{agency} is not competent for records of kind {record!r}", hint=f"it publishes: {kinds}")
    return found.jurisdiction
