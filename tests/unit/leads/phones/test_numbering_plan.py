import numpy as np
import pytest

from ctnb.leads.phones.digit_reader import DigitReader
from ctnb.leads.phones.library import valid_phone
from ctnb.leads.phones.numbering_plan import DEEPEST, NO_KIND, UNKNOWN, NumberingPlan, kinds_of


def conversion_of(plan, text):
    """Look one number up, its page made before."""
    digits = text.lstrip("+")
    firsts = np.array([int(digits[:DEEPEST].ljust(DEEPEST, "7"))], dtype=np.int32)
    kinds = kinds_of(np.array(["+" in text]), np.array([len(digits)]), firsts)
    plan.learn(int(kinds[0]))
    return plan.conversions[plan.look_up(kinds, firsts)[0]]


@pytest.fixture
def plan():
    return NumberingPlan(DigitReader("RU"))


@pytest.mark.parametrize(
    "text",
    ["89157771122", "79157771122", "9157771122", "+79157771122", "+375291234567", "87012345678", "12345", "+123"],
)
def test_a_page_says_what_the_library_says(plan, text):
    digits = text.lstrip("+")
    found = conversion_of(plan, text)
    assert (found.applied(digits), found.reason) == valid_phone(text, "RU")


def test_what_the_first_digits_do_not_settle_stays_unknown(plan):
    # San Marino's pattern has an anchor, which is not followed.
    assert conversion_of(plan, "+378549886377") == plan.conversions[UNKNOWN]


def test_without_its_page_nothing_is_known_of_a_kind(plan):
    kinds = kinds_of(np.array([False]), np.array([11]), np.array([8915777], dtype=np.int32))
    assert plan.look_up(kinds, np.array([8915777], dtype=np.int32)).tolist() == [UNKNOWN]


def test_a_page_is_made_once(plan):
    conversion_of(plan, "89157771122")
    size = len(plan.pages.table)
    conversion_of(plan, "89161112233")
    assert len(plan.pages.table) == size


@pytest.mark.parametrize("length", [0, 2, 16, 200])
def test_strings_of_other_lengths_have_no_kind(length):
    kinds = kinds_of(np.array([True]), np.array([length]), np.array([7915777], dtype=np.int32))
    assert kinds.tolist() == [NO_KIND]


@pytest.mark.parametrize("text", ["89157771122", "80028824", "+78001234567", "0", "4955"])
@pytest.mark.parametrize("region", ["RU", "BY", "IT"])
def test_one_number_is_asked_for_by_itself(text, region):
    plan = NumberingPlan(DigitReader(region))
    found = plan.conversions[plan.ask(text)]
    assert (found.applied(text.lstrip("+")), found.reason) == valid_phone(text, region)


def test_a_region_whose_rules_write_numbers_anew_leaves_them_to_the_library():
    # Argentina moves the mobile token; its page must not guess.
    assert conversion_of(NumberingPlan(DigitReader("AR")), "01115123456789"[:13]).country in {"", "54"}


def test_a_library_that_reads_otherwise_than_the_reader_is_not_overruled(monkeypatch, plan):
    monkeypatch.setattr("ctnb.leads.phones.numbering_plan.valid_phone", lambda *_: ("", "another version"))
    assert conversion_of(plan, "89157771122") == plan.conversions[UNKNOWN]
