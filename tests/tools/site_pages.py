"""The pages of a built site: where their links lead, and what they load."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LOADED_LINKS = {"stylesheet", "preload", "icon", "shortcut icon"}


class Page(HTMLParser):
    """Links, what the page loads, and where a link may lead in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") in LOADED_LINKS:
            self.loaded.append(values.get("href"))
        elif values.get("src"):
            self.loaded.append(values["src"])


class Site:
    """All pages of a folder; what the theme has in ``_static`` is none.

    Attributes
    ----------
    pages : dict of Path to Page
    dead : list of (str, str)
        A page and a link of it that leads nowhere, or a file that it loads and that is not there.
    foreign : list of (str, str)
        A page and what it loads from elsewhere.
    outside : set of str
        Links to elsewhere; they are not fetched.
    """

    def __init__(self, folder):
        found = sorted(path for path in folder.rglob("*.html") if "_static" not in path.parts)
        self.pages = {path: Page(path) for path in found}
        self.dead, self.foreign, self.outside = [], [], set()
        for path, page in self.pages.items():
            name = path.relative_to(folder).as_posix()
            self.outside |= {link for link in page.links if _is_outside(link)}
            self.foreign += [(name, url) for url in page.loaded if _is_outside(url) and not url.startswith("data:")]
            here = [url for url in (*page.links, *page.loaded) if not _is_outside(url)]
            self.dead += [(name, url) for url in here if not self._leads_somewhere(path, url)]

    def _leads_somewhere(self, path, url):
        parts = urlsplit(url)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.is_file():
            return False
        return target not in self.pages or not parts.fragment or unquote(parts.fragment) in self.pages[target].anchors


def _is_outside(url):
    parts = urlsplit(url)
    return bool(parts.scheme or parts.netloc)
