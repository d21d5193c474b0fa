import pytest

from ctnb.exceptions import JournalError
from ctnb.journals.answer import TooLarge
from ctnb.journals.pages import TooManyPages, all_pages
from ctnb.journals.records import CallRecord, Page

WHAT = "calls, 2026-03-01"
ENOUGH = 50


class Server:
    """Pages by their number; beyond the last, or always, what is given."""

    def __init__(self, *pages, beyond=None):
        self.pages, self.beyond, self.asked = pages, beyond, []

    async def ask(self, number):
        self.asked.append(number)
        assert len(self.asked) < ENOUGH, "a loop"
        return self.pages[number - 1] if number <= len(self.pages) else self.beyond


def page(*ids, **figures):
    return Page([CallRecord(call_id=number) for number in ids], **figures)


async def ids_of(server, *, arrays_are_pages=True, most=None):
    found = await all_pages(server.ask, WHAT, arrays_are_pages=arrays_are_pages, most=most)
    return [record.call_id for record in found]


async def test_pages_are_read_to_the_last_and_each_id_once():
    server = Server(page(1, 2, pages=2, total=3), page(2, 3, pages=2, total=3))
    assert await ids_of(server) == [1, 2, 3]
    assert server.asked == [1, 2]


async def test_short_pages_are_read_like_others():
    server = Server(page(1, pages=3), page(2, 3, pages=3), page(4, pages=3))
    assert await ids_of(server) == [1, 2, 3, 4]


async def test_no_page_and_an_empty_page_are_nothing():
    assert await ids_of(Server(page(pages=0, total=0))) == []
    assert await ids_of(Server(page(pages=1, total=0))) == []


async def test_a_total_stands_for_the_number_of_pages():
    server = Server(page(1, 2, total=3), page(3, total=3))
    assert await ids_of(server) == [1, 2, 3]


async def test_a_server_that_ignores_the_page_makes_no_loop():
    same = page(1, 2, pages=5, total=10)
    with pytest.raises(JournalError, match="expected new leads on page 2 of 5, got those of earlier pages"):
        await ids_of(Server(beyond=same))
    with pytest.raises(JournalError, match="page 2 of 2, got those of earlier pages"):
        await ids_of(Server(beyond=page(1, 2, pages=2, total=4)))
    with pytest.raises(JournalError, match="page 2 of several, got those of earlier pages"):
        await ids_of(Server(beyond=page(1, 2, total=9)))


async def test_an_empty_page_before_the_last_is_refused():
    with pytest.raises(JournalError, match="expected new leads on page 2 of 3, got none"):
        await ids_of(Server(page(1, pages=3), page(pages=3)))


async def test_an_empty_last_page_is_what_is_left_when_a_lead_went():
    assert await ids_of(Server(page(1, pages=2), page(pages=2))) == [1]


async def test_records_that_are_missing_are_noticed():
    with pytest.raises(JournalError, match=r"expected 2,310 leads, as the answer says, got 2"):
        await ids_of(Server(page(1, 2, pages=1, total=2310)))


async def test_a_lead_that_comes_between_two_pages_is_not_missed_on_them():
    server = Server(page(1, 2, pages=2, total=3), page(2, 3, pages=2, total=4))
    assert await ids_of(server) == [1, 2, 3]


async def test_an_array_may_be_a_page_of_several():
    server = Server(page(1, 2), page(3), beyond=page())
    assert await ids_of(server) == [1, 2, 3]
    ignoring = Server(beyond=page(*range(2310)))
    assert len(await ids_of(ignoring)) == 2310
    assert ignoring.asked == [1, 2]


async def test_the_array_of_a_journal_without_pages_is_the_whole():
    server = Server(beyond=page(1, 2))
    assert await ids_of(server, arrays_are_pages=False) == [1, 2]
    assert server.asked == [1]


async def test_more_pages_than_are_wanted_are_said_at_once():
    server = Server(page(1, pages=40))
    with pytest.raises(TooManyPages) as more:
        await ids_of(server, most=10)
    assert (more.value.pages, server.asked) == (40, [1])


async def test_a_page_that_is_too_large_ends_it():
    server = Server(page(1, pages=2), TooLarge())
    assert await all_pages(server.ask, WHAT, arrays_are_pages=True) == TooLarge()


async def test_a_record_without_an_id_is_kept_to_be_refused_and_is_never_new():
    server = Server(beyond=Page([CallRecord(), CallRecord(), CallRecord(call_id=1)]))
    assert await ids_of(server) == [None, 1]


async def test_a_server_that_makes_up_calls_without_end_is_left(monkeypatch):
    monkeypatch.setattr("ctnb.journals.pages.MOST_LEADS", 10)
    endless = Server(*(page(number, pages=10**9) for number in range(ENOUGH)))
    with pytest.raises(JournalError, match="expected 10 leads at the most, got more, and no end"):
        await ids_of(endless)
    assert len(endless.asked) == 11
