"""The studio put together: five steps over one frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb import planning, run
from ctnb.exceptions import ConfigError, CtnbError, RuleError
from ctnb.i18n.language import gettext
from ctnb.leads.guess_columns import find_roles, usable_columns
from ctnb.leads.rulebook import Rulebook
from ctnb.leads.rules import Col
from ctnb.views.static_view import Beside
from ctnb.views.studio.background import Background
from ctnb.views.studio.code import DEFAULT_REGION, code_cell
from ctnb.views.studio.export import Export
from ctnb.views.studio.journal_source import JournalSource
from ctnb.views.studio.message import Message
from ctnb.views.studio.preview_pane import PreviewPane
from ctnb.views.studio.static import static_view
from ctnb.views.studio.steps.check import CheckStep
from ctnb.views.studio.steps.columns import ColumnsStep
from ctnb.views.studio.steps.comment import CommentStep
from ctnb.views.studio.steps.rules import RulesStep
from ctnb.views.studio.steps.send import SendStep
from ctnb.views.studio.widgets import button, note, row, show_if, style_sheet

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.journals.journal import Journal
    from ctnb.leads.comment_template import Comment
    from ctnb.leads.plan import Plan
    from ctnb.leads.rules import Rule


class Studio:
    """The whole journey by hand: columns, rules, comment, check, send.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index. The studio never changes it.
    rules : Rule, list of Rule or Rulebook, optional
        Rules to begin with; else they are made of the columns that are found. A rulebook gives what it holds:
        rules, comment, key, job, region and time zone.
    comment : str or col
        Template to begin with; it wins over the rulebook's.
    key : str, optional
        Column that names the deal; it wins over the rulebook's. Where neither is given it is looked for.
    connection : Connection, optional
        The account; else it is typed, or comes from the environment.

    Raises
    ------
    ConfigError
        The connection and the rulebook have different time zones.

    Attributes
    ----------
    columns, rules_step, comment_step, check, send : ColumnsStep, RulesStep, CommentStep, CheckStep, SendStep
        The five steps.
    steps : list of Button
        Open a step each.
    export : Export
        The job as a cell and as a rulebook.
    message : Message
        What concerns no single step.
    plan : Plan or None
        The plan of the last check; None when something was changed since.
    result : DataFrame or None
        The deals with the ``ct_`` columns of the last run.
    """

    def __init__(
        self,
        deals: pd.DataFrame,
        rules: Rule | Iterable[Rule] | Rulebook | None = None,
        comment: str | Col = "",
        *,
        key: str | None = None,
        connection: Connection | None = None,
    ) -> None:
        self.plan: Plan | None = None
        self.result: pd.DataFrame | None = None
        self._deals = deals
        self._background = Background()
        self._displayed: list[Beside] = []
        # A kernel may run the handlers of two widgets on two threads at once.
        self._lock = RLock()
        self._changes = 0
        self._planned: Rulebook | None = None
        problem = why_unusable(deals)
        if problem:
            self.widget: Any = framed([ipywidgets.HTML(note(problem, "error"))])
            return
        book = rules if isinstance(rules, Rulebook) else None
        names, found = usable_columns(deals), find_roles(deals)
        roles = replace(found, key=key or (book and book.key) or found.key)
        region = (book and book.region) or DEFAULT_REGION
        from_book = book is not None and isinstance(comment, str) and not comment
        template = template_text(book.comment if book and from_book else comment)
        job = (book and book.job) or ""
        self.message = Message()
        self.columns = ColumnsStep(deals, names, roles, region, self._on_columns)
        self.rules_step = RulesStep(names, roles, given_rules(rules), self._on_change)
        self.comment_step = CommentStep(deals, names, template, job, self._on_change)
        self.send = SendStep(
            connection,
            book.timezone if book else None,
            self._background,
            prepare=self._prepared,
            done=self._keep,
            changed=self._on_account,
        )
        self._zone = self.send.account.zone
        account = self.send.account
        source = JournalSource(account.connection, lambda: account.zone, self._background, self._on_journal)
        self.check = CheckStep(self.message.guarded(self._check), source, PreviewPane(self.rules_step.use))
        self.export = Export()
        self._pages = [
            self.columns.widget,
            self.rules_step.widget,
            self.comment_step.widget,
            self.check.widget,
            self.send.widget,
        ]
        titles = [gettext("Columns"), gettext("Rules"), gettext("Comment"), gettext("Check"), gettext("Send")]
        self.steps = [
            button(f"{step + 1}. {title}", self.message.guarded(partial(self.open, step)), "step")
            for step, title in enumerate(titles)
        ]
        self.back = button(gettext("Back"), self.message.guarded(lambda: self.open(self._step - 1)))
        self.forward = button(gettext("Next"), self.message.guarded(lambda: self.open(self._step + 1)))
        self.widget = framed(
            [
                row(self.steps, "steps"),
                self.message.widget,
                *self._pages,
                row([self.back, self.forward, self.export.toggle], "row", "foot"),
                self.export.widget,
            ]
        )
        self._step = 0
        self.open(0)
        self._on_change()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules as they stand; RuleError when one cannot be used."""
        return self.rules_step.rules

    @property
    def comment(self) -> str:
        """The comment's template."""
        return str(self.comment_step.text.value)

    @property
    def key(self) -> str | None:
        """The column that names the deal."""
        return self.columns.roles.key

    @property
    def rulebook(self) -> Rulebook:
        """The whole job, for `ctnb.dump_rulebook` and every verb; CtnbError when something cannot be used yet."""
        settings: dict[str, Any] = {
            "comment": self.comment,
            "key": self.key,
            "job": self.comment_step.job.value,
            "region": self.columns.region_code,
            "timezone": self.send.account.planning_connection().timezone,
        }
        return Rulebook(self.rules, **{name: value for name, value in settings.items() if value})

    @property
    def code(self) -> str:
        """The cell that does the same as the studio; CtnbError when something cannot be used yet."""
        resend = self.send.resend.value or None
        return code_cell(self.rulebook, resend=resend, connection=self.send.account.settings())

    def open(self, step: int) -> None:
        """Show a step, 0 to 4; the check is made when it is opened and nothing was checked yet."""
        with self._lock:
            self._step = min(max(step, 0), len(self._pages) - 1)
            for position, (page, opener) in enumerate(zip(self._pages, self.steps, strict=True)):
                show_if(position == self._step, page)
                (opener.add_class if position == self._step else opener.remove_class)("ctnb-here")
            self.back.disabled, self.forward.disabled = self._step == 0, self._step == len(self._pages) - 1
            self._check_if_open()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds at the most for a check or a run to end; tell whether it has."""
        return self._background.wait(timeout)

    def _on_columns(self) -> None:
        with self._lock:
            self.rules_step.follow(self.columns.roles)
            self._on_change()

    def _on_account(self) -> None:
        """Show the cell anew; what was checked stands, unless dates are read otherwise now."""
        with self._lock:
            zone = self.send.account.zone
            if zone == self._zone:
                self._show_export()
            else:
                self._zone = zone
                self._on_change()

    def _on_change(self) -> None:
        """Forget what was checked, and what was asked, before the change."""
        with self._lock:
            if self.plan is not None and self._planned == self._usable_rulebook():
                # A browser may send the same value twice.
                return
            self._changes += 1
            self.plan = None
            self.check.outdate()
            self.send.withdraw()
            self._show_export()
            self._check_if_open()

    def _check_if_open(self) -> None:
        """Check what was not checked yet, when that step is open."""
        is_open = self._pages[self._step] is self.check.widget
        if is_open and self.plan is None and not self._background.busy:
            self._check()

    def _show_export(self) -> None:
        try:
            self.export.show(self.code, self.rulebook)
        except CtnbError as error:
            self.export.fail(error)

    def _check(self) -> None:
        if self._background.busy:
            self.message.show(gettext("Something is still going on. Wait for its end, or stop it."))
            return
        self.message.show("")
        self.check.begin()
        self._background.start(self._plan)

    def _usable_rulebook(self) -> Rulebook | None:
        """Return the job that a plan is made of; None while it cannot be used."""
        try:
            return self.rulebook
        except CtnbError:
            return None

    def _plan(self) -> None:
        while True:
            try:
                with self._lock:
                    changes, book = self._changes, self.rulebook
                account = self.send.account
                connection, settings = account.planning_connection(), plan_settings(book)
                # Without an account there is no ledger to look into.
                plan = planning.plan(self._deals, connection=connection, recorded=account.is_given, **settings)
            except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
                self.check.fail(error)
                return
            with self._lock:
                # What was changed meanwhile is planned anew.
                if changes != self._changes:
                    continue
                self.plan, self._planned = plan, book
                self.check.show(plan)
            if self._looked_up(plan, connection.timezone):
                return

    def _looked_up(self, plan: Plan, zone: str) -> bool:
        """Show what would match of a plan; tell whether it is still the plan."""
        # Not under the lock, for it takes a while.
        found = self.check.preview.look_up(plan, self._deals, zone)
        with self._lock:
            if self.plan is plan:
                self.check.preview.show(found)
                return True
        found.close()
        return False

    def _on_journal(self, journal: Journal) -> None:
        """Show what would match in a journal that was read; on the thread that has read it."""
        self.check.preview.take(journal)
        plan, zone = self.plan, self._zone
        if plan is not None and not self._looked_up(plan, zone):
            # While this thread works nobody else begins a check.
            self._plan()

    def _prepared(self, connection: Connection, resend: str | None) -> run.Run:
        """Plan for the account, and make the run."""
        with self._lock:
            book = self.rulebook
        plan = planning.plan(self._deals, connection=connection, **plan_settings(book))
        return run.Run.of_plan(self._deals, plan, connection, resend=resend)

    def _keep(self, result: pd.DataFrame) -> None:
        self.result = result
        for displayed in self._displayed:
            displayed.replace(static_view(self._deals, result))

    def _ipython_display_(self, **_: Any) -> None:
        self._displayed.append(Beside(static_view(self._deals, self.result), self.widget))

    def __repr__(self) -> str:
        state = "not sent" if self.result is None else "sent"
        return f"<Studio: {len(self._deals):,} rows, {state}>"


def why_unusable(deals: pd.DataFrame) -> str:
    """Return why a frame cannot be worked on; blank when it can."""
    try:
        names = usable_columns(deals)
    except ConfigError as error:
        return str(error)
    if not len(deals):
        return gettext("The table has no rows. Read an export of deals first: ctnb.read_leads(...).")
    return "" if names else gettext("The table has no column with a heading of its own.")


def given_rules(rules: Rule | Iterable[Rule] | Rulebook | None) -> list[Rule] | None:
    """Return the rules to begin with as a list; None where none are given."""
    several = rules.rules if isinstance(rules, Rulebook) else rules
    if several is None:
        return None
    return [*several] if isinstance(several, Iterable) else [several]


def template_text(comment: Comment | None) -> str:
    """Return a comment as a template; a column is a template of one field.

    Raises
    ------
    RuleError
        When it is a Series or a callable, which nobody can edit.
    """
    if not isinstance(comment, str | Col | None):
        raise RuleError(
            "The comment is {kind}: the studio expected a text with {{column}} fields. Put the texts into a column, "
            "and name it.",
            kind=type(comment).__name__,
        )
    return f"{{{comment.name}}}" if isinstance(comment, Col) else comment or ""


def plan_settings(book: Rulebook) -> dict[str, Any]:
    """Return what `ctnb.planning.plan` takes from a job; the time zone comes with the connection."""
    return {
        "rules": book.rules,
        "comment": book.comment or "",
        "key": book.key,
        "job": book.job or "",
        "region": book.region or DEFAULT_REGION,
    }


def framed(widgets: list[Any]) -> Any:
    """Return the studio's frame with its style."""
    box = ipywidgets.VBox([style_sheet(), *widgets])
    box.add_class("ctnb-studio")
    return box
