"""From occurrences to a snapshot: who "I" am, what counts as what, which events are ours.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.model.event import CalendarId, CountsAs, Event, PartStat, ResourceRef
from daemon.model.options import PolicyOptions
from daemon.model.ours.clock import as_of_today
from daemon.model.owner import UNDONE, Field, Mark, Names, Wish, fingerprints
from daemon.model.profile import Profile
from daemon.model.proposal import Roles
from daemon.model.snapshot import ABSENCE, GivenUp, OwnEvent, Skip, Snapshot
from daemon.model.text import plain_text, typed
from daemon.model.times import TimeRange, local_day, merged, week_of
from daemon.model.user.calendars import WRITTEN, CalendarState
from daemon.model.user.command import Command, Verb
from daemon.model.user.command_words import is_command, parsed
from daemon.model.user.gesture import Gesture, gestures, never_named
from daemon.model.user.taken_back import TakenBack
from daemon.planning.counting.classify import classify
from daemon.planning.counting.copies import Left, one_each, order, without_mirrors
from daemon.planning.counting.ours import in_place, mark_of
from daemon.planning.counting.spoken import account_of, discreet, of_command

ReadBack = Mapping[str, Mapping[Field, str]]
"""By UID: the fingerprints that were found right after our own write, where a store rewrites what it is given."""


class Memory(Struct, frozen=True, kw_only=True):
    """What the ledger adds: it makes runs faster and knows what calendars cannot say.

    `writing`: the calendars of the account that we write to; `main`: the one in which commands are read.  `away`:
    `[[away]]` of the config.  `unreadable`: calendars and resources that stand as they were last read.
    `roles`: what our events are for.  `policies`: the options of those that are switched on.  `taken_back`: by UID, the
    fields that `undo` put back.  `names`: what may stand without its mark.  `left`: where ours have stood lately.
    """

    writing: frozenset[CalendarId]
    main: CalendarId = ""
    away: tuple[TimeRange, ...] = ()
    skips: tuple[Skip, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    read_back: ReadBack = field(default_factory=dict)
    calendars: tuple[CalendarState, ...] = ()
    unreadable: frozenset[CalendarId | ResourceRef] = frozenset()
    roles: Roles = field(default_factory=Roles)
    policies: Mapping[str, PolicyOptions] = field(default_factory=dict)
    taken_back: Mapping[str, TakenBack] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    left: Left = field(default_factory=dict)


def window(now: datetime, profile: Profile, lookback: timedelta, horizon: timedelta) -> TimeRange:
    """From `lookback` before now to the end of the week in which `horizon` ends; begins at a local midnight."""
    first = local_day(now - lookback, profile.zone)
    last = week_of(local_day(now + horizon, profile.zone), profile.week_starts)
    start = week_of(first, profile.week_starts).span(profile.zone).start
    return TimeRange(start, last.span(profile.zone).end)


def build(now: datetime, span: TimeRange, profile: Profile, events: Iterable[Event], memory: Memory) -> Snapshot:
    """Tell ours from foreign events, classify those, and make one meeting of the copies in several calendars."""
    own, foreign = _split(sorted(events, key=order), profile, memory)
    skipped = tuple(o for o in own if _skipped(o, profile))
    skips = {s.wish: s for s in (*memory.skips, *(skip_of(o, profile) for o in skipped))}
    commands = {e.ref: parsed(e, profile) for e in foreign if is_command(e, memory.main, profile)}
    uses = {c.id: c.use for c in memory.calendars}
    writing = {account_of(c) for c in memory.writing}
    written = {e.ref.calendar for e in foreign if uses.get(e.ref.calendar, WRITTEN).written}
    each = (discreet(classify(e, profile, uses.get(e.ref.calendar, WRITTEN)), profile, writing) for e in foreign)
    theirs = without_mirrors(tuple(each), tuple(o.event for o in own), memory.left, written, profile)
    counted = one_each((_as_command(e, commands.get(e.ref)) for e in theirs), profile)
    absent = [e.span for e in counted if e.counts_as in ABSENCE]
    unpaused = [e.span for e in counted if e.counts_as in ABSENCE and e.ref not in commands]
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
        absences=merged([*unpaused, *memory.away]),
        policies=memory.policies,
        calendars=memory.calendars,
        given_up=memory.given_up,
        main=memory.main,
        roles=memory.roles,
    )


def _as_command(event: Event, command: Command | None) -> Event:
    if command is None:
        return event
    kind = CountsAs.AWAY if command.verb is Verb.PAUSE else CountsAs.COMMAND
    return replace(event, counts_as=kind, spoken=of_command(command))


# -- ours ----------------------------------------------------------------------------------------------------


def as_ours(event: Event, mark: Mark, memory: Memory) -> OwnEvent:
    """One of ours, with the fields that the user has changed: neither as last asked for nor as found after our write.

    All of them, where it cannot be read how it stands now: in doubt, it was the user.  Gestures make fields theirs too,
    and the time is theirs where they have made it a series, or have booked a room.  What `undo` put back counts as
    theirs while that holds; then it is ours, as it stands.
    """
    ref = replace(event.ref, uid=mark.uid)  # some stores have another form of it
    event, back = replace(event, counts_as=CountsAs.OURS, ref=ref, mark=mark), memory.taken_back.get(mark.uid)
    if not memory.unreadable.isdisjoint((event.ref.calendar, event.resource)):
        return OwnEvent(event=event, mark=mark, edited=frozenset(Field), taken_back=back)
    found = observed(event)
    mark = as_of_today(in_place(mark, event.ref.calendar, memory.writing), found[Field.WHEN])
    known = memory.read_back.get(event.ref.uid, {})
    rewritten = {f for f in Field if found[f] == known.get(f) and not mark.base[f].startswith(UNDONE)}
    changed = {f for f in Field if found[f] != mark.base[f]} - rewritten
    back = _as_put_back(found, mark, known, back)
    put_back = back.fields.keys() if back else frozenset[Field]()
    said, never = _said(event, mark, changed - put_back)
    if back and back.holds:
        changed |= put_back
    elif back:
        changed -= put_back
        mark = replace(mark, base={**mark.base, **{f: found[f] for f in put_back}})
    if event.series or Gesture.PIN in said or any(not a.person for a in event.attendees):
        changed.add(Field.WHEN)
    fields = frozenset(Field) if Gesture.DONE in said else frozenset(changed)
    return OwnEvent(event=event, mark=mark, edited=fields, gestures=said, never=never, taken_back=back)


def _as_put_back(
    found: Mapping[Field, str], mark: Mark, known: Mapping[Field, str], back: TakenBack | None
) -> TakenBack | None:
    """As far as the fields still are as `undo` put them back."""
    if back is None:
        return None
    fields = {f: v for f, v in back.fields.items() if found[f] in (v, known.get(f)) and found[f] != mark.base[f]}
    return replace(back, fields=fields) if fields else None


def ours_among(events: Iterable[Event], profile: Profile, memory: Memory) -> tuple[OwnEvent, ...]:
    """Every event that is ours, also where there are several of one wish."""
    marks = ((e, mark_of(e, profile, memory.writing, memory.names)) for e in events)
    return tuple(as_ours(e, mark, memory) for e, mark in marks if mark)


def _said(event: Event, mark: Mark, changed: Collection[Field]) -> tuple[frozenset[Gesture], tuple[str, ...]]:
    """The orders in what is the user's own of title and description, and what each `#never` of them names.

    What was there when `undo` gave it back is none; nor is what stands in a quotation that a client has torn in two.
    """
    new = {f for f in changed if not mark.base[f].startswith(UNDONE)}
    texts = [event.summary] if Field.TITLE in new else []
    found = gestures(texts)
    if Field.TEXT in new:
        typed_in = [a.text for a in typed(event.description, mark.base[Field.TEXT])]
        answers, texts = gestures(typed_in), [*texts, *typed_in]
        found |= answers & gestures([plain_text(event.description)]) if answers else answers
    return found, never_named(texts) if Gesture.NEVER in found else ()


def _skipped(own: OwnEvent, profile: Profile) -> bool:
    declined = any(a.partstat is PartStat.DECLINED for a in own.event.attendees if profile.is_me(a.address))
    return declined or own.event.cancelled or Gesture.SKIP in own.gestures


def skip_of(own: OwnEvent, profile: Profile) -> Skip:
    """The skip that an event of ours leaves, with the time that was last asked for."""
    when = own.asked
    timed = when if isinstance(when, TimeRange) else None
    return Skip(*own.wish, when.first_day(profile.zone), when.minutes, when=timed)


def observed(event: Event) -> dict[Field, str]:
    """The fingerprints of an event as it stands."""
    return fingerprints(
        when=event.when, calendar=event.ref.calendar, title=event.summary, show_as=event.show_as,
        reminder=event.reminder, colour=event.colour, text=event.description,
    )  # fmt: skip


def _split(events: Iterable[Event], profile: Profile, memory: Memory) -> tuple[tuple[OwnEvent, ...], tuple[Event, ...]]:
    """Ours, one for each wish, skipped or not; everything else is foreign.

    The newest generation counts; of that, what can be read now: what was moved may still stand where nobody can look.
    Of two that a client has made of one, that which is more as it was asked for.
    """
    ours: dict[Wish, OwnEvent] = {}
    foreign: list[Event] = []
    for e in events:
        mark = mark_of(e, profile, memory.writing, memory.names)
        if mark is None:
            foreign.append(e)
            continue
        own = as_ours(e, mark, memory)
        if own.wish not in ours:
            ours[own.wish] = own
        elif _freshness(own, memory) > _freshness(ours[own.wish], memory):
            foreign.append(ours[own.wish].event)
            ours[own.wish] = own
        else:
            foreign.append(e)
    return tuple(ours.values()), tuple(foreign)


def _freshness(own: OwnEvent, memory: Memory) -> tuple[int, bool, int]:
    readable = memory.unreadable.isdisjoint((own.event.ref.calendar, own.event.resource))
    return own.mark.generation, readable, -len(own.edited)
