"""For each law a guard, how it is broken here, and the tests of which one must then fail.

A guard is `module:function` below `sharehub`; what stands in `before` once in its source is replaced by `after`.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One guard broken in one place."""

    law: int
    guard: str
    before: str
    after: str
    tests: tuple[str, ...]


LAWS = "property/test_laws.py::test_an_entry_that_breaks_a_law_is_refused_by_its_number"
TEXT = "property/test_law_text.py::test_whatever_text_is_loaded_keeps_the_laws"
SPELT = "property/test_law_text.py::test_no_spelling_brings_an_essential_service_into_a_rulebook[water]"
DOORS = "property/test_law_doors.py::test_"
RESTS = f"{DOORS}whatever_is_in_place_rests_on_a_final_decision_that_nothing_has_ended"
PERSON = f"{DOORS}a_person_is_listed_only_as_a_reminded_debtor_of_age_who_can_pay"
ENDED = f"{DOORS}what_ends_a_decision_ends_every_measure_on_that_day"
OUTSIDE = f"{DOORS}no_agency_decides_outside_its_kinds_or_its_place"
STRANGERS = f"{DOORS}what_strangers_say_of_a_decision_changes_nothing"
LAWFUL = f"{DOORS}whatever_the_clock_and_the_kind_only_lawful_measures_are_in_place"
PUBLISHED = f"{DOORS}no_measure_without_a_published_entry_in_force_on_the_grounds_day"
MADE = "property/test_laws.py::test_a_measure_without_what_every_measure_needs_cannot_be_made"
FOLLOWS = "unit/core/test_standing.py::test_an_event_follows_only_where_the_law_lets_it"
STAYS = f"{DOORS}only_a_stay_suspends_and_only_what_is_open_disputes"
SPELLING = f"{DOORS}nobody_approves_in_another_spelling_what_they_decided"


def breach(name: str) -> str:
    """The test of one breach."""
    return f"{LAWS}[{name}]"


MUTANTS = (
    Mutant(2, "core.safeguard:_complete", "if not _stated(value)", "if False", (breach("no remedies"),)),
    Mutant(2, "core.safeguard:_complete", "entry.term_months < 1", "False", (breach("a term of nothing"),)),
    Mutant(2, "core.safeguard:_stated", "map(str.isalnum, value)", "(True,)", (TEXT, breach("a blank authority"))),
    Mutant(2, "core.safeguard:_rank", "best < least", "False", (breach("a basis of too low a rank"),)),
    Mutant(2, "core.measure:Measure.__post_init__", "if not value or", "if", (MADE,)),
    Mutant(2, "core.entry:Entry.in_force", "self.effective_from <= on and", "", (PUBLISHED,)),
    Mutant(2, "core.catalogue:Catalogue._counting", "return first if first.published_on <= on else None",
           "return first", (PUBLISHED,)),
    Mutant(3, "core.safeguard:_ground", "if kind not in GROUND_KINDS", "if kind == 'complaint'", (TEXT,)),
    Mutant(3, "core.safeguard:_final", 'test == "finality"', "False",
           (breach("a penalty or judgment that is not final"),)),
    Mutant(3, "core.safeguard:_final", 'kind == "arrears"', "False", (breach("arrears that may be contested"),)),
    Mutant(3, "core.safeguard:undecided", "isinstance(said, str) and _unsure(said)", "False",
           (f"{DOORS}what_is_not_final_is_no_ground_whatever_its_entry_says",)),
    Mutant(3, "core.safeguard:competent", "and catalogue.covers(agency, record.jurisdiction)", "", (OUTSIDE,)),
    Mutant(3, "core.safeguard:competent", 'record.kind in (*agency.record_kinds, "withdrawal")', "True", (OUTSIDE,)),
    Mutant(4, "core.safeguard:_ground", "if kind not in GROUND_KINDS", "if kind not in GROUND_KINDS | {'complaint'}",
           (breach("a complaint as ground"),)),
    Mutant(4, "core.safeguard:_ground", '("barred_by", entry.barred_by)', "", (breach("a complaint that ends"),)),
    Mutant(4, "core.safeguard:undecided", "record.kind not in GROUND_KINDS", "False",
           (f"{DOORS}what_is_not_final_is_no_ground_whatever_its_entry_says",)),
    Mutant(5, "core.safeguard:_reminds", "need.count >= _REMINDERS", "True", (breach("two reminders"),)),
    Mutant(5, "core.safeguard:_individuals", 'entry.publication == "public"', "False", (breach("debtors in public"),)),
    Mutant(5, "core.safeguard:_individuals", "or not able", "", (breach("debtors whose means nobody examined"),)),
    Mutant(5, "core.safeguard:_individuals", 'or entry.starts_after_field != "grace_until"', "",
           (breach("debtors without a grace period"),)),
    Mutant(5, "core.safeguard:shielded", 'record.value("minor") is True', "False",
           (f"{DOORS}neither_minors_nor_representatives_are_ever_the_subject",)),
    Mutant(5, "core.safeguard:shielded", 'record.value("capacity") not in (None, "debtor")', "False", (PERSON,)),
    Mutant(5, "core.grounds:_of_age", "any(found)", "False",
           (PERSON, f"{DOORS}who_is_a_minor_in_one_judgment_is_in_all")),
    Mutant(5, "core.safeguard:may_issue", "if entity_kind not in entry.entity_kinds", "if False", (LAWFUL,)),
    Mutant(5, "core.safeguard:may_issue", 'if entity_kind == "individual"', "if False",
           (f"{DOORS}no_unlawful_entry_reaches_a_person_even_unchecked",)),
    Mutant(5, "core.timeline:_due", 'private = "individual" in (record.subject_kind, case.dossier.kind)',
           "private = False", (PERSON,)),
    Mutant(5, "core.entity:masked", 'kind != "individual"', "True",
           ("unit/core/test_standing.py::test_only_the_first_character_of_a_persons_name_is_shown",)),
    Mutant(5, "core.privacy:masked_identifier", 'kind != "individual" or', "True or",
           ("unit/core/test_privacy.py::test_only_the_end_of_an_individuals_identifier_is_shown",)),
    Mutant(5, "core.reader:Sight.sees", "or kind != INDIVIDUAL", "or True",
           ("unit/core/test_check.py::test_who_sees_what",)),
    Mutant(6, "core.safeguard:_services", "entry.kind is not MeasureKind.REWARD", "entry.kind == 'restriction'",
           (SPELT, breach("an essential service"))),
    Mutant(6, "core.safeguard:_untouchable", "if plainly_spelt(target)", "if True", (SPELT,)),
    Mutant(6, "core.services:within", "_words(service) <= said", "service == target", (SPELT,)),
    Mutant(6, "core.safeguard:may_issue", "if measure.kind is not MeasureKind.REWARD", "if False",
           ("property/test_laws.py::test_a_restriction_of_an_essential_service_is_not_issued",)),
    Mutant(7, "core.safeguard:agency_violations", "if agency.id in named", "if False",
           ("property/test_laws.py::test_a_private_scheme_can_be_no_agency",)),
    Mutant(7, "core.safeguard:_own_rating", "and not named", "and False", (breach("a rating of any scheme"),)),
    Mutant(7, "core.competence:not_public", "if form", "if False", ("unit/core/test_competence.py",)),
    Mutant(8, "core.safeguard:_exits", "if not exit_rule.where", "if False",
           ("property/test_laws.py::test_an_exit_without_a_condition_is_refused",)),
    Mutant(8, "core.standing:advance", "if status not in", "if False and status not in", (FOLLOWS,)),
    Mutant(8, "core.spells:in_order", "sorted(revisions)", "sorted(revisions)[:1]",
           ("property/test_decisions.py::test_a_measure_never_outlives_its_ground",)),
    Mutant(8, "core.terms:ends", "else record.effective_to", "else None",
           (f"{DOORS}the_end_that_a_decision_states_ends_what_follows_from_it",)),
    Mutant(8, "core.process:_ending", 'record.kind == "delisting"', "False", (ENDED,)),
    Mutant(8, "core.process:_ending", 'record.kind == "performance"', "False", (ENDED,)),
    Mutant(8, "core.process:_ending", 'record.kind == "repair-decision"', "False", (ENDED,)),
    Mutant(8, "core.process:_ending", 'record.kind == "appeal"', "False", (ENDED,)),
    Mutant(8, "core.decision:_vanished", "if state is None or not state.in_place", "if True",
           (f"{DOORS}a_merge_leaves_what_one_entity_would_have_and_a_split_what_each_would",)),
    Mutant(9, "core.process:effects", 'if record.kind == "stay"', 'if record.kind in ("stay", "appeal")',
           (f"{DOORS}an_appeal_suspends_nothing_even_where_it_says_so",)),
    Mutant(9, "core.process:_disputes", "record.record_key not in answered", "False", (STAYS,)),
    Mutant(9, "core.process:_last_day", "min(record.effective_to, add_months(record.effective_from, 1))",
           "record.effective_to", (f"{DOORS}no_exception_lasts_longer_than_a_month",)),
    Mutant(9, "core.dossier:Dossier._may_say", "record.kind not in BY_THE_DECIDER or", "True or", (STRANGERS,)),
    Mutant(9, "core.dossier:Dossier._may_say", "if not self.catalogue.covers(",
           "if False and not self.catalogue.covers(", (STRANGERS,)),
    Mutant(9, "core.dossier:Dossier._processes", "if self._may_say(spell.record, about)",
           "if self._may_say(spells[0].record, about)",
           (f"{DOORS}a_later_revision_lifts_nothing_that_its_speaker_may_not",)),
    Mutant(10, "core.safeguard:_related", "len(words) < 3", "not entry.relatedness",
           (breach("two words on how it relates"), breach("blanks on how it relates"))),
    Mutant(10, "core.measure:Measure.__post_init__", "not _says_something(self.relatedness)", "False", (MADE,)),
    Mutant(11, "core.safeguard:may_issue", "if conflict and", "if False and", (LAWFUL,)),
    Mutant(11, "core.decision:decide", 'lambda event: event.event != "issued"', "lambda event: True",
           (f"{DOORS}what_ended_while_identifiers_conflict_does_not_begin_again",)),
    Mutant(11, "core.resolution:_joined", "one != other and foes[one] & members[other]", "False",
           ("property/test_resolution.py::test_what_is_judged_different_is_never_one_entity",)),
    Mutant(12, "core.judgement:Judgement.effective", "bool(self.reason.strip()) and", "",
           ("unit/core/test_judgement.py::test_a_decision_without_a_reason_does_not_count",)),
    Mutant(12, "core.activation:_unsigned", "if not said.reason.strip()", "if False",
           (f"{DOORS}no_change_of_the_rules_without_a_reason_and_a_person",)),
    Mutant(12, "core.check:_lacking", "and not reader.reasoned", "and False",
           ("unit/core/test_check.py::test_an_individual_needs_a_reason_and_behind_a_mask_the_name",)),
    Mutant(13, "core.judgement:Judgement.effective", "(self.approved or not self.approval_required)", "True",
           ("property/test_resolution.py::test_what_waits_for_a_second_person_changes_nothing",)),
    Mutant(13, "core.judgement:two_people", 'normalize("NFKC", name).casefold()', "name", (SPELLING,)),
    Mutant(13, "core.activation:_alone", "if said.approved_by is None", "if False", ("property/test_activation.py",)),
    Mutant(14, "core.validity:known", "one.received_at <= known_at", "True",
           ("property/test_clocks.py::test_of_each_record_the_highest_revision_known_that_counts_speaks",)),
    Mutant(14, "core.record:latest", "newest[key].revision < record.revision", "True",
           ("property/test_resolution.py::test_order_and_repetition_do_not_matter",)),
    Mutant(14, "flow.admission:admit", "failed.drop_nulls()", "failed.head(0)",
           ("property/test_admission.py::test_columns_and_the_laws_of_one_record_agree",)),
)  # fmt: skip
