"""Frames to plot, and the texts that a reader sees of a plot."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.text import Text

from ctnb.outcomes import Reason, Status
from ctnb.results.columns import answer_frame


def results(n=600, rules=("call", "callContact", "requestContact"), *, rates=(0.4, 0.3, 0.2), days=90):
    """n answered rows that were offered every rule, a fixed share of which each rule matched."""
    chance = np.random.default_rng(7).random((n, len(rules)))
    won = [next((at for at, (c, rate) in enumerate(zip(row, rates, strict=True)) if c < rate), None) for row in chance]
    return answer_frame(
        {
            "status": ["unmatched" if at is None else "commented" for at in won],
            "matched": [at is not None for at in won],
            "matched_by": [None if at is None else rules[at] for at in won],
            "rule": [None if at is None else at + 1 for at in won],
            "offered": [">".join(rules)] * n,
            "error_code": ["lead_not_found" if at is None else None for at in won],
            "answered_at": pd.date_range("2026-01-05", periods=n, freq=pd.Timedelta(days=days) / max(n, 1)),
        },
        pd.RangeIndex(n),
    )


def failed(n=60):
    statuses, codes = list(Status)[1:], list(Reason)
    return answer_frame(
        {"status": [statuses[at % 6] for at in range(n)], "error_code": [codes[at % len(codes)] for at in range(n)]},
        pd.RangeIndex(n),
    )


def texts(ax):
    return [text.get_text() for text in [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels()] if text.get_text()]


def everything(ax):
    return " | ".join([ax.get_title(), ax.get_xlabel(), *texts(ax)])


def boxes(ax):
    """The extents of every text that is seen: title, ticks and numbers."""
    ax.figure.draw_without_rendering()
    seen = [child for child in ax.get_children() if isinstance(child, Text)]
    if ax.axison:
        seen += [*ax.get_yticklabels(), *ax.get_xticklabels(), ax.xaxis.label, ax.xaxis.get_offset_text()]
    return [(text.get_text(), text.get_window_extent()) for text in seen if text.get_text().strip()]


def assert_legible(ax):
    found = boxes(ax)
    for (one, box), (other, other_box) in itertools.combinations(found, 2):
        assert not box.overlaps(other_box), f"{one!r} stands on {other!r}"
    figure = ax.figure.bbox
    for text, box in found:
        assert box.x0 >= figure.x0 - 1, text
        assert box.x1 <= figure.x1 + 1, text
        assert box.y0 >= figure.y0 - 1, text
        assert box.y1 <= figure.y1 + 1, text


def seen_texts(ax):
    """The texts that are drawn, those around the axes included."""
    ax.figure.draw_without_rendering()
    found = [each for each in ax.findobj(Text) if each.get_visible() and each.get_text().strip()]
    return [each for each in found if ax.axison or each in ax.texts or each is ax.title]
