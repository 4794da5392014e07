"""From occurrences to a snapshot: who "I" am, what counts as what, which events are ours.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from msgspec import structs

from daemon.model.event import CalendarId, CountsAs, Event, EventType, PartStat, ResourceRef, ShowAs
from daemon.model.owner import UNDONE, Field, Mark, Wish, as_of_today, fingerprints
from daemon.model.profile import Profile
from daemon.model.snapshot import CalendarState, GivenUp, OwnEvent, Skip, Snapshot
from daemon.model.text import typed
from daemon.model.times import DAY, TimeRange, local_day, merged, week_of
from daemon.model.user.command import Command, Verb
from daemon.model.user.command_words import is_command, parsed
from daemon.model.user.gesture import Gesture, gestures

ReadBack = Mapping[str, Mapping[Field, str]]
"""By UID: the fingerprints that were found right after our own write, where a store rewrites what it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the ledger adds: it makes runs faster and knows what calendars cannot say.

    `writing`: the calendars of the account that we write to; `main`: the one in which commands are read.  `away`:
    `[[away]]` of the config.  `unreadable`: calendars and resources that stand as they were last read.
    """

    writing: frozenset[CalendarId]
    main: CalendarId = ""
    away: tuple[TimeRange, ...] = ()
    skips: tuple[Skip, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    read_back: ReadBack = field(default_factory=dict)
    calendars: tuple[CalendarState, ...] = ()
    unreadable: frozenset[CalendarId | ResourceRef] = frozenset()


def window(now: datetime, profile: Profile, lookback: timedelta, horizon: timedelta) -> TimeRange:
    """From `lookback` before now to the end of the week in which `horizon` ends; begins at a local midnight."""
    first = local_day(now - lookback, profile.zone)
    last = week_of(local_day(now + horizon, profile.zone), profile.week_starts)
    start = week_of(first, profile.week_starts).span(profile.zone).start
    return TimeRange(start, last.span(profile.zone).end)


def build(now: datetime, span: TimeRange, profile: Profile, events: Iterable[Event], memory: Memory) -> Snapshot:
    """Tell ours from foreign events, classify those, and make one meeting of the copies in several calendars."""
    own, foreign = _split(sorted(events, key=_order), profile, memory)
    skipped = tuple(o for o in own if _skipped(o, profile))
    skips = {s.wish: s for s in (*memory.skips, *(skip_of(o, profile) for o in skipped))}
    commands = {e.ref: parsed(e, profile) for e in foreign if is_command(e, memory.main, profile)}
    counted = _one_each(_as_command(e, commands.get(e.ref)) for e in (classify(e, profile) for e in foreign))
    absent = [e.span for e in counted if e.counts_as is CountsAs.AWAY]
    return Snapshot(
        now=now,
        window=span,
        profile=profile,
        events=counted,
        ours=tuple(o for o in own if o not in skipped),
        skipped=skipped,
        commands=tuple(commands.values()),
        skips=tuple(skips.values()),
        away=merged([*absent, *memory.away]),
        calendars=memory.calendars,
        given_up=memory.given_up,
    )


def _as_command(event: Event, command: Command | None) -> Event:
    if command is None:
        return event
    return structs.replace(event, counts_as=CountsAs.AWAY if command.verb is Verb.PAUSE else CountsAs.COMMAND)


def _order(e: Event) -> tuple[datetime, datetime, str, str, str]:
    """By span, then by ref; plain values compare fast."""
    return e.span.start, e.span.end, e.ref.calendar, e.ref.uid, e.ref.recurrence_id


# -- ours ----------------------------------------------------------------------------------------------------


def is_ours(event: Event, profile: Profile, writing: frozenset[CalendarId]) -> bool:
    """A mark of our owner that yields exactly this UID, in the writing account, without anybody else in it.

    A user's copy of one of ours and a colleague's events fail this, and so does a forged mark.  An attendee line of
    the user's own is how some clients answer for an event that has nobody else in it.
    """
    mark = event.mark
    return (
        mark is not None
        and mark.owner == profile.owner
        and mark.uid == event.ref.uid
        and event.ref.calendar in writing
        and all(a.address in profile.me for a in event.attendees)
        and (not event.organizer or event.organizer in profile.me)
    )


def as_ours(event: Event, mark: Mark, memory: Memory) -> OwnEvent:
    """One of ours, with the fields that the user has changed: neither as last asked for nor as found after our write.

    All of them, where it cannot be read how it stands now: in doubt, it was the user.  Gestures make fields theirs too.
    """
    event = structs.replace(event, counts_as=CountsAs.OURS)
    if not memory.unreadable.isdisjoint((event.ref.calendar, event.resource)):
        return OwnEvent(event=event, mark=mark, edited=frozenset(Field))
    found = observed(event)
    mark = as_of_today(mark, found[Field.WHEN])
    known = memory.read_back.get(event.ref.uid, {})
    changed = {f for f in Field if found[f] != mark.base[f] and found[f] != known.get(f)}
    said = gestures(_written(event, mark, changed))
    if event.series or Gesture.PIN in said:
        changed.add(Field.WHEN)
    fields = frozenset(Field) if Gesture.DONE in said else frozenset(changed)
    return OwnEvent(event=event, mark=mark, edited=fields, gestures=said)


def _written(event: Event, mark: Mark, changed: Collection[Field]) -> Iterator[str]:
    """What in title and description is the user's own; what was there when `undo` gave it back is no order."""
    new = {f for f in changed if not mark.base[f].startswith(UNDONE)}
    if Field.TITLE in new:
        yield event.summary
    if Field.TEXT in new:
        yield from (answer.text for answer in typed(event.description, mark.base[Field.TEXT]))


def _skipped(own: OwnEvent, profile: Profile) -> bool:
    declined = any(a.partstat is PartStat.DECLINED for a in own.event.attendees if a.address in profile.me)
    return declined or own.event.cancelled or Gesture.SKIP in own.gestures


def skip_of(own: OwnEvent, profile: Profile) -> Skip:
    """The skip that an event of ours leaves, with the time that was last asked for."""
    when = own.asked
    return Skip(*own.wish, when.first_day(profile.zone), when.minutes)


def observed(event: Event) -> dict[Field, str]:
    """The fingerprints of an event as it stands."""
    return fingerprints(
        when=event.when, calendar=event.ref.calendar, title=event.summary, show_as=event.show_as,
        reminder=event.reminder, colour=event.colour, text=event.description,
    )  # fmt: skip


def _split(events: Iterable[Event], profile: Profile, memory: Memory) -> tuple[tuple[OwnEvent, ...], tuple[Event, ...]]:
    """Ours, one for each wish, skipped or not; everything else is foreign.

    The newest generation counts; of that, what can be read now: what was moved may still stand where nobody can look.
    """
    ours: dict[Wish, OwnEvent] = {}
    foreign: list[Event] = []
    for e in events:
        if e.mark is None or not is_ours(e, profile, memory.writing):
            foreign.append(e)
            continue
        own = as_ours(e, e.mark, memory)
        if own.wish not in ours:
            ours[own.wish] = own
        elif _freshness(own, memory) > _freshness(ours[own.wish], memory):
            foreign.append(ours[own.wish].event)
            ours[own.wish] = own
        else:
            foreign.append(e)
    return tuple(ours.values()), tuple(foreign)


def _freshness(own: OwnEvent, memory: Memory) -> tuple[int, bool]:
    return own.mark.generation, memory.unreadable.isdisjoint((own.event.ref.calendar, own.event.resource))


# -- foreign -------------------------------------------------------------------------------------------------


def classify(event: Event, profile: Profile) -> Event:
    """The event with `counts_as`, `reply` and `mine`."""
    mine = event.organizer in profile.me if event.organizer else not event.attendees
    reply = next((a.partstat for a in event.attendees if a.address in profile.me), PartStat.ACCEPTED)
    counts_as = next(kind for kind, holds in _RULES if holds(event, reply, profile))
    return structs.replace(event, mine=mine, reply=reply, counts_as=counts_as)


def _ignored(event: Event, profile: Profile) -> bool:
    said = f"{event.summary} {event.description}"
    return ("#" in said and "#ignore" in said.casefold().split()) or _matches(event.summary.casefold(), profile.ignore)


def _hand_made_focus(event: Event, profile: Profile) -> bool:
    if event.all_day or _others(event, profile):
        return False
    categories = {c.casefold() for c in event.categories}
    return (
        event.type is EventType.FOCUS_TIME
        or _matches(event.summary.casefold(), profile.focus_titles)
        or not categories.isdisjoint(c.casefold() for c in profile.focus_categories)
    )


def _others(event: Event, profile: Profile) -> bool:
    """Whether anybody else takes part.  Where nobody is known to be "me", an attendee or organizer is enough."""
    if any(a.person and a.address not in profile.me for a in event.attendees):
        return True
    return bool(event.organizer) and event.organizer not in profile.me


def _short(event: Event) -> bool:
    return not event.all_day and event.span.end - event.span.start < DAY


_RULES: tuple[tuple[CountsAs, Callable[[Event, PartStat, Profile], bool]], ...] = (
    (CountsAs.CANCELLED, lambda e, _, __: e.cancelled),
    (CountsAs.DECLINED, lambda _, reply, __: reply is PartStat.DECLINED),
    (CountsAs.IGNORED, lambda e, _, who: _ignored(e, who)),
    (CountsAs.FREE, lambda e, _, __: e.type in (EventType.WORKING_LOCATION, EventType.BIRTHDAY)),
    (CountsAs.AWAY, lambda e, _, __: e.type is EventType.OUT_OF_OFFICE and e.show_as is not ShowAs.FREE),
    (CountsAs.FOCUS, lambda e, _, who: _hand_made_focus(e, who)),
    (CountsAs.FREE, lambda e, _, __: e.show_as is ShowAs.FREE or e.span.start == e.span.end),
    (CountsAs.FREE, lambda _, reply, who: reply is PartStat.NEEDS_ACTION and not who.unanswered_busy),
    (CountsAs.AWAY, lambda e, _, __: e.all_day and e.show_as is ShowAs.BUSY),
    (CountsAs.FREE, lambda e, _, __: e.all_day),
    (CountsAs.MEETING, lambda e, _, who: _short(e) and _others(e, who)),
    (CountsAs.BUSY, lambda _, __, ___: True),
)
"""The first that holds decides."""


def _matches(title: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(title, p.casefold()) for p in patterns)


def _one_each(events: Iterable[Event]) -> tuple[Event, ...]:
    """One UID at one time in several calendars is one meeting: the copy that knows the user's reply, mine if any is."""
    copies: dict[tuple[str, str, TimeRange], list[Event]] = defaultdict(list)
    for e in events:
        copies[e.ref.uid, e.ref.recurrence_id, e.span].append(e)
    out = []
    for same in copies.values():
        if len(same) == 1:
            out += same
            continue
        best = min(same, key=lambda e: (_rank(e), e.ref))
        out.append(structs.replace(best, mine=True) if not best.mine and any(e.mine for e in same) else best)
    return tuple(sorted(out, key=_order))


def _rank(event: Event) -> int:
    """The user's own word first; a cancelled copy says least."""
    if event.cancelled:
        return 3
    return 0 if event.reply is not PartStat.ACCEPTED else 1 if event.mine else 2
