"""Draw the gallery from the sample deals into the staged pages of a language: ``draw_gallery.py source/ru``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import pandas as pd

import ctnb

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

DATA = Path(__file__).resolve().parents[1] / "data"
NAMES = (
    "match_rates",
    "by_manager",
    "by_month",
    "heatmap",
    "funnel",
    "waterfall",
    "waterfall_by",
    "errors",
    "timeline",
    "timeline_by",
    "depth",
    "clock",
    "comparison",
)

DARK = ["dark_background", {f"{part}.facecolor": "#14181e" for part in ("figure", "axes", "savefig")}]
"""The ground is that of the theme's dark pages."""
NARROW = 4.4
"""Inches of width for a phone: the texts have the size of small print there."""


def pictures() -> dict[str, Callable[..., Axes]]:
    """Send the sample deals to an emulator, look them up in the journals, and say how each picture is drawn."""
    deals = ctnb.read_leads(DATA / "deals.csv")
    book = ctnb.load_rulebook(DATA / "rules.toml")
    files = {"calls": DATA / "calls.csv", "requests": DATA / "requests.csv"}
    with ctnb.Emulator(**files, rate=None) as vendor:
        done = deals.calltouch.comment(book, connection=vendor.connection, progress=False)
    preview = deals.calltouch.preview(book, journal=ctnb.Journal(**files))
    half = ctnb.Rulebook(book.rules[:2], book.comment, key=book.key)
    before = deals.calltouch.preview(half, journal=ctnb.Journal(**files))
    comparison = done.calltouch.compare(before.frame, key="deal_id")
    plot = done.calltouch.plot
    dated = done.assign(
        created_at=pd.to_datetime(done["created_at"], dayfirst=True, format="mixed", errors="coerce", utc=True)
    ).calltouch
    drawn = (
        plot.match_rates,
        partial(plot.match_rates, "manager"),
        partial(dated.plot.match_rates, pd.Grouper(key="created_at", freq="MS")),
        partial(plot.heatmap, "manager", "type"),
        plot.funnel,
        plot.waterfall,
        partial(plot.waterfall, "manager"),
        plot.errors,
        partial(plot.timeline, "created_at"),
        partial(plot.timeline, "created_at", by="manager"),
        preview.plot.depth,
        preview.plot.clock,
        comparison.plot,
    )
    return dict(zip(NAMES, drawn, strict=True))


def draw(source: Path, how: dict[str, Callable[..., Axes]]) -> None:
    """Draw the pictures in the language of a staged folder, which is its name: light and dark, wide and for phones."""
    ctnb.set_language(source.name)
    for folder, style in ((source / "_gallery", {}), (source / "_gallery" / "dark", DARK)):
        (folder / "narrow").mkdir(parents=True, exist_ok=True)
        with plt.style.context(style):
            for name, picture in how.items():
                axes = picture()
                wide = (axes if hasattr(axes, "figure") else axes.flat[0]).figure
                narrow = plt.figure(figsize=(NARROW, wide.get_figheight()), layout="constrained")
                picture(ax=narrow.add_subplot())
                wide.savefig(folder / f"{name}.png", dpi=110, bbox_inches="tight")
                narrow.savefig(folder / "narrow" / f"{name}.png", dpi=200)
                plt.close("all")


def leave_blank(source: Path) -> None:
    """Put an empty picture in the place of each, where pages are read for their texts alone."""
    for version in ("", "dark", "narrow", "dark/narrow"):
        folder = source / "_gallery" / version
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            plt.imsave(folder / f"{name}.png", [[0.0]])


if __name__ == "__main__":
    *options, source = sys.argv[1:]
    if options == ["--blank"]:
        leave_blank(Path(source))
    else:
        draw(Path(source), pictures())
