"""Reflection and a journal: short slots in the calendar, with questions that come from what the calendar shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Literal

from msgspec import Meta, structs

from daemon.model.event import ShowAs
from daemon.model.figures.erosion import by_series, erosion, shares
from daemon.model.figures.measure import measure_week
from daemon.model.options import DAY_NAMES, FaultsError, Minutes, PolicyOptions
from daemon.model.proposal import Content, Flexible, Level, Role, Want
from daemon.model.protocols import PolicyKind
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, Week, at, local_day, week_of, weeks_in
from daemon.model.words import hours, month, share, title, weekday
from policies.questions.evidence import Signs, answers, of_days, of_week
from policies.questions.prompts import Evidence, Finding, Slot, questions

POLICY = "reflection"
SHORTEST, LONGEST = Minutes(5), Minutes(240)

Patterns = tuple[str, ...]


class ReflectionOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.reflection]`."""

    daily: Annotated[bool, Meta(description="A journal slot at the end of each working day.")] = True
    daily_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(10)
    daily_within: Annotated[Minutes, Meta(description="It lies in this last part of the day's working time.")] = (
        Minutes(90)
    )
    daily_questions: Annotated[int, Meta(ge=1, le=10, description="Most questions in it.")] = 3
    weekly: Annotated[bool, Meta(description="A review of each week.")] = True
    weekly_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(25)
    weekly_day: Annotated[
        Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        Meta(description="Its day; in a week in which you are not there then, the last working day before it."),
    ] = "fri"
    monthly: Annotated[bool, Meta(description="A review on the last working day of each month.")] = True
    monthly_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(30)
    quarterly: Annotated[bool, Meta(description="A review on the last working day of each quarter.")] = True
    quarterly_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(45)
    review_within: Annotated[
        Minutes, Meta(description="The reviews of week, month and quarter lie in this last part of their day.")
    ] = Minutes(240)
    review_questions: Annotated[int, Meta(ge=1, le=10, description="Most questions in a review.")] = 5
    show_as: Annotated[ShowAs, Meta(description="How others see these slots.")] = ShowAs.FREE
    tense_titles: Annotated[
        Patterns,
        Meta(description="Patterns for the titles, or words in the titles, of meetings that may be tense."),
    ] = ("escalat*", "layoff*", "redundanc*", "performance", "conflict*", "dispute*", "complaint*")
    incident_titles: Annotated[Patterns, Meta(description="The same, of incidents and their reviews.")] = (
        "incident*", "outage*", "postmortem*", "post-mortem*", "sev[0-9]",
    )  # fmt: skip
    decision_titles: Annotated[Patterns, Meta(description="The same, of meetings that decide something.")] = (
        "decision*", "decide", "review*", "architecture", "rfc*", "adr*", "go/no-go", "approval*", "prioriti*",
    )  # fmt: skip
    high_stakes_titles: Annotated[Patterns, Meta(description="The same, of meetings where much is at stake.")] = (
        "board", "exec", "execs", "executive*", "steering", "customer*", "investor*", "all-hands", "keynote*",
    )  # fmt: skip
    overloaded_share: Annotated[
        float, Meta(gt=0, le=1, description="A day with this part of its working time in meetings is overloaded.")
    ] = 0.75
    quiet_share: Annotated[
        float, Meta(ge=0, lt=1, description="A week with at most this part of its working time in meetings is quiet.")
    ] = 0.2

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        for name in ("daily_length", "weekly_length", "monthly_length", "quarterly_length"):
            if not SHORTEST <= getattr(self, name) <= LONGEST:
                raise FaultsError({name: f"{getattr(self, name)}: a slot takes {SHORTEST} to {LONGEST}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """What one slot looks back at: it lies on the last of `days` on which the user is there.

    `turn` numbers the periods of a kind.  `parts`: the keys of the slots whose answers it brings back.
    """

    slot: Slot
    key: str
    days: tuple[date, ...]
    turn: int
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Form:
    """What all slots of a kind have in common; they lie in the last part `within` of the working time."""

    title: str
    length: Minutes
    within: Minutes
    count: int


def propose(snapshot: Snapshot, options: ReflectionOptions) -> tuple[Want, ...]:
    """A want for each slot from the day of `now` to the end of the window; days before it are history."""
    wants = (_want(snapshot, options, period) for period in _periods(snapshot, options, snapshot.weeks))
    return tuple(want for want in wants if want)


def keys(snapshot: Snapshot, options: ReflectionOptions) -> Iterator[str]:
    """`day/2026-12-03`, `week/2026-W49`, `month/2026-12`, `quarter/2026-Q4`, whatever is switched on."""
    weeks = weeks_in(snapshot.window, snapshot.zone, snapshot.profile.week_starts)
    every = structs.replace(options, daily=True, weekly=True, monthly=True, quarterly=True)
    return (period.key for period in _periods(snapshot, every, weeks))


def _want(snapshot: Snapshot, options: ReflectionOptions, period: _Period) -> Want | None:
    form = _form(period.slot, options)
    places = ((day, _windows(snapshot, day, form)) for day in reversed(period.days))
    day, windows = next((place for place in places if place[1]), (date.min, ()))
    ahead = snapshot.today <= day < local_day(snapshot.window.end, snapshot.zone)
    if not ahead or not (_stands(snapshot, period.key) or _fits(windows, form.length, snapshot.now)):
        return None
    content = Content(
        title=form.title,
        reason=_reason(snapshot, period, day),
        questions=questions(period.slot, _findings(snapshot, options, period, day), turn=period.turn, count=form.count),
        show_as=options.show_as,
    )
    when = Flexible(minutes=int(form.length), windows=windows, late=True)
    return Want(policy=POLICY, key=period.key, content=content, when=when, level=Level.REVIEW)


# -- which slots there are -----------------------------------------------------------------------------------


def _periods(snapshot: Snapshot, options: ReflectionOptions, weeks: Sequence[Week]) -> Iterator[_Period]:
    days = [d for week in weeks for d in week.days]
    if options.daily:
        yield from (_Period(slot=Slot.DAY, key=f"day/{d}", days=(d,), turn=d.toordinal()) for d in days)
    if options.weekly:
        yield from (_week(week, DAY_NAMES.index(options.weekly_day)) for week in weeks)
    if options.monthly:
        yield from (_month(first, snapshot) for first in sorted({d.replace(day=1) for d in days}))
    if options.quarterly:
        quarters = {d.replace(day=1, month=d.month - (d.month - 1) % 3) for d in days}
        yield from (_quarter(first) for first in sorted(quarters))


def _week(week: Week, weekday: int) -> _Period:
    length = (weekday - week.first.weekday()) % 7 + 1
    return _Period(
        slot=Slot.WEEK,
        key=f"week/{week.key}",
        days=week.days[:length],
        turn=week.first.toordinal() // 7,
        parts=tuple(f"day/{d}" for d in week.days),
    )


def _month(first: date, snapshot: Snapshot) -> _Period:
    days = DateRange(first, _later(first, 1)).days
    weeks = (week_of(d, snapshot.profile.week_starts) for d in days)
    return _Period(
        slot=Slot.MONTH,
        key=f"month/{first:%Y-%m}",
        days=days,
        turn=first.year * 12 + first.month,
        parts=tuple(dict.fromkeys(f"week/{week.key}" for week in weeks if week.first + 3 * DAY in days)),
    )


def _quarter(first: date) -> _Period:
    quarter = (first.month + 2) // 3
    return _Period(
        slot=Slot.QUARTER,
        key=f"quarter/{first.year}-Q{quarter}",
        days=DateRange(first, _later(first, 3)).days,
        turn=first.year * 4 + quarter,
        parts=tuple(f"month/{_later(first, n):%Y-%m}" for n in range(3)),
    )


def _later(first: date, months: int) -> date:
    """The first day of the month so many months after the one that begins on `first`."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _form(slot: Slot, options: ReflectionOptions) -> _Form:
    within, count = options.review_within, options.review_questions
    match slot:
        case Slot.DAY:
            return _Form("Journal", options.daily_length, options.daily_within, options.daily_questions)
        case Slot.WEEK:
            return _Form("Weekly review", options.weekly_length, within, count)
        case Slot.MONTH:
            return _Form("Monthly review", options.monthly_length, within, count)
        case _:
            return _Form("Quarterly review", options.quarterly_length, within, count)


# -- when ----------------------------------------------------------------------------------------------------


def _windows(snapshot: Snapshot, day: date, form: _Form) -> tuple[TimeRange, ...]:
    """The last part of the day's working time, away left out, in pieces that are long enough."""
    left, pieces = int(max(form.within, form.length)), []
    for span in reversed(snapshot.present(day)):
        piece = TimeRange(max(span.start, span.end - left * MINUTE), span.end)
        left -= piece.minutes
        if piece.minutes >= form.length:
            pieces.append(piece)
        if left <= 0:
            break
    return tuple(reversed(pieces))


def _fits(windows: tuple[TimeRange, ...], length: Minutes, now: datetime) -> bool:
    return any(w.end - max(w.start, now) >= length * MINUTE for w in windows)


def _stands(snapshot: Snapshot, key: str) -> bool:
    return any(own.mark.key == key for own in snapshot.own(POLICY))


# -- what ----------------------------------------------------------------------------------------------------


def _findings(snapshot: Snapshot, options: ReflectionOptions, period: _Period, day: date) -> tuple[Finding, ...]:
    signs = Signs(
        titles={
            Evidence.TENSE_MEETING: options.tense_titles,
            Evidence.INCIDENT: options.incident_titles,
            Evidence.HIGH_STAKES: options.high_stakes_titles,
            Evidence.DECISION_MEETING: options.decision_titles,
        },
        overloaded=options.overloaded_share,
        quiet=options.quiet_share,
    )
    answered = answers(snapshot, POLICY, period.parts) if day == snapshot.today else ()
    match period.slot:
        case Slot.DAY:
            return of_days(snapshot, period.days, signs)
        case Slot.WEEK:
            week = week_of(day, snapshot.profile.week_starts)
            return (*of_days(snapshot, week.days, signs), *of_week(snapshot, week, day, signs), *answered)
        case _:
            return answered


def _reason(snapshot: Snapshot, period: _Period, day: date) -> str:
    match period.slot:
        case Slot.DAY:
            return f"A few lines at the end of {weekday(day)}, while it is fresh."
        case Slot.WEEK:
            return f"A look back at week {int(period.key[-2:])}.{_figures(snapshot, day)}"
        case Slot.MONTH:
            return f"A look back at {month(period.days[0])}, from a little further away."
        case _:
            return f"A look back at {period.key[-2:]} {period.days[0].year}, from far enough away to see its direction."


def _figures(snapshot: Snapshot, day: date) -> str:
    """The running week in figures: meetings as they are booked; on the day of the review also the focus before it."""
    week = week_of(day, snapshot.profile.week_starts)
    if week != snapshot.this_week:
        return ""
    measured = measure_week(snapshot, week)
    text = f" Meetings take {hours(measured.total('in_hours'))} ({share(measured.share)}) of its working time"
    if after_hours := measured.total("after_hours"):
        text += f", and {hours(after_hours)} outside it"
    if day == snapshot.today:
        text += _focus(snapshot, week, day)
    return f"{text}."


def _focus(snapshot: Snapshot, week: Week, day: date) -> str:
    """What became of the week's focus time before this day."""
    before = erosion(snapshot, week, at(day, time(), snapshot.zone))
    if not before.booked:
        return ""
    text = f". Focus kept before {weekday(day)}: {hours(before.kept)} of {hours(before.booked)}"
    if not before.losses:
        return text
    most = shares(before.losses, by_series)[0]
    back = f", of which {hours(before.repaid)} came back" if before.repaid else ""
    name = title(most.latest, snapshot.zone)
    return f"{text}. Meetings took {hours(before.taken)}{back}; most of all {name}, {hours(most.minutes)}"


KIND = PolicyKind(options=ReflectionOptions, propose=propose, roles={"": Role.PROMPT}, keys=keys)
