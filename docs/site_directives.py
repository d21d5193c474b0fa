"""Directives of the docs that read the code: statuses, error codes and commands cannot go stale.

Words for people come from ctnb's own catalogue, in the language of the site. Pictures of the gallery are there in light
and dark, wide and narrow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from ctnb.cli.commands import help_paragraphs
from ctnb.i18n import findings, labels
from ctnb.i18n.advice import ADVICE
from ctnb.i18n.choice import set_language
from ctnb.i18n.labels import MEANINGS, REASONS, STATUSES
from ctnb.i18n.language import gettext

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CODE = re.compile(
    r"(`[^`]+`|--[a-z][a-z-]*|\{\w+\|.\}|ct_\w+|\w+=(?:\"\w+\")?|\"[^\"]*\"|base_url|site_id|deals\.calltouch\.\w+)"
)
DRAWN = "_gallery/"
VERSIONS = {
    "": ["only-light", "wide"],
    "dark/": ["only-dark", "wide"],
    "narrow/": ["only-light", "narrow"],
    "dark/narrow/": ["only-dark", "narrow"],
}
"""Folders of a drawn picture, and the classes by which style sheets choose one of them."""

VALUES = {
    "record": labels.RECORDS,
    "outcomes": labels.SEARCH_OUTCOMES,
    "undecided": labels.UNDECIDED,
    "changes": labels.CHANGES,
    "unpaired": labels.UNPAIRED,
}
"""Values of columns other than ``ct_status`` and ``ct_error_code``, each with its words."""

INSIDE = {"ctnb.Plan", "ctnb.Preview", "ctnb.Comparison", "ctnb.CtnbError"}
"""Classes that nobody makes by hand: what they are made of is left out."""


def words(message: str, *, beginning: str = "") -> nodes.paragraph:
    """Make a paragraph of a text of ctnb, which is already in the site's language."""
    paragraph = nodes.paragraph(translatable=False)
    if beginning:
        paragraph += [nodes.strong(text=beginning), nodes.Text(". ")]
    for part in CODE.split(message):
        paragraph += nodes.literal(text=part.strip("`")) if CODE.fullmatch(part) else nodes.Text(part)
    return paragraph


class CodeList(SphinxDirective):
    """A list of codes, each with what is known of it."""

    def items(self) -> list[tuple[str, nodes.Node]]:
        """Give each code with its description."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Make a definition list."""
        set_language(self.config.language)
        whole = nodes.definition_list(classes=["codes"])
        for code, description in self.items():
            term = nodes.term("", "", nodes.literal(text=code), translatable=False, ids=[f"code-{code}"])
            whole += nodes.definition_list_item("", term, nodes.definition("", description))
        return [whole]


class Statuses(CodeList):
    """Every value of ``ct_status``, its name and its meaning."""

    def items(self) -> list[tuple[str, nodes.Node]]:
        """Give each status."""
        return [(code.value, words(gettext(MEANINGS[code]), beginning=gettext(STATUSES[code]))) for code in STATUSES]


class ErrorCodes(CodeList):
    """Every value of ``ct_error_code``, its name and the advice."""

    def items(self) -> list[tuple[str, nodes.Node]]:
        """Give each error code."""
        return [(code.value, words(gettext(ADVICE[code]), beginning=gettext(REASONS[code]))) for code in ADVICE]


class Values(CodeList):
    """Every value of a column, with its words."""

    required_arguments = 1

    def items(self) -> list[tuple[str, nodes.Node]]:
        """Give each value."""
        return [(code, words(gettext(text))) for code, text in VALUES[self.arguments[0]].items()]


class Findings(CodeList):
    """Every finding of ``plan.checks``, with dots for its figures, and its advice."""

    def items(self) -> list[tuple[str, nodes.Node]]:
        """Give each finding."""
        return [(code, words(f"{self.message(code)} {gettext(findings.ADVICE[code])}")) for code in findings.ADVICE]

    @staticmethod
    def message(code: str) -> str:
        """Return what was found; the one message with a plural has a figure."""
        known = findings.MESSAGES.get(code)
        if known is None:
            return findings.finding_message(code, {"deals": 5})
        return re.sub(r"{\w+}", "…", gettext(known)).replace("….", "…")


class Commands(SphinxDirective):
    """Every command of the command line with its arguments and options."""

    def run(self) -> list[nodes.Node]:
        """Make a section for each command."""
        import typer

        from ctnb.cli.app import app

        set_language(self.config.language)
        return list(self._sections(typer.main.get_command(app), ("ctnb",)))

    def _sections(self, command: Any, path: tuple[str, ...]) -> list[nodes.Node]:
        children = getattr(command, "commands", {})
        found = [self._section(command, path)]
        for name in sorted(children):
            found += self._sections(children[name], (*path, name))
        return found

    def _section(self, command: Any, path: tuple[str, ...]) -> nodes.section:
        section = nodes.section(ids=["-".join(path)], names=[" ".join(path)])
        section += nodes.title("", "", nodes.literal(text=" ".join(path)), translatable=False)
        for text in help_paragraphs(command.help):
            section += words(gettext(text))
        options = nodes.definition_list(classes=["codes"])
        for parameter in command.params:
            if getattr(parameter, "hidden", False) or "--help" in parameter.opts:
                continue
            name = ", ".join([*parameter.opts, *parameter.secondary_opts])
            name = name if name.startswith("-") else name.upper()
            term = nodes.term("", "", nodes.literal(text=name), translatable=False)
            if choices := re.search(r"\w+(\|\w+)+", parameter.display_type(None)):
                term += [nodes.Text(" "), nodes.literal(text=choices[0])]
            shown = [words(gettext(text)) for text in help_paragraphs(getattr(parameter, "help", None))]
            if parameter.required:
                shown[-1] += nodes.Text(f" {gettext('[required]')}")
            elif parameter.default not in (None, False):
                shown[-1] += nodes.Text(f" {gettext('[default: {}]').format(parameter.default)}")
            definition = nodes.definition("", *shown)
            options += nodes.definition_list_item("", term, definition)
        if len(options):
            section += options
        return section


class DrawnPictures(SphinxTransform):
    """A drawn picture is there in four versions, and style sheets show the one that fits page and screen."""

    default_priority = 500

    def apply(self, **_: Any) -> None:
        """Put the versions in the place of a picture."""
        drawn = [image for image in self.document.findall(nodes.image) if image["uri"].startswith(DRAWN)]
        for image in drawn:
            versions = []
            for folder, classes in VERSIONS.items():
                version = image.deepcopy()
                version["uri"] = DRAWN + folder + image["uri"].removeprefix(DRAWN)
                version["classes"] += classes
                versions.append(version)
            place = image.parent.index(image)
            image.parent[place : place + 1] = versions


def leave_out_parts(_app: Sphinx, what: str, name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Cut what an object is made of from the end of a docstring, where users are only given the object."""
    ends = [number for number, line in enumerate(lines) if line in {"Attributes", "Parameters"}]
    if what in {"class", "exception"} and name in INSIDE and ends:
        del lines[ends[0] :]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives, and a language that Pygments does not know."""
    app.add_lexer("crontab", TextLexer)
    app.add_directive("ctnb-statuses", Statuses)
    app.add_directive("ctnb-error-codes", ErrorCodes)
    app.add_directive("ctnb-findings", Findings)
    app.add_directive("ctnb-values", Values)
    app.add_directive("ctnb-commands", Commands)
    app.add_transform(DrawnPictures)
    # Before napoleon, which turns sections into fields.
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", leave_out_parts, priority=400)
    return {"parallel_read_safe": False}
