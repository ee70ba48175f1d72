"""Names as lists write them, language by language; all of them invented."""

import subprocess
import sys

import pytest

from sharehub.naming.folding import folded
from sharehub.naming.forms import agree
from sharehub.naming.normal import normalised

TABLE = [
    # name as written, core, legal forms
    ("NORDLICHT MOTORS LLC", "nordlicht motors", ("LLC",)),
    ("Nordlicht  Motors, L.L.C.", "nordlicht motors", ("LLC",)),
    ("Quimera Engineers (PVT) Limited", "quimera engineers", ("PVT-LTD",)),
    ("Quimera Engineers Pvt. Ltd.", "quimera engineers", ("PVT-LTD",)),
    ("M/S Quimera Traders", "quimera traders", ()),
    ("Ferrovía Azul, S. A. de C. V.", "ferrovia azul", ("SA-CV",)),
    ("FERROVIA AZUL SA DE CV", "ferrovia azul", ("SA-CV",)),
    ("Ferrovía Azul S. de R.L. de C.V.", "ferrovia azul", ("SRL-CV",)),
    ("Açaí do Norte Comércio Ltda - ME", "acai do norte comercio", ("LTDA",)),
    ("Açaí do Norte S/A", "acai do norte", ("SA",)),
    ("Açaí do Norte EIRELI", "acai do norte", ("EIRELI",)),
    ("Plan B S.A.", "plan b", ("SA",)),
    ("A. B. Zephyr Corp.", "ab zephyr", ("CORP",)),
    ("ООО «Синяя Щука»", "синяя щука", ("OOO",)),
    ("OOO SINYAYA SHCHUKA", "sinyaya shchuka", ("OOO",)),
    ("Синяя Щука, ОАО", "синяя щука", ("OAO",)),
    ("PT. Melati Biru Tbk", "melati biru", ("PT", "TBK")),
    ("CV Melati Biru", "melati biru", ("CV",)),
    ("CÔNG TY TNHH Sen Xanh", "sen xanh", ("TNHH",)),
    ("Công ty Cổ phần Sen Xanh", "sen xanh", ("CTCP",)),
    ("شركة الزهرة ذات مسؤولية محدودة", "شركة الزهرة", ("AR-LTD",)),
    ("Blauwal GmbH & Co. KG", "blauwal", ("GMBH-KG",)),
    ("Møllegård ApS", "mollegard", ("APS",)),
    ("青松市蓝鲸商贸有限责任公司", "青松市蓝鲸商贸", ("CN-LTD",)),
    ("青松市藍鯨商貿有限公司", "青松市蓝鲸商贸", ("CN-LTD",)),
    ("青松蓝鲸建设集团股份有限公司", "青松蓝鲸建设集团", ("CN-JSC",)),
    ("青松蓝鲸有限公司白云分公司", "青松蓝鲸白云分公司", ("CN-LTD",)),
    ("青松蓝鲸(白云)纸业有限公司", "青松蓝鲸白云纸业", ("CN-LTD",)),
    ("白云县竹器厂（普通合伙）", "白云县竹器厂", ("CN-GP",)),
    ("㈱アオクジラ", "アオクジラ", ("KK",)),
    ("（株）ｱｵｸｼﾞﾗ", "アオクジラ", ("KK",)),
    ("アオクジラ株式会社", "アオクジラ", ("KK",)),
    ("（有）沢辺商店", "泽边商店", ("YK",)),
    ("有限会社澤邊商店", "泽边商店", ("YK",)),
    ("アオクジラ（株）　東工場", "アオクジラ东工场", ("KK",)),
    ("푸른고래 주식회사", "푸른고래", ("KR-JSC",)),
]


@pytest.mark.parametrize(("written", "core", "codes"), TABLE, ids=[row[0] for row in TABLE])
def test_a_name_is_parted_from_its_legal_form(written: str, core: str, codes: tuple[str, ...]) -> None:
    name = normalised(written)
    assert (name.core, name.legal_forms) == (core, codes)


@pytest.mark.parametrize(
    "written", ["PT", "LLC", "Ltd.", "(株)", "有限公司", "S.A. de C.V.", "Company Limited", "A", "7"]
)
def test_a_name_is_never_stripped_to_nothing(written: str) -> None:
    assert normalised(written).squeezed


@pytest.mark.parametrize("written", ["", "  ", "()", "…", "（）"])
def test_what_has_no_letter_has_no_core(written: str) -> None:
    assert normalised(written).squeezed == ""


ASIDES = [
    ("Zephyr Infra Limited (Previously known as Boreas Services Limited)", "alias", "boreas services limited"),
    ("Zephyr Ltda. (Currently d/b/a Boreas Peças)", "alias", "boreas pecas"),
    ("“Zephyr” LLP (“Zephyr”)", "alias", "zephyr"),
    ("Zephyr Building Systems Limited (ZBS)", "alias", "zbs"),
    ("Zephyr Impex (U.K.) Ltd.", "part", "u k"),
    ("Zephyr MChJ (TIN No. 999999999)", "note", "tin no 999999999"),
    ("Zephyr Water (but only for its business operations in the water sector)", "note", None),
    ("青松蓝鲸(白云)有限公司", "part", "白云"),
    ("青松蓝鲸有限公司（原白云竹器厂）", "alias", "白云竹器厂"),
]


@pytest.mark.parametrize(("written", "kind", "text"), ASIDES, ids=[row[0] for row in ASIDES])
def test_what_stands_in_brackets_is_told_apart(written: str, kind: str, text: str | None) -> None:
    (aside,) = normalised(written).aside
    assert aside.kind == kind
    assert text is None or aside.text == text


def test_a_bracket_that_nothing_closes_is_no_bracket() -> None:
    assert normalised("Zephyr Ltd. (").core == normalised("Zephyr Ltd.").core


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ZEPHYR", "zephyr"),
        ("Zéphyr", "Zephyr"),
        ("Ｚｅｐｈｙｒ　７", "Zephyr 7"),
        ("Zephyr\r\n Trading", "Zephyr Trading"),
        ("Zep\u00adhyr's", "Zephyrs"),
        ("廣東龍鳳", "广东龙凤"),
        ("髙橋﨑", "高桥崎"),
        ("İstanbul", "istanbul"),
        ("Ёлка", "Елка"),
    ],
)
def test_the_same_typed_differently_folds_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_scripts_are_told_and_written_in_latin_letters() -> None:
    assert normalised("ООО Щука").latin == "shchuka"
    assert normalised("タムノ工業").script == "kana"
    assert normalised("蓝鲸").latin == "lanjing"


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("Zephyr Ltd", "Zephyr Limited", "same"),
        ("Zephyr Ltd", "Zephyr Pvt Ltd", "close"),
        ("Zephyr Ltd", "Zephyr S.A.", "differs"),
        ("Zephyr Ltd", "Zephyr", "missing"),
        ("蓝鲸有限公司", "蓝鲸股份有限公司", "differs"),
    ],
)
def test_legal_forms_agree_by_kind(one: str, other: str, outcome: str) -> None:
    assert agree(normalised(one).legal_forms, normalised(other).legal_forms) == outcome


def test_folding_and_normalising_need_the_standard_library_only() -> None:
    script = (
        "import sys; sys.modules.update(dict.fromkeys(['opencc', 'anyascii', 'rapidfuzz', 'polars']));"
        "from sharehub.naming.normal import normalised; name = normalised('（株）ｱｵｸｼﾞﾗ Ｚéphyr');"
        "print(name.core == 'アオクジラ zephyr', name.legal_forms, name.latin)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True ('KK',) zephyr"
