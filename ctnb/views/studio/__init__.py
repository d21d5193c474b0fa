"""The studio: the whole journey by hand, in widgets. `Studio` puts the five steps together."""
