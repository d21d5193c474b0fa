"""A dashboard driven as the browser drives it: by commands, with what the browser is given read back."""

from pseudo_language import html_texts


def sheet_texts(sheet):
    """Return every text that the sheet shows, or reads out."""
    head, filters, offer, chart, table = sheet.head, sheet.filters, sheet.offer, sheet.chart, sheet.table
    return [
        *sheet.words.values(),
        *(head["sentence"], head["label"], filters["rows"], offer.get("label", ""), chart["sentence"], chart["title"]),
        *(text for fact in head["facts"] for text in fact.values()),
        *(text for chip in filters["chips"] for text in (chip["label"], chip["text"])),
        *(label for _, label, _ in filters["menu"]),
        *(text for _, text, _, _ in offer.get("values", ())),
        *(label for _, label in offer.get("columns", ())),
        *(label for _, label in chart["charts"]),
        *(text for each in chart["selects"] for text in (each["label"], *(label for _, label in each["options"]))),
        *(bar["label"] for bar in chart["bars"]),
        *(text for part in (chart["svg"], chart["table"], sheet.problem) for text in html_texts(part)),
        *(column["label"] for column in table["columns"]),
        *(text for row in table["rows"] for text in row),
        *(label for _, label, _ in table["menu"]),
        *(table["picked"], table["shown"], sheet.notice),
    ]


class Board:
    """A dashboard, and the commands that a browser sends; names are those that the reader sees."""

    def __init__(self, shown):
        self.shown, self.sheet = shown, shown.sheet
        self._sent = 0

    def ask(self, order, **values):
        """Send a command; what came of it is in the sheet's traits."""
        self._sent += 1
        self.sheet.command = {"n": self._sent, "do": order, **values}
        assert self.sheet.done == self._sent
        return self

    def item(self, label, kind="values"):
        return next(key for key, text, of in self.sheet.filters["menu"] if (text, of) == (label, kind))

    def offered(self, label, kind="values"):
        """Open a filter; of values return the rows of each by its text."""
        self.ask("offer", item=self.item(label, kind))
        return {text: rows for _, text, rows, _ in self.sheet.offer["values"]} if kind == "values" else self.sheet.offer

    def choose(self, label, *texts):
        self.offered(label)
        codes = [code for code, text, _, _ in self.sheet.offer["values"] if text in texts]
        return self.ask("values", item=self.item(label), values=codes)

    def between(self, label, since, until):
        return self.ask("dates", item=self.item(label, "dates"), since=since, until=until)

    def containing(self, column, text):
        return self.ask("text", column=self.key(column), text=text)

    def key(self, column):
        return next(each["key"] for each in self.sheet.table["columns"] if column in (each["label"], each["name"]))

    def chart(self, chart, **choices):
        self.ask("chart", name="chart", value=chart)
        for name, text in choices.items():
            options = next(each["options"] for each in self.sheet.chart["selects"] if each["name"] == name)
            self.ask("chart", name=name, value=next(key for key, shown in options if shown == text))
        return self

    def click(self, text):
        """Click the bar whose words begin so."""
        labels = [bar["label"] for bar in self.sheet.chart["bars"]]
        return self.ask("bar", bar=next(at for at, label in enumerate(labels) if label.startswith(text)))

    def pick(self, *columns):
        """Show these columns alone; without any, all."""
        return self.ask("columns", columns=[key for key, label, _ in self.sheet.table["menu"] if label in columns])

    def sort(self, column):
        return self.ask("table", sort=self.key(column))

    def column(self, label):
        """The texts of a column on the page."""
        at = [column["key"] for column in self.sheet.table["columns"]].index(self.key(label))
        return [row[at] for row in self.sheet.table["rows"]]

    @property
    def rows(self):
        return self.shown.rows

    @property
    def chips(self):
        return [f"{chip['label']}: {chip['text']}" for chip in self.sheet.filters["chips"]]

    @property
    def facts(self):
        return {fact["label"]: fact["value"] for fact in self.sheet.head["facts"]}

    @property
    def title(self):
        return self.sheet.chart["title"]

    @property
    def sentence(self):
        return self.sheet.chart["sentence"]

    @property
    def choosable(self):
        """The bars that rows can be chosen by."""
        return [bar["label"].partition(":")[0] for bar in self.sheet.chart["bars"] if bar["chooses"]]

    @property
    def pressed(self):
        return [bar["label"].partition(":")[0] for bar in self.sheet.chart["bars"] if bar["pressed"]]
