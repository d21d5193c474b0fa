"""The headline of the report and of the dashboard: a sentence, and the numbers that it rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name, and a quiet word under it, which may be blank."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Headline:
    """What a frame of results amounts to; ``label`` names the facts for a screen reader."""

    sentence: str
    facts: tuple[Fact, ...]
    label: str
