"""Calendars and wishes drawn at random, for the placement: whole snapshots, with everything that it has to heed.

All chance comes from one `Random`: a fixed seed is the same instance every time (the oracle, the bench), and
hypothesis passes one of its own, through which it shrinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, EventRef, ResourceRef
from daemon.model.options import decode
from daemon.model.owner import Field
from daemon.model.plan import Change, Create, Draft, Update
from daemon.model.profile import Lunch
from daemon.model.proposal import Content, Fixed, Flexible, Level, Noon, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, WorkingHours, at, clock_span, local_day, within
from daemon.planning.diff import Terms, diff
from daemon.planning.placement.levels import Placement, Wish, place
from daemon.planning.snapshots import observed
from making import CALENDAR, ZONE, meeting, profile, snapshot
from policies import reflection
from policies.focus import policy as focus

TERMS = Terms(main=CALENDAR)

PLACES = (
    (ZONE, date(2026, 11, 30)),
    (ZONE, date(2026, 10, 19)),  # the clock goes back on the Sunday
    (ZONE, date(2027, 3, 22)),  # and forward
    (ZoneInfo("America/New_York"), date(2026, 10, 26)),
    (ZoneInfo("Pacific/Chatham"), date(2027, 3, 29)),  # +13:45, back to +12:45 on the Sunday
    (ZoneInfo("Australia/Lord_Howe"), date(2027, 3, 29)),  # half an hour back
    (ZoneInfo("Asia/Kolkata"), date(2026, 12, 28)),
)


def _spans(*clocks: str) -> tuple[tuple[time, time], ...]:
    pairs = (c.split("-") for c in clocks)
    return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in pairs)


FULL = _spans("09:00-17:30")
HOURS = (
    (FULL,) * 5 + ((),) * 2,
    (FULL,) * 3 + ((),) * 4,
    (_spans("09:00-12:00", "13:00-17:00"),) * 4 + (_spans("09:00-12:30"), (), ()),
    (_spans("08:50-13:10"), (), _spans("08:50-18:20"), _spans("10:00-16:00"), _spans("07:05-11:55"), (), ()),
    (_spans("16:00-00:00"), (), (), FULL, FULL, _spans("00:00-06:00", "20:00-00:00"), _spans("00:00-06:00")),
)

LUNCHES = (
    None,
    Lunch(),
    Lunch(),
    Lunch(between=(time(11), time(15, 5)), noon=(time(12, 30), time(13, 10)), minutes=40),
    Lunch(between=(time(12), time(13)), noon=(time(12), time(12, 15)), minutes=45),
)

LENGTHS = ((15, 15, 60), (15, 60, 180), (30, 60, 90), (45, 45, 45), (50, 100, 155), (60, 120, 180), (60, 120, 180))


class Taste(Struct, frozen=True, kw_only=True):
    """What the user asks of the policies; `lunch` and the like are minutes, 0 for none."""

    focus: focus.FocusOptions
    reflection: reflection.ReflectionOptions
    lunch: int = 0
    prepare: int = 0
    walk: int = 0
    contact: int = 0
    flag: bool = False
    hold: bool = False


class Instance(Struct, frozen=True, kw_only=True):
    """All that `place` is asked."""

    snapshot: Snapshot
    wants: tuple[Want, ...]
    fill: float
    held: frozenset[str] = frozenset()
    used: frozenset[Wish] = frozenset()

    def placed(self) -> Placement:
        """The answer."""
        return place(self.snapshot, self.wants, fill=self.fill, held=self.held, used=self.used)

    def changes(self) -> tuple[Change, ...]:
        """What follows from it for the calendar."""
        return diff(self.snapshot, self.placed(), replace(TERMS, held=self.held))

    def settled(self) -> Instance:
        """The same a moment after these changes were carried out."""
        return replace(self, snapshot=carried_out(self.snapshot, self.changes()))


def draw(chance: Random, *, weeks: int) -> Instance:
    """An instance whose window ends with the `weeks`-th week.

    Most have a past: unbusy planned some days ago, then came meetings, and the user moved, resized, retitled and
    deleted what stood.
    """
    zone, monday = chance.choice(PLACES)
    who = profile(
        zone=zone, hours=WorkingHours(chance.choice(HOURS)), week_starts=chance.choice((0, 0, 6)),
        lunch=chance.choice(LUNCHES),
    )  # fmt: skip
    now = at(monday, time(), zone) + chance.choice((0, 8, 31, 33.1, 57, 80, 104)) * timedelta(hours=1)
    taste, fill = _taste(chance), chance.choice((0.3, 0.6, 0.8, 0.8, 1.0))
    events = sorted(_events(chance, monday, weeks, zone), key=lambda e: (e.span, e.ref))
    away = [s for s in _away(chance, monday, weeks, zone) if chance.random() < 0.3]

    def seen(moment: datetime, known: Iterable[Event], ours: Iterable[OwnEvent], skips: Iterable[Skip]) -> Snapshot:
        snap = snapshot(now=moment, ours=ours, skips=skips, away=away, horizon=7 * weeks - 7, who=who)
        return replace(snap, events=tuple(e for e in known if e.span.overlaps(snap.window)))

    ours: tuple[OwnEvent, ...] = ()
    if chance.random() < 0.75:
        earlier = seen(now - chance.choice((9, 30, 75)) * timedelta(hours=1), events[:: chance.choice((1, 2))], (), ())
        ours = Instance(snapshot=earlier, wants=wishes(earlier, taste), fill=fill).settled().snapshot.ours
    standing, skips = _handled(chance, ours, now)
    here = seen(now, events, standing, skips)
    held = frozenset({"reflection"} if chance.random() < 0.1 else ())
    return Instance(
        snapshot=here,
        wants=tuple(w for w in wishes(here, taste) if w.policy not in held),
        fill=fill,
        held=held,
        used=frozenset({("focus", f"{here.this_week.key}/{n}") for n in range(1, chance.choice((1, 3)))}),
    )


# -- what is wanted -------------------------------------------------------------------------------------------


def _taste(chance: Random) -> Taste:
    shortest, ideal, longest = chance.choice(LENGTHS)
    table = {
        "weekly_goal": f"{chance.choice((3, 8, 12, 25))}h",
        "block": {"min": f"{shortest}m", "ideal": f"{ideal}m", "max": f"{longest}m"},
        "per_day": f"{max(shortest, chance.choice((60, 120, 150, 240)))}m",
        "prefer": chance.choice(([], ["09:00-12:00"], ["08:20-09:40", "14:00-16:00"], ["15:00-24:00"])),
        "buffer": f"{chance.choice((0, 0, 5, 15, 30))}m",
        "slack": f"{chance.choice((0, 0, 0, 20, 60))}m",
        "show_as": chance.choice(("auto", "auto", "busy")),
    }
    return Taste(
        focus=msgspec.convert(table, focus.FocusOptions, dec_hook=decode),
        reflection=msgspec.convert(
            {"daily": chance.random() < 0.7, "daily_length": f"{chance.choice((5, 10, 30))}m"},
            reflection.ReflectionOptions,
            dec_hook=decode,
        ),
        lunch=chance.choice((0, 0, 30, 45)),
        prepare=chance.choice((0, 0, 10, 25)),
        walk=chance.choice((0, 0, 20, 60)),
        contact=chance.choice((0, 5, 30)),
        flag=chance.random() < 0.3,
        hold=chance.random() < 0.2,
    )


def wishes(snap: Snapshot, taste: Taste) -> tuple[Want, ...]:
    """What focus and reflection propose, and simple wants at every other level."""
    days = [d for w in snap.weeks for d in w.days if d >= snap.today]
    return (
        *focus.propose(snap, taste.focus),
        *reflection.propose(snap, taste.reflection),
        *(_lunches(snap, taste.lunch, days) if taste.lunch else ()),
        *(_preparations(snap, taste.prepare) if taste.prepare else ()),
        *(_pauses(snap, minutes) if (minutes := (taste.walk + taste.contact) % 4 * 10) else ()),
        *(_once_a_week(snap, "habits", Level.HABIT, taste.walk) if taste.walk else ()),
        *(_once_a_week(snap, "network", Level.NETWORK, taste.contact) if taste.contact else ()),
        *([_want("overload", f"day/{days[-1]}", Level.LUNCH, Fixed(DateRange(days[-1], days[-1] + DAY)))] * taste.flag),
        *(_holds(snap, days[1::5]) if taste.hold else ()),
    )


def _want(policy: str, key: str, level: Level, when: Fixed | Flexible) -> Want:
    return Want(policy=policy, key=key, content=Content(title=key, reason="drawn"), when=when, level=level)


def _lunches(snap: Snapshot, minutes: int, days: Iterable[date]) -> Iterator[Want]:
    """In the middle of each working day, which need not be working time."""
    for d in days:
        noon = clock_span(d, time(11, 40), time(13, 35), snap.zone)
        if snap.working(d):
            when = Flexible(minutes=minutes, windows=(noon,), noon=Noon.LUNCH)
            yield _want("breaks", f"lunch/{d}", Level.LUNCH, when)


def _pauses(snap: Snapshot, minutes: int) -> Iterator[Want]:
    """After some meetings: before all else, anywhere in two hours; or last, at once, unless another begins there."""
    for n, e in enumerate(snap.meetings[1::3]):
        day = local_day(e.span.end, snap.zone)
        reach = TimeRange(e.span.end, e.span.end + (minutes if n % 2 else 120) * MINUTE)
        windows = within([reach], snap.present(day))
        if e.span.end > snap.now and windows:
            when = Flexible(
                minutes=minutes, windows=windows, noon=Noon.BESIDE,
                unless=(TimeRange(e.span.end, e.span.end + 15 * MINUTE),) if n % 2 else (),
            )  # fmt: skip
            yield _want("breaks", f"pause/{e.ref.uid}", Level.RECOVERY if n % 2 else Level.LUNCH, when)


def _preparations(snap: Snapshot, minutes: int) -> Iterator[Want]:
    """Shortly before some meetings, the later the better."""
    for e in snap.meetings[::4]:
        before = TimeRange(e.span.start - 120 * MINUTE, e.span.start)
        windows = within([before], snap.present(local_day(before.start, snap.zone)))
        if e.span.start > snap.now and windows:
            when = Flexible(minutes=minutes, windows=windows, late=True)
            yield _want("preparation", e.ref.uid, Level.PREPARATION, when)


def _once_a_week(snap: Snapshot, policy: str, level: Level, minutes: int) -> Iterator[Want]:
    """In a week's working time, at either end of it."""
    for week in snap.weeks:
        windows = tuple(r for d in week.days if d >= snap.today for r in snap.present(d))
        if windows:
            when = Flexible(minutes=minutes, windows=windows, late=level is Level.NETWORK)
            yield _want(policy, f"once/{week.key}", level, when)


def _holds(snap: Snapshot, days: Iterable[date]) -> Iterator[Want]:
    """Times that are known."""
    for d in days:
        hold = clock_span(d, time(10, 5), time(11), snap.zone)
        yield _want("mirror", f"hold/{d}", Level.PREPARATION, Fixed(hold))


# -- what is there --------------------------------------------------------------------------------------------

MEETING = meeting("Mon 09:00-10:00")
KINDS = (CountsAs.MEETING,) * 12 + (CountsAs.BUSY, CountsAs.BUSY, CountsAs.FOCUS, CountsAs.DECLINED, CountsAs.FREE)


def _events(chance: Random, monday: date, weeks: int, zone: ZoneInfo) -> Iterator[Event]:
    """Up to six a day, a day mostly as full as others of its calendar; few at weekends."""
    full = chance.randrange(7)
    for n in range(7 * weeks):
        day = monday + n * DAY
        for i in range(max(0, full - chance.randrange(3) - (4 if n % 7 > 4 else 0))):
            start = at(day, time(7), zone) + 5 * chance.randrange(12 * 12) * MINUTE
            span = TimeRange(start, start + chance.choice((15, 25, 30, 45, 60, 60, 95, 120)) * MINUTE)
            uid = f"{day}-{i}"
            yield replace(
                MEETING,
                ref=EventRef(CALENDAR, uid),
                resource=ResourceRef(CALENDAR, f"{uid}.ics", "1"),
                span=span,
                summary=uid,
                counts_as=chance.choice(KINDS),
            )


def _away(chance: Random, monday: date, weeks: int, zone: ZoneInfo) -> Iterator[TimeRange]:
    day = monday + chance.randrange(7 * weeks) * DAY
    yield DateRange(day, day + DAY).span(zone)
    other = monday + chance.randrange(7 * weeks) * DAY
    yield clock_span(other, time(11), time(15, 10), zone)


# -- what became of ours --------------------------------------------------------------------------------------


def _handled(chance: Random, ours: Sequence[OwnEvent], now: datetime) -> tuple[tuple[OwnEvent, ...], tuple[Skip, ...]]:
    """What the user left of our events by `now`, and what was deleted."""
    standing, skips = [], []
    for o in ours:
        gesture = chance.random()
        if o.event.all_day or gesture > 0.35:
            standing.append(o)
        elif gesture < 0.06 and o.event.span.start > now:
            day = o.event.span.start.date()
            known = o.event.span if chance.random() < 0.7 else None
            skips.append(Skip(o.mark.policy, o.mark.key, day, o.event.span.minutes, when=known))
        elif gesture < 0.12:
            standing.append(replace(o, edited=frozenset({Field.TITLE})))
        elif gesture < 0.22:
            standing.append(_moved(o, chance.randrange(-40, 41) * 5 * MINUTE))
        elif gesture < 0.26:
            standing.append(_moved(o, chance.choice((-1, 1, 7)) * DAY))
        elif gesture < 0.3:
            standing.append(_moved(o, 0 * MINUTE, longer=chance.choice((-10, 20, 45)) * MINUTE))
        else:
            there = _planned_otherwise(_moved(o, chance.choice((-75, 45, 60)) * MINUTE))
            standing.append(replace(there, mark=replace(there.mark, moves=chance.randrange(2))))
    return tuple(standing), tuple(skips)


def _moved(o: OwnEvent, by: timedelta, *, longer: timedelta = timedelta()) -> OwnEvent:
    """Pinned at another time, at least five minutes long."""
    start = o.event.span.start + by
    span = TimeRange(start, max(start + 5 * MINUTE, o.event.span.end + by + longer))
    return replace(o, event=replace(o.event, span=span), edited=frozenset({Field.WHEN}))


def _planned_otherwise(o: OwnEvent) -> OwnEvent:
    """There it was asked for: by other options, or before it was booked over for a while."""
    base = {**o.mark.base, Field.WHEN: observed(o.event)[Field.WHEN]}
    return replace(o, mark=replace(o.mark, base=base), edited=frozenset())


# -- carrying out ---------------------------------------------------------------------------------------------


def carried_out(snap: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """The calendar after these changes, as it would be read at the same moment."""
    ours = {o.mark.uid: o for o in snap.ours}
    for change in changes:
        match change:
            case Create(draft=draft):
                ours[draft.uid] = _written(draft, snap)
            case Update(draft=draft, before=before, fields=fields):
                there = _written(draft, snap)
                kept = before.event if Field.WHEN not in fields else there.event
                event = replace(there.event, span=kept.span, dates=kept.dates, created=before.event.created)
                ours[draft.uid] = OwnEvent(event=event, mark=draft.mark, edited=before.edited)
            case _:
                del ours[change.uid]
    return replace(snap, ours=tuple(sorted(ours.values(), key=lambda o: (o.event.span, o.event.ref))))


def _written(draft: Draft, snap: Snapshot) -> OwnEvent:
    dates = draft.when if isinstance(draft.when, DateRange) else None
    event = Event(
        ref=EventRef(draft.calendar, draft.uid),
        resource=ResourceRef(draft.calendar, f"{draft.uid}.ics", "1"),
        span=dates.span(snap.zone) if dates else draft.when,
        dates=dates,
        summary=draft.title,
        description=draft.text,
        show_as=draft.show_as,
        mark=draft.mark,
        private=True,
        created=snap.now,
        counts_as=CountsAs.OURS,
    )
    return OwnEvent(event=event, mark=draft.mark)
