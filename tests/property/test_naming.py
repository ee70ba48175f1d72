"""Laws of names: typing makes no difference, typing errors share a block, comparing has no sides."""

import re
import unicodedata

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sharehub.core.identifier import Identifier
from sharehub.naming.blocking import block_id, block_ids, blocks, exact
from sharehub.naming.comparison import Party, compare
from sharehub.naming.folding import folded, squeezed
from sharehub.naming.index import Index
from sharehub.naming.likeness import likeness
from sharehub.naming.normal import normalised

LATIN = "abcdefghijklmnopqrstuvwxyzáéíóúñçöü"
words = st.text(LATIN, min_size=2, max_size=10)
latin = st.lists(words, min_size=1, max_size=6).map(" ".join)
forms = st.sampled_from(["Ltd", "Limited", "LTD.", "S.A.", "S. A. de C. V.", "LLC", "Ltda", "Pvt. Ltd.", "GmbH"])
han = st.text("青松蓝鲸白云东湖竹器厂商贸纸业建设工程龙凤", min_size=3, max_size=14)
kana = st.text("アオクジラタムノシロヤマサクラ工業商店", min_size=3, max_size=12)
cyrillic = st.lists(st.text("абвгдежзиклмнопрстуфхцчшщыэюя", min_size=3, max_size=9), min_size=1, max_size=4).map(
    " ".join
)
plain = latin | han | kana | cyrillic
written = (
    plain
    | st.text(max_size=40)
    | st.builds("{} {}".format, latin, forms)
    | st.builds("{}({})有限公司".format, han, han)
)


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(written)
def test_a_folded_name_is_the_same_name(text: str) -> None:
    name = normalised(text)
    again = normalised(name.folded)
    assert (again.core, again.legal_forms, again.aside, again.folded) == (
        name.core,
        name.legal_forms,
        name.aside,
        name.folded,
    )


@given(st.text(max_size=60))
def test_a_name_with_a_letter_has_a_core_and_a_block(text: str) -> None:
    name = normalised(text)
    assert bool(name.squeezed) == bool(squeezed(name.folded)) == bool(blocks(name))


def wide(text: str) -> str:
    """ASCII as full-width characters, spaces as ideographic ones."""
    return "".join(
        chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else "\u3000" if char == " " else char for char in text
    )


@given(
    st.builds("{} ({}) {}".format, latin, latin, forms), st.sampled_from(["wide", "upper", "spaced", "wrapped", "nfd"])
)
def test_width_case_space_and_brackets_are_no_difference(text: str, way: str) -> None:
    ways = {
        "wide": wide,
        "upper": str.upper,
        "spaced": lambda one: "  " + one.replace(" ", "   "),
        "wrapped": lambda one: one.replace(" ", "\r\n"),
        "nfd": lambda one: unicodedata.normalize("NFD", one),
    }
    assert normalised(ways[way](text)).core == normalised(text).core


@given(st.builds("{}有限责任公司{}".format, han, st.sampled_from(["", "白云分公司"])), st.data())
def test_a_space_anywhere_in_a_han_name_is_no_difference(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(text) - 1))
    one, other = normalised(f"{text[:at]}\u3000{text[at:]}"), normalised(text)
    assert (one.core, one.legal_forms) == (other.core, other.legal_forms)


@st.composite
def misspelled(draw: st.DrawFn) -> tuple[str, str]:
    """A name and itself with one letter in one word dropped, doubled, changed or swapped with the next."""
    text = draw(latin | han | kana)
    at = draw(st.integers(0, len(text) - 1))
    assume(text[at] != " ")
    after = text[at + 1 : at + 2].replace(" ", "")
    edited = draw(
        st.sampled_from(["", text[at] * 2, "x" if text.isascii() or text[0] in LATIN else "龙", after + text[at]])
    )
    rest = text[at + 1 + len(after) :] if len(edited) == 2 and edited != text[at] * 2 else text[at + 1 :]
    return text, text[:at] + edited + rest


@settings(max_examples=300)
@given(misspelled())
def test_a_typing_error_keeps_a_block(pair: tuple[str, str]) -> None:
    one, other = map(normalised, pair)
    assume(min(len(one.squeezed), len(other.squeezed)) >= 4)
    assume(not one.legal_forms and not other.legal_forms)
    assume(len(one.squeezed) < 10 or len(set(one.squeezed)) > 3)  # a long name of two letters is no name
    assert blocks(one) & blocks(other), pair


@given(latin | han, forms, forms)
def test_another_legal_form_keeps_the_core(text: str, one: str, other: str) -> None:
    assume(not normalised(text).legal_forms and len(text.rsplit(maxsplit=1)[-1]) > 4)
    names = [normalised(f"{text} {form}") for form in (one, other)]
    assert exact(names[0]) == exact(names[1]) == exact(normalised(text))


@given(st.lists(words.filter(lambda word: len(word) > 3), min_size=8, max_size=14), st.sampled_from([30, 80]))
def test_a_name_cut_off_keeps_a_block_and_is_proposed(parts: list[str], length: int) -> None:
    text = " ".join(parts)
    assume(len(text) > length + 3 and text[length - 1] != " " and text[length] != " ")
    assume(not normalised(text[:length]).legal_forms)
    assert blocks(normalised(text)) & blocks(normalised(text[:length]))
    assert likeness(normalised(text), normalised(text[:length])) is not None


parties = st.builds(
    Party,
    names=st.lists(written, min_size=1, max_size=2).map(tuple),
    kind=st.sampled_from(["company", "organisation", "individual"]),
    country=st.sampled_from(["", "China", "Peru"]),
    addresses=st.sampled_from([(), ("1 Harbour Street",), ("2 Harbour Street",)]),
    identifiers=st.sampled_from([(), (Identifier("CN-ORGCODE", "1"),), (Identifier("CN-ORGCODE", "2"),)]),
)


def respelling(party: Party) -> Party:
    """The same party as another list has it: bigger letters, and a letter twice."""
    doubled = (re.sub(r"(\w)(?=\w{2}\b)", r"\1\1", name.upper(), count=1) for name in party.names)
    return Party(tuple(doubled), party.kind, party.country)


@settings(max_examples=300)
@given(parties, parties | st.none())
def test_comparing_has_no_sides(left: Party, other: Party | None) -> None:
    right = other or respelling(left)
    forth, back = compare(left, right), compare(right, left)
    assert (forth is None) == (back is None)
    if forth and back:
        assert (forth.tier, forth.match_key, forth.order) == (back.tier, back.match_key, back.order)
        assert [(one.left, one.right) for one in forth.features] == [(one.right, one.left) for one in back.features]
        assert "individual" not in (left.kind, right.kind)


@given(parties)
def test_a_party_is_like_itself_unless_a_person(party: Party) -> None:
    named = any(normalised(name).squeezed for name in party.names)
    assert (compare(party, party) is not None) == (named and party.kind != "individual")


@settings(max_examples=40)
@given(st.lists(plain, min_size=1, max_size=30))
def test_equal_names_are_always_candidates(names: list[str]) -> None:
    index = Index([(str(number), name.upper()) for number, name in enumerate(names)], common=1)
    found = {(one.question, int(one.reference)) for one in index.candidates(names, per_name_max=0) if one.equal}
    for asked, name in enumerate(names):
        core = normalised(name).squeezed
        for number, other in enumerate(names):
            if core and normalised(other.upper()).squeezed == core:
                assert (asked, number) in found


@given(st.sets(st.text(max_size=20), max_size=20))
def test_block_ids_are_64_bit_and_stable(keys: set[str]) -> None:
    ids = block_ids(keys)
    assert ids == sorted(map(block_id, keys))
    assert all(-(2**63) <= one < 2**63 for one in ids)
    assert block_id("=zephyr") == -2199678119048963167
