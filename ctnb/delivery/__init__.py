"""Saying it: pace, ledger, client and sender. All of the I/O is here."""
