"""Deals to a plan: phones, e-mails, moments, rules and comment texts, read and checked without any I/O."""
