"""The studio put together: five steps over one frame."""

from __future__ import annotations

import html
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import ConfigError, CtnbError
from ctnb.i18n.language import gettext
from ctnb.leads.guess_columns import find_roles, usable_columns
from ctnb.views.studio.background import Background
from ctnb.views.studio.code import cell_of
from ctnb.views.studio.export import Copying
from ctnb.views.studio.message import Notice
from ctnb.views.studio.steps.check import Check
from ctnb.views.studio.steps.columns import Columns
from ctnb.views.studio.steps.comment import Comment
from ctnb.views.studio.steps.rules import Rules
from ctnb.views.studio.steps.send import Send
from ctnb.views.studio.widgets import button, note, row, shown_if, style

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.leads.plan import Plan
    from ctnb.leads.rules import Rule
    from ctnb.run import Run

PREFIX = "ct_"


class Studio:
    """The whole journey by hand: columns, rules, comment, check, send.

    Parameters
    ----------
    deals : DataFrame
        n rows, any index. The studio never changes it.
    rules : Rule or list of Rule, optional
        Rules to begin with; else they are made of the columns that are found.
    comment : str
        Template to begin with.
    key : str, optional
        Column that names the deal; else it is looked for.
    connection : Connection, optional
        The account; else it is typed, or comes from the environment.

    Attributes
    ----------
    plan : Plan or None
        What the last check has found; None when something was changed since.
    result : DataFrame or None
        What the last run has come to: the deals with the ``ct_`` columns.
    """

    def __init__(
        self,
        deals: pd.DataFrame,
        rules: Rule | Iterable[Rule] | None = None,
        comment: str = "",
        *,
        key: str | None = None,
        connection: Connection | None = None,
    ) -> None:
        self.plan: Plan | None = None
        self.result: pd.DataFrame | None = None
        self._deals = deals
        self._background = Background()
        # A kernel may run what two widgets call on two threads at once.
        self._turn = RLock()
        self._changes = 0
        self._planned: tuple[Any, ...] | None = None
        fault = unusable(deals)
        if fault:
            self.widget: Any = framed([ipywidgets.HTML(note(fault, "error"))])
            return
        names = usable_columns(deals)
        roles = find_roles(deals)
        given = None if rules is None else [*rules] if hasattr(rules, "__iter__") else [rules]
        self._notice = Notice()
        self.columns = Columns(deals, names, roles, key, self._on_columns)
        self.rules_step = Rules(names, roles, given, self._on_change)
        self.comment_step = Comment(deals, names, comment, self._on_change)
        self.check = Check(self._notice.guarded(self._check))
        self.send = Send(connection, self._background, self._prepared, self._keep, self._on_account)
        self._zone = self.send.account.zone
        self.copying = Copying()
        self._pages = [
            self.columns.widget,
            self.rules_step.widget,
            self.comment_step.widget,
            self.check.widget,
            self.send.widget,
        ]
        titles = [gettext("Columns"), gettext("Rules"), gettext("Comment"), gettext("Check"), gettext("Send")]
        self.steps = [
            button(f"{place + 1}. {title}", self._notice.guarded(partial(self.open, place)), "step")
            for place, title in enumerate(titles)
        ]
        self.back = button(gettext("Back"), self._notice.guarded(lambda: self.open(self._place - 1)))
        self.forward = button(gettext("Next"), self._notice.guarded(lambda: self.open(self._place + 1)))
        self.widget = framed(
            [
                row(self.steps, "steps"),
                self._notice.widget,
                *self._pages,
                row([self.back, self.forward, self.copying.toggle], "row", "foot"),
                self.copying.widget,
            ]
        )
        self._place = 0
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
    def code(self) -> str:
        """The cell that does the same as the studio; CtnbError when something cannot be used yet."""
        return cell_of(
            self.rules,
            self.comment,
            key=self.key,
            region=self.columns.region_chosen,
            resend=self.send.resend.value or None,
            connection=self.send.account.settings(),
        )

    def open(self, place: int) -> None:
        """Show a step, 0 to 4; the check is made when it is opened and nothing was checked yet."""
        with self._turn:
            self._place = min(max(place, 0), len(self._pages) - 1)
            for each, (page, step) in enumerate(zip(self._pages, self.steps, strict=True)):
                shown_if(page, each == self._place)
                (step.add_class if each == self._place else step.remove_class)("ctnb-here")
            self.back.disabled, self.forward.disabled = self._place == 0, self._place == len(self._pages) - 1
            self._check_if_open()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds at the most for a check or a run to end; tell whether it has."""
        return self._background.wait(timeout)

    def _on_columns(self) -> None:
        with self._turn:
            self.rules_step.follow(self.columns.roles)
            self._on_change()

    def _on_account(self) -> None:
        """Show the cell anew; what was checked stands, unless dates are read otherwise now."""
        with self._turn:
            zone = self.send.account.zone
            if zone == self._zone:
                self._show_code()
            else:
                self._zone = zone
                self._on_change()

    def _on_change(self) -> None:
        """Forget what was checked, and what was asked, before the change."""
        with self._turn:
            if self.plan is not None and self._planned == self._choice():
                # A browser tells again what it was told.
                return
            self._changes += 1
            self.plan = None
            self.check.outdate()
            self.send.withdraw()
            self._show_code()
            self._check_if_open()

    def _check_if_open(self) -> None:
        """Check what was not checked yet, when that is looked at."""
        looked_at = self._pages[self._place] is self.check.widget
        if looked_at and self.plan is None and not self._background.busy:
            self._check()

    def _show_code(self) -> None:
        try:
            self.copying.show(self.code)
        except CtnbError as error:
            self.copying.fail(error)

    def _check(self) -> None:
        if self._background.busy:
            self._notice.say(gettext("Something is still going on. Wait for its end, or stop it."))
            return
        self._notice.clear()
        self.check.begin()
        self._background.start(self._plan)

    def _choice(self) -> tuple[Any, ...] | None:
        """Return what a plan goes by, to be compared; None while it cannot be used."""
        try:
            return (*self._settings().items(), self.send.account.zone)
        except CtnbError:
            return None

    def _settings(self) -> dict[str, Any]:
        """Read the widgets, for the verbs."""
        return {
            "rules": self.rules,
            "comment": self.comment,
            "key": self.key,
            "region": self.columns.region_chosen,
        }

    def _plan(self) -> None:
        from ctnb import run as verbs

        while True:
            try:
                with self._turn:
                    changes, self._planned, settings = self._changes, self._choice(), self._settings()
                plan = verbs.plan(self._deals, connection=self.send.account.planning(), **settings)
            except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
                self.check.fail(error)
                return
            with self._turn:
                # What was changed meanwhile is planned anew.
                if changes == self._changes:
                    self.plan = plan
                    self.check.show(plan)
                    return

    def _prepared(self, connection: Connection, resend: str | None) -> Run:
        """Plan for the account, and make the run."""
        from ctnb import run as verbs

        with self._turn:
            settings = self._settings()
        plan = verbs.plan(self._deals, connection=connection, **settings)
        return verbs.Run.prepared(self._deals, plan, connection, resend=resend, prefix=PREFIX)

    def _keep(self, result: pd.DataFrame) -> None:
        self.result = result

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self.widget._repr_mimebundle_(**options)
        if bundle is not None:
            text = gettext("The studio lives as long as its kernel. Run the cell again to open it.")
            bundle["text/html"] = f"<p>{html.escape(text)}</p>"
            bundle["text/plain"] = repr(self)
        return bundle

    def __repr__(self) -> str:
        state = "not sent" if self.result is None else "sent"
        return f"<Studio: {len(self._deals):,} rows, {state}>"


def unusable(deals: pd.DataFrame) -> str:
    """Say why a frame cannot be worked on; empty when it can."""
    try:
        names = usable_columns(deals)
    except ConfigError as error:
        return str(error)
    if not len(deals):
        return gettext("The table has no rows. Read an export of deals first: ctnb.read_leads(...).")
    return "" if names else gettext("The table has no column with a heading of its own.")


def framed(widgets: list[Any]) -> Any:
    """Return the studio's frame with its style."""
    box = ipywidgets.VBox([style(), *widgets])
    box.add_class("ctnb-studio")
    return box
