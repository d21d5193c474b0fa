"""Digit patterns: what is certain about a match when only the first digits of a text are known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

DIGITS: Final = "0123456789"
SIGNS: Final = re.compile(r"\\d|\d|\[[\d-]+\]|\(\?:|\(|\)|\||\?|\{\d+(?:,\d+)?\}")

States: TypeAlias = frozenset[int]
FINAL: Final = 0
ENDED: Final = frozenset({FINAL})


class Unsettled(Exception):  # noqa: N818 (no error: more digits have to be known)
    """The digits that are known do not settle the question."""


@dataclass(frozen=True, slots=True)
class Known:
    """A digit string of which the beginning is known.

    Attributes
    ----------
    digits : str
        The first digits.
    more : int
        Number of digits that follow, each of which may be any.
    """

    digits: str
    more: int

    def __len__(self) -> int:
        return len(self.digits) + self.more

    def without(self, count: int) -> Known:
        """Drop the first digits; Unsettled when they are not known."""
        if count > len(self.digits):
            raise Unsettled
        return Known(self.digits[count:], self.more)

    def starts_with(self, prefix: str) -> bool:
        """Tell whether the string starts with some digits."""
        if self.more and prefix.startswith(self.digits) and prefix != self.digits:
            raise Unsettled
        return self.digits.startswith(prefix)


@dataclass(slots=True)
class Automaton:
    """The patterns of a numbering plan as one machine without empty moves.

    A set of states stands for the texts that lead from it to the end. The metadata of `phonenumbers`
    needs no more than digits, classes, groups, alternatives and counted repeats; any other pattern is
    one that nothing is known of.
    """

    moves: list[tuple[str, States]] = field(default_factory=lambda: [("", frozenset())])
    entries: dict[str, States | None] = field(default_factory=dict)
    steps: dict[tuple[States, str], States] = field(default_factory=dict)
    verdicts: dict[tuple[States, int], bool | None] = field(default_factory=dict)

    def entry(self, pattern: str) -> States:
        """Return the states that a pattern begins in; Unsettled when it cannot be read."""
        if pattern not in self.entries:
            signs = SIGNS.findall(pattern)
            self.entries[pattern] = self._choice(signs[::-1], ENDED) if "".join(signs) == pattern else None
        states = self.entries[pattern]
        if states is None:
            raise Unsettled
        return states

    def matches(self, states: States, number: Known) -> bool:
        """Tell whether a number leads to the end, whatever its unknown digits are; else Unsettled."""
        for digit in number.digits:
            states = self.step(states, digit)
        verdict = self.verdict(states, number.more)
        if verdict is None:
            raise Unsettled
        return verdict

    def end_of_match(self, pattern: str, number: Known) -> re.Match[str] | None:
        """Match the beginning of a number as `re.match` does; Unsettled when unknown digits take part."""
        states = self.entry(pattern)
        for digit in number.digits:
            states = self.step(states, digit)
        if number.more and states - ENDED:
            raise Unsettled
        return re.match(pattern, number.digits)

    def step(self, states: States, digit: str) -> States:
        """Return the states after one more digit."""
        key = states, digit
        if key not in self.steps:
            reached = (targets for state in states for digits, targets in [self.moves[state]] if digit in digits)
            self.steps[key] = frozenset().union(*reached)
        return self.steps[key]

    def verdict(self, states: States, more: int) -> bool | None:
        """Tell whether all strings of some length lead to the end or none does; None when some do."""
        if not more or not states:
            return FINAL in states
        key = states, more
        if key not in self.verdicts:
            answers = {self.verdict(self.step(states, digit), more - 1) for digit in DIGITS}
            self.verdicts[key] = answers.pop() if len(answers) == 1 else None
        return self.verdicts[key]

    def _choice(self, signs: list[str], follow: States) -> States:
        """Read alternatives up to a closing bracket or the end; the next sign stands last."""
        found = self._sequence(signs, follow)
        while signs and signs[-1] == "|":
            signs.pop()
            found |= self._sequence(signs, follow)
        return found

    def _sequence(self, signs: list[str], follow: States) -> States:
        """Read one alternative, from its last item to its first, as each item leads to the one behind it."""
        items: list[tuple[list[str], int, int]] = []
        while signs and signs[-1] not in {"|", ")"}:
            item = self._item(signs)
            fewest, most = 1, 1
            if signs and signs[-1] == "?":
                fewest, most = 0, int(bool(signs.pop()))
            elif signs and signs[-1].startswith("{"):
                bounds = signs.pop()[1:-1].split(",")
                fewest, most = int(bounds[0]), int(bounds[-1])
            items.append((item, fewest, most))
        for item, fewest, most in reversed(items):
            behind = follow
            for _ in range(most - fewest):
                follow = self._entered(item, follow) | behind
            for _ in range(fewest):
                follow = self._entered(item, follow)
        return follow

    def _item(self, signs: list[str]) -> list[str]:
        """Remove the signs of one class or one whole group from the end, and return them."""
        item = [signs.pop()]
        depth = int(item[0].startswith("("))
        while depth:
            item.append(signs.pop())
            depth += item[-1].startswith("(") - (item[-1] == ")")
        return item

    def _entered(self, item: list[str], follow: States) -> States:
        """Return the states before an item that leads to others."""
        if len(item) > 1:
            return self._choice(item[-2:0:-1], follow)
        self.moves.append((members(item[0]), follow))
        return frozenset({len(self.moves) - 1})


def members(sign: str) -> str:
    """Return the digits that a class stands for."""
    return "".join(digit for digit in DIGITS if re.fullmatch(sign, digit))
