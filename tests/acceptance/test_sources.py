"""Real lists through the whole path: every row is a record, or a rejection whose reason was checked by hand."""

from collections import Counter

import pytest

from tests.acceptance.commands import Commands

pytestmark = [pytest.mark.integration, pytest.mark.real_data, pytest.mark.timeout(600)]

IBAMA = "br_ibama_fines/autuacoes_acre.csv"
IBAMA_PAID = "br_ibama_fines/arrecadacao_acre.csv"
DEFAULTERS = "cr_tax_defaulters/cedulas_juridicas.tsv"
FINALITY = {"final": 98, "under_appeal": 5, "preliminary": 3}
WORLD_BANK = "mdb_debarment/world_bank_2025-01-07.xlsx"
IADB = "mdb_debarment/iadb_2025-01.xlsx"


def test_both_development_banks_are_taken_in_without_losing_a_row(commands: Commands) -> None:
    # 984 rows with one title and two header rows; 845 with one header row; neither has footnotes or blank rows
    assert commands.publish("mdb-world-bank", WORLD_BANK) == (981, 981, 0, 0, 0)
    assert commands.publish("mdb-iadb", IADB) == (844, 844, 0, 0, 0)
    status = commands.consolidate()
    assert (status["records"], status["rejections"]) == (981 + 844, 0)
    assert commands.publish("mdb-world-bank", WORLD_BANK) == (981, 0, 981, 0, 0)
    assert commands.publish("mdb-iadb", IADB) == (844, 0, 844, 0, 0)

    records = commands.records("mdb-world-bank", WORLD_BANK)
    assert Counter(record["status"].partition("-")[0] for record in records) == {"debarred": 566, "cross": 415}
    assert sum(record["effective_to"] is None for record in records) == 460
    assert sum(len(record["subject"]["names"][0]) == 80 for record in records) == 10
    assert all(record["subject"]["address"] and record["effective_from"] for record in records)
    stated = Counter(one["scheme"] for record in records for one in record["subject"]["identifiers"])
    assert stated == {"CN-USCC": 33, "BR-CNPJ": 2}

    records = commands.records("mdb-iadb", IADB)
    assert Counter(record["status"] for record in records)["debarred"] == 111
    assert sum(record["effective_to"] is None for record in records) == 316
    assert sum(record["subject"]["address"] is None for record in records) == 2


def test_costa_ricas_history_is_one_record_for_each_company_and_day(commands: Commands) -> None:
    assert commands.publish("cr-tax-defaulters", DEFAULTERS) == (3_738, 3_738, 0, 0, 0)
    status = commands.consolidate()
    assert (status["records"], status["rejections"]) == (3_738, 0)
    assert commands.publish("cr-tax-defaulters", DEFAULTERS) == (3_738, 0, 3_738, 0, 0)
    days = Counter(record["listed_on"].isoformat() for record in commands.records("cr-tax-defaulters", DEFAULTERS))
    assert (len(days), days["2011-08-31"], days["2012-12-31"]) == (19, 94, 345)


def test_brazils_fines_are_told_from_cancelled_ones_and_meet_their_payments(commands: Commands) -> None:
    # 15 cancelled or entered twice, 16 written off, 2 with a CNPJ whose check digit fails
    assert commands.publish("br-ibama-fines", IBAMA) == (139, 106, 0, 0, 33)
    reasons = [row["wrong"][0]["reason"] for row in commands.json("connector", "rejects", "br-ibama-fines")]
    assert sum(reason.startswith("no penalty stands: Baixado") for reason in reasons) == 16
    assert sum(reason.startswith(("no penalty stands: Canc", "no penalty stands: Excl")) for reason in reasons) == 15
    assert sum(reason.startswith("cpfCnpj: the check digit fails") for reason in reasons) == 2
    # 8 rows say the same as another one
    assert commands.publish("br-ibama-payments", IBAMA_PAID) == (208, 200, 0, 0, 0)
    status = commands.consolidate()
    assert (status["records"], status["rejections"]) == (306, 0)
    assert commands.publish("br-ibama-fines", IBAMA) == (139, 0, 106, 0, 33)
    assert commands.publish("br-ibama-payments", IBAMA_PAID) == (208, 0, 200, 0, 0)

    fines = commands.records("br-ibama-fines", IBAMA)
    paid = commands.records("br-ibama-payments", IBAMA_PAID)
    assert Counter(fine["finality"] for fine in fines) == FINALITY
    notices = {fine["document_number"] for fine in fines} & {record["document_number"] for record in paid}
    assert len({record["document_number"] for record in paid}) == 56
    assert len(notices) == 54
    assert max(fine["fine"] for fine in fines if fine["fine"] is not None) == 5_000_000
    assert any("RONDOBRÁS AUTO PEÇAS LTDA" in fine["subject"]["names"] for fine in fines)


def test_leies_months_are_deltas_some_of_them_empty_and_reinstatements_of_strangers_are_kept(
    commands: Commands,
) -> None:
    months = ("1511", "1512", "1601", "1602", "1603", "1604", "1605", "1606")
    excluded, reinstated = [], []
    for month in months:
        names = ("sanc{}.csv", "rein{}.csv") if month.startswith("15") else ("{}EXCL.csv", "{}REIN.csv")
        for name, counts in zip(names, (excluded, reinstated), strict=True):
            read, published, *others = commands.publish("us-oig-leie", f"us_leie_supplements/{name.format(month)}")
            assert (read, others) == (published, [0, 0, 0])
            counts.append(read)
    assert excluded == [5, 8, 7, 4, 5, 3, 5, 2]
    assert reinstated == [0, 0, 0, 1, 0, 0, 1, 0]
    status = commands.consolidate()
    assert (status["records"], status["rejections"]) == (41, 0)
    kept = commands.records("us-oig-leie", "us_leie_supplements/1605REIN.csv")
    assert [(record["status"], record["decided_on"].isoformat()) for record in kept] == [("reinstated", "2016-05-11")]
    again = [commands.publish("us-oig-leie", f"us_leie_supplements/{month}EXCL.csv") for month in months[2:]]
    assert [(one[0], one[2]) for one in again] == [(count, count) for count in excluded[2:]]
