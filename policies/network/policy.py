"""One slot a week at most: about whoever is longest beyond what the user has wished, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from daemon.model.courtesy.messages import touch
from daemon.model.owner import Wish
from daemon.model.proposal import Content, Flexible, Level, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import TimeRange, at
from daemon.model.words import in_year, one_line, title
from policies.network.due import Due, due, met_since
from policies.network.options import POLICY, NetworkOptions
from policies.network.people import Friend, friends
from policies.overload.episode import lasts
from policies.questions.choosing import Asked, Occasion, choose
from policies.questions.lately import lately
from policies.questions.prompts import Slot, library

NOON = time(13)
MOST_TITLE = 40
HALF_A_YEAR = timedelta(days=180)


def propose(snapshot: Snapshot, options: NetworkOptions) -> Iterator[Want]:
    """The slot that stands and still has a reason, else one in the afternoon of today, if it is their day."""
    people = friends(options, snapshot.profile)
    standing = [own for own in snapshot.own(POLICY) if not snapshot.begun(own.event)]
    for own in standing:
        friend = next((f for f in people if own.mark.key.endswith(f"/{f.key}")), None)
        if friend and not snapshot.never(friend.id) and not met_since(snapshot, friend, own):
            day = own.asked.first_day(snapshot.zone)
            yield from _want(snapshot, options, friend, own.mark.key, _as_written(options, friend, own), day)
    if not standing and _is_day(snapshot) and not _had(snapshot) and not lasts(snapshot, snapshot.this_week):
        found = min((d for f in people if (d := due(snapshot, f))), key=lambda d: (-d.beyond, d.nudges), default=None)
        if found:
            key = f"{snapshot.this_week.key}/{found.friend.key}"
            yield from _want(snapshot, options, found.friend, key, _content(snapshot, options, found), snapshot.today)


def keys(snapshot: Snapshot, options: NetworkOptions) -> Iterator[str]:
    """`2026-W49/c3v1k2m0`: a week, and a name of somebody that tells nothing."""
    people = friends(options, snapshot.profile)
    for week in snapshot.all_weeks:
        yield from (f"{week.key}/{friend.key}" for friend in people)


def _is_day(snapshot: Snapshot) -> bool:
    """Whether it is between the first and the last working day of the week, and its morning has come."""
    working = [day for day in snapshot.this_week.days if snapshot.working(day)]
    return snapshot.today in (working[1:-1] or working) and snapshot.now >= snapshot.morning(snapshot.today)


def _had(snapshot: Snapshot) -> bool:
    """Whether this week has had one already: made in it, dragged to it, or turned down."""
    week = snapshot.this_week
    mine = [o for o in (*snapshot.ours, *snapshot.skipped) if o.mark.policy == POLICY]
    names = [o.mark.key for o in mine] + [s.key for s in snapshot.skips if s.policy == POLICY]
    return any(name.startswith(f"{week.key}/") for name in names) or any(
        snapshot.week_of(o.event.when) == week for o in mine
    )


def _want(
    snapshot: Snapshot, options: NetworkOptions, friend: Friend, key: str, content: Content, day: date
) -> Iterator[Want]:
    noon = at(day, snapshot.profile.lunch.noon[1] if snapshot.profile.lunch else NOON, snapshot.zone)
    windows = tuple(TimeRange(max(r.start, noon), r.end) for r in snapshot.present(day) if r.end > noon)
    if windows:
        when = Flexible(minutes=int(options.slot), windows=windows)
        yield Want(policy=POLICY, key=key, content=content, when=when, level=Level.NETWORK, about=(friend.named.about,))


# -- words -----------------------------------------------------------------------------------------------------------


def _content(snapshot: Snapshot, options: NetworkOptions, found: Due) -> Content:
    friend, asked = found.friend, _question(snapshot)
    since = f"last seen {_date(found, snapshot.today)}. Every" if found.last else "every"
    lines = [f"{friend.name}: {since} {_often(friend.every)} is your wish."]
    if options.messages:
        lines.append(touch(friend.name, friend.minutes, snapshot.profile.courtesy))
    return Content(
        title=_title(options, friend),
        reason="\n\n".join(lines),
        questions=tuple(q.text for q in asked),
        question_ids=tuple(q.id for q in asked),
    )


def _as_written(options: NetworkOptions, friend: Friend, own: OwnEvent) -> Content:
    said = words(own.event.description)
    return Content(
        title=_title(options, friend), reason=said.reason, questions=said.questions, question_ids=own.mark.questions
    )


def _title(options: NetworkOptions, friend: Friend) -> str:
    """It names nobody, unless the user wants that."""
    return one_line(f"{options.title}: {friend.name}", MOST_TITLE) if options.names else options.title


def _date(found: Due, today: date) -> str:
    """'8 Oct (‘Lunch’)': what it was is only known while it is in sight."""
    last = found.last or today
    year = f" {last:%Y}" if today - last > HALF_A_YEAR else ""
    return f"{in_year(last)}{year}{f' ({title(found.event)})' if found.event else ''}"


def _often(days: int) -> str:
    count, unit = (days // 7, "week") if days % 7 == 0 else (days, "day")
    return unit if count == 1 else f"{count} {unit}s"


def _question(snapshot: Snapshot) -> tuple[Asked, ...]:
    """One that was not asked lately, if there is any."""
    past = lately(snapshot, library(), snapshot.today, Wish(POLICY, ""))
    fresh = [p for p in library() if Slot.NETWORK in p.slots and past.last(p) == date.min]
    return choose(fresh, (), past, Occasion(slot=Slot.NETWORK, day=snapshot.today, count=1))
