"""What a slot says above its questions: why it is there, and what the calendar shows of its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta

from daemon.model.figures.erosion import erosion
from daemon.model.figures.measure import day_minutes, measure_day, measure_week, stretches
from daemon.model.figures.strips import strips
from daemon.model.figures.told import page_name
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, TimeRange, Week, at, local_day, week_of
from daemon.model.words import day, hours, month
from policies.advisors.drift import drift
from policies.advisors.options import AdvisorsOptions
from policies.focus.options import FocusOptions
from policies.focus.suggestion import suggested
from policies.habits.look_back import had
from policies.habits.offers import offers
from policies.habits.options import HabitsOptions
from policies.overload.look_back import spell_lines
from policies.overload.options import OverloadOptions
from policies.preparation.options import PreparationOptions
from policies.preparation.promises import promises
from policies.questions.prompts import Slot
from policies.reflection import echoes, week_aims
from policies.reflection.options import ReflectionOptions
from policies.reflection.periods import POLICY, Period
from policies.reflection.rhythm import Rhythm, rhythm

NOON = time(12)
BEHIND = timedelta(days=28)
"""An insight has so much behind it,"""
ENOUGH = 4
"""and so many blocks on either side."""

RARER = "The journal comes on fewer days from now on. Whatever you type, on any event, brings it back."


def reason(
    snapshot: Snapshot, options: ReflectionOptions, period: Period, on: date, smaller: tuple[Period, ...]
) -> str:
    """Its lines, in paragraphs; a larger review carries those of the week that it takes in."""
    inside = [part for p in smaller if p.slot is Slot.WEEK for part in _week(snapshot, options, p, on)]
    match period.slot:
        case Slot.DAY:
            met = measure_day(snapshot, on).meeting
            return f"{day(on)}: {f'{hours(met)} in meetings' if met else 'no meetings'}. A few lines while it is fresh."
        case Slot.WEEK:
            return _paragraphs(_week(snapshot, options, period, on))
        case Slot.MONTH:
            first = f"A look back at {month(period.days[0])}, from a little further away."
            return _paragraphs([[first], week_aims.landed(snapshot, period.days), *inside])
        case _:
            first = (
                f"A look back at {period.key[-2:]} {period.days[0].year}, from far enough away to see its direction."
            )
            words = echoes.of_quarter(snapshot, options, period) if options.echo else ()
            return _paragraphs(
                [
                    [first], words, week_aims.landed(snapshot, period.days), _had(snapshot, on),
                    echoes.own_series(snapshot, on), *inside,
                ]
            )  # fmt: skip


def _paragraphs(parts: Iterable[Iterable[str]]) -> str:
    return "\n\n".join(filter(None, ("\n".join(part) for part in parts)))


def _week(snapshot: Snapshot, options: ReflectionOptions, period: Period, on: date) -> list[tuple[str, ...]]:
    week = week_of(on, snapshot.profile.week_starts)
    return [
        tuple(_figures(snapshot, week, on)),
        tuple(_shown(snapshot, options, week)),
        week_aims.set_out(snapshot, week, on),
        (*echoes.of_week(snapshot, options, period), *_promised(snapshot, options, week)),
        tuple(_insight(snapshot, on)),
        (
            *_not_met(snapshot, on), *_busy(snapshot), *_suggested(snapshot, on), *_offered(snapshot, on),
            *_rarer(snapshot, options, week, on),
        ),
    ]  # fmt: skip


def _promised(snapshot: Snapshot, options: ReflectionOptions, week: Week) -> tuple[str, ...]:
    """What was promised after the meetings of two weeks ago."""
    is_on = snapshot.options_of("preparation", PreparationOptions)
    return promises(echoes.quotable(snapshot, options), week) if is_on else ()


def _not_met(snapshot: Snapshot, on: date) -> tuple[str, ...]:
    """Whom of their reports the user has not met for long."""
    options = snapshot.options_of("advisors", AdvisorsOptions)
    return drift(snapshot, options, on) if options else ()


def _busy(snapshot: Snapshot) -> tuple[str, ...]:
    """What there is to say of busy weeks while they last."""
    options = snapshot.options_of("overload", OverloadOptions)
    return spell_lines(snapshot, options) if options else ()


def _suggested(snapshot: Snapshot, on: date) -> tuple[str, ...]:
    options = snapshot.options_of("focus", FocusOptions)
    return suggested(snapshot, options, on) if options else ()


def _offered(snapshot: Snapshot, on: date) -> tuple[str, ...]:
    """Another window for a habit that the user lets go."""
    options = snapshot.options_of("habits", HabitsOptions)
    return offers(snapshot, options, on) if options else ()


def _had(snapshot: Snapshot, on: date) -> tuple[str, ...]:
    options = snapshot.options_of("habits", HabitsOptions)
    return had(snapshot, options, on) if options else ()


# -- figures ----------------------------------------------------------------------------------------------------------


def _figures(snapshot: Snapshot, week: Week, on: date) -> Iterator[str]:
    """Three lines, each with the week before beside it where the user was there."""
    before = Week(week.first - 7 * DAY)
    was_there = (
        any(snapshot.present(d) for d in before.days) and before.span(snapshot.zone).start >= snapshot.window.start
    )

    def beside(now: str, then: str) -> str:
        return f"{now}; the week before {then}." if was_there else f"{now}."

    met = [hours(measure_week(snapshot, w).total("meeting")) for w in (week, before)]
    yield beside(f"Week {int(week.key[-2:])}: {met[0]} in meetings", met[1])
    free = [hours(_longest_free(snapshot, w)) for w in (week, before)]
    yield beside(f"Longest free stretch: {free[0]}", free[1])
    until = at(on, time(), snapshot.zone)
    kept = [hours(erosion(snapshot, w, min(until, w.span(snapshot.zone).end)).kept) for w in (week, before)]
    yield beside(f"Focus kept: {kept[0]}", kept[1])


def _shown(snapshot: Snapshot, options: ReflectionOptions, week: Week) -> Iterator[str]:
    """The week as a small picture, and where a larger one is."""
    if options.picture:
        yield from strips(snapshot, week)
    if options.page:
        yield f"The week as a page: {page_name(week)}"


def _longest_free(snapshot: Snapshot, week: Week) -> int:
    """Minutes of working time without meeting or other busy time."""
    rows = (stretches(grid.free) for grid in day_minutes(snapshot, week.days))
    return max((end - start for row in rows for start, end in row), default=0)


# -- what was counted -------------------------------------------------------------------------------------------------


def _insight(snapshot: Snapshot, on: date) -> Iterator[str]:
    """'Of 9 blocks before noon 8 stayed whole, of 7 after noon 2.', with four weeks behind it.

    Only of what meetings are known of: ours are in sight for longer.
    """
    until = at(on, time(), snapshot.zone)
    since = max(until - BEHIND - 7 * DAY, snapshot.window.start)
    places = [(span, whole) for span, whole in _blocks(snapshot) if since <= span.start and span.end <= until]
    early = [whole for span, whole in places if _is_early(span, snapshot)]
    late = [whole for span, whole in places if not _is_early(span, snapshot)]
    oldest = min((span.start for span, _ in places), default=until)
    if until - oldest >= BEHIND - 7 * DAY and min(len(early), len(late)) >= ENOUGH:
        yield (
            f"Of {len(early)} blocks before noon {sum(early) or 'none'} stayed whole, "
            f"of {len(late)} after noon {sum(late) or 'none'}."
        )


def _blocks(snapshot: Snapshot) -> Iterator[tuple[TimeRange, bool]]:
    """Each place that a focus block had, and whether it stood there without a meeting over it."""
    for gone in snapshot.given_up:
        if not gone.when.all_day:
            yield gone.when.span(snapshot.zone), False
    for own in snapshot.in_role(Role.FOCUS):
        over = any(own.event.span.overlaps(e.span) for e in snapshot.meetings)
        yield own.event.span, own.done or not over


def _is_early(span: TimeRange, snapshot: Snapshot) -> bool:
    return span.start.astimezone(snapshot.zone).time() < NOON


# -- the journal itself -----------------------------------------------------------------------------------------------


def _rarer(snapshot: Snapshot, options: ReflectionOptions, week: Week, on: date) -> Iterator[str]:
    """Once: in the week in which the journal has become rarer."""
    said = any(
        RARER in o.event.description for o in snapshot.own(POLICY) if local_day(o.event.span.start, snapshot.zone) < on
    )
    if options.daily and options.fade and not said:
        before = rhythm(snapshot, min(week.first, on))
        if before is Rhythm.DAILY is not rhythm(snapshot, on):
            yield RARER
