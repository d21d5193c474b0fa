"""Tracebacks as tools print them that show the locals of each frame."""

import traceback


def shown_with_locals(error):
    """A traceback as tools print it that show the locals of ctnb's and its libraries' frames, not the user's."""
    seen, shown = [], []
    while error is not None and error not in seen:
        seen.append(error)
        frames = traceback.TracebackException.from_exception(error, capture_locals=True, compact=False)
        for frame in frames.stack:
            ours = "ctnb" in frame.filename or "aiohttp" in frame.filename or "asyncio" in frame.filename
            if ours and "/tests/" not in frame.filename.replace("\\", "/"):
                shown.append(f"{frame.name}: {frame.locals}")
        shown += [repr(error), str(error)]
        error = error.__context__ or error.__cause__
    return "\n".join(shown)
