"""Whatever a server answers, a lead is sent again only where the contract says that nothing was applied.

The contract's table (Answers) is written here once more, by plain means and of its own.
"""

import asyncio
import json
import math
from collections import Counter

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

import ctnb
from ctnb.connection import Connection
from ctnb.delivery.client import Answer
from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.protocol import Terms
from ctnb.delivery.ledger.writer import LedgerWriter
from ctnb.delivery.pace.limiter import RateLimiter
from ctnb.delivery.progress_counts import ProgressCounts
from ctnb.delivery.sender import Sender
from ctnb.outcomes import Answers, Status

LEADS = 3
PLAN = ctnb.plan(pd.DataFrame({"call": range(1, LEADS + 1)}), ctnb.Call("call"), "deal {call}")
CONNECTION = Connection(1, "token", base_url="http://127.0.0.1:9", concurrency=1, ledger=None)

# ---- the contract -------------------------------------------------------------------------------


class FieldTwiceError(ValueError):
    """A field comes twice in an object."""


def once(pairs):
    if len({name for name, _ in pairs}) < len(pairs):
        raise FieldTwiceError
    return dict(pairs)


def holds_comments(value):
    if isinstance(value, dict):
        return "comments" in value or any(map(holds_comments, value.values()))
    return isinstance(value, list) and any(map(holds_comments, value))


def whole_sentence(text, known):
    if not isinstance(text, str):
        return False
    text = text.strip()
    return text.removesuffix(".").strip().lower() == known.lower()


def nothing_applied(status, body):
    """Tell what the contract says of a status and a body."""
    if 300 <= status < 400 or status >= 500 or status == 408:
        return False
    try:
        read, twice = json.loads(body, object_pairs_hook=once), False
    except FieldTwiceError:
        read, twice = json.loads(body), True
    except ValueError:
        read, twice = None, False
    if status in {404, 405, 413, 415, 429} and not holds_comments(read):
        return True
    if not isinstance(read, dict) or twice or holds_comments(read):
        return False
    data = read.get("data") if isinstance(read.get("data"), dict) else {}
    listed = data.get("validationErrorData")
    violations = isinstance(listed, dict) and isinstance(listed.get("violations"), list)
    error = data.get("apiErrorData")
    coded = isinstance(error, dict) and "errorCode" in error and isinstance(error.get("errorMessage"), str)
    texts = [text for text in (read.get("message"), data.get("message")) if isinstance(text, str)]
    return any(
        (
            violations and error is None and (status == 200 or 400 <= status < 500),
            whole_sentence(data.get("message"), "Ошибка доступа"),
            whole_sentence(read.get("message"), "Access token не найден"),
            bool(texts) and status in {401, 403},
            coded and 400 <= status < 500,
        )
    )


def told_as_answered(status, body):
    """Tell whether a body may be believed as answers: under 200, and the contract's whole form."""
    try:
        items = json.loads(body, object_pairs_hook=once)["data"]["comments"]
    except (ValueError, KeyError, TypeError):
        return False
    return status == 200 and isinstance(items, list) and len(items) == LEADS


# ---- what servers answer ------------------------------------------------------------------------

SENTENCES = ["Ошибка доступа", "Access token не найден"]
TEXTS = st.sampled_from(
    [
        *SENTENCES,
        *(f" {text.upper()}. " for text in SENTENCES),
        *(f"{text}: повторите" for text in SENTENCES),
        "Сервис временно недоступен",
        "Database access timeout",
        "Unexpected token <",
        "CSRF token mismatch",
        "Invalid credentials",
        "token",
        "",
    ]
) | st.text(max_size=12)


def item_of(number):
    info = {"callId": number, "callReferenceId": None, "sipCallId": f"sip-{number}"}
    return {"commented": True, "error": None, "callInfo": info, "requestInfo": None}


RIGHT = [item_of(number) for number in range(1, LEADS + 1)]
ITEMS = st.sampled_from(
    [RIGHT, RIGHT, RIGHT[::-1], RIGHT[1:], [*RIGHT, RIGHT[0]], [], [{"commented": False, "error": "нет"}] * LEADS, None]
)
VIOLATION = st.sampled_from(["comments[0].addComment", "comments[2]", "comments[7]", "comments", ""]).map(
    lambda path: {"fieldPath": path, "message": "wrong"}
)
ERROR = st.sampled_from(
    [
        None,
        None,
        {"errorCode": 7, "errorMessage": "no points"},
        {"errorCode": "7", "errorMessage": ""},
        {"errorCode": 7},
        [],
    ]
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "message": TEXTS | st.none() | st.integers(),
        "data": st.fixed_dictionaries(
            {},
            optional={
                "comments": ITEMS,
                "message": TEXTS | st.none(),
                "type": st.sampled_from([None, "validationError", "apiError"]),
                "apiErrorData": ERROR,
                "validationErrorData": st.none()
                | st.fixed_dictionaries({"violations": st.lists(VIOLATION, max_size=2)}),
            },
        )
        | st.sampled_from([None, [], "no"]),
        "meta": st.sampled_from([[], {}, None, {"comments": 5}]),
        "comments": ITEMS,
    },
)
WHOLE = st.sampled_from(
    [
        {"meta": [], "data": {"comments": RIGHT}},
        {"message": "Access token не найден"},
        {"meta": [], "data": {"message": "Ошибка доступа"}},
        {"message": "Invalid credentials"},
        {"meta": [], "data": {"type": "apiError", "apiErrorData": {"errorCode": 7, "errorMessage": "no points"}}},
        {"data": {"type": "validationError", "validationErrorData": {"violations": [{"fieldPath": "comments[1]"}]}}},
    ]
)


@st.composite
def bodies(draw):
    text = json.dumps(draw(PARTS | WHOLE), ensure_ascii=draw(st.booleans()))
    match draw(st.sampled_from(["whole"] * 6 + ["cut", "twice", "page", "mark", "list"])):
        case "cut":
            text = text[: draw(st.integers(0, len(text)))]
        case "twice":
            extra = json.dumps(draw(PARTS), ensure_ascii=False)
            text = draw(st.sampled_from([text[:-1] + ", " + extra[1:], extra[:-1] + ", " + text[1:]]))
        case "page":
            text = draw(st.sampled_from(["", "<html>403 Forbidden</html>", f"<script>{text}</script>"]))
        case "mark":
            text = f"\ufeff{text}"
        case "list":
            text = f"[{text}]"
    return text.encode()


USUAL = [200, 200, 201, 204, 307, 400, 400, 401, 403, 404, 405, 408, 409, 413, 415, 418, 422, 429, 500, 502, 503]
STATUSES = st.sampled_from(USUAL) | st.integers(200, 599)

# ---- a run, and another -------------------------------------------------------------------------


async def always_alive():
    return True


class Server:
    """Answers the first request so, and whatever comes then as the vendor does; it keeps which leads were sent."""

    def __init__(self, first):
        self.first, self.sent = first, Counter()

    async def exchange(self, body, gate):
        await gate.take_slot()
        assert await gate.open(always_alive)
        numbers = [lead["matching"][0]["callParams"]["callId"] for lead in json.loads(body)["comments"]]
        self.sent.update(numbers)
        gate.written()
        first, self.first = self.first, None
        right = json.dumps({"meta": [], "data": {"comments": [item_of(number) for number in numbers]}})
        return first or Answer(200, right.encode())


async def run(server, ledger, owner):
    outcomes, passed = Answers(LEADS), [0.0]

    async def sleep(seconds):
        passed[0] += seconds
        await asyncio.sleep(0)

    await Sender(
        PLAN,
        CONNECTION,
        server,
        RateLimiter(math.inf, clock=lambda: passed[0], sleep=sleep),
        LedgerWriter(ledger, Terms(owner, "1")),
        attribute=lambda _plan, _rows, found: list(found),
        counts=ProgressCounts(LEADS),
        answers=outcomes,
        sleep=sleep,
    ).run()
    return [outcomes[row] for row in range(LEADS)]


APPLIED = json.dumps({"message": "Сервис временно недоступен"}).encode()


@settings(max_examples=400, deadline=None)
@given(STATUSES, bodies())
@example(400, APPLIED)
@example(404, json.dumps({"data": {"comments": RIGHT}}).encode())
@example(
    200,
    b'{"message": "Access token \xd0\xbd\xd0\xb5 \xd0\xbd\xd0\xb0\xd0\xb9\xd0\xb4\xd0\xb5\xd0\xbd", "comments": []}',
)
def test_a_lead_is_sent_again_only_where_nothing_was_applied(status, body):
    server, ledger = Server(Answer(status, body)), MemoryLedger()

    first = asyncio.run(run(server, ledger, "first"))
    again = asyncio.run(run(server, ledger, "again"))

    if max(server.sent.values()) > 1:
        assert nothing_applied(status, body)
    for number, outcome, later in zip(range(1, LEADS + 1), first, again, strict=True):
        if outcome.status in {Status.COMMENTED, Status.UNMATCHED} and server.sent[number] == 1:
            assert told_as_answered(status, body)
        if outcome.status is Status.UNCERTAIN:
            assert (server.sent[number], later.status) == (1, Status.UNCERTAIN)
        if outcome.status in {Status.REJECTED, Status.UNSENT}:
            assert (server.sent[number], later.status) == (2, Status.COMMENTED)
