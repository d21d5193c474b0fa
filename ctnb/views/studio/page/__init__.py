"""The studio as a page, for those who do not open notebooks: `server` serves it, `page` is what it shows."""
