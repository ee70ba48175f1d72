"""A rulebook file that is malformed or breaks a law is refused, and the message names file, entry, field and law.

The first line of every file in `rulebooks/` says what must be said of it.
"""

import shutil
from pathlib import Path

import pytest

from sharehub.core.condition import Condition
from sharehub.core.entry import MeasureKind
from sharehub.core.rank import Basis, Rank
from sharehub.errors import RefusedError, UsageError
from sharehub.shipped import shipped
from sharehub.wire.rulebooks import load_catalogue, read_rulebook

FOLDER = Path(__file__).parent / "rulebooks"
SAID = {path: path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for path in FOLDER.glob("*.toml")}
UNLAWFUL = sorted(path.stem for path, said in SAID.items() if said.startswith("law "))
MALFORMED = sorted(path.stem for path, said in SAID.items() if said.startswith("malformed"))


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped agencies and recipients, and room for one rulebook."""
    for name in ("agencies.toml", "recipients.toml"):
        shutil.copy(shipped("rulebooks") / name, tmp_path)
    (tmp_path / "cn-qinghe").mkdir()
    return tmp_path


def install(folder: Path, name: str) -> Path:
    return Path(shutil.copy(path_of(name), folder / "cn-qinghe"))


def test_the_folder_holds_what_this_file_tests() -> None:
    assert len(UNLAWFUL) + len(MALFORMED) + 1 == len(SAID)
    assert {said.split(",")[0] for said in SAID.values()} >= {f"law {law}" for law in (2, 3, 4, 5, 6, 8, 10)}


def test_what_is_shipped_is_lawful_and_carries_no_test_rulebook() -> None:
    catalogue = load_catalogue(shipped("rulebooks"))
    places = {book.jurisdiction for book in catalogue.rulebooks}
    assert places == {"cn", "cn-qinghe", "cn-shanghai", "cn-zhejiang", "jp", "mdb", "mx"}
    assert catalogue.lineage("cn-qinghe") == ("cn-qinghe", "cn")
    for book in catalogue.rulebooks:
        for entry in book.entries:
            assert set(entry.recipients) <= catalogue.recipients.keys()
            agencies = [one for one in catalogue.agencies.values() if one.authority == entry.ground.authority]
            assert any(entry.ground.record_kind in agency.record_kinds for agency in agencies), entry.id


def test_a_lawful_rulebook_is_read_as_it_is_written(folder: Path) -> None:
    install(folder, "lawful")
    [book] = load_catalogue(folder).rulebooks
    [entry] = book.entries
    assert (book.jurisdiction, book.parent, book.version) == ("cn-qinghe", "cn", "2026-9")
    assert (entry.id, entry.kind, entry.term_months) == ("no-awards", MeasureKind.RESTRICTION, 12)
    assert entry.ground.where == (Condition("finality", "is", "final"),)
    assert entry.legal_basis == (
        Basis("Regulation of the City of Qinghe on Household Waste", "Art. 31", Rank.LOCAL_REGULATION),
    )
    assert (entry.publication, entry.pilot, entry.effective_to) == ("none", False, None)


@pytest.mark.parametrize("name", UNLAWFUL)
def test_a_rulebook_that_breaks_a_law_is_refused_by_file_entry_field_and_law(folder: Path, name: str) -> None:
    path = install(folder, name)
    law, _, rest = SAID[path_of(name)].partition(", field ")
    field = rest.partition(":")[0]
    with pytest.raises(RefusedError) as refused:
        load_catalogue(folder)
    assert f"{path}: entry 'no-awards', field '{field}': {law}: " in str(refused.value)


@pytest.mark.parametrize("name", UNLAWFUL)
def test_no_other_law_is_said_to_be_broken(folder: Path, name: str) -> None:
    install(folder, name)
    law = SAID[path_of(name)].partition(",")[0]
    with pytest.raises(RefusedError) as refused:
        load_catalogue(folder)
    assert all(f": {law}: " in line for line in str(refused.value).splitlines())


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_rulebook_is_refused_by_file_entry_and_field(name: str) -> None:
    _, _, rest = SAID[path_of(name)].partition(", ")
    place, _, word = rest.rpartition(": ")
    with pytest.raises(UsageError) as refused:
        read_rulebook(path_of(name))
    message = str(refused.value)
    assert message.startswith(f"{path_of(name)}: ")
    assert place in message
    assert word in message


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml: there is no such file"):
        read_rulebook(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("jurisdiction = ", encoding="utf-8")
    with pytest.raises(UsageError, match=r"bad\.toml: "):
        read_rulebook(tmp_path / "bad.toml")


def test_a_private_scheme_is_refused_as_agency(folder: Path) -> None:
    agencies = folder / "agencies.toml"
    private = '[points]\ntitle = "A shop"\nauthority = "tax"\njurisdiction = "cn"\npublic = false\nrecord_kinds = []\n'
    agencies.write_text(agencies.read_text(encoding="utf-8") + private, encoding="utf-8")
    with pytest.raises(RefusedError, match=r"agencies\.toml: entry 'points', field 'public': law 7: "):
        load_catalogue(folder)


def test_an_agency_that_does_not_say_whether_it_is_public_is_refused(folder: Path) -> None:
    agencies = folder / "agencies.toml"
    text = agencies.read_text(encoding="utf-8").replace("public = true\n", "", 1)
    agencies.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"agencies\.toml: agency 'cn-samr', field 'public'"):
        load_catalogue(folder)


def test_a_malformed_recipient_is_named(folder: Path) -> None:
    (folder / "recipients.toml").write_text('[cn-lenders]\ntitle = "Lenders"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"recipients\.toml: .*cn-lenders"):
        load_catalogue(folder)
