"""What would match, and why not: a plan looked up in the account's journals, with nothing sent."""
