"""Words of the findings about the data: what was found and what to do, in the language in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctnb.i18n.language import N_, gettext, ngettext, number

if TYPE_CHECKING:
    from collections.abc import Mapping

SEVERITIES: Final = {"grave": N_("grave"), "warning": N_("warning"), "note": N_("note")}

MESSAGES: Final = {
    "no_key": N_(
        "No key is given: a deal is known by its ids and contacts, so that a mended id or contact makes another deal "
        "of it, and a second comment is possible."
    ),
    "other_naming": N_(
        "Earlier runs named the leads otherwise ({before}; now {now}): {comments} comments that may be in the account "
        "look new, and the run would be refused."
    ),
    "repeated_key": N_("{keys} values of the key stand for more than 20 contacts each; their rows are not sent."),
    "one_contact": N_("The contact {contact} is on {deals} deals; contacts on so many deals: {contacts}."),
    "one_id": N_("The lead id {id} is on {deals} deals; ids on so many deals: {ids}."),
    "damaged_ids": N_("Ids have lost their last digits in a spreadsheet; they would name other leads."),
    "unreadable_column": N_("{unreadable} of {filled} cells of the column cannot be read."),
    "blank_key": N_("The key is blank: these deals are known by their ids and contacts."),
    "placeholder_numbers": N_("Numbers look typed only to fill the field, such as {contact}."),
    "dates_without_time": N_(
        "{timeless} of {dates} dates have no time: a search of {depth} minutes begins at midnight, and finds leads "
        "near it alone."
    ),
    "future_dates": N_("Dates lie in the future."),
    "one_lead_other_dates": N_(
        "Rows without a key have the same contacts and other dates: {leads} leads have several rows, and each lead and "
        "text gets one comment."
    ),
    "half_empty": N_("At least half of the comment's fields are empty."),
    "key_texts": N_("{keys} values of the key have several texts: each text is a comment of its own."),
    "key_contacts": N_(
        "{keys} values of the key stand for rows with different contacts or ids: {comments} comments for {rows} rows."
    ),
    "searches_left_out": N_("The rows of one lead offer more than {most} searches: the last ones are left out."),
}

ADVICE: Final = {
    "no_key": N_("Give key= with the column that numbers the deals."),
    "other_naming": N_("Name the leads as before, or give another job= to send them all the same."),
    "repeated_key": N_("Name the column that numbers the deals; 0 and a manager's name are no key."),
    "one_contact": N_("An office line or a default: take it out, or its comments land on the lead of somebody else."),
    "one_id": N_("All these comments would land on one lead: take the id out, or look how the export was joined."),
    "damaged_ids": N_("Export the column as text."),
    "unreadable_column": N_("Look whether the rules name the right column; plan.frame has each row's problem."),
    "changed_text": N_("Take a text that does not change, if no second comment is meant."),
    "blank_key": N_("Fill it in, or leave these rows out."),
    "placeholder_numbers": N_("Take them out: they belong to nobody, or to somebody else."),
    "dates_without_time": N_("Export the date with its time, or search two days deep."),
    "future_dates": N_("Look at the order of day and month, and at the time zone."),
    "one_lead_other_dates": N_("Give a key, so that each deal is a lead of its own."),
    "half_empty": N_("Fill the columns, or give a default: {manager|-}."),
    "key_texts": N_("Is it meant? Otherwise leave one row of each deal, or take fields that its rows share."),
    "key_contacts": N_("Is it one deal? Otherwise name the column that numbers the deals."),
    "searches_left_out": N_("Is it one deal? Otherwise name the column that numbers the deals."),
}

LIKELY_KEY: Final = N_("The column {column!r} looks like one.")


def finding_message(code: str, values: Mapping[str, object]) -> str:
    """Return what was found; numbers are written in the language's form."""
    shown = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    if code == "changed_text":
        return ngettext(
            "{n} deal already has another text in the account: its comment will be a second one.",
            "{n} deals already have another text in the account: theirs will be second comments.",
            int(str(values["deals"])),
        )
    message = gettext(MESSAGES[code], **shown)
    return f"{message} {gettext(LIKELY_KEY, column=values['column'])}" if values.get("column") else message


def finding_advice(code: str) -> str:
    """Return what to do about a finding."""
    return gettext(ADVICE[code])


def severity_label(severity: str) -> str:
    """Name a severity."""
    return gettext(SEVERITIES[severity])
