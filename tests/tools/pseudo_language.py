"""A language that is no language: every translated text stands in ⟦ ⟧, so that what is not translated stands outside.

Only the words of a message are wrapped, not the values that are put in: ``⟦There is no column ⟧'x'⟦.⟧``. Thus a value
that should have been a message of its own is found as well. Give the data of such a test Greek words: they are not
looked at.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any

import pytest

from ctnb.i18n import language
from ctnb.outcomes import Kind, Reason, Status

_FIELD = re.compile(r"(?<!\{)(\{\w+(?:![rsa])?(?::[^{}]*)?\})(?!\})")
_LETTERS = re.compile(r"[^\W\d_]")
_WRAPPED = re.compile(r"⟦[^⟦⟧]*⟧")
_CUT = re.compile(r"⟦[^⟦⟧]*$|^[^⟦⟧]*⟧")
"""The rest of a message of which a label shows a part."""

_ATTRIBUTES = frozenset({"title", "aria-label", "aria-description", "alt", "placeholder", "data-label", "label"})
_UNREAD = frozenset({"style", "script"})
_VALUES = "|".join(sorted({*map(str, [*Kind, *Status, *Reason])}, key=len, reverse=True))
_ALLOWED = [
    r"https?://\S*|[\w.+*-]+@[\w.*-]+",  # addresses
    r"\{\w*(?:[|:][^{}]*)?\}",  # a field of a template
    r"\bct_\w+|\bctnb(?:[.\w]*\w)?|\bCTNB_\w+|\bCALLTOUCH_\w+",  # our names
    r"(?<![\w-])--?[a-z][\w-]*",  # options of commands
    r"\b[a-z][a-z_]*=\S*",  # key=, job=
    r"(?<!\w)\.?[a-z]+_[a-z_]+\b|\b[a-z]+(?:_[a-z]+)+\b",  # snake_case: columns, parameters
    rf"\b(?:{_VALUES})\b(?=>|$|[^\w])",
    r"\b(?:callId|callReferenceId|sipCallId|requestId|requestNumber|nearest(?:Uniq(?:Lead)?)?)\b",
    r"\b(?:Call|Request|CallContact|RequestContact|Calltouch|UTC|MSK|Europe/\w+|ID|CSV|XLSX|PNG|SVG|HTML|TOML)\b",
    r"\b\d{4}-\d\d-\d\d(?:T[\d:]+Z?)?\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|\b(?:AM|PM)\b",
    r"\b\d+[dhms]\b|\bNone\b",
    r"(?<!\w)\.[a-z]{2,8}\b|^<[A-Z]\w+",  # the ending of a file, the class that a repr begins with
]
"""What may stand outside: names, codes, dates. Keep it short: each line is a way for English to slip through."""


class PseudoCatalogue(NullTranslations):
    """Translations that only wrap."""

    def gettext(self, message: str) -> str:
        """Return a message with its words wrapped and its fields as they are."""
        return "".join(
            part if at % 2 or not _LETTERS.search(part) else f"⟦{part}⟧"
            for at, part in enumerate(_FIELD.split(message))
        )

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form for one or for several, wrapped."""
        return self.gettext(one if count == 1 else many)


@contextmanager
def pseudo_language() -> Iterator[None]:
    """Show everything in the pseudo-language."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "_catalogue", lambda _: PseudoCatalogue())
        yield


def untranslated(text: str, *, allowed: Iterable[str] = ()) -> list[str]:
    """Return the words of a text that are in no brackets, and are no names, codes or dates.

    Parameters
    ----------
    text : str
        What is shown, without markup.
    allowed : iterable of str
        Regular expressions of what else may stand there: data, the vendor's own words.
    """
    bare = text
    while (shorter := _WRAPPED.sub(" ", bare)) != bare:
        bare = shorter
    bare = _CUT.sub(" ", bare)
    for pattern in (*allowed, *_ALLOWED):
        bare = re.sub(pattern, " ", bare)
    return re.findall(r"[A-Za-z\u0400-\u04ff]{2,}", bare)


def assert_translated(texts: Iterable[str], *, allowed: Iterable[str] = ()) -> None:
    """Fail with each text that has words outside the brackets; and where there is nothing translated at all."""
    shown = list(texts)
    assert any("⟦" in text for text in shown), f"nothing is translated: {shown[:20]}"
    found = {text: words for text in shown if (words := untranslated(text, allowed=allowed))}
    assert not found, "\n".join(f"{words}: {text!r}" for text, words in found.items())


class _Texts(HTMLParser):
    """The texts that a reader meets, in nodes and attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD
        self.texts += [text for name, text in attrs if name in _ATTRIBUTES and text]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread and data.strip():
            self.texts.append(" ".join(data.split()))


def html_texts(source: str) -> list[str]:
    """Return the text nodes of HTML, and the attributes that are read out or shown: titles, labels, alternatives."""
    texts: list[str] = []
    for text in _Texts(source).texts:
        # A picture writes each line of a message by itself.
        if texts and "⟦" not in text and texts[-1].count("⟦") > texts[-1].count("⟧"):
            texts[-1] += f" {text}"
        else:
            texts.append(text)
    return texts


def axes_texts(ax: Any) -> list[str]:
    """Return every text that is seen in an axes: title, labels, ticks, numbers, legend."""
    from matplotlib.text import Text

    ax.figure.draw_without_rendering()
    found = [each for each in ax.findobj(Text) if each.get_visible()]
    return [text for each in found if (text := each.get_text().strip())]


def widget_texts(widget: Any) -> list[str]:
    """Return every text of a widget and of those in it: captions, hints, choices, markup."""
    return [text for each in _widgets(widget, set()) for text in _own_texts(each)]


def _widgets(widget: Any, met: set[int]) -> Iterator[Any]:
    if id(widget) in met or getattr(widget, "layout", None) is None or widget.layout.display == "none":
        return
    met.add(id(widget))
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _widgets(child, met)


def _own_texts(widget: Any) -> Iterator[str]:
    # What an HTML widget has is markup; what stands in another is the user's own input.
    from ipywidgets import HTML, Output

    for name in ("description", "placeholder", "tooltip"):
        if isinstance(text := getattr(widget, name, None), str) and text:
            yield from html_texts(text)
    if isinstance(widget, HTML):
        yield from html_texts(widget.value)
    if isinstance(widget, Output):
        for output in widget.outputs:
            yield from html_texts(output.get("data", {}).get("text/html", "") or output.get("text", ""))
    yield from map(str, getattr(widget, "_options_labels", ()) or ())
    titles = getattr(widget, "titles", ())
    yield from (title for title in titles if title)


def raised_text(call: Callable[[], object]) -> str:
    """Return the message of the ctnb error that a call raises."""
    from ctnb.exceptions import CtnbError

    with pytest.raises(CtnbError) as caught:
        call()
    return str(caught.value)
