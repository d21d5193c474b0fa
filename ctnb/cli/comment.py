"""``ctnb comment``: comment the leads of an export, by hand or every night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path  # noqa: TC003  typer reads it
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctnb.cli.ending import carry_to_end
from ctnb.cli.exits import INTERRUPTED, NOT_DELIVERED, THRESHOLD, say, unless_closed
from ctnb.cli.job import Comment, Deals, Job, Key, Quiet, Region, Rules, Timezone, job_of
from ctnb.cli.reading import Reading, reads_table
from ctnb.cli.thresholds import Thresholds, parse_rate
from ctnb.exceptions import ConfigError, CtnbError, LedgerError
from ctnb.i18n.language import gettext, ngettext
from ctnb.paths import is_same

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.cli.facts import Facts
    from ctnb.leads.rulebook import Rulebook
    from ctnb.run import Run


class Resend(StrEnum):
    """Earlier outcomes that can be sent again."""

    UNMATCHED = "unmatched"
    UNCERTAIN = "uncertain"


@reads_table
def comment(
    deals: Deals,
    rules: Rules,
    out: Annotated[Path, typer.Option(help="Where the joined table goes: CSV, XLSX or Parquet.")],
    comment: Comment = None,
    key: Key = None,
    job: Job = None,
    region: Region = None,
    timezone: Timezone = None,
    resend: Annotated[
        list[Resend] | None, typer.Option(help="Earlier outcomes to send again; can be given twice.")
    ] = None,
    resend_after: Annotated[
        str | None, typer.Option(help="Send them again only once they are so old: 90m, 2h, 7d.")
    ] = None,
    resend_times: Annotated[
        int | None, typer.Option(help="Send a comment again so many times at the most.", min=1)
    ] = None,
    only_new: Annotated[bool, typer.Option("--only-new", help="Send only deals that were never sent.")] = False,
    limit: Annotated[int | None, typer.Option(help="Send so many comments at the most.", min=0)] = None,
    min_match_rate: Annotated[
        str | None, typer.Option(help="Exit code 4 when less of the newly answered rows matched: 0.3 or 30%.")
    ] = None,
    max_uncertain: Annotated[
        int | None, typer.Option(help="Exit code 4 when more rows are uncertain; so many are no failure.", min=0)
    ] = None,
    alert: Annotated[
        str | None,
        typer.Option(help="Command to run when the exit code is not 0; it gets the JSON.", is_eager=True),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For machines: one line of JSON and nothing else.", is_eager=True)
    ] = False,
    quiet: Quiet = False,
    *,
    reading: Reading,
) -> None:
    """Comment the leads of an export, and write it with the answers.

    The account comes from CALLTOUCH_SITE_ID and CALLTOUCH_ACCESS_TOKEN, in the environment or in the
    folder's .env file. The exit code is 0 when all is done, 3 when rows were not delivered, 4 when a threshold was not
    met (3 wins), 1 on failure, 130 after an interrupt.
    """

    def work(facts: Facts) -> int:
        least = None if min_match_rate is None else parse_rate(min_match_rate)
        thresholds = Thresholds(least, max_uncertain)
        task = _Task(deals, out, reading, thresholds, shows_tables=not as_json, shows_progress=not quiet)
        book = job_of(rules, comment=comment, key=key, job=job, region=region, timezone=timezone)
        return task.carry_out(
            book,
            facts,
            resend=resend,
            resend_after=resend_after,
            resend_times=resend_times,
            only_new=only_new,
            limit=limit,
        )

    carry_to_end(work, as_json=as_json, alert=alert)


@dataclass(frozen=True, slots=True)
class _Task:
    """One command: what is read and written, what it is judged by, and what it shows."""

    deals: Path
    out: Path
    reading: Reading
    thresholds: Thresholds
    shows_tables: bool
    shows_progress: bool

    def carry_out(self, book: Rulebook, facts: Facts, **options: Any) -> int:
        """Send what the options say, write the answers, and return the exit code."""
        from ctnb.connection import Connection
        from ctnb.run import Run
        from ctnb.tables.files import check_writable

        facts.job = book.job or ""
        if is_same(self.out, self.deals):
            raise ConfigError(
                "--out names the export itself, {path!r}. Name another file for the answers.",
                path=str(self.deals),
            )
        check_writable(self.out)
        table = self.reading.read(self.deals)
        connection = Connection.from_env()
        facts.site = connection.site_id
        run = Run.prepare(table, book, connection=connection, **options)
        done, broken = _carried_out(run, progress=self.shows_progress)
        facts.count(run, done)
        # Before anything is shown: an output that is closed must not cost the answers.
        written = _write_answers(done, self.out)
        if self.shows_tables:
            with unless_closed():
                _show(done, written)
        if isinstance(broken, CtnbError):
            raise broken
        if broken is not None:
            facts.end = facts.reason = "interrupted"
            return INTERRUPTED
        if self.shows_tables:
            with unless_closed():
                _show_left(facts)
        return self._judged(facts)

    def _judged(self, facts: Facts) -> int:
        """Return the exit code of a run that came to its end; what was not met is said on standard error."""
        not_met = list(self.thresholds.not_met(facts))
        for _, message in not_met:
            say(message)
        if self.thresholds.not_delivered(facts):
            facts.end = "not_delivered" if facts.reason is None else "stopped"
            return NOT_DELIVERED
        if not_met:
            facts.end, facts.reason = "threshold", not_met[0][0]
            return THRESHOLD
        return 0


def _carried_out(run: Run, *, progress: bool) -> tuple[pd.DataFrame, CtnbError | KeyboardInterrupt | None]:
    """Carry a run out; return the joined table, and the error or the interrupt that broke it off.

    Raises
    ------
    CtnbError
        When rows are lost, or nothing was answered before the error.
    """
    from ctnb.i18n.outcome_texts import KeptText

    try:
        done = run.carry_out(progress=progress)
    except KeyboardInterrupt as interrupt:
        return run.broken_off(interrupted=True), interrupt
    except CtnbError as error:
        # The answers that came before the error are still written, unless rows are lost.
        try:
            return run.broken_off(interrupted=False), error
        except CtnbError:
            raise error from None
    stop = run.counts.stop
    if stop is not None and isinstance(stop.message, KeptText):
        return done, LedgerError(stop.message.message)
    return done, None


def _show(done: pd.DataFrame, written: Path) -> None:
    """Print what came of the rows, and where they are."""
    from ctnb.cli.text_table import show_table
    from ctnb.results.rates import counts, match_rates

    by_status = counts(done)
    show_table(by_status[by_status > 0].to_frame())
    typer.echo()
    show_table(match_rates(done))
    typer.echo("\n" + gettext("The table is in {path}", path=written))


def _show_left(facts: Facts) -> None:
    """Print how many rows were left on purpose."""
    left = facts.left or {}
    if limited := left.get("limited"):
        typer.echo(
            ngettext(
                "{n} row is beyond the limit: run it again for the next ones.",
                "{n} rows are beyond the limit: run it again for the next ones.",
                limited,
            )
        )
    if not_new := left.get("not_new"):
        typer.echo(ngettext("{n} row is not new, and was left.", "{n} rows are not new, and were left.", not_new))


def _write_answers(done: pd.DataFrame, out: Path) -> Path:
    """Write the answers to the file that was asked for, else beside it as CSV: they must not be lost now."""
    from ctnb.tables.files import write_table

    try:
        write_table(done, out)
    except CtnbError as error:
        spare = out.with_name(f"{out.stem}_answers.csv")
        say(gettext("Error: {message} The answers are written as CSV instead.", message=error))
        write_table(done, spare)
        return spare
    return out
