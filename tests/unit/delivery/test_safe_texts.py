"""The texts of a verdict as they are kept: no token in any form, no contact, and ids as they came."""

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnb.delivery.safe_texts import SafeTexts
from ctnb.delivery.verdict import Answered, RateLimited, RequestRefused, Uncertain, ValidationFailed
from ctnb.delivery.wire_decode import Item
from ctnb.outcomes import Reason

TOKEN = 'Ab/9+c"d&e f'

FORMS = {
    "plain": lambda token: token,
    "slashes": lambda token: token.replace("/", "\\/"),
    "json": lambda token: json.dumps(token)[1:-1],
    "json, twice": lambda token: json.dumps(json.dumps(token))[3:-3],
    "unicode": lambda token: "".join(f"\\u{ord(sign):04x}" for sign in token),
    "Unicode": lambda token: "".join(f"\\u{ord(sign):04X}" for sign in token),
    "hex": lambda token: "".join(f"\\x{ord(sign):02X}" for sign in token),
    "percent": lambda token: quote(token, safe=""),
    "percent, lower": lambda token: "".join(f"%{ord(sign):02x}" for sign in token),
    "percent, twice": lambda token: quote(quote(token, safe=""), safe=""),
    "form": lambda token: quote(token, safe="").replace("%20", "+"),
    "html": html.escape,
    "html, numbers": lambda token: "".join(f"&#{ord(sign)};" for sign in token),
    "html, hex": lambda token: "".join(f"&#x{ord(sign):X};" for sign in token),
    "some of it": lambda token: "".join(f"\\u{ord(sign):04x}" if at % 2 else sign for at, sign in enumerate(token)),
    "upper": str.upper,
    "unseen signs": "\u200b".join,
}


@pytest.mark.parametrize("token", [TOKEN, "a", "79157771122", "x" * 200])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_form_of_the_token_is_kept(form, token):
    written = form(token)
    kept = SafeTexts(token)(f"№ <{written}> №")
    assert written not in kept
    assert kept == "№ <***> №"


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=2, max_size=40)


@given(printable.filter(str.strip), st.sampled_from(list(FORMS)))
def test_nor_of_any_token(token, form):
    written = FORMS[form](token)
    assert SafeTexts(token)(f"№{written}№") == "№***№"


def test_ids_stay_and_texts_of_each_verdict_do_not():
    safe = SafeTexts("42")
    items = [Item(commented=True, call_id="42", request_number="142"), Item(commented=False, error="no 42")]
    assert safe.verdict(Answered(items)) == Answered([items[0], Item(commented=False, error="no ***")])
    assert safe.verdict(ValidationFailed({42: "field 42"}, "42")) == ValidationFailed({42: "field ***"}, "***")
    refused = RequestRefused(Reason.TOKEN_REFUSED, "token 42 of ivan%40mail.ru", rejected=True)
    assert safe.verdict(refused).message == "token *** of i***%40mail.ru"
    assert safe.verdict(refused).reason is Reason.TOKEN_REFUSED
    assert safe.verdict(Uncertain(Reason.SERVER_ERROR, "HTTP 503")) == Uncertain(Reason.SERVER_ERROR, "HTTP 503")
    assert safe.verdict(RateLimited(42.0)) == RateLimited(42.0)


def test_the_contracts_own_sentence_gives_no_token_away():
    assert SafeTexts("token")("Access token не найден") == "Access token не найден"
    assert SafeTexts("token")("Access token! не найден") == "Access ***! не найден"
