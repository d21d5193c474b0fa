"""The studio as a page, for those who do not open notebooks: `server` serves it, `desk` is what stands on it."""
