"""Which meetings are 1:1s, and with whom."""

from __future__ import annotations

from daemon.model.event import Event
from daemon.model.owner import Subject
from daemon.model.snapshot import Snapshot
from daemon.model.titles.kinds import Kind, shows, words
from daemon.model.words import person
from policies.advisors.options import AdvisorsOptions


def report_in(snapshot: Snapshot, options: AdvisorsOptions, event: Event) -> str:
    """The address of the report with whom it is a 1:1, held or declined; '' for any other meeting.

    Two people, in a series or with a title that says so; a lunch is none.
    """
    address = snapshot.people.alone_with(event)
    if event.all_day or not snapshot.people.is_report(address) or shows(event.summary, options.not_titles):
        return ""
    titles = words(Kind.ONE_TO_ONE) if options.titles is None else options.titles
    return address if event.series or shows(event.summary, titles) else ""


def subject(address: str) -> str:
    """What `#never` is about."""
    return f"person:{address}"


def someone(snapshot: Snapshot, event: Event, address: str) -> Subject:
    """The person, as the calendar calls them."""
    known = snapshot.people.replies(event).get(address)
    name = known.name if known else snapshot.people.organizer_name(event)
    return Subject(subject(address), person(name, address))
