"""The depth explorer: what other search depths would bring, in widgets."""
