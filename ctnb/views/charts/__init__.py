"""Charts of results, drawn by matplotlib."""
