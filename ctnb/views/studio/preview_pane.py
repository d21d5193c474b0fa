"""What would match, beside the plan: the preview's card, and the depths beside the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ipywidgets

from ctnb.exceptions import ConfigError
from ctnb.matching.index import index_journals
from ctnb.matching.preview import build_preview
from ctnb.matching.preview_summary import summed_up
from ctnb.views.html.preview import preview_html
from ctnb.views.studio.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ctnb.journals.journal import Journal
    from ctnb.leads.plan import Plan
    from ctnb.leads.rules import Rule
    from ctnb.matching.index import JournalIndex
    from ctnb.views.explorer.explorer import DepthExplorer


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a preview shows: its card and the explorer of its depths, or an error; nothing where there is no journal."""

    card: str = ""
    explorer: DepthExplorer | None = None
    error: Exception | None = None

    def close(self) -> None:
        """Let it go, unseen."""
        if self.explorer is not None:
            self.explorer.close()


class PreviewPane:
    """The preview of a plan in a journal; nothing is shown while there is no journal.

    Parameters
    ----------
    use : callable
        Called with the rules under the depths that were chosen.

    Attributes
    ----------
    card : HTML
    explorer : DepthExplorer or None
    message : Message
    """

    def __init__(self, use: Callable[[tuple[Rule, ...]], None]) -> None:
        self._use = use
        self._journal: Journal | None = None
        self._index: JournalIndex | None = None
        self.explorer: DepthExplorer | None = None
        self.message = Message()
        self.card = ipywidgets.HTML()
        self._depths = ipywidgets.VBox()
        self.widget: Any = ipywidgets.VBox([self.message.widget, self._depths, self.card])

    def take(self, journal: Journal) -> None:
        """Look plans up in this journal from now on."""
        self._journal, self._index = journal, None

    def look_up(self, plan: Plan, deals: pd.DataFrame, zone: str) -> LookedUp:
        """Look a plan up in the journal, where there is one; nothing is shown yet.

        Parameters
        ----------
        plan : Plan
        deals : DataFrame
            That were planned.
        zone : str
            The time zone that the plan's dates were read in.
        """
        if self._journal is None:
            return LookedUp()
        try:
            return self._found(self._journal, plan, deals, zone)
        except Exception as error:  # noqa: BLE001  whatever it is, the user is to see it
            return LookedUp(error=error)

    def _found(self, journal: Journal, plan: Plan, deals: pd.DataFrame, zone: str) -> LookedUp:
        if str(journal.timezone) != zone:
            raise ConfigError(
                "The journal was read in the time zone {journal}, and the account's is {account}: read it again.",
                journal=journal.timezone,
                account=zone,
            )
        if self._index is None:
            self._index = index_journals(replace(journal.tables(), timezone=zone))
        matched = build_preview(plan, deals, self._index).matched
        # Plots take a while to load: not before there is something to look at.
        from ctnb.views.explorer.explorer import DepthExplorer

        # The explorer shows the rules.
        return LookedUp(preview_html(summed_up(matched), rules=False), DepthExplorer(matched, use=self._use))

    def show(self, found: LookedUp) -> None:
        """Show what was found, or the error in its place."""
        self.clear()
        if found.error is not None:
            self.message.show_error(found.error)
        self.card.value = found.card
        if found.explorer is not None:
            self.explorer = found.explorer
            self._depths.children = [found.explorer]

    def clear(self) -> None:
        """Take away what is shown."""
        self.message.show("")
        self.card.value = ""
        self._depths.children = ()
        if self.explorer is not None:
            self.explorer.close()
            self.explorer = None
