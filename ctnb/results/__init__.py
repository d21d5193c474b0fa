"""What came of it: answers become columns, attribution and rates. Nothing here does I/O."""
