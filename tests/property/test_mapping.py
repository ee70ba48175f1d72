"""Whatever rows come: each is counted once, sending twice sends nothing, and order makes no difference."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.connect.assembly import Assembler, Draft
from sharehub.connect.columns import resolve
from sharehub.connect.gathered import Gathered, Window
from sharehub.connect.gathering import Gathering
from sharehub.connect.mapping import Connector, load_connector
from sharehub.connect.readers import Place, Row
from sharehub.stream.published import Remembered, Said
from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import digest

REGISTRY = load_registry()
SCHEMA = REGISTRY.latest("arrears")
TITLES = ("no", "code", "name", "balance", "contested", "day")
TOML = """
[connector]
id = "p"
agency = "cn-tax"
record = "arrears"
jurisdiction = "cn"
[source]
type = "csv"
mode = "snapshot"
[key]
fields = ["document_number"]
[fields]
document_number = { column = "no", required = true }
tax_kind = { value = "VAT" }
balance = { column = "balance", required = true }
contested = { column = "contested", default = false }
occurred_on = { column = "day", formats = ["%d/%m/%Y", "excel"] }
"subject.kind" = { value = "company" }
"subject.identifiers" = { column = "code", scheme = "CN-TAXNO" }
"subject.names" = "name"
"""


def loaded() -> Connector:
    with TemporaryDirectory() as folder:
        (Path(folder) / "connector.toml").write_text(TOML, encoding="utf-8")
        return load_connector(Path(folder))


CONNECTOR = loaded()
COLUMNS = resolve(CONNECTOR.mapping, TITLES, "f")
anything = st.text(max_size=12)
cells = st.fixed_dictionaries(
    {
        "no": st.sampled_from(["1", "2", "3", "a/b", ""]) | anything,
        "code": st.sampled_from(["", "230199555000039", "9.1E+17"]) | anything,
        "name": anything,
        "balance": st.sampled_from(["1", "1.50", "1,000.00", "1.005"]) | st.decimals().map(str) | anything,
        "contested": st.sampled_from(["", "yes", "NO"]) | anything,
        "day": st.sampled_from(["", "2020-02-29", "30/02/2020", "1/2/2020", "44029", "99999"]) | anything,
    }
)
files = st.lists(cells, max_size=12)


def gathered(rows: list[dict[str, str]], said: dict[str, Said]) -> tuple[Gathered, tuple[str, ...]]:
    assembler = Assembler(CONNECTOR, SCHEMA, COLUMNS, "run")
    gathering = Gathering("cn-tax", SCHEMA, Remembered(said), REGISTRY, Window())
    for number, row in enumerate(rows, 2):
        gathering.add(assembler.assemble(Row(Place("f", None, number), row)))
    gone = gathering.settle()
    assert gathering.found.complete
    return gathering.found, gone


def after(said: dict[str, Said], ran: tuple[Gathered, tuple[str, ...]]) -> dict[str, Said]:
    """What the log says once this was sent."""
    found, absent = ran
    read = [digest(REGISTRY, message.payload) for message in found.pending]
    sent = {one.record_key: Said(one.record_key, one.revision, one.content, False) for one in read}
    gone = {key: said[key]._replace(revision=said[key].revision + 1, withdrawn=True) for key in absent}
    return said | sent | gone


@settings(deadline=None)
@given(files)
def test_every_row_is_counted_once(rows: list[dict[str, str]]) -> None:
    found, _ = gathered(rows, {})
    assert found.read == len(rows) == found.published + found.unchanged + len(found.rejected) + found.skipped
    assert all(rejected.rejections for rejected in found.rejected)


@settings(deadline=None)
@given(cells)
def test_an_assembled_row_is_valid_or_says_which_field_is_not(row: dict[str, str]) -> None:
    (draft,) = Assembler(CONNECTOR, SCHEMA, COLUMNS, "run").assemble(Row(Place("f", None, 2), row))
    if isinstance(draft, Draft):
        assert not problems(model_for(SCHEMA), {**draft.value, "revision": 1})


@settings(deadline=None)
@given(files, files)
def test_sending_twice_sends_nothing(first: list[dict[str, str]], second: list[dict[str, str]]) -> None:
    said = after({}, gathered(first, {}))
    found = gathered(second, said)
    said = after(said, found)
    again, gone = gathered(second, said)
    assert again.published == 0
    assert gone == ()
    assert len(again.rejected) == len(found[0].rejected)


@settings(deadline=None)
@given(files, st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(rows: list[dict[str, str]], random: object) -> None:
    distinct = list({row["no"].strip(): row for row in rows}.values())
    shuffled = distinct.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    said, again = after({}, gathered(distinct, {})), after({}, gathered(shuffled, {}))
    assert said == again


@settings(deadline=None)
@given(st.lists(files, max_size=5))
def test_revisions_only_grow_by_one(history: list[list[dict[str, str]]]) -> None:
    said: dict[str, Said] = {}
    for rows in history:
        now = after(said, gathered(rows, said))
        for key, one in now.items():
            before = said.get(key)
            assert one.revision - (before.revision if before else 0) in (0, 1)
        said = now
