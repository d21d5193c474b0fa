"""Moments: dates and times as exports write them, read in the account's time zone."""
