"""Draw the pictures that the README shows, from the sample deals (``python docs/make_pictures.py``)."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import ctnb
from ctnb.rulebooks import load_rulebook
from ctnb.samples import sample

HERE = Path(__file__).parent


def main() -> None:
    """Comment the sample deals on an emulator without a rate limit, and draw what came of it."""
    ctnb.set_language("en")
    book = load_rulebook(sample("rules.toml"))
    deals = ctnb.read_leads(sample("deals.csv"))
    with ctnb.Emulator(calls=sample("calls.csv"), requests=sample("requests.csv"), rate=None) as vendor:
        done = ctnb.comment(
            deals, book.rules, book.comment or "", key=book.key, connection=vendor.connection, progress=False
        )
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    done.calltouch.plot.match_rates(ax=figure.add_subplot())
    # Without the version and the date, the same picture is the same file.
    figure.savefig(HERE / "match_rates.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
