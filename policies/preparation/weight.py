"""Which meetings are worth preparing: the weightiest of a week, by what the calendar shows of them."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model.event import Event
from daemon.model.owner import Subject
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week, minutes_of, within
from daemon.model.titles.kinds import Kind, shows, words
from daemon.model.user.people import BOSS
from daemon.model.words import TITLE, one_line
from policies.preparation.options import PreparationOptions

BY_TITLE, BY_GUESTS, BY_BOSS, BY_SIZE = 3, 2, 2, 1
"""Points for a title that says so, guests from outside, the user's boss, and many people whom the user has called."""
ENOUGH = 3
MANY = 8


def important(snapshot: Snapshot, options: PreparationOptions, week: Week) -> tuple[Event, ...]:
    """The weightiest meetings of a week, held or not yet, in the order of their weight; the sooner of equals."""
    meetings = [e for e in worthy(snapshot, options, week) if not snapshot.never(subject(e).id)]
    meetings.sort(key=lambda e: (-weight(snapshot, options, e), e.span, e.ref))
    return tuple(meetings[: options.per_week])


def worthy(snapshot: Snapshot, options: PreparationOptions, week: Week) -> Iterator[Event]:
    """Every meeting of a week that has weight enough, and that the user will attend as far as anybody knows."""
    for day in week.days:
        for event in snapshot.meetings_on.get(day, ()):
            if weight(snapshot, options, event) >= ENOUGH and _is_attended(snapshot, event):
                yield event


def weight(snapshot: Snapshot, options: PreparationOptions, event: Event) -> int:
    """0 to 8 points."""
    people = snapshot.people
    titles = words(Kind.PREPARED) if options.titles is None else options.titles
    signs = (
        (shows(event.summary, titles) and not people.is_audience(event) and not _prepares(event), BY_TITLE),
        (bool(people.external(event)), BY_GUESTS),
        (bool(people.invited(event, BOSS)), BY_BOSS),
        (event.mine and 1 + len(people.others(event)) >= MANY, BY_SIZE),
    )
    return sum(points for shown, points in signs if shown)


def _prepares(event: Event) -> bool:
    """Whether it is itself there to prepare something: 'Board prep', 'Steering rehearsal'."""
    return shows(event.summary, words(Kind.REHEARSAL))


def subject(event: Event) -> Subject:
    """What `#never` is about: the series, or the single meeting."""
    return Subject(f"meeting:{event.ref.key.partition('/')[0]}", "" if event.secret else one_line(event.said, TITLE))


def _is_attended(snapshot: Snapshot, event: Event) -> bool:
    """Whether the user is there then; and what a stranger asks for is no meeting until they have said so."""
    asked_by_guest = event.unanswered and snapshot.people.is_external(event.organizer)
    return not asked_by_guest and not minutes_of(within([event.span], snapshot.away))
