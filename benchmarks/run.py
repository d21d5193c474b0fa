"""Measure ctnb against the plain way, side by side in one run.

Prints Markdown and writes it, with every single timing as JSON, to a folder (``build/bench`` by default). Rounds of
the two sides alternate, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import phonenumbers

from ctnb.files import read_leads
from ctnb.leads.phones import parse_phones

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
PHONE_COLUMNS = {
    "deals.csv": ["phone", "phone_2"],
    "deals_bitrix24.csv": ["Контакт: Рабочий телефон", "Контакт: Мобильный телефон"],
}


@dataclass(frozen=True)
class Race:
    """Seconds of each round, ours and the plain way's."""

    work: str
    against: str
    size: str
    ours: list[float]
    plain: list[float]

    def row(self) -> str:
        """Say it in a line of a Markdown table: medians, spread, and how many times ours is faster."""
        faster = statistics.median(self.plain) / statistics.median(self.ours)
        cells = [self.work, self.size, spread(self.ours), self.against, spread(self.plain), f"{faster:.2f}x"]
        return f"| {' | '.join(cells)} |"


def spread(seconds: list[float]) -> str:
    """Give median (least to most) in milliseconds."""
    median, least, most = (1000 * value for value in (statistics.median(seconds), min(seconds), max(seconds)))
    return f"{median:,.0f} ms ({least:,.0f} to {most:,.0f})"


def timed(work: Callable[[], object]) -> float:
    """Time one round, the rubbish of others collected first."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def alternate(ours: Callable[[], object], plain: Callable[[], object], rounds: int) -> tuple[list[float], list[float]]:
    """Time both sides in turn, after one round each that is not counted."""
    pairs = [(timed(ours), timed(plain)) for _ in range(rounds + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def sample_phones() -> pd.Series:
    """Take every phone cell of the sample deals that is not blank, each once per row it stands in."""
    tables = {name: read_leads(ROOT / "data" / name) for name in PHONE_COLUMNS}
    return pd.concat([tables[name][column] for name, columns in PHONE_COLUMNS.items() for column in columns]).dropna()


def phone_by_phonenumbers(cell: str) -> str | None:
    """Read a cell as one number, as a loop over the column would."""
    try:
        number = phonenumbers.parse(cell, "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def race_phones(rounds: int) -> tuple[Race, str]:
    """Race the phone kernel, and count where it lacks the number that phonenumbers reads."""
    cells = sample_phones()
    texts = cells.tolist()
    found = parse_phones(cells, "RU").values.to_pylist()
    read = [phone_by_phonenumbers(text) for text in texts]
    lacking = sum(number is not None and number not in ours for number, ours in zip(read, found, strict=True))
    more = sum(number is None and bool(ours) for number, ours in zip(read, found, strict=True))
    ours, plain = alternate(
        lambda: parse_phones(cells, "RU"), lambda: [phone_by_phonenumbers(text) for text in texts], rounds
    )
    size = f"{len(cells):,} cells, {cells.nunique():,} distinct"
    note = (
        f"Phones: in {lacking:,} cells phonenumbers reads a number that the kernel has not, "
        f"in {more:,} the kernel has one where phonenumbers alone reads none."
    )
    return Race("phones of a column", "phonenumbers per cell", size, ours, plain), note


def race_imports(rounds: int) -> Race:
    """Race the imports, each in a process of its own, the start of Python left out."""

    def seconds(module: str) -> float:
        code = f"import time; begin = time.perf_counter(); import {module}; print(time.perf_counter() - begin)"
        command = [sys.executable, "-c", code]
        return float(subprocess.check_output(command, text=True, encoding="utf-8"))  # noqa: S603 - our own command

    pairs = [(seconds("ctnb"), seconds("pandas")) for _ in range(rounds + 1)][1:]
    return Race(
        "import ctnb", "import pandas", "fresh process", [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    )


def main() -> None:
    """Run the races and write what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of each side (default 5)")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench", help="folder for bench.md and bench.json")
    options = parser.parse_args()

    phones, note = race_phones(options.rounds)
    races = [phones, race_imports(options.rounds)]
    machine = f"Python {platform.python_version()}, pandas {pd.__version__}, {platform.system()} {platform.machine()}"
    report = "\n".join(
        [
            f"{machine}; {options.rounds} rounds, median (least to most).",
            "",
            "| work | size | ctnb | against | plain | ctnb is faster |",
            "|---|---|---|---|---|---|",
            *[race.row() for race in races],
            "",
            note,
            "",
        ]
    )
    print(report)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.md").write_text(report, encoding="utf-8")
    figures = {"machine": machine, "rounds": options.rounds, "races": [asdict(race) for race in races], "note": note}
    (options.out / "bench.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
