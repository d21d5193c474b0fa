"""The five steps of the studio, in the order of the work: `columns`, `rules`, `comment`, `check`, `send`."""
