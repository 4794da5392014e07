"""What became of focus time: booked, taken by meetings, repaid, kept; and which meetings took it, at what notice.

A week's account adds up: booked - taken + repaid = kept, in minutes.  Only time that has come is in it.  It is judged
by the calendar as it stands: a meeting that was cancelled or declined meanwhile has taken nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from daemon.model.event import CountsAs, Event, EventRef
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import TimeRange, Week, merged, minus, minutes_of, within


class NoticeGiven(StrEnum):
    """How long before its start a meeting was booked over focus time."""

    HOURS_6 = "up to 6 h"
    HOURS_12 = "6 to 12 h"
    HOURS_24 = "12 to 24 h"
    LONGER = "24 h and more"
    UNKNOWN = "not known"


class Loss(Struct, frozen=True, kw_only=True):
    """The focus time that one meeting took.  `since`: when it was booked over it; None where nothing tells."""

    meeting: Event
    spans: tuple[TimeRange, ...]
    since: datetime | None

    @property
    def minutes(self) -> int:
        """How much that is."""
        return minutes_of(self.spans)

    @property
    def notice(self) -> NoticeGiven:
        """From `since` to the start of the meeting."""
        if self.since is None:
            return NoticeGiven.UNKNOWN
        ahead = self.meeting.span.start - self.since
        if ahead <= timedelta(hours=6):
            return NoticeGiven.HOURS_6
        if ahead <= timedelta(hours=12):
            return NoticeGiven.HOURS_12
        return NoticeGiven.HOURS_24 if ahead < timedelta(hours=24) else NoticeGiven.LONGER


class Erosion(Struct, frozen=True, kw_only=True):
    """One week, in minutes.

    `kept`: focus time, ours and hand-made, that was free of meetings when it came.  `repaid`: what of the time taken
    came back, as kept focus time beyond what was booked before.  `losses`: largest first.
    """

    week: Week
    kept: int = 0
    repaid: int = 0
    losses: tuple[Loss, ...] = ()

    @property
    def taken(self) -> int:
        """What meetings took, each minute once; also from places that blocks had to leave."""
        return sum(loss.minutes for loss in self.losses)

    @property
    def booked(self) -> int:
        """What would have been kept if no meeting had come."""
        return self.kept + self.taken - self.repaid


class Share(Struct, frozen=True):
    """The part of the losses that goes to one series, organizer or notice."""

    name: str
    losses: tuple[Loss, ...]

    @property
    def minutes(self) -> int:
        """Their sum."""
        return sum(loss.minutes for loss in self.losses)

    @property
    def latest(self) -> Event:
        """The last of their meetings; in its words a series is named."""
        return max((loss.meeting for loss in self.losses), key=lambda e: e.span)


def by_series(loss: Loss) -> str:
    """The UID."""
    return loss.meeting.ref.uid


def by_organizer(loss: Loss) -> str:
    """The organizer's address; '' where the calendar names none."""
    return loss.meeting.organizer


def shares(losses: Iterable[Loss], by: Callable[[Loss], str]) -> tuple[Share, ...]:
    """Who took how much, most first."""
    groups: dict[str, list[Loss]] = defaultdict(list)
    for loss in losses:
        groups[by(loss)].append(loss)
    return tuple(sorted((Share(name, tuple(of)) for name, of in groups.items()), key=lambda s: (-s.minutes, s.name)))


def erosion(snapshot: Snapshot, week: Week, until: datetime | None = None) -> Erosion:
    """The account of the part of a week that came before `until` (now, if not given)."""
    span = week.span(snapshot.zone)
    came = TimeRange(span.start, max(span.start, min(span.end, until or snapshot.now)))
    places = [place for place in _places(snapshot, came) if place.spans]
    losses, taken = _losses(snapshot, places, came)
    done = [r for p in places if p.done for r in p.spans]
    kept = minutes_of([*done, *minus((r for p in places if p.left is None and not p.done for r in p.spans), taken)])
    lost = sum(loss.minutes for loss in losses)
    repaid = min(lost, max(0, kept + lost - _booked_before(places, losses))) if losses else 0
    return Erosion(week=week, kept=kept, repaid=repaid, losses=losses)


# -- where focus was, and is ------------------------------------------------------------------------------------------


class _Place(Struct, frozen=True, kw_only=True):
    """A place of one block in the part of the week that has come.

    `wish`: the key of a block of ours, '' of the user's own.  `booked`: since when it was held.  `free`: a moment at
    which no meeting was there.  `left`: when it had to be left; None while it stands.
    """

    wish: str
    spans: tuple[TimeRange, ...]
    booked: datetime | None
    free: datetime | None = None
    left: datetime | None = None
    done: bool = False


def _places(snapshot: Snapshot, came: TimeRange) -> Iterator[_Place]:
    def held(spans: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
        return minus(within(spans, [came]), snapshot.away)

    for gone in snapshot.given_up:
        spans = held([gone.when])
        yield _Place(wish=gone.key, spans=spans, booked=gone.since, free=gone.since, left=gone.left)
    for own in snapshot.in_role(Role.FOCUS):
        made = own.event.created
        spans = held(snapshot.time_of(own.event))
        yield _Place(wish=own.mark.key, spans=spans, booked=made, free=None if own.pinned else made, done=own.done)
    for event in snapshot.events:
        if event.counts_as is CountsAs.FOCUS:
            yield _Place(wish="", spans=held(snapshot.time_of(event)), booked=event.created)


def _booked_before(places: Sequence[_Place], losses: Sequence[Loss]) -> int:
    """Minutes that were held when the first of the losses came: each block where it stood then."""
    first = min(loss.since or loss.meeting.span.start for loss in losses).replace(microsecond=0)
    moved = {p.wish for p in places if p.left and p.left >= first}
    held = [
        p.spans
        for p in places
        if (p.booked is None or p.booked < first) and (p.left >= first if p.left else p.wish not in moved)
    ]
    return minutes_of(r for spans in held for r in spans)


# -- what took it -----------------------------------------------------------------------------------------------------


def _losses(
    snapshot: Snapshot, places: Sequence[_Place], came: TimeRange
) -> tuple[tuple[Loss, ...], tuple[TimeRange, ...]]:
    """What each meeting took, and all of it as time.  Where two are booked at once, the one that was made first did."""
    losses: list[Loss] = []
    taken: tuple[TimeRange, ...] = ()
    for meeting in sorted((e for e in snapshot.meetings if e.span.overlaps(came)), key=_made_first):
        hits = [(place, minus(_hit(meeting, place), taken)) for place in places]
        spans = [r for _, new in hits for r in new]
        if spans:
            since = [known for place, new in hits if new and (known := _since(meeting, place))]
            losses.append(Loss(meeting=meeting, spans=merged(spans), since=min(since, default=None)))
            taken = merged([*taken, *spans])
    return tuple(sorted(losses, key=_largest_first)), taken


def _hit(meeting: Event, place: _Place) -> tuple[TimeRange, ...]:
    """What a meeting took of a place: nothing of what had come before it was made, or was left before that."""
    made = meeting.created
    if place.done:
        return ()
    if made and place.left and made > place.left:
        return ()
    start = max(meeting.span.start, min(made, meeting.span.end)) if made else meeting.span.start
    return within(place.spans, [TimeRange(start, meeting.span.end)])


def _since(meeting: Event, place: _Place) -> datetime | None:
    """When the meeting came there: when it was made; one that is older than the free place was moved there."""
    made = meeting.created
    moved = made and place.free and made < place.free
    return made if made and not moved else place.left


def _made_first(meeting: Event) -> tuple[datetime, TimeRange, EventRef]:
    return meeting.created or meeting.span.start, meeting.span, meeting.ref


def _largest_first(loss: Loss) -> tuple[int, TimeRange, EventRef]:
    return -loss.minutes, loss.meeting.span, loss.meeting.ref
