"""The texts of an answer as they are stored and shown: without the token, and without contacts.

They are looked at once the answer is parsed, so that no id can be changed: an id may hold the token's characters.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from ctnb.delivery.batch import plain
from ctnb.masking import INVISIBLE

if TYPE_CHECKING:
    from ctnb.delivery.verdict import Verdict
    from ctnb.delivery.wire_decode import Item

CONTRACT_SENTENCES: Final = frozenset({"Access token не найден", "Ошибка доступа"})
"""What the contract's refusals say gives no token away, even one that is a word of it."""

_NAMED: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


class SafeTexts:
    """Takes the token and contacts out of the texts of verdicts.

    Parameters
    ----------
    token : str
        Of any length; it is found in each form that JSON, URLs and HTML write it in, and in any case.
    """

    def __init__(self, token: str) -> None:
        self._token = re.compile("".join(map(_forms, token)), re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return a text of the vendor's as it is kept."""
        if text in CONTRACT_SENTENCES:
            return text
        return plain(self._token.sub("***", INVISIBLE.sub("", text)))

    def verdict(self, verdict: Verdict) -> Verdict:
        """Return a verdict with all of its texts as they are kept."""
        safe = {part.name: self._safe(getattr(verdict, part.name)) for part in fields(verdict)}
        return replace(verdict, **safe)

    def _safe(self, value: Any) -> Any:
        if type(value) is str:  # a reason is a str too
            return self(value)
        if isinstance(value, dict):
            return {key: self._safe(text) for key, text in value.items()}
        if isinstance(value, list):
            known: dict[str, str] = {}  # few texts, many leads
            return [self._safe_item(item, known) for item in value]
        return value

    def _safe_item(self, item: Item, known: dict[str, str]) -> Item:
        if item.error is None:
            return item
        if item.error not in known:
            known[item.error] = self(item.error)
        return structs.replace(item, error=known[item.error])


def _forms(character: str) -> str:
    r"""Return a pattern of all forms of an ASCII character: itself, ``\/``, ``\u002f``, ``%2F``, ``&#47;``."""
    code = f"{ord(character):02x}"
    # The character itself comes last: an escaped one may begin with it.
    forms = [rf"\\+(?:u00|x){code}", f"%(?:25)*{code}", f"&#(?:x0*{code}|0*{ord(character)});"]
    if character == " ":
        forms.append(r"\+")
    if character in _NAMED:
        forms.append(f"&{_NAMED[character]};")
    return f"(?:{'|'.join(forms)}|{chr(92) * 2}*{re.escape(character)})"
