"""Which entry among the attendees is the user's own, and what a reply writes there.  Pure."""

from __future__ import annotations

from connectors.google.codec import REPLIES, Bundle, Item
from daemon.model.errors import UnbusyError
from daemon.model.event import EventRef, PartStat

_WRITABLE = frozenset({"email", "id", "displayName", "optional", "additionalGuests", "comment", "responseStatus"})
"""What of an attendee's entry can be written."""


def body_of(entry: Item, answer: PartStat, comment: str) -> Item:
    """What changes the user's own entry, and leaves every other one alone (`attendeesOmitted`)."""
    mine = {k: v for k, v in entry.items() if k in _WRITABLE}
    mine |= {"responseStatus": word(answer)} | ({"comment": comment} if comment else {})
    return {"attendees": [mine], "attendeesOmitted": True}


def word(answer: PartStat) -> str:
    """As Google says it."""
    return next(w for w, reply in REPLIES.items() if reply is answer)


def asked(bundle: Bundle, invitation: EventRef) -> Item:
    """The event or the series; an instance that the user was asked to by itself, where they see no more of it."""
    if not invitation.recurrence_id and bundle.main:
        return bundle.main
    if invitation.recurrence_id and not bundle.main and len(bundle.exceptions) == 1:
        return next(iter(bundle.exceptions.values()))
    raise UnbusyError("it is not clear which event of this is meant; it was left as it is")


def own_entry(item: Item, me: frozenset[str], *, primary: bool, answered: bool = False) -> Item:
    """The user's own entry among the attendees, without an answer yet (`answered`: whatever it says).

    What Google calls self is the calendar: the user in their primary one, in any other perhaps a group.
    """
    if (item.get("organizer") or {}).get("self"):
        raise UnbusyError("you are the organizer of this event; it was left as it is")
    entries = (a for a in item.get("attendees") or () if a.get("self"))
    mine = [dict(a) for a in entries if primary or str(a.get("email", "")).lower() in me]
    if len(mine) != 1:
        raise UnbusyError("you are not among the attendees of this event; it was left as it is")
    if not answered and mine[0].get("responseStatus", "needsAction") != "needsAction":
        raise UnbusyError("this invitation has your answer already; it was left as it is")
    return mine[0]
