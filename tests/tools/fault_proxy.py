"""A proxy in front of an emulator, wherever that runs, that breaks chosen requests before or after they are applied."""

import asyncio
import json
from urllib.parse import urlsplit

from raw_server import ThreadedServer, reply_of, request_of


class FaultProxy(ThreadedServer):
    """Hand requests on to an emulator, and its answers back; break chosen requests.

    Parameters
    ----------
    upstream : str
        Base URL of the emulator.

    Attributes
    ----------
    base_url : str
        Where the proxy listens, once it is entered.
    faults : dict
        By the number of the POST (from 1): whether the emulator gets it, and what is done instead of
        answering, given the writer and the body of the right answer.
    posts : list of list of int
        Call ids of the leads of each POST that was read whole, in order.
    """

    def __init__(self, upstream):
        super().__init__()
        self._host, self._port = urlsplit(upstream).hostname, urlsplit(upstream).port
        self.faults, self.posts = {}, []

    async def _take(self, reader, writer):
        head, body = await request_of(reader)
        ids = [lead["matching"][0]["callParams"]["callId"] for lead in json.loads(body)["comments"]]
        self.posts.append(ids)
        applies, instead = self.faults.get(len(self.posts), (True, None))
        if applies:
            whole, answer = await self._handed_on(head + body)
        else:
            answer = found_all(ids)
            whole = reply_of(200, answer)
        if instead is None:
            writer.write(whole)
        else:
            await instead(writer, answer)

    async def _handed_on(self, request):
        """Return the emulator's answer, whole, and its body."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(request)
            head, body = await request_of(reader)
        finally:
            writer.close()
        return head + body, body


def found_all(ids):
    """Write the answer that the emulator would have given, had it found every call."""
    items = [{"commented": True, "error": None, "callInfo": {"callId": number}, "requestInfo": None} for number in ids]
    return json.dumps({"meta": [], "data": {"comments": items}}).encode()


def answers_with(status, body=b"", **headers):
    """Make a fault: this answer instead; headers whose value is None are left out."""

    async def instead(writer, _answer):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.write(reply_of(status, text, **headers))

    return instead


def answers_like(change, cut=0, **headers):
    """Make a fault: a changed form of the right answer; ``cut`` bytes more are announced than sent."""

    async def instead(writer, answer):
        body = change(answer)
        writer.write(reply_of(200, body, **{"Content_Length": len(body) + cut, **headers}))

    return instead


def refuses(*paths):
    """Make a fault: the request is refused whole, with a violation for each field path."""
    listed = [{"fieldPath": path, "message": "This value is not valid."} for path in paths]
    data = {"type": "validationError", "apiErrorData": None, "validationErrorData": {"violations": listed}}
    return answers_with(400, {"meta": [], "data": data})


async def closes(writer, _answer):
    writer.close()


async def resets(writer, _answer):
    writer.transport.abort()


async def keeps_silent(_writer, _answer):
    await asyncio.Event().wait()


async def streams(writer, _answer):
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * (1 << 20))
        await writer.drain()


def items_of(answer):
    return json.loads(answer)["data"]["comments"]


def with_items(items):
    return json.dumps({"data": {"comments": items}}).encode()


def answered(*, first=b"", last=b""):
    """Answer rightly, with more in the envelope: before what is there, or behind it."""
    return answers_like(lambda answer: b"{" + first + answer.strip()[1:-1] + last + b"}")


def api_error(code, message):
    error = {"errorCode": code, "errorMessage": message}
    return {"meta": [], "data": {"type": "apiError", "apiErrorData": error, "validationErrorData": None}}


def found_by(status):
    """Answer rightly, under another status."""

    async def instead(writer, answer):
        writer.write(reply_of(status, answer))

    return instead


UNCERTAIN = {
    "closes": closes,
    "resets": resets,
    "keeps silent": keeps_silent,
    "too large": streams,
    "short of its length": answers_like(lambda answer: answer[:-10], cut=10),
    "cut without a length": answers_like(lambda answer: answer[:-10], Content_Length=None),
    "no answer at all": answers_with(200),
    "a page": answers_with(200, b"<html>OK</html>"),
    "not JSON": answers_like(lambda answer: answer[:-1]),
    "null items": answers_like(lambda answer: with_items([None] * len(items_of(answer)))),
    "wrong types": answers_like(lambda answer: answer.replace(b"true", b'"true"')),
    "one too few": answers_like(lambda answer: with_items(items_of(answer)[1:])),
    "one too many": answers_like(lambda answer: with_items([*items_of(answer), items_of(answer)[0]])),
    "none": answers_like(lambda _: with_items([])),
    "nested deeply": answers_with(200, b"[" * 1000),
    "NaN": answers_like(lambda answer: answer.replace(b"true", b"NaN", 1)),
    "service not available": answers_with(400, {"data": {"message": "Сервис временно недоступен"}}),
    "a database's access": answers_with(400, {"data": {"message": "Database access timeout"}}),
    "a parser's token": answers_with(400, {"message": "Unexpected token <"}),
    "a form's token": answers_with(419, {"message": "CSRF token mismatch"}),
    "no access, in more words": answers_with(200, {"data": {"message": "Ошибка доступа к базе"}}),
    "a firewall's page": answers_with(403, b"<html>Forbidden</html>"),
    "an error with a code under 200": answers_with(200, api_error(10003, "no points")),
    "an error with a code under 500": answers_with(500, api_error(10003, "no points")),
    "data twice": answered(last=b', "data": {}'),
    "data twice, the first one empty": answered(first=b'"data": {},'),
    "a field twice that nobody knows": answered(first=b'"took": 1,', last=b', "took": 2'),
    "answers and a refused token": answered(last=', "message": "Access token не найден"'.encode()),
    "answers and an error with a code": answers_like(
        lambda answer: answer.replace(b'{"comments"', b'{"apiErrorData": {"errorCode": 1}, "comments"', 1)
    ),
    "answers the other way round": answers_like(lambda answer: with_items(items_of(answer)[::-1])),
    "two answers exchanged": answers_like(lambda answer: with_items([*items_of(answer)[1::-1], *items_of(answer)[2:]])),
    "answers under 404": found_by(404),
    "answers under 413": found_by(413),
    "answers under 429": found_by(429),
    "answers under 400": found_by(400),
    "408": answers_with(408),
    "500": answers_with(500, b"<html>"),
    "502": answers_with(502, b"<html>"),
    "503": answers_with(503, {"message": "Access token"}, Retry_After="1"),
    "504": answers_with(504),
    "an invented status": answers_with(599),
}
"""After these nobody knows whether the leads were applied."""

STOPPING = {
    "token": (answers_with(401, {"message": "Access token не найден"}), "rejected"),
    "access": (answers_with(403, {"meta": [], "data": {"message": "Ошибка доступа"}}), "rejected"),
    "credentials": (answers_with(403, {"message": "Invalid credentials"}), "rejected"),
    "any text under 401": (answers_with(401, {"data": {"message": "Forbidden by the firewall"}}), "rejected"),
    "an error with a code": (answers_with(400, api_error(10003, "no points")), "rejected"),
    "404": (answers_with(404, b"<html>"), "unsent"),
    "405": (answers_with(405), "unsent"),
    "413": (answers_with(413), "unsent"),
    "415": (answers_with(415), "unsent"),
    "429 for long": (answers_with(429, Retry_After="3600"), "unsent"),
}
"""Refusals of the whole request that stop a run, and the status of its leads then."""
