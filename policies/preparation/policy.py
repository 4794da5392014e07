"""Time before the meetings that matter most, held as early as they are known, and a few minutes after them.

It moves with its meeting: the key is that of the meeting, and never a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta

from daemon.model.event import Event, ShowAs
from daemon.model.owner import Wish
from daemon.model.proposal import Content, Flexible, Level, Showing, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import DAY, TimeRange, at, local_day, minus, within
from daemon.model.words import in_week, title
from policies.preparation.options import POLICY, PreparationOptions
from policies.preparation.weight import important, subject, worthy
from policies.questions.choosing import Asked, Occasion, Past, choose
from policies.questions.lately import lately
from policies.questions.prompts import Slot, library

BEFORE = 2
"""So many working days before a meeting its preparation lies,"""
REACH = 7
"""and no more than so many days: what was thought before a leave is gone after it."""
HOUR = timedelta(hours=1)
"""Not in the last hour of a day, nor in the last one before the meeting; and directly after means within one."""
NOON_ENDS = time(13)
BUSY_WITHIN = 24 * 60
PROMISED = Asked("meeting-after", "What was decided, who knows it, and what did you promise?")


def propose(snapshot: Snapshot, options: PreparationOptions) -> Iterator[Want]:
    """A want before each of the weightiest meetings of the weeks to come, and on its day one after it."""
    standing = {own.mark.key: own for own in snapshot.own(POLICY)}
    known = [row for own in standing.values() for row in _asked(own, local_day(own.event.span.start, snapshot.zone))]
    for event in sorted((e for w in snapshot.weeks for e in important(snapshot, options, w)), key=lambda e: e.span):
        if not snapshot.begun(event) and (windows := _before(snapshot, options, event)):
            content = _content(snapshot, options, event, standing.get(event.ref.key), known)
            known += (Asked(name, "", day=local_day(event.span.start, snapshot.zone)) for name in content.question_ids)
            yield _want(event, event.ref.key, content, windows)
        yield from _after(snapshot, options, event)


def keys(snapshot: Snapshot, options: PreparationOptions) -> Iterator[str]:
    """`c3v1…` before a meeting, `c3v1…/20261203T090000Z` in a series, and `after/…` after it."""
    for week in snapshot.all_weeks:
        for event in worthy(snapshot, options, week):
            yield from (event.ref.key, f"after/{event.ref.key}")


def _want(event: Event, key: str, content: Content, when: Flexible) -> Want:
    return Want(
        policy=POLICY, key=key, content=content, when=when, level=Level.PREPARATION,
        source=frozenset({event.ref.calendar}), about=(subject(event),),
    )  # fmt: skip


# -- before ----------------------------------------------------------------------------------------------------------


def _before(snapshot: Snapshot, options: PreparationOptions, event: Event) -> Flexible | None:
    """Late in the afternoons of the two working days before, so that mornings stay whole; else wherever there is room.

    What others have booked decides, and what the user has chosen; None where all of that time is gone.
    """
    late, every = _afternoons(snapshot, event), _all(snapshot, event)
    gone = TimeRange(min(snapshot.window.start, snapshot.now), snapshot.now + HOUR)
    taken = [*snapshot.busy, gone, *(o.event.span for o in snapshot.ours if snapshot.firm(o))]
    ways = [(options.length, late), (options.length, every), (options.shortest, every)]
    fitting = (way for way in ways if any(gap.minutes >= way[0] for gap in minus(way[1], taken)))
    minutes, windows = next(fitting, ways[-1])
    ahead = tuple(w for w in windows if w.end > snapshot.now)
    return Flexible(minutes=int(minutes), windows=ahead, late=True) if ahead else None


def _days(snapshot: Snapshot, event: Event) -> list[date]:
    """The working days before a meeting on which the user is there, the first one first."""
    day = local_day(event.span.start, snapshot.zone)
    before = (day - n * DAY for n in range(1, REACH + 1))
    return sorted([d for d in before if snapshot.present(d)][:BEFORE])


def _afternoons(snapshot: Snapshot, event: Event) -> tuple[TimeRange, ...]:
    noon = snapshot.profile.lunch.noon[1] if snapshot.profile.lunch else NOON_ENDS
    return tuple(
        TimeRange(max(part.start, after), part.end)
        for day in _days(snapshot, event)
        for part in _work(snapshot, day)
        if part.end > (after := at(day, noon, snapshot.zone))
    )


def _all(snapshot: Snapshot, event: Event) -> tuple[TimeRange, ...]:
    """These days, and what is left of the meeting's own day but for the last hour before it."""
    day, last = local_day(event.span.start, snapshot.zone), event.span.start - HOUR
    own = [TimeRange(r.start, min(r.end, last)) for r in snapshot.present(day) if r.start < last]
    return (*(part for d in _days(snapshot, event) for part in _work(snapshot, d)), *own)


def _work(snapshot: Snapshot, day: date) -> tuple[TimeRange, ...]:
    """The working time of a day without its last hour."""
    present = snapshot.present(day)
    last = snapshot.working(day)[-1].end
    return minus(present, [TimeRange(last - HOUR, last)])


def _content(
    snapshot: Snapshot, options: PreparationOptions, event: Event, own: OwnEvent | None, known: Iterable[Asked]
) -> Content:
    """Its words stay as they were written, until the meeting has another time or title."""
    head = f"For {title(event)}, {in_week(event.span.start, snapshot.zone)}"
    said = words(own.event.description) if own else None
    stays = said is not None and said.reason.startswith(head)
    asked = _asked(own) if own else _chosen(snapshot, options, event, known)
    return Content(
        title=options.title,
        reason=said.reason if said and stays else f"{head}{_people(snapshot, event)}.",
        questions=tuple(q.text for q in asked),
        question_ids=tuple(q.id for q in asked if q.id),
        show_as=ShowAs.TENTATIVE,
        showing=Showing(busy_within=BUSY_WITHIN),
        revised=said is not None and not stays,
    )


def _people(snapshot: Snapshot, event: Event) -> str:
    """': 6 others, 2 of them from outside'; nothing of what is nobody else's business."""
    others, guests = len(snapshot.people.others(event)), len(snapshot.people.external(event))
    if event.secret:
        return ""
    which = "" if not guests else ", from outside" if guests == others else f", {guests} of them from outside"
    return f": {others} other{'s' * (others > 1)}{which}"


def _asked(own: OwnEvent, day: date = date.min) -> tuple[Asked, ...]:
    """What an event of ours asks, as it stands."""
    texts, ids = words(own.event.description).questions, own.mark.questions
    names = ids if len(ids) == len(texts) else ("",) * len(texts)
    return tuple(Asked(name, text, day=day) for name, text in zip(names, texts, strict=True))


def _chosen(snapshot: Snapshot, options: PreparationOptions, event: Event, known: Iterable[Asked]) -> tuple[Asked, ...]:
    """Those asked least lately, before other meetings that are being prepared, too."""
    day, count = local_day(event.span.start, snapshot.zone), options.questions
    before = lately(snapshot, library(), snapshot.today, Wish(POLICY, event.ref.key))
    past = Past((*before.asked, *known))
    return choose(library(), (), past, Occasion(slot=Slot.PREPARATION, day=day, count=count, general=count))


# -- after -----------------------------------------------------------------------------------------------------------


def _after(snapshot: Snapshot, options: PreparationOptions, event: Event) -> Iterator[Want]:
    """What only asks is made in the morning of its day."""
    until = event.span.end + HOUR
    windows = within([TimeRange(event.span.end, until)], snapshot.present(local_day(event.span.end, snapshot.zone)))
    is_today = local_day(event.span.start, snapshot.zone) == snapshot.today
    if options.after and is_today and snapshot.now >= snapshot.morning(snapshot.today) and windows:
        content = Content(
            title=options.after_title,
            reason=f"After {title(event)}, {in_week(event.span.start, snapshot.zone)}.",
            questions=(PROMISED.text,),
            question_ids=(PROMISED.id,),
        )
        when = Flexible(minutes=int(options.after), windows=windows)
        yield _want(event, f"after/{event.ref.key}", content, when)
