"""What may be said of the titles of events: what is private, or stands in another account, is not quoted.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from daemon.model.event import CalendarId, Event
from daemon.model.profile import Profile
from daemon.model.user.command import PREFIX, Command


def account_of(calendar: CalendarId) -> str:
    """The name of its account."""
    return calendar.partition("/")[0]


def discreet(event: Event, who: Profile, writing: Collection[str]) -> Event:
    """The event with as much of its title as may stand in events, answers, journal and log.

    Nothing of one that is private (RFC 5545, 3.8.1.3), or of another account than those of `writing`, unless the user
    has said `quote_titles` for its account.
    """
    account = account_of(event.ref.calendar)
    if account in who.quotes or (account in writing and not event.private):
        return event
    return replace(event, spoken="")


def of_command(command: Command) -> str:
    """The words of a command that are an order: what else stands in its title is not said."""
    return f"{PREFIX} {command.verb or ''}".rstrip()


def of_copies(best: Event, copies: Sequence[Event]) -> Event:
    """The one that counts of several copies: what may be said of any of them may be said of it."""
    told = next((e.said for e in copies if not e.secret), "") if best.secret else ""
    return replace(best, spoken=told) if told else best
