"""How `phonenumbers` reads a string of digits, followed as far as its first digits settle it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from phonenumbers import PhoneMetadata, ValidationResult
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE, region_code_for_country_code

from ctnb.leads.phones.digit_patterns import Automaton, Known, Unsettled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnb.leads.phones.digit_patterns import States

SHORTEST_NATIONAL: Final = 2
LONGEST_NATIONAL: Final = 17
LONGEST_COUNTRY_CODE: Final = 3
NOT_STRIPPED: Final = {
    ValidationResult.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ValidationResult.INVALID_LENGTH,
}
TYPES: Final = (
    "premium_rate toll_free shared_cost voip personal_number pager uan voicemail fixed_line mobile".split()  # noqa: SIM905
)


class Conversion(NamedTuple):
    """How a digit string becomes a number in E.164.

    Attributes
    ----------
    country : str
        Digits to be written before the string; blank when it is no valid number.
    dropped : int
        First digits of the string that are left out.
    reason : str
        Why it is no valid number; else blank.
    """

    country: str = ""
    dropped: int = 0
    reason: str = ""

    def applied(self, digits: str) -> str:
        """Return the number that a digit string becomes, blank when it is none."""
        return self.country + digits[self.dropped :] if self.country else ""


NO_NUMBER: Final = Conversion()


@dataclass(frozen=True, slots=True)
class DigitReader:
    """The steps of ``phonenumbers.parse`` and ``is_valid_number`` over digits of which some are not known.

    Each step asks the metadata; where the answer depends on an unknown digit, `Unsettled` is raised. So a
    conversion that is returned holds for every string that begins with the known digits and is as long.
    What is found here is not trusted by itself: the caller compares it with what the library reads.

    Attributes
    ----------
    region : str
        Country whose numbers are written without a country code.
    """

    region: str
    automaton: Automaton = field(default_factory=Automaton)

    def read(self, number: Known, *, signed: bool) -> Conversion:
        """Read a digit string of three digits or more, written with a plus or without; no reason is given."""
        code, national = self._with_plus(number) if signed else self._without_plus(number)
        if code < 0:
            return NO_NUMBER
        metadata = of_code(code) if code else of_region(self.region)
        national = number if not code else national
        if len(national) < SHORTEST_NATIONAL:
            return NO_NUMBER
        stripped = self._without_national_prefix(national, metadata)
        if length_result(len(stripped), metadata) not in NOT_STRIPPED:
            national = stripped
        if not SHORTEST_NATIONAL <= len(national) <= LONGEST_NATIONAL:
            return NO_NUMBER
        if not self._is_valid(national, metadata.country_code):
            return NO_NUMBER
        return Conversion(str(metadata.country_code), len(number) - len(national))

    def _with_plus(self, number: Known) -> tuple[int, Known]:
        """Return country code and national number; a code of -1 when there is none."""
        code, national = country_code_of(number)
        if code:
            return code, national
        # The library then tries the digits without their plus.
        code, national = self._without_plus(number)
        return code or -1, national

    def _without_plus(self, number: Known) -> tuple[int, Known]:
        """Return country code and national number; 0 when the number is the region's own, -1 for no number."""
        metadata = of_region(self.region)
        dialled = self.automaton.end_of_match(metadata.international_prefix or "[]", number)
        if dialled:
            rest = number.without(dialled.end())
            if not len(rest) or not rest.starts_with("0"):
                code, national = country_code_of(rest) if len(rest) > SHORTEST_NATIONAL else (0, rest)
                return code or -1, national
        home = str(metadata.country_code)
        if number.starts_with(home):
            national = self._without_national_prefix(number.without(len(home)), metadata)
            general = self.automaton.entry(metadata.general_desc.national_number_pattern)
            if length_result(len(number), metadata) == ValidationResult.TOO_LONG or (
                not self.automaton.matches(general, number) and self.automaton.matches(general, national)
            ):
                return metadata.country_code, national
        return 0, number

    def _without_national_prefix(self, number: Known, metadata: Any) -> Known:
        """Drop the digits that are dialled before a number at home."""
        prefix = metadata.national_prefix_for_parsing
        found = self.automaton.end_of_match(prefix, number) if prefix and len(number) else None
        if not found:
            return number
        if metadata.national_prefix_transform_rule and found.groups() and found.groups()[-1] is not None:
            raise Unsettled
        rest = number.without(found.end())
        general = self.automaton.entry(metadata.general_desc.national_number_pattern)
        if self.automaton.matches(general, number) and not self.automaton.matches(general, rest):
            return number
        return rest

    def _is_valid(self, national: Known, code: int) -> bool:
        """Tell whether a number is in the plan of its country, or of the first country that claims it."""
        regions = COUNTRY_CODE_TO_REGION_CODE[code]
        if len(regions) == 1:
            return self._has_type(national, of_code(code))
        for metadata in map(of_region, regions):
            if metadata.leading_digits is None:
                if self._has_type(national, metadata):
                    return True
            elif self.automaton.end_of_match(metadata.leading_digits, national):
                return self._has_type(national, metadata)
        return False

    def _has_type(self, national: Known, metadata: Any) -> bool:
        """Tell whether a number is of any type that a plan has."""
        general = self._entries([metadata.general_desc], len(national))
        typed = self._entries([getattr(metadata, name) for name in TYPES], len(national))
        return self.automaton.matches(general, national) and self.automaton.matches(typed, national)

    def _entries(self, descriptions: Sequence[Any], length: int) -> States:
        """Return the states in which the patterns of some types begin, those of other lengths left out."""
        patterns = [
            description.national_number_pattern
            for description in descriptions
            if description and description.national_number_pattern
            if not description.possible_length or length in description.possible_length
        ]
        return frozenset().union(*map(self.automaton.entry, patterns))


def of_region(region: str) -> Any:
    """Return the metadata of a region."""
    return PhoneMetadata.metadata_for_region(region, None)


def of_code(code: int) -> Any:
    """Return the metadata of the main region of a country code."""
    return PhoneMetadata.metadata_for_region_or_calling_code(code, region_code_for_country_code(code))


def country_code_of(number: Known) -> tuple[int, Known]:
    """Split a number behind its country code; 0 when it has none."""
    if number.starts_with("0"):
        return 0, number
    for length in range(1, min(len(number), LONGEST_COUNTRY_CODE) + 1):
        rest = number.without(length)
        code = int(number.digits[:length])
        if code in COUNTRY_CODE_TO_REGION_CODE:
            return code, rest
    return 0, number


def length_result(length: int, metadata: Any) -> Any:
    """Return the library's verdict on a national number's length; see `phonenumbers.phonenumberutil`."""
    general = metadata.general_desc
    if length in general.possible_length_local_only:
        return ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    if length in general.possible_length:
        return ValidationResult.IS_POSSIBLE
    if length < general.possible_length[0]:
        return ValidationResult.TOO_SHORT
    return ValidationResult.TOO_LONG if length > general.possible_length[-1] else ValidationResult.INVALID_LENGTH


@cache
def shortest_pair(region: str) -> int:
    """Return how few digits two valid numbers in one text may have together, no plus between them."""
    abroad: int = min(
        len(str(code)) + of_code(code).general_desc.possible_length[0] for code in COUNTRY_CODE_TO_REGION_CODE
    )
    # The first one may have a plus; to dial abroad without it takes a digit at least.
    home: int = of_region(region).general_desc.possible_length[0]
    return abroad + min(home, abroad + 1)
