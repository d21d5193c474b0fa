"""Step 5: sending, after a question that names the number of comments and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import CtnbError
from ctnb.i18n.advice import MEND_FIRST, advice_for
from ctnb.i18n.labels import status_label
from ctnb.i18n.language import duration, gettext, ngettext, number
from ctnb.i18n.outcome_texts import in_words
from ctnb.outcomes import Status
from ctnb.views.html.render import rendered
from ctnb.views.meters import Pace, RunMeter
from ctnb.views.studio.account import Account, account_label
from ctnb.views.studio.message import Message, error_text
from ctnb.views.studio.stoppable_run import StoppableRun
from ctnb.views.studio.widgets import button, card, field, heading, row, show_if

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ctnb.connection import Connection
    from ctnb.delivery.progress_counts import ProgressCounts
    from ctnb.run import Run
    from ctnb.views.studio.background import Background


class SendStep:
    """The account, the question, the progress, the stop button and the result.

    Parameters
    ----------
    connection : Connection or None
        One that was handed in.
    timezone : str or None
        The time zone of a rulebook that was handed in.
    background : Background
        Where preparing and sending go on.
    prepare : callable
        Checks the studio's settings for a connection and an outcome to send again, and returns the run.
    done : callable
        Takes the frame of results.
    changed : callable
        Called when the account, or the outcome to send again, was changed.

    Attributes
    ----------
    account : Account
        The fields of the connection.
    resend : Dropdown
        The outcome to send again.
    begin, confirm, cancel, stop : Button
        Ask the question, answer it with yes or no, and stop the run.
    bar : IntProgress
        Comments that have an outcome.
    message : Message
        How it goes.
    """

    def __init__(
        self,
        connection: Connection | None,
        timezone: str | None,
        background: Background,
        *,
        prepare: Callable[[Connection, str | None], Run],
        done: Callable[[pd.DataFrame], None],
        changed: Callable[[], None],
    ) -> None:
        self._background = background
        self._prepare = prepare
        self._done = done
        self._changed = changed
        self._asked: Run | None = None
        self._changes = 0
        self._sending: StoppableRun | None = None
        self._pace: Pace | None = None
        self.account = Account(connection, timezone, self._on_change)
        again = [
            (gettext("are not sent again"), ""),
            (gettext("are sent again if no lead was found"), "unmatched"),
            (gettext("are sent again if their answer was lost: a second comment is possible"), "uncertain"),
        ]
        self.resend = field(ipywidgets.Dropdown, gettext("Comments sent before"), "wide", options=again)
        self.message = Message()
        self.begin = button(gettext("Send…"), self.message.guarded(self._prepare_run), "primary", "begin")
        self._question = ipywidgets.HTML()
        self.confirm = button("", self.message.guarded(self._send), "primary")
        self.cancel = button(gettext("Do not send"), self.withdraw)
        self._question_card = card([self._question, row([self.confirm, self.cancel])], "question")
        self.bar = ipywidgets.IntProgress(bar_style="info")
        self._counts = ipywidgets.HTML()
        self.stop = button(gettext("Stop"), self.message.guarded(self._stop), "stop")
        self._progress_card = card([self.bar, self._counts, row([self.stop])], "going")
        self._result = ipywidgets.VBox()
        text = gettext("Comments cannot be taken back. What was sent is remembered, and is not sent a second time.")
        self.widget: Any = ipywidgets.VBox(
            [
                heading(gettext("Send"), text),
                self.account.widget,
                row([self.resend]),
                row([self.begin]),
                self._question_card,
                self._progress_card,
                self.message.widget,
                self._result,
            ]
        )
        self.resend.observe(self._on_change, "value")
        self._show_state()

    @property
    def going(self) -> bool:
        """Whether comments are being sent."""
        return self._sending is not None

    def withdraw(self) -> None:
        """Take the question back: it was refused, or something was changed after it."""
        self._changes += 1
        if self._asked is not None:
            self._asked = None
            self.message.show("")
            self._show_state()

    def _on_change(self, _: object = None) -> None:
        self.withdraw()
        self._changed()

    def _show_state(self) -> None:
        """Show the buttons that fit: to begin, to answer the question, or to stop."""
        show_if(self._asked is not None, self._question_card)
        show_if(self.going, self._progress_card)
        busy = self._background.busy or self.going
        self.begin.disabled = busy or self._asked is not None
        for control in (self.resend, self.account.site_id, self.account.token, self.account.timezone):
            control.disabled = self.going

    def _prepare_run(self) -> None:
        """Check everything, then ask."""
        if self._background.busy:
            self.message.show(gettext("Something is still going on. Wait for its end, or stop it."))
            return
        connection = self.account.connection()
        self._result.children = ()
        self.begin.disabled = True
        self.message.show(gettext("Checking…"))
        resend, changes = self.resend.value or None, self._changes
        self._background.start(lambda: self._ask(connection, resend, changes))

    def _ask(self, connection: Connection, resend: str | None, changes: int) -> None:
        try:
            run = self._prepare(connection, resend)
        except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
            self.message.show_error(error)
            self.begin.disabled = False
            return
        if not len(run.plan.sent):
            self.message.show(gettext("No row can be sent: see the problems in the check."), "error")
            self.begin.disabled = False
            return
        if changes != self._changes:
            # The run was prepared from other settings.
            self.message.show(gettext("Something was changed meanwhile: press Send again."))
            self.begin.disabled = False
            return
        self.message.show("")
        self._asked = run
        title, text, self.confirm.description = question(run)
        self._question.value = heading(title, text).value
        self._show_state()
        self.begin.disabled = True

    def _send(self) -> None:
        """Begin to send: the question was answered with yes."""
        run, self._asked = self._asked, None
        if run is None:
            return
        self._background.wait()
        self._sending = sending = StoppableRun(run, self._show_progress)
        self._pace = Pace(RunMeter(run.counts))
        self.bar.max, self.bar.value, self._counts.value = len(run.plan.sent), 0, ""
        self.stop.disabled, self.stop.description = False, gettext("Stop")
        self.message.show("")
        self._show_state()
        self._background.start(lambda: self._carry_out(sending, run))

    def _stop(self) -> None:
        if self._sending is not None:
            self._sending.stop()
            self.stop.disabled, self.stop.description = True, gettext("Stopping…")

    def _show_progress(self, counts: ProgressCounts) -> None:
        self.bar.value = counts.settled
        parts = [
            f"{status_label(status)}: {number(counts.statuses[status])}"
            for status in Status
            if counts.statuses.get(status)
        ]
        text = RunMeter(counts).line() if self._pace is None else self._pace.text()
        self._counts.value = rendered("studio/heading.html", title=text, text=" · ".join(parts))

    def _carry_out(self, sending: StoppableRun, run: Run) -> None:
        """Send, then show the rows as they are, however the run has ended."""
        broken: BaseException | None = None
        try:
            sending.carry_out()
        except BaseException as error:  # noqa: BLE001  on a thread of ours nobody else would see it
            broken = error
        self._sending = None
        try:
            result = sending.joined()
            self._done(result)
            # Plots take a while to load: not before there is something to look at.
            from ctnb.views.dashboard.dashboard import dashboard

            self._result.children = [dashboard(result)]
        except Exception as error:  # noqa: BLE001  a table that cannot be drawn must not hide what was sent
            broken = broken or error
        self._show_end(sending, run, broken)
        self._show_state()
        self.begin.disabled = False

    def _show_end(self, sending: StoppableRun, run: Run, broken: BaseException | None) -> None:
        """Show how the run has ended, and what to do next."""
        unsent, stop = run.counts.statuses[Status.UNSENT], run.counts.stop
        rest = " " + ngettext(
            "{n} comment is unsent; send again to carry on.", "{n} comments are unsent; send again to carry on.", unsent
        )
        rest = rest if unsent else ""
        if broken is not None:
            error = broken if isinstance(broken, Exception) else CtnbError("{kind}", kind=type(broken).__name__)
            self.message.show(error_text(error) + rest, "error")
        elif sending.stopped:
            self.message.show(gettext("Stopped.") + rest)
        elif stop is not None:
            then = f" {advice_for(stop.reason)}" if stop.reason in MEND_FIRST else rest
            reason = in_words(stop.message).rstrip(" .")
            self.message.show(gettext("The run stopped: {reason}.", reason=reason) + then, "error")
        else:
            self.message.show(
                gettext("Done. The rows with their answers are below; in code they are studio.result."), "good"
            )


def question(run: Run) -> tuple[str, str, str]:
    """Return the question's title and text, and the label of the button that answers yes."""
    leads = len(run.plan.sent if run.terms.resend else run.plan.due)
    title = ngettext("Send {n} comment?", "Send {n} comments?", leads) + f" {account_label(run.connection)}"
    text = gettext(
        "It takes {time} at the least. Comments that were sent before are not sent again, and the others cannot be "
        "taken back.",
        time=duration(run.plan.floor_seconds),
    )
    return title, text, ngettext("Yes, send {n} comment", "Yes, send {n} comments", leads)
