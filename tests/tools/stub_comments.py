"""Comments as a ledger is asked for them, made of identities alone: each its own lead and text unless it is said."""

from ctnb.delivery.ledger.memory import MemoryLedger
from ctnb.delivery.ledger.postgres import PostgresLedger
from ctnb.delivery.ledger.sqlite import SqliteLedger

OFFER = b"offer".ljust(16)


class StubComments:
    """Comments of one account, by position.

    Parameters
    ----------
    identities : sequence of bytes
    offer : bytes
        What each row offers.
    leads, texts : sequence of bytes, optional
        By position; by default the first half of each identity.
    named : str
        How the run names its leads.
    own : collection of bytes
        Identities that the run has claimed before.
    """

    older = ()

    def __init__(self, identities, *, offer=OFFER, leads=None, texts=None, named="key", account=b"account", own=()):
        self.own = own
        self.identities, self.account = list(identities), account.ljust(16)
        self._leads = [identity[:16] for identity in self.identities] if leads is None else list(leads)
        self._texts = [identity[:16] for identity in self.identities] if texts is None else list(texts)
        self._offer, self.naming = offer, named

    def identify(self, entries):
        """Do nothing: there is one key."""

    def leads(self, positions):
        return [self._leads[position] for position in positions]

    def texts(self, positions):
        return [self._texts[position] for position in positions]

    def offers(self, positions):
        return [self._offer] * len(positions)


class PlainLedger(SqliteLedger):
    """A ledger file that is asked by identities."""

    def claim(self, identities, terms, most=None, **stub):
        return super().claim(StubComments(identities, **stub), terms, most)


class PlainPostgresLedger(PostgresLedger):
    """A team's ledger that is asked by identities."""

    def claim(self, identities, terms, most=None, **stub):
        return super().claim(StubComments(identities, **stub), terms, most)


class PlainMemoryLedger(MemoryLedger):
    """A ledger in memory that is asked by identities."""

    def claim(self, identities, terms, most=None, **stub):
        return super().claim(StubComments(identities, **stub), terms, most)
