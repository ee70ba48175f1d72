"""Which pairs are proposed, in which tier, and how it is explained; all names invented."""

from datetime import date

import pytest

from sharehub.core.identifier import Identifier, uscc_check_digit
from sharehub.naming.comparison import Party, Tier, compare
from sharehub.naming.queue import Proposal, queue

HERE = {"country": "Tanzania"}


def tier(left: str, right: str, **known: str) -> Tier | None:
    found = compare(Party((left,), **known), Party((right,), **known))
    return found.tier if found else None


PROPOSED = [
    ("ZEPHYR MOTORS LLC", "Zephyr Motors L.L.C.", Tier.SAME_NAME_SAME_PLACE),
    ("Zephyr & Sons Ltd", "Zephyr and Sons Limited", Tier.SAME_NAME_SAME_PLACE),
    ("Zephyr Motors Ltd", "Zephyr Motors", Tier.SAME_NAME_OTHER_FORM),
    ("Zephyr Motors Ltd", "Zephyr Motors S.A.", Tier.SAME_NAME_OTHER_FORM),
    ("Zephyr Waste Ltd. (Formerly known as Boreas Power Ltd.)", "BOREAS POWER LTD", Tier.ALSO_KNOWN_AS),
    ("ООО Синяя Щука", "Sinyaya Shchuka LLC", Tier.OTHER_SCRIPT),
    ("アカクジラ株式会社", "AKAKUJIRA K.K.", Tier.OTHER_SCRIPT),
    (
        "ZEPHYR ENGINEERING AND GENERAL CONSTRUCTION CORPORATION LIMITED RESEARCH INSTITU",
        "Zephyr Engineering and General Construction Corporation Limited Research Institute Branch",
        Tier.TRUNCATED,
    ),
    ("Zephyr Boreas Logistics Ltd", "Boreas Zephyr Logistics Ltd", Tier.REORDERED),
    ("Zephyr Ventures Nigeria Limited", "Zephyr Ventures Nigera Limited", Tier.RESPELLED),
    ("Constructora Zephyriana S.A.", "Construtora Zephyriana S.A.", Tier.RESPELLED),
    ("Zephyr Consultants Group", "Zephyr Consultant Group", Tier.RESPELLED),
    ("Zephyr Intl Trading", "Zephyr International Trading", Tier.RESPELLED),
    ("Zephyr Bros. Ltd", "Zephyr Brothers Ltd", Tier.RESPELLED),
    ("Jhon Zephyr Tractors", "John Zephyr Tractors", Tier.RESPELLED),
    ("Zephyrr Ltd", "Zephyr Ltd", Tier.RESPELLED),
    ("青松第一建设有限公司", "青松第1建设有限公司", Tier.RESPELLED),
    ("青松市蓝鲸竹器厂", "青松蓝鲸竹器厂", Tier.RESPELLED),
    ("Zephyr Holdings (Arusha) Ltd", "Zephyr Holdings Ltd", Tier.SAME_BUT_BRACKETS),
    ("Zephyr Boreas Contractor", "Zephyr Boreas Contractor Supplier", Tier.CONTAINED),
]


@pytest.mark.parametrize(("left", "right", "expected"), PROPOSED, ids=[f"{one[0]} / {one[1]}" for one in PROPOSED])
def test_a_likely_pair_is_proposed_for_its_reason(left: str, right: str, expected: Tier) -> None:
    assert tier(left, right, **HERE) is expected
    assert tier(right, left, **HERE) is expected


NOT_PROPOSED = [
    ("Zephyr Factory No. 1", "Zephyr Factory No. 2"),
    ("Zephyr Motors II Ltd", "Zephyr Motors III Ltd"),
    ("1st Works Branch of Zephyr Group", "2nd Works Branch of Zephyr Group"),
    ("Zephyr Fund 2019", "Zephyr Fund 2020"),
    ("Zephyr North Mining Ltd", "Zephyr South Mining Ltd"),
    ("Zephyr Mining Ltd", "Zephyr Mining Group Ltd"),
    ("Zephyr Mining Ltd", "Zephyr Mining Branch Arusha"),
    ("Zephyr Mining do Brasil Ltda", "Zephyr Mining Ltda"),
    ("Zephyr (Arusha) Ltd", "Zephyr (Mwanza) Ltd"),
    ("Zephyr Group Chengdu Branch", "Zephyr Group Chengde Branch"),
    ("Alfa Trading Ltd", "Alba Trading Ltd"),
    ("Zephyr Import Ltd", "Zephyr Export Ltd"),
    ("Zephyr Austria GmbH", "Zephyr Australia GmbH"),
    ("General Trading Company", "General Traders Company"),
    ("青松市第一竹器厂", "青松市第二竹器厂"),
    ("青松蓝鲸有限公司一分公司", "青松蓝鲸有限公司二分公司"),
    ("青松蓝鲸有限公司", "青松蓝鲸有限公司白云分公司"),
    ("青松蓝鲸集团有限公司", "青松蓝鲸有限公司"),
    ("青松市东湖竹器厂", "青松市西湖竹器厂"),
    ("青松市蓝鲸竹器厂", "青松市蓝鲲竹器厂"),
    ("青松蓝鲸纸业有限公司", "青松蓝鲸药业有限公司"),
    ("（株）アオクジラ　東工場", "（株）アオクジラ　西工場"),
]


@pytest.mark.parametrize(("left", "right"), NOT_PROPOSED, ids=[f"{one[0]} / {one[1]}" for one in NOT_PROPOSED])
def test_kindred_names_are_two_bodies(left: str, right: str) -> None:
    assert tier(left, right, **HERE) is None
    assert tier(right, left, **HERE) is None


def test_a_difference_of_place_keeps_equal_names_apart_and_others_out() -> None:
    there = Party(("Zephyr Motors Ltd",), country="Peru")
    same = compare(Party(("ZEPHYR MOTORS LTD",), country="Chile"), there)
    assert same is not None and same.tier is Tier.SAME_NAME_OTHER_PLACE
    assert compare(Party(("Zephir Motors Ltd",), country="Chile"), there) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Viet Nam", "Vietnam"), ("United Republic of Tanzania", "Tanzania"), ("USA", "United States of America")],
)
def test_countries_are_read_as_lists_write_them(one: str, other: str) -> None:
    found = compare(Party(("Zephyr",), country=one), Party(("Zephyr",), country=other))
    assert found is not None and "+COUNTRY" in found.match_key


def uscc(body: str) -> Identifier:
    return Identifier("CN-USCC", body + uscc_check_digit(body))


def test_two_codes_of_which_an_entity_has_one_contradict_the_names() -> None:
    ours, theirs = (uscc(f"91350100M00010{number}0Y") for number in (1, 2))
    left, right = (Party(("青松蓝鲸有限公司",), identifiers=(one,)) for one in (ours, theirs))
    found = compare(left, right)
    assert found is not None
    assert found.tier is max(Tier)
    assert "−IDENTIFIER[CN-USCC]" in found.match_key
    assert f"CN-USCC: different, {ours.value} and {theirs.value}." in found.words
    respelled = Party(("青松市蓝鲸有限公司",), identifiers=(theirs,))
    assert compare(left, respelled) is None
    assert compare(left, Party(respelled.names)) is not None


def test_individuals_are_never_proposed_by_name() -> None:
    person = Party(("Zephyr Boreas",), kind="individual")
    assert compare(person, person) is None
    assert compare(Party(("Zephyr Boreas",)), person) is None


def test_a_character_that_sounds_the_same_needs_the_same_address() -> None:
    left, right = (
        Party((name,), region="青松市", addresses=("青松市白云路12号",))
        for name in ("蓝鲸宏泰竹器厂", "蓝鲸鸿泰竹器厂")
    )
    found = compare(left, right)
    assert found is not None and found.tier is Tier.RESPELLED
    assert compare(left, Party(right.names, region="青松市")) is None


def test_an_explanation_says_feature_by_feature_what_agrees_and_what_differs() -> None:
    left = Party(("ZEPHYR MOTORS S.A.",), country="Viet Nam", dates=(("listed_on", date(2024, 3, 6)),), source="one")
    right = Party(("Zephyr Motors Ltd.",), country="Vietnam", dates=(("listed_on", date(2024, 4, 15)),), source="other")
    found = compare(left, right)
    assert found is not None
    assert found.match_key == "+NAME−LEGAL_FORM+COUNTRY~LISTED_ON"
    assert found.words.splitlines() == [
        "Name: the names are the same, though written differently.",
        "Legal form: different, SA and LTD.",
        "Country: the same, written Viet Nam and Vietnam.",
        "Listed: alike, 2024-03-06 and 2024-04-15.",
        "Source: one and other.",
    ]


def test_the_best_of_several_names_counts() -> None:
    left = Party(("Lan Jing Bamboo Works", "青松市藍鯨竹器廠"))
    found = compare(left, Party(("青松市蓝鲸竹器厂",)))
    assert found is not None and found.tier is Tier.SAME_NAME


def proposal(left: str, right: str) -> Proposal:
    found = compare(Party((left,), **HERE), Party((right,), **HERE))
    assert found
    return Proposal(left, right, found)


def test_the_queue_puts_the_plainest_first_and_leaves_out_what_better_ones_explain() -> None:
    same = [proposal("Zephyr Metalor", "ZEPHYR METALOR"), proposal("Zephyr Metallor", "Zephyr Metallor Ltd")]
    crossed = proposal("Zephyr Metalor", "Zephyr Metallor Ltd")
    lone = proposal("Boreas Ventures Nigera", "Boreas Ventures Nigeria")
    assert crossed.comparison.tier is Tier.RESPELLED
    assert set(queue([lone, crossed, *same])[:2]) == set(same)
    assert queue([lone, crossed, *same])[2:] == [lone]
    assert queue([crossed]) == [crossed]
